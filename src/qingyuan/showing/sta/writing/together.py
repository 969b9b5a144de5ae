"""Observations that programs post one by one, stored by one thread: those that wait for each other share a commit.

Who sends one after the other waits for nobody; where several come at once, the thread takes all that came while it
wrote the ones before. It keeps its connection, on which PostgreSQL knows the statements already, until nothing has come
for a moment.
"""

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from django.db import DatabaseError, DataError, connection

from qingyuan.kit.errors import BadInput, QingyuanError
from qingyuan.recording.queries import OfFeed, streams_of_feed
from qingyuan.sensing.prepared import statements_repeated
from qingyuan.sensing.queries import Feed
from qingyuan.showing.sta.documents import Value
from qingyuan.showing.sta.pages import Asked
from qingyuan.showing.sta.readers import Reader, feed_of
from qingyuan.showing.sta.writing import delivering

MOST = 100
REST_S = 0.5
THREAD = "observations"


@dataclass(eq=False)
class Single:
    """One Observation posted alone: who says to be who, the Datastream it is for, and what became of it."""

    code: str
    token: str
    path: str
    body: bytes
    stream: int
    address: str
    root: str
    answer: Value | QingyuanError | None = None


@dataclass(eq=False)
class _Waiting:
    single: Single
    loop: AbstractEventLoop
    told: "Future[None]"
    trouble: Exception | None = None

    def tell(self) -> None:
        """In the loop: what became of it is known."""
        if self.told.done():
            return
        if self.trouble is not None:
            self.told.set_exception(self.trouble)
        else:
            self.told.set_result(None)


@dataclass
class Together:
    """The thread, while there is something to store, and what waits for it."""

    waiting: "SimpleQueue[_Waiting]" = field(default_factory=SimpleQueue)
    lock: Lock = field(default_factory=Lock)
    thread: Thread | None = None

    async def store(self, single: Single) -> Value | QingyuanError | None:
        """Store one, perhaps with others; it is committed when this returns."""
        loop = get_running_loop()
        one = _Waiting(single, loop, loop.create_future())
        with self.lock:
            self.waiting.put(one)
            if self.thread is None:
                self.thread = Thread(target=self._work, name=THREAD, daemon=True)
                self.thread.start()
        await one.told
        return single.answer

    def _work(self) -> None:
        try:
            while batch := self._batch():
                try:
                    take_in([one.single for one in batch])
                except Exception as error:  # noqa: BLE001 whoever waits is told, and the thread goes on for the others
                    for one in batch:
                        one.trouble = error
                    connection.close()
                for loop in {one.loop for one in batch}:
                    loop.call_soon_threadsafe(_tell, [one for one in batch if one.loop is loop])
        finally:
            connection.close()

    def _batch(self) -> list[_Waiting]:
        """What waits, once there is something; empty, and the thread is let go, when nothing came for a while."""
        try:
            found = [self.waiting.get(timeout=REST_S)]
        except Empty:
            with self.lock:
                if self.waiting.empty():
                    self.thread = None
                    return []
            return self._batch()
        while len(found) < MOST and not self.waiting.empty():
            found.append(self.waiting.get())
        return found


def _tell(batch: Sequence[_Waiting]) -> None:
    for one in batch:
        one.tell()


def take_in(singles: Sequence[Single]) -> None:
    """Store Observations, those of a feed in one transaction, and note in each what became of it."""
    with statements_repeated():
        for (code, token), group in groupby(sorted(singles, key=_sender), _sender):
            some = list(group)
            try:
                feed = Reader(feed_of(code, token)).author()
            except QingyuanError as error:
                for single in some:
                    single.answer = error
            else:
                _of_feed(feed, some)


def _sender(single: Single) -> tuple[str, str]:
    return single.code, single.token


def _of_feed(feed: Feed, singles: Sequence[Single]) -> None:
    known = streams_of_feed(feed, {single.stream: f"Datastreams({single.stream})" for single in singles})
    for single in singles:
        stream = known.get(single.stream)
        if stream is None or not stream.entered:
            _enter(feed, single, known)
    ready = [single for single in singles if single.answer is None]
    try:
        _store(feed, ready, known)
    except DatabaseError:
        for single in ready:
            _store_alone(feed, single, known)


def _enter(feed: Feed, single: Single, known: dict[int, OfFeed]) -> None:
    """Enter the name of a Datastream that the feed posts to for the first time."""
    try:
        known |= delivering.named(Asked(Reader(feed, address=single.address), single.root), {single.stream})
    except QingyuanError as error:
        single.answer = error


def _store_alone(feed: Feed, single: Single, known: dict[int, OfFeed]) -> None:
    """Store one by itself, after a batch that it was in broke, perhaps over another."""
    try:
        _store(feed, [single], known)
    except DataError as error:
        single.answer = BadInput(f"the database cannot work that out: {error}")


def _store(feed: Feed, singles: Sequence[Single], known: dict[int, OfFeed]) -> None:
    if not singles:
        return
    readers = [Reader(feed, address=single.address) for single in singles]
    payloads = [
        delivering.payload_of(reader, single.path, single.body) for reader, single in zip(readers, singles, strict=True)
    ]
    meant = {f"Datastreams({number})": stream.meant for number, stream in known.items() if stream.meant is not None}
    taken = delivering.take_in(feed, payloads, meant)
    for single, payload, one in zip(singles, payloads, taken, strict=True):
        stream = known[single.stream]
        try:
            delivering.check(feed, one.delivery, payload, partly=False)
            single.answer = delivering.reading_of(one, single.stream, (stream.channel_id, stream.kind))
        except QingyuanError as error:
            single.answer = error
