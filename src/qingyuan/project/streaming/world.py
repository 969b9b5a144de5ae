"""The synthetic district's devices, each on a connection of its own."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from qingyuan_science.worlds import KINDS, REALTIME, Device, Station, World

_log = structlog.get_logger("world")
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
MEANS = tuple(kind for kind in KINDS if kind != REALTIME)
WINDOW = 16
PAUSE_S = 2.0
TICK_S = 0.2


@dataclass
class WorldClock:
    """The world's time: it starts in the past, runs `speed` times as fast as the wall, and stops at the present."""

    start: datetime
    speed: float
    _began: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The world's present instant. [UTC]"""
        at = self.start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)
        return min(at, datetime.now(UTC))

    @property
    def caught_up(self) -> bool:
        """Whether the world has reached the present."""
        return self.now() >= datetime.now(UTC) - timedelta(seconds=1)


async def stream(world: World, stations: Sequence[Station], address: tuple[str, int], clock: WorldClock) -> None:
    """Let every station's device speak to the gateway at `address`, until cancelled.

    While the world catches up with the present, devices send the means that they kept; real-time values follow.
    """
    await asyncio.gather(*(_live(world, station, address, clock) for station in stations))


async def _live(world: World, station: Station, address: tuple[str, int], clock: WorldClock) -> None:
    past = Device(world, station, clock.start, kinds=MEANS, window=WINDOW)
    await _keep_speaking(past, address, clock.now, until=lambda: clock.caught_up and _all_told(past, clock.now()))
    present = Device(world, station, clock.now(), window=WINDOW, logger=past.logger)
    await _keep_speaking(present, address, clock.now, until=lambda: False)


def _all_told(device: Device, now: datetime) -> bool:
    """Whether everything that came due was sent and answered."""
    return not device.waiting and device.next_message_at > now


async def _keep_speaking(
    device: Device, address: tuple[str, int], now: Callable[[], datetime], until: Callable[[], bool]
) -> None:
    """Connect, speak, and connect again when the line breaks; what was not answered is sent again."""
    while not until():
        try:
            reader, writer = await asyncio.open_connection(*address)
        except OSError as error:
            _log.warning("no line", station=device.station.code, error=str(error))
            await asyncio.sleep(PAUSE_S)
            device.advance(now())
            continue
        device.connect()
        try:
            await _speak(device, (reader, writer), now, until)
        except (OSError, EOFError) as error:
            _log.warning("line lost", station=device.station.code, error=str(error))
            await asyncio.sleep(PAUSE_S)
        finally:
            device.disconnect()
            writer.close()


async def _speak(device: Device, line: Line, now: Callable[[], datetime], until: Callable[[], bool]) -> None:
    listening = asyncio.create_task(_listen(device, *line))
    try:
        while not device.line_is_dead and not until():
            if listening.done():
                listening.result()
            device.advance(now())
            line[1].write(device.to_send(time.monotonic()))
            await line[1].drain()
            await asyncio.sleep(TICK_S)
    finally:
        listening.cancel()


async def _listen(device: Device, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers make room for what waits, which is sent at once."""
    while data := await reader.read(65_536):
        device.receive(data)
        writer.write(device.to_send(time.monotonic()))
    raise EOFError("the gateway closed the connection")
