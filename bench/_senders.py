"""Many senders of HJ 212 packets over TCP, each with a window of packets that wait for their answer."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import uvloop

from qingyuan_science.hj212 import crc

_ready: list[list[bytes]] = []
_senders: "list[Sender]" = []


@dataclass(frozen=True)
class Load:
    """Real-time packets (2011) of some devices: one connection a device, one packet every few seconds of its clock."""

    devices: Sequence[str]
    password: str
    factors: Sequence[str]
    packets: int
    start: datetime
    step_s: int = 5

    @property
    def readings(self) -> int:
        return len(self.devices) * self.packets * len(self.factors)


def frame(segment: str) -> bytes:
    """A whole packet around a data segment."""
    data = segment.encode()
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def prepare(load: Load) -> int:
    """Write all packets down before the clock runs; answers their bytes."""
    random.seed(load.devices[0])
    _ready[:] = [list(_packets(load, mn)) for mn in load.devices]
    return sum(len(packet) for packets in _ready for packet in packets)


def _packets(load: Load, mn: str) -> Iterator[bytes]:
    for number in range(load.packets):
        at = load.start + timedelta(seconds=number * load.step_s)
        values = ";".join(f"{code}-Rtd={random.uniform(1, 60):.3f},{code}-Flag=N" for code in load.factors)
        yield frame(
            f"QN={at:%Y%m%d%H%M%S}{number % 1000:03d};ST=32;CN=2011;PW={load.password};MN={mn};Flag=5;"
            f"CP=&&DataTime={at:%Y%m%d%H%M%S};{values}&&"
        )


class Sender(asyncio.Protocol):
    """One device: keeps `window` packets on the way until the last one is answered."""

    def __init__(self, packets: list[bytes], window: int) -> None:
        self.packets, self.window = packets, window
        self.sent = self.answered = 0
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self) -> None:
        until = min(len(self.packets), self.answered + self.window)
        if until > self.sent:
            self.transport.write(b"".join(self.packets[self.sent : until]))
            self.sent = until

    def data_received(self, data: bytes) -> None:
        self.answered += data.count(b"CN=9014")  # an answer cut in the middle of this is not met: they are short
        if self.answered == len(self.packets):
            self.done.set_result(self.answered)
        else:
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError(f"hung up after {self.answered} answers"))


async def _connect(host: str, port: int, window: int) -> None:
    loop = asyncio.get_running_loop()
    for packets in _ready:
        _, sender = await loop.create_connection(lambda packets=packets: Sender(packets, window), host, port)
        _senders.append(sender)


async def _drive() -> tuple[float, int]:
    begun = time.perf_counter()
    for sender in _senders:
        sender.send()
    answered = sum(await asyncio.gather(*(sender.done for sender in _senders)))
    return time.perf_counter() - begun, answered


async def _hang_up() -> None:
    for sender in _senders:
        sender.transport.close()
    _senders.clear()
    await asyncio.sleep(0.1)


def connect(host: str, port: int, window: int) -> None:
    """Open a connection for each device that packets were prepared for; nothing is sent yet."""
    _loop().run_until_complete(_connect(host, port, window))


def drive() -> tuple[float, int]:
    """Send what was prepared; answers the seconds until the last answer, and how many answers came."""
    return _loop().run_until_complete(_drive())


def hang_up() -> None:
    """Close the connections."""
    _loop().run_until_complete(_hang_up())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return uvloop.new_event_loop()
