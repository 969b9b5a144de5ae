"""The synthetic district's devices on real sockets, with a book of what was answered: they send again until it is."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan_science.worlds import Device, Station, World

_QN = re.compile(rb"QN=(\d{17})")
_TICK_S = 0.05
_PAUSE_S = 0.1
OVER_TIME_S = 1.5


@dataclass
class Speaking:
    """One device, and the books of what it sent: every frame by its QN, and the QN of what was answered with 9014."""

    device: Device
    frames: dict[bytes, set[bytes]] = field(default_factory=dict)
    answered: set[bytes] = field(default_factory=set)
    heard: bytes = b""

    def to_send(self) -> bytes:
        """What is to be written now, entered into the book."""
        data = self.device.to_send(time.monotonic())
        for frame in data.split(b"\r\n")[:-1]:
            found = _QN.search(frame)
            if found:
                self.frames.setdefault(found[1], set()).add(frame + b"\r\n")
        return data

    def receive(self, data: bytes) -> None:
        """What the platform wrote, entered into the book."""
        *whole, self.heard = (self.heard + data).split(b"\r\n")
        for frame in whole:
            found = _QN.search(frame)
            if found and b"CN=9014" in frame:
                self.answered.add(found[1])
        self.device.receive(data)


@dataclass
class Streaming:
    """All devices in a thread of its own, in a world that runs faster than the wall."""

    world: World
    since: datetime
    speed: float
    port: int
    speaking: dict[str, Speaking] = field(default_factory=dict)
    until: datetime | None = None

    def __post_init__(self) -> None:
        for station in self.world.stations:
            self.speaking[station.code] = Speaking(self._device(station))
        self._begun = time.monotonic()

    def _device(self, station: Station) -> Device:
        return Device(self.world, station, self.since, over_time=OVER_TIME_S, window=16)

    def now(self) -> datetime:
        """The world's time; it stands still after `finish`."""
        return self.until or self.since + timedelta(seconds=(time.monotonic() - self._begun) * self.speed)

    @property
    def answered(self) -> int:
        return sum(len(one.answered) for one in self.speaking.values())

    @property
    def repeated(self) -> int:
        return sum(one.device.repeated for one in self.speaking.values())

    def finish(self, patience: float = 60.0) -> int:
        """Let nothing new come due, and wait for the last answers; how many packets are still waiting."""
        self.until = self.now()
        ends = time.monotonic() + patience
        while (waiting := sum(one.device.waiting for one in self.speaking.values())) and time.monotonic() < ends:
            time.sleep(0.1)
        return waiting

    async def _live(self, one: Speaking) -> None:
        while True:
            with suppress(OSError, EOFError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                one.device.connect()
                one.heard = b""
                try:
                    await self._speak(one, reader, writer)
                finally:
                    one.device.disconnect()
                    writer.close()
            await asyncio.sleep(_PAUSE_S)

    async def _speak(self, one: Speaking, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not one.device.line_is_dead:
            one.device.advance(self.now())
            writer.write(one.to_send())
            await writer.drain()
            with suppress(TimeoutError):
                data = await asyncio.wait_for(reader.read(65_536), _TICK_S)
                if not data:
                    raise EOFError
                one.receive(data)

    async def _all(self) -> None:
        await asyncio.gather(*(self._live(one) for one in self.speaking.values()))


@contextmanager
def streaming(world: World, since: datetime, speed: float, port: int) -> Iterator[Streaming]:
    """Devices that speak inside the block."""
    made = Streaming(world, since, speed, port)
    loop = asyncio.new_event_loop()
    task = loop.create_task(made._all())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        loop.close()
