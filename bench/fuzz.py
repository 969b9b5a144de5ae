"""Mutated and hostile byte streams: does the decoder fall, does one sender harm another, does memory stay bounded?

    python bench/fuzz.py --cases 1000000        the decoder in this process's children, and the rest
    python bench/fuzz.py --quick

Decoder: nothing but the library's own errors may come out, every byte must, and no frame whose checksum does not fit.
Gateway: while hostile streams, slow drips and a flood of connections come in, well-behaved devices beside them must be
answered, and exactly their readings must stand in the table. The limit is the mission's: no crash, nothing accepted in
silence, others served.
"""

import argparse
import asyncio
import os
import random
import resource
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from _district import DEVICE_PASSWORD, FACTORS, enter
from _mutations import crc_apart, cut, framed, hostile, samples
from _platform import HOST, Platform, platform
from _senders import frame
from _weather import in_milliseconds, told

from qingyuan_science.hj212 import (
    Dialect,
    Frame,
    Framer,
    Hj212Error,
    Message,
    anatomy,
    crc,
    data_answer_9014,
    encode,
    parse,
    period_start,
    reports,
)

GOOD, HOSTILE = 5, 20
ASKED_EVERY_S = 0.02
OWN_PASSWORD = "654321"  # noqa: S105 of well-behaved devices
DRIPPING, CONNECTS = 500, 5_000
SHANGHAI = timedelta(hours=8)


@dataclass
class Tally:
    """What became of some streams."""

    cases: int = 0
    bytes: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    grown: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Decode, then talk to a gateway; 1 where anything fell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--quick", action="store_true", help="4,000 cases, 500 streams, 300 connections")
    options = parser.parse_args()
    if options.quick:
        options.cases, options.streams = 4_000, 500
    print(told(), flush=True)
    fell = options.cases > 0 and decoder(options.cases, options.seed)
    with platform(1_800) as made:
        fell |= gateway(made, options)
    print(told())
    return int(fell)


