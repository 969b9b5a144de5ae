"""The gateway: HJ 212 over TCP, plain asyncio. A packet is answered only after it is committed.

bytes → `Connection` (frames) → `Gateway.arrived` (in memory) → `take_in` (messages; one transaction a batch, in a
writer thread) → answers. While a batch is being committed the next one gathers, so load makes batches larger, not
slower.
"""

import asyncio
import socket
import ssl
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

import structlog
from django.db import connection

from qingyuan.kit import clock
from qingyuan.sensing import metrics
from qingyuan.sensing.logic import commanding
from qingyuan.sensing.logic.arriving.arrivals import Arrival, Piece, Run
from qingyuan.sensing.logic.arriving.lanes import Lanes, Waiting
from qingyuan.sensing.logic.arriving.runs import BULK
from qingyuan.sensing.logic.away import DATABASE_AWAY
from qingyuan.sensing.logic.dialects import DeviceKeys, keys_of_devices, odd_dialects, registered_devices
from qingyuan.sensing.logic.forms import Reply
from qingyuan.sensing.logic.intake import Sink, give_up_parts, take_in
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.replies import answer_to
from qingyuan.sensing.models import PacketState
from qingyuan.sensing.queries import NAMING
from qingyuan.sensing.talking import Talker
from qingyuan_science.hj212 import STANDARD, BadFrame, Dialect, Frame, Framer, Hj212Error, came_under, crc, parse

FEW, GATHERED_S = 20, 0.05  # commits of few packets begin no closer together than this: each costs much the same
SWEEP_S = 2.0
UNFINISHED_S = 30.0
IDLE_S, IDLE_DEVICE_S = 1_800.0, 10_800.0  # of strangers; of devices in the register, of which some speak once an hour
SETTLE_BYTES = 2_048
BACKLOG_BYTES = 4_096  # of one read: many packets waited
CROWD = 1_000  # packets of one batch: many senders spoke at once
_log = structlog.get_logger("gateway")


