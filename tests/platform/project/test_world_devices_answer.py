"""Devices of the synthetic district answer requests that arrive on their sockets."""

import asyncio
from datetime import UTC, datetime, timedelta

from qingyuan.project.streaming.world import WorldClock, stream
from qingyuan_science.hj212 import Addressee, Exchange, Frame, Framer, State, data_answer_9014, encode, parse, request
from qingyuan_science.worlds import World


async def _ask(world: World, *codes: str) -> list[Exchange]:
    """Be the platform: answer what a device sends, and ask it one thing after the other."""
    station = world.stations[0]
    to = Addressee(station.mn, station.st, station.pw)
    finished: asyncio.Future[list[Exchange]] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer, ended, asked, clock = Framer(), [], 0, asyncio.get_running_loop().time
        exchange = None
        while len(ended) < len(codes):
            if exchange is None:
                exchange = Exchange(request(codes[asked], to, _later(asked), SystemTime=_time(codes[asked])))
                asked += 1
            for message in exchange.tick(clock()):
                writer.write(encode(message))
            for frame in framer.feed(await reader.read(65_536)):
                if isinstance(frame, Frame):
                    message = parse(frame.segment)
                    exchange.take(message, clock())
                    if message.wants_answer:
                        writer.write(encode(data_answer_9014(message)))
            if exchange.ended:
                ended.append(exchange)
                exchange = None
        if not finished.done():
            finished.set_result(ended)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()[:2]
    clock = WorldClock(datetime.now(UTC) - timedelta(minutes=20), 3600.0)
    streaming = asyncio.create_task(stream(world, [station], address, clock))
    try:
        return await asyncio.wait_for(finished, 20)
    finally:
        streaming.cancel()
        await asyncio.gather(streaming, return_exceptions=True)
        server.close()


def _later(number: int) -> datetime:
    """A moment that no other request has: several are answered within a millisecond."""
    return datetime.now(UTC) + timedelta(seconds=number)


def _time(code: str) -> datetime | None:
    return datetime.now(UTC) + timedelta(hours=1) if code == "set-clock" else None


def test_a_device_on_its_socket_reads_and_sets_its_clock() -> None:
    world = World(epoch=datetime.now(UTC) - timedelta(hours=1))
    before, setting, after = asyncio.run(_ask(world, "read-clock", "set-clock", "read-clock"))
    assert [one.state for one in (before, setting, after)] == [State.DONE] * 3
    assert before.last_upload is not None
    assert after.last_upload is not None
    first, last = (one.last_upload.get("SystemTime") for one in (before, after))  # type: ignore[union-attr]
    assert first is not None
    assert last is not None
    assert last > first