def decoder(cases: int, seed: int) -> bool:
    """The decoder alone, in as many processes as there are cores."""
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        tallies = list(pool.map(decode_many, [cases // workers] * workers, range(seed, seed + workers)))
    total = sum((one.outcomes for one in tallies), Counter())
    faults = [fault for one in tallies for fault in one.faults]
    count, size = sum(one.cases for one in tallies), sum(one.bytes for one in tallies)
    rate = sum(one.cases / one.seconds for one in tallies)
    print(
        f"decoder: {count:,} hostile streams ({size / 1e6:,.0f} MB) in {workers} processes, {rate:,.0f} streams/s:"
        f" {len(faults)} faults, slowest stream {1000 * max(one.slowest for one in tallies):.0f} ms,"
        f" memory grown by {max(one.grown for one in tallies) / 1024:.1f} MB"
    )
    print("     " + ", ".join(f"{name} {number:,}" for name, number in total.most_common()))
    for fault in faults[:5]:
        print(fault)
    return bool(faults)


def decode_many(cases: int, seed: int) -> Tally:
    """So many streams through framer and parser."""
    dice, tally = random.Random(seed), Tally()
    by_dialect: dict[Dialect, list[bytes]] = {}
    for dialect, packet in samples():
        by_dialect.setdefault(dialect, []).append(packet)
    dialects = list(by_dialect)
    grown_from = 0
    begun = time.perf_counter()
    for number in range(cases):
        dialect = dice.choice(dialects)
        data = hostile(dice, by_dialect[dialect])
        started = time.perf_counter()
        try:
            _decode(dice, dialect, data, tally.outcomes)
        except Exception:  # noqa: BLE001 whatever comes out that is no Hj212Error is what is looked for
            tally.faults.append(f"{dialect.code} {data!r}\n{traceback.format_exc(limit=-4)}")
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
        tally.bytes += len(data)
        if number == cases // 4:
            grown_from = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tally.cases, tally.seconds = cases, time.perf_counter() - begun
    tally.grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - grown_from
    return tally


def _decode(dice: random.Random, dialect: Dialect, data: bytes, outcomes: Counter[str]) -> None:
    framer = Framer(dialect)
    found = [item for piece in cut(dice, data) for item in framer.feed(piece)] + framer.close()
    whole = b"".join(item.raw for item in found)
    if whole.translate(None, b"\r\n") != data.translate(None, b"\r\n"):
        raise AssertionError("found other bytes in the frames than went in: expected every byte once")
    for item in found:
        if not isinstance(item, Frame):
            outcomes[type(item.error).__name__] += 1
            continue
        if dialect.algorithms == (crc,) and not item.enciphered:
            sent = item.raw[6 + len(item.segment) :].rstrip(b"\r\n")
            if int(sent, 16) != crc_apart(item.segment):
                raise AssertionError(f"found checksum {sent!r} accepted: expected {crc_apart(item.segment):04X}")
        outcomes[_read(item, dialect, deeply=dice.random() < 0.02)] += 1


def _read(item: Frame, dialect: Dialect, deeply: bool) -> str:
    try:
        message = parse(item.segment, dialect)
        message.values()
        reports(message, dialect)
        if message.data_time is not None:
            period_start(message.cn, message.data_time, dialect)
        _answer(message, dialect)
        return "read"
    except Hj212Error as error:
        return type(error).__name__
    finally:
        if deeply:
            anatomy(item.raw, dialect)


def _answer(message: Message, dialect: Dialect) -> None:
    encode(data_answer_9014(message, dialect), dialect)


@dataclass
class Beside:
    """A well-behaved device in a thread of its own: a packet, its answer, a pause."""

    port: int
    mn: str
    taken: list[float] = field(default_factory=list)
    sent: dict[datetime, float] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=asyncio.run, args=(self._live(),))
        self.at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
        self.thread.start()

    async def _live(self) -> None:
        reader, writer = await asyncio.open_connection(HOST, self.port)
        dice = random.Random(self.mn)
        while not self.ending.is_set():
            self.at += timedelta(seconds=1)
            value = round(dice.uniform(1, 60), 3)
            local = f"{self.at + SHANGHAI:%Y%m%d%H%M%S}"
            begun = time.perf_counter()
            writer.write(frame(
                f"QN={local}000;ST=32;CN=2011;PW={OWN_PASSWORD};MN={self.mn};Flag=5;"
                f"CP=&&DataTime={local};w01018-Rtd={value:.3f},w01018-Flag=N&&"
            ))  # fmt: skip
            try:
                answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 120)
            except (OSError, EOFError, TimeoutError) as error:
                self.troubles.append(f"{self.mn}: {error!r}")
                return
            if f"QN={local}000".encode() not in answer:
                self.troubles.append(f"{self.mn}: found {answer!r}, expected the answer to {local}000")
            self.taken.append(time.perf_counter() - begun)
            self.sent[self.at] = value
            await asyncio.sleep(ASKED_EVERY_S)
        writer.close()

    def end(self) -> None:
        self.ending.set()
        self.thread.join(130)


@contextmanager
def beside(made: Platform, names: list[str]) -> Iterator[list[Beside]]:
    """Well-behaved devices that speak inside the block."""
    devices = [Beside(made.ports["gateway"], mn) for mn in names]
    try:
        yield devices
    finally:
        for device in devices:
            device.end()


def gateway(made: Platform, options: argparse.Namespace) -> bool:
    """A live gateway under four kinds of weather, with well-behaved devices beside; whether anything fell."""
    names = enter(GOOD + HOSTILE)
    good, bad = names[:GOOD], names[GOOD:]
    _lock(good)
    made.start("gateway")
    few = 300 if options.quick else CONNECTS
    longest = 3.0 if options.quick else 20.0
    weather: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = [
        ("nobody else", lambda: asyncio.sleep(longest / 4)),
        (f"{options.streams:,} hostile streams", lambda: attack(made, bad, options)),
        (f"{min(DRIPPING, few)} drips of 1 byte/s", lambda: drip(made, bad, min(DRIPPING, few), longest)),
        (f"flood of {few:,} connections", lambda: flood(made, few)),
        ("nobody else again", lambda: asyncio.sleep(longest / 4)),
    ]
    print("gateway: answers to well-behaved devices meanwhile, and what the gateway holds")
    troubles: list[str] = []
    with beside(made, good) as devices:
        for title, blow in weather:
            for device in devices:
                device.taken.clear()
            begun = time.perf_counter()
            asyncio.run(blow())
            _heard_again(devices)
            taken = [one for device in devices for one in tuple(device.taken)]
            print(in_milliseconds(title, taken))
            print(f"{'':49} {time.perf_counter() - begun:.1f} s, {made.memory('gateway') / 1e6:.0f} MB", flush=True)
    troubles += [trouble for device in devices for trouble in device.troubles]
    troubles += _wrong_rows(made, devices)
    child = made.children["gateway"]
    if child.ended():
        troubles.append(f"the gateway ended: {child.tail()}")
    troubles += [line for line in child.log.read_text().splitlines() if "refused by the platform itself" in line][:3]
    print(f"     {sum(len(d.sent) for d in devices):,} readings of well-behaved devices: {len(troubles)} troubles")
    for trouble in troubles[:5]:
        print(f"     {trouble}")
    return bool(troubles)


def _lock(names: list[str]) -> None:
    """Give devices a password that no hostile packet holds: a changed digit in an MN makes one device of another."""
    from qingyuan.sensing.models import Device

    Device.objects.filter(mn__in=names).update(password=OWN_PASSWORD)


def _heard_again(devices: list[Beside], patience: float = 120.0) -> None:
    """Until each device has had three more answers: what a storm left in the queue counts as part of it."""
    before, ends = [len(device.taken) for device in devices], time.monotonic() + patience
    while any(len(d.taken) < count + 3 for d, count in zip(devices, before, strict=True)) and time.monotonic() < ends:
        time.sleep(0.02)


def _wrong_rows(made: Platform, devices: list[Beside]) -> list[str]:
    """Readings of well-behaved devices that are missing, other, or not theirs."""
    query = (
        "SELECT r.at, r.value FROM recording_reading r JOIN sensing_channel c ON c.id = r.channel_id"
        " JOIN sensing_device d ON d.station_id = c.station_id WHERE d.mn = %s"
    )
    wrong = []
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        for device in devices:
            found = dict(connection.execute(query, [device.mn]).fetchall())
            if found != device.sent:
                wrong.append(f"{device.mn}: found {len(found)} readings, expected the {len(device.sent)} sent")
        states = "SELECT state, sum(packets) FROM sensing_rawpacket GROUP BY state ORDER BY state"
        kept = ", ".join(f"{state} {count:,}" for state, count in connection.execute(states).fetchall())
        faults = connection.execute("SELECT coalesce(sum(count), 0) FROM sensing_faultcount").fetchone()[0]
        strangers = connection.execute("SELECT count(*) FROM sensing_device WHERE state = 'quarantined'").fetchone()[0]
    print(f"     packets {kept}; faults counted {faults:,}; strangers in quarantine {strangers:,}")
    return wrong


async def attack(made: Platform, names: list[str], options: argparse.Namespace) -> None:
    """Hostile streams over connections of their own, 20 at a time."""
    dice = random.Random(options.seed)
    packets = [_packet(mn, number) for number, mn in enumerate(names)]
    waiting = iter([hostile(dice, packets) for _ in range(options.streams)])

    async def one() -> None:
        for data in waiting:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, made.ports["gateway"])
                for piece in cut(dice, data):
                    writer.write(piece)
                    await writer.drain()
                writer.close()
                await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(20)))


