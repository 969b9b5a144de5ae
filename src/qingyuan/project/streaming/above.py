"""The demo's platform above: the one of `worlds` on a real port, for whoever hands on to connect to."""

import asyncio
import time
from datetime import UTC, datetime

import structlog

from qingyuan_science.worlds.above import PlatformAbove, Temper

TICK_S = 0.05
_log = structlog.get_logger("world")


async def receive(address: tuple[str, int], temper: Temper | None = None) -> None:
    """Listen at an address and answer what is handed on, until cancelled."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        above = PlatformAbove(temper or Temper())
        answering = asyncio.create_task(_answer(above, writer))
        try:
            while data := await reader.read(65_536):
                above.receive(data, time.monotonic())
        except OSError as error:
            _log.warning("line to the platform above lost", error=str(error))
        finally:
            answering.cancel()
            writer.close()

    try:
        server = await asyncio.start_server(speak, *address)
    except OSError as error:  # somebody else listens there; the district is streamed all the same
        _log.error("no platform above in this demo", address=address, error=str(error))
        return
    async with server:
        await server.serve_forever()


async def _answer(above: PlatformAbove, writer: asyncio.StreamWriter) -> None:
    while True:
        frames = above.to_send(time.monotonic(), datetime.now(UTC))
        if frames:
            writer.write(frames)
            await writer.drain()
        await asyncio.sleep(TICK_S)