@dataclass(frozen=True)
class Tls:
    """A second port on which devices speak over TLS; with `clients`, only those that show a certificate of theirs."""

    port: int
    certificate: str
    key: str = ""
    clients: str = ""

    def context(self) -> ssl.SSLContext:
        """The certificate and what is asked of devices.

        Raises
        ------
        OSError
            A file cannot be read, or holds no certificate or key.
        """
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key or None)
        if self.clients:
            context.load_verify_locations(self.clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


class Connection(asyncio.Protocol):
    """One peer: its bytes become frames, whatever way they are cut."""

    def __init__(self, gateway: "Gateway") -> None:
        self.gateway = gateway
        self.peer = ""
        self.transport: asyncio.Transport | None = None
        self.framer: Framer | None = None
        self.dialect: Dialect = STANDARD
        self.mn = ""
        self._heeded = gateway.dialects
        self.lane = gateway.lanes.others
        self.gone = False
        self._unsettled = b""
        self.heard_at = self.framed_at = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class, which is no subclass of it
        _keep_alive(transport.get_extra_info("socket"))
        host, port, *_ = transport.get_extra_info("peername") or ("?", 0)
        self.peer = f"{host}:{port}"
        self.gateway.connections.add(self)
        self.gateway.lanes.greet(self)

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        framer = self.framer or self._settle(data)
        if framer is None:
            return
        if self._unsettled:
            data, self._unsettled = self._unsettled + data, b""
        if self._heeded is not self.gateway.dialects:
            framer = self._heed(framer)
        before = framer.pending
        if BULK.ready and framer.plain:
            data = self._arrive_together(framer, data)
        elif len(data) > BACKLOG_BYTES:
            self.gateway.prepare_for_many()
        if data or framer.pending:
            self._arrive(framer.feed(data))
        if not framer.pending or not before:
            self.framed_at = self.heard_at
        self.lane.press(self)

    def _settle(self, data: bytes) -> Framer | None:
        """Choose dialect and lane by the MN in the first bytes; without one, wait a little, then take the standard."""
        seen = self._unsettled + data
        found = NAMING.search(seen)
        if found is None and len(seen) < SETTLE_BYTES:
            self._unsettled = seen
            return None
        if found is not None:
            self.mn = found[1].decode("ascii", "replace")
            self.dialect = self.gateway.dialects.get(self.mn, STANDARD)
            if self.mn in self.gateway.registered:
                self._change_lane()
        self.framer = Framer(self.dialect, keys=self.gateway.keys_of)
        self._unsettled = seen[: len(seen) - len(data)]
        return self.framer

    def _heed(self, framer: Framer) -> Framer:
        """Speak as the register says since it was edited; a frame that has begun is first finished."""
        dialect = self.gateway.dialects.get(self.mn, STANDARD)
        if dialect != self.dialect and framer.pending:
            return framer
        self._heeded = self.gateway.dialects
        if dialect != self.dialect:
            self.dialect = dialect
            self.framer = framer = Framer(dialect, keys=self.gateway.keys_of)
        return framer

    def _change_lane(self) -> None:
        """Wait with the devices of the register from here on; nothing of this connection waits yet."""
        if self in self.lane.held:
            self.resume()
        self.gateway.lanes.leave(self)
        self.lane = self.gateway.lanes.devices
        self.lane.senders.add(self)

    def pause(self) -> bool:
        """Read nothing more for now; TCP tells the sender. False if it is gone."""
        if self.transport is None or self.transport.is_closing():
            return False
        self.transport.pause_reading()
        return True

    def resume(self) -> None:
        """Read again."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone = True
        self.gateway.connections.discard(self)
        self.gateway.lanes.leave(self)
        self.gateway.talker.lost(self)
        framer = self.framer or Framer(self.dialect)
        if self._unsettled:
            self._arrive(framer.feed(self._unsettled))
        self._arrive(framer.close())
        self.transport = None  # it names this connection: neither waits for a search for garbage

    def send(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()

    @property
    def idle_after(self) -> float:
        """After how long without a byte it is ended. [s]"""
        return IDLE_DEVICE_S if self.lane is self.gateway.lanes.devices else IDLE_S

    @property
    def unfinished(self) -> bool:
        return bool(self._unsettled) or (self.framer is not None and bool(self.framer.pending))

    @property
    def _speaker(self) -> str:
        return self.mn if self.dialect.reply == "2005" else ""  # its answers may leave out who answers

    def _arrive_together(self, framer: Framer, data: bytes) -> bytes:
        """Queue the sound frames at the beginning as one run; answers what is left to be framed."""
        whole, edges = framer.feed_in_bulk(data, BULK.frames)
        if whole:
            received = time.time_ns() // 1_000
            self.gateway.arrived(self, Run(whole, edges, self.peer, received, self.dialect, self._speaker))
        return b""

    def _arrive(self, frames: list[Frame | BadFrame]) -> None:
        received = time.time_ns() // 1_000
        for frame in frames:
            if isinstance(frame, Frame):
                arrival = Arrival(
                    frame.raw, self.peer, received, frame.segment, self.dialect, self._speaker, frame.enciphered
                )
            else:
                arrival = Arrival(frame.raw, self.peer, received, error=frame.error)
            self.gateway.arrived(self, arrival)


def _keep_alive(peer: Any) -> None:
    """Have the system find out that a peer is gone without a word: mobile links end so."""
    with suppress(OSError, AttributeError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, seconds in (("TCP_KEEPIDLE", 300), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 3)):
            peer.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), seconds)


def _answers_to(part: Arrival | Piece) -> bytes | None:
    """The answers by the form of a piece, all at once; otherwise one by one."""
    reply = part.form.reply if isinstance(part, Piece) else None
    if isinstance(part, Piece) and reply is not None and reply.checksum is crc:
        return BULK.answers(part, reply.before, reply.after) if reply.before else None
    return b"".join(filter(None, map(_answer_to, part.arrivals()))) or None


def _answer_to(arrival: Arrival) -> bytes | None:
    """The answer by the form of the packet, which is learned from the first of them; otherwise written for this one."""
    form = arrival.form
    if form is not None and form.reply is not None:
        return form.reply.to(arrival.qn)
    try:
        if form is not None and arrival.message is None:
            arrival.message = parse(arrival.segment, arrival.dialect)
        answer = answer_to(arrival, arrival.dialect)
    except Hj212Error as error:
        _log.warning("packet stored, but no answer can be written", mn=arrival.mn, peer=arrival.peer, error=str(error))
        return None
    if form is not None:
        form.reply = Reply.like(answer, arrival.qn, arrival.dialect)
    return answer


@dataclass
class Gateway:
    """All connections and the lanes that lead to the database."""

    sink: Sink
    registry: Registry = field(default_factory=Registry)
    connections: set[Connection] = field(default_factory=set)
    dialects: dict[str, Dialect] = field(default_factory=dict)
    keys: DeviceKeys = field(default_factory=DeviceKeys)
    registered: frozenset[str] = frozenset()
    lanes: Lanes[Connection] = field(default_factory=Lanes)
    committed: int = 0
    _closing: bool = False
    _preparing: bool = False
    _began: float = 0.0
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "writer"))

    def __post_init__(self) -> None:
        self.talker = Talker(self._in_writer)

    def keys_of(self, mn: str) -> tuple[bytes, ...]:
        """The SM4 key of a device, if it has one; for some time after a change the one before too."""
        return self.keys.of.get(mn, ())

    async def _in_writer(self, work: Callable[..., Any], *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._with_database, work, values)

    def _with_database(self, work: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        try:
            return work(*values)
        except DATABASE_AWAY:
            self.registry.forget()
            connection.close()
            raise

    async def serve(
        self, host: str, port: int, started: asyncio.Event | None = None, *, tls: "Tls | None" = None
    ) -> None:
        """Listen until cancelled; then finish what has arrived."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writer, self._learn_devices)
        metrics.CONNECTIONS.set_function(lambda: len(self.connections))
        metrics.WAITING.set_function(lambda: self.lanes.packets)
        metrics.HELD.set_function(lambda: self.lanes.held)
        servers = [await loop.create_server(lambda: Connection(self), host, port, backlog=4_096)]
        if tls is not None:
            context = tls.context()
            servers.append(
                await loop.create_server(lambda: Connection(self), host, tls.port, backlog=4_096, ssl=context)
            )
        _log.info("listening", host=host, ports=[server.sockets[0].getsockname()[1] for server in servers])
        committing, sweeping = asyncio.create_task(self._commit()), asyncio.create_task(self._sweep_forever())
        talking = asyncio.create_task(self.talker.talk_forever())
        if started is not None:
            started.set()
        try:
            ended, _ = await asyncio.wait((committing, sweeping, talking), return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for server in servers:
                server.close()
            sweeping.cancel()
            talking.cancel()
            for source in tuple(self.connections):
                source.hang_up()
            await asyncio.sleep(0)  # transports close in the loop's next round
            self._closing = True
            self._some.set()
            await committing  # a batch on its way is finished, never begun again
            self._writer.submit(lambda: connection.close())  # resolved in the writer thread, whose connection it is
            self._writer.shutdown()

    def arrived(self, source: Connection, arrival: Arrival | Run) -> None:
        """Queue what arrived for the next batch."""
        source.lane.put(source, arrival)
        self._some.set()

    def prepare_for_many(self) -> None:
        """Load the compiled loops once packets come several at a time; where they never do, nothing is spent on it."""
        if not self._preparing:
            self._preparing = True
            threading.Thread(target=BULK.prepare, name="prepare", daemon=True).start()

    async def _commit(self) -> None:
        """Commit what arrives; when closing, what has arrived, unless the database is away: senders repeat it."""
        while self.lanes.packets or not self._closing:
            await self._some.wait()
            if self.lanes.packets < FEW and not self._closing:
                await asyncio.sleep(max(0.0, self._began + GATHERED_S - time.monotonic()))
            if self.lanes.packets and not await self._commit_some() and self._closing:
                return
            if not self.lanes.packets and not self._closing:
                self._some.clear()

    async def _commit_some(self) -> bool:
        """Commit the oldest arrivals, then answer them. They leave their lanes only when they are safe."""
        known, others = self.lanes.next()
        batch = [*known, *others]
        arrivals = [arrival for _, arrival in batch]
        if sum(arrival.packets for arrival in arrivals) >= CROWD:
            self.prepare_for_many()
        loop = asyncio.get_running_loop()
        began, self._began = time.perf_counter(), time.monotonic()
        if not await loop.run_in_executor(self._writer, self._write, arrivals):
            metrics.AWAY.inc()
            await asyncio.sleep(0.5)
            return False
        took = time.perf_counter() - began
        metrics.COMMITS.observe(took)
        self.lanes.drop(took)
        self._count(arrivals)
        self._answer(batch)
        for run in (arrival for arrival in arrivals if isinstance(arrival, Run)):
            run.begin()  # its parts and it name each other: this lets them go at once
        if self.keys.unsure:
            await self._confirm_keys(arrivals)
        return True

    async def _confirm_keys(self, arrivals: Sequence[Arrival | Run]) -> None:
        """Look whether something sound came under a key of which nobody said that it was taken."""
        heard = [one for one in arrivals if isinstance(one, Arrival) and one.enciphered and one.error is None]
        for arrival in heard:
            unsure = self.keys.unsure.get(arrival.mn, {}) if arrival.state == PacketState.DECODED else {}
            for key, number in unsure.items():
                if came_under(key, arrival.raw, arrival.segment):
                    with suppress(*DATABASE_AWAY):
                        await self._in_writer(commanding.confirm, number)

    def _count(self, arrivals: Sequence[Arrival | Run]) -> None:
        states: Counter[PacketState] = Counter()
        for part in (part for arrival in arrivals for part in arrival.parts()):
            states[part.state] += part.packets
        for state, number in states.items():
            metrics.PACKETS.labels(state.value).inc(number)
        self.committed += states.total()
        metrics.BYTES.inc(sum(len(arrival.raw) for arrival in arrivals))

    def _answer(self, batch: list[Waiting[Connection]]) -> None:
        """Answer what is safe, each sender in one go."""
        answers: dict[Connection, list[bytes]] = defaultdict(list)
        for source, part in ((source, part) for source, arrival in batch for part in arrival.parts()):
            self.talker.heard(source, part)
            answer = _answers_to(part)
            if answer is not None:
                answers[source].append(answer)
        for source, waiting in answers.items():
            source.send(b"".join(waiting))

    def _write(self, arrivals: Sequence[Arrival | Run]) -> bool:
        """In the writer thread: one transaction; when the database is away, say so and keep everything."""
        try:
            take_in(arrivals, self.registry, self.sink)
            if self.registry.changed():
                self._learn_devices()
        except DATABASE_AWAY as error:
            return self._away(error)
        except Exception:  # noqa: BLE001 one packet that breaks the code must not stop the others
            return self._write_in_halves(arrivals)
        return True

    def _learn_devices(self) -> None:
        self.dialects, self.registered = odd_dialects(), registered_devices()
        self.keys = keys_of_devices(clock.now())

    def _write_in_halves(self, arrivals: Sequence[Arrival | Run]) -> bool:
        """Find the packet that cannot be taken in, and keep it as rejected with the reason; no other is held up."""
        if len(arrivals) == 1 and isinstance(arrivals[0], Run):
            singles = arrivals[0].arrivals()
            arrivals[0].taken, arrivals = [*singles], singles
        for part in filter(None, (arrivals[: len(arrivals) // 2], arrivals[len(arrivals) // 2 :])):
            try:
                take_in(part, self.registry, self.sink)
            except DATABASE_AWAY as error:
                return self._away(error)
            except Exception as error:  # noqa: BLE001 the door of the gateway; the reason becomes a row
                if len(part) > 1 or isinstance(part[0], Run):
                    if not self._write_in_halves(part):
                        return False
                    continue
                _log.exception("packet refused by the platform itself", mn=part[0].mn, peer=part[0].peer)
                if not self._keep_refused(part[0], Hj212Error(f"{type(error).__name__}: {error}")):
                    return False
        return True

    def _keep_refused(self, arrival: Arrival, reason: Hj212Error) -> bool:
        """Keep a packet as rejected; if not even that is possible, it is not the packet that is wrong."""
        refused = replace(arrival, message=None, error=reason)
        try:
            take_in([refused], self.registry, self.sink)
        except Exception as error:  # noqa: BLE001 everything is tried again until it can be kept
            return self._away(error)
        arrival.message, arrival.error, arrival.form = None, reason, None
        return True

    def _away(self, error: Exception) -> bool:
        """The database cannot be used now: what waits is tried again on a new connection."""
        _log.warning("database away, packets wait", waiting=self.lanes.packets, error=str(error).strip())
        self.registry.forget()
        connection.close()
        return False

    def _look_at_devices(self) -> None:
        """Notice devices and dialects that were edited, and messages that are not whole, though nobody speaks."""
        self.registry.refresh()
        if self.registry.changed() or (self.keys.until is not None and self.keys.until < clock.now()):
            self._learn_devices()
        give_up_parts(time.time_ns() // 1_000, self.registry)

    async def _sweep_forever(self) -> None:
        """End connections that leave a frame unfinished or say nothing for long; notice what was edited."""
        while True:
            await asyncio.sleep(SWEEP_S)
            with suppress(*DATABASE_AWAY):
                await self._in_writer(self._look_at_devices)
            now = time.monotonic()
            for source in tuple(self.connections):
                stuck = source.unfinished and now - source.framed_at > UNFINISHED_S
                if stuck or now - source.heard_at > source.idle_after:
                    source.hang_up()