async def drip(made: Platform, names: list[str], many: int, seconds: float) -> None:
    """Connections that send a byte a second and never finish a packet."""

    async def one(number: int) -> None:
        data = _packet(names[number % len(names)], number)
        _, writer = await asyncio.open_connection(HOST, made.ports["gateway"])
        with suppress(OSError):
            for place in range(int(seconds)):
                writer.write(data[place : place + 1])
                await asyncio.sleep(1)
        writer.close()

    await asyncio.gather(*(one(number) for number in range(many)))


async def flood(made: Platform, many: int) -> None:
    """Connections as quickly as they can be made, all held open for a while, then dropped at once."""
    gate = asyncio.Semaphore(200)
    writers: list[asyncio.StreamWriter] = []

    async def one() -> None:
        async with gate:
            with suppress(OSError):
                writers.append((await asyncio.open_connection(HOST, made.ports["gateway"]))[1])

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(many)))
    print(f"     {len(writers):,} of {many:,} connections were taken in {time.perf_counter() - begun:.1f} s")
    await asyncio.sleep(2)
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.5)


def _packet(mn: str, number: int) -> bytes:
    at = datetime.now(UTC) - timedelta(hours=30, seconds=number) + SHANGHAI
    values = ";".join(f"{code}-Rtd={number % 50}.25,{code}-Flag=N" for code in FACTORS)
    head = f"QN={at:%Y%m%d%H%M%S}{number % 1000:03d};ST=32;CN=2011;PW={DEVICE_PASSWORD};MN={mn};Flag=5;"
    return framed(f"{head}CP=&&DataTime={at:%Y%m%d%H%M%S};{values}&&".encode())


if __name__ == "__main__":
    sys.exit(main())
