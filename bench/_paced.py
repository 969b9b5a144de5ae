"""A steady stream of real-time packets over many connections, in a process of its own, at a rate that is kept."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle

import uvloop
from _senders import frame

_TICK_S = 0.02


@dataclass(frozen=True)
class Background:
    """So many packets a second of these devices, by turns; each is a second younger than the device's last."""

    devices: Sequence[str]
    password: str
    factors: Sequence[str]
    packets_a_second: int
    seconds: float
    port: int
    hours_ago: float = 22.0  # of the first packet's time


def stream(load: Background) -> tuple[int, int]:
    """Send until the time is over; how many packets were sent, and how many answered."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_stream(load))


async def _stream(load: Background) -> tuple[int, int]:
    lines = [await asyncio.open_connection("127.0.0.1", load.port) for _ in load.devices]
    answered = [0] * len(lines)
    readers = [asyncio.create_task(_count(reader, answered, n)) for n, (reader, _) in enumerate(lines)]
    turns, sent = cycle(range(len(lines))), 0
    values = ";".join(f"{code}-Rtd=7.125,{code}-Flag=N" for code in load.factors)
    start = datetime.now(UTC) - timedelta(hours=load.hours_ago)
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < load.seconds:
        while sent < passed * load.packets_a_second:
            number = next(turns)
            local = f"{start + timedelta(hours=8, seconds=sent // len(lines)):%Y%m%d%H%M%S}"
            lines[number][1].write(
                frame(
                    f"QN={local}000;ST=32;CN=2011;PW={load.password};MN={load.devices[number]};Flag=5;"
                    f"CP=&&DataTime={local};{values}&&"
                )
            )
            sent += 1
        await asyncio.sleep(_TICK_S)
    ends = time.monotonic() + 20
    while sum(answered) < sent and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    for _, writer in lines:
        writer.close()
    for reader in readers:
        reader.cancel()
    return sent, sum(answered)


async def _count(reader: asyncio.StreamReader, answered: list[int], number: int) -> None:
    while data := await reader.read(65_536):
        answered[number] += data.count(b"CN=9014")
