"""Kill -9 of gateway, worker or PostgreSQL at random moments while the synthetic district sends: is anything lost?

    python bench/crash.py --kills 20 --seed 1
    python bench/crash.py --full /mnt/small --times 5     in place of kills, the disk is full for some seconds each time

For the second a folder on a small filesystem of its own is needed (1 GB): mount -t tmpfs -o size=1G tmpfs /mnt/small

The devices are `qingyuan_science.worlds.Device` on real sockets: a packet is let go of when a 9014 names it, and sent
again until then. The limit is the mission's: of the packets that were answered none lost, nothing twice, chains whole.
What was sent is asked of the world, not of what the platform decoded.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import zstandard
from _devices import Streaming, streaming
from _platform import Platform, platform
from _weather import told

from qingyuan_science.hj212 import Message, period_start
from qingyuan_science.standards import factor
from qingyuan_science.worlds import Station, World

VICTIMS = ("gateway", "worker", "postgres")
SPEED = 480.0  # of the world's clock: some 16 real-time packets a second of each of 20 devices
KIND = {"2011": "r", "2051": "t", "2061": "h", "2031": "d"}
BACK_S = 30.0
FULL_S = 8.0
Key = tuple[str, str, str, str, datetime]


def main() -> int:
    """Stream, kill, wait for the last answer, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--quick", action="store_true", help="two kills")
    parser.add_argument("--full", type=Path, metavar="FOLDER", help="on a small filesystem, which is filled up")
    parser.add_argument("--times", type=int, default=5, help="how often it is filled")
    options = parser.parse_args()
    print(told(), flush=True)
    if options.full:
        tempfile.tempdir = str(options.full)
    with platform(900) as made:
        os.environ["QINGYUAN_DEMO"] = "true"
        from qingyuan.project import demo

        print(demo.ensure(), flush=True)
        world = demo.world()
        if world is None:
            raise LookupError("the demo district was not entered")
        made.start("gateway", "worker")
        since = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
        with streaming(world, since, SPEED, made.ports["gateway"]) as devices:
            if options.full:
                _fill(made, devices, options.full / "ballast", options.times)
            else:
                _kill(made, devices, random.Random(options.seed), 2 if options.quick else options.kills)
            waiting = devices.finish()
        made.stop("gateway")
        _wait_for_the_loop(made)
        made.stop("worker")
        return report(made, devices, waiting)


def _kill(made: Platform, devices: Streaming, dice: random.Random, kills: int) -> None:
    """One kill after the other, each when the platform has found back from the last."""
    _wait_for_answers(devices)
    for number in range(kills):
        time.sleep(dice.uniform(0.1, 1.5))
        name = dice.choice(VICTIMS)
        before = devices.answered
        made.kill(name)
        time.sleep(dice.uniform(0.0, 0.5))
        begun = time.monotonic()
        if name == "postgres":
            made.postgres.start()
        else:
            made.start(name)
        _wait_for_answers(devices)
        print(
            f"  kill {number + 1:2}: {name:<9} after {before:6,} answers, "
            f"answering again {time.monotonic() - begun:.1f} s after its start",
            flush=True,
        )


def _fill(made: Platform, devices: Streaming, ballast: Path, times: int) -> None:
    """Fill the disk, wait, and give room again; whoever has ended meanwhile is started again, as `run` would."""
    _wait_for_answers(devices)
    for number in range(times):
        with ballast.open("wb") as file, suppress(OSError):
            while True:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, 1 << 16)
        before, room = devices.answered, shutil.disk_usage(ballast.parent).free
        time.sleep(FULL_S)
        while_full = devices.answered - before
        ended = [
            name for name, child in made.children.items() if child.process is None or child.process.poll() is not None
        ]
        ballast.unlink()
        begun = time.monotonic()
        if not psutil.pid_exists(made.postgres.pid()):
            made.postgres.start()
            ended.append("postgres")
        for name in ended:
            if name != "postgres":
                made.children.pop(name)
                made.start(name)
        _wait_for_answers(devices)
        print(
            f"  full {number + 1:2}: {room:,} bytes left for {FULL_S:.0f} s, {while_full:,} answers meanwhile; ended: "
            f"{', '.join(ended) or 'none'}; answering again {time.monotonic() - begun:.1f} s after there was room",
            flush=True,
        )


def _wait_for_answers(devices: Streaming, more: int = 50) -> None:
    reached, ends = devices.answered + more, time.monotonic() + BACK_S
    while devices.answered < reached:
        if time.monotonic() > ends:
            raise TimeoutError(f"found fewer than {more} answers in {BACK_S:.0f} s: expected the platform to find back")
        time.sleep(0.02)


def _wait_for_the_loop(made: Platform, patience: float = 120.0) -> None:
    """Until no handler has a line before it that it takes up, neither of packets nor of what other handlers wrote."""
    ends = time.monotonic() + patience
    while waiting := made.lines_waiting():
        if time.monotonic() > ends:
            raise TimeoutError(f"found lines that wait after {patience:.0f} s: {waiting}, expected none")
        time.sleep(1)


def made_rows(made: Platform, query: str) -> list[tuple]:
    """What a query answers."""
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def sent_by(world: World, station: Station, devices: Streaming) -> Iterator[tuple[bytes, Message]]:
    """What the world says that a device sent, by QN."""
    for _, message in world.messages(station, devices.since, devices.until):
        yield message.qn.encode(), message


def report(made: Platform, devices: Streaming, waiting: int) -> int:
    """Compare what was answered with what is stored; 1 where anything is wrong."""
    kept, stored = _kept(made), _stored(made)
    packets = readings = 0
    lost: Counter[str] = Counter()
    examples: list[str] = []
    for station in devices.world.stations:
        one = devices.speaking[station.code]
        packets += len(one.answered)
        gone = [qn for qn in one.answered if not one.frames.get(qn, set()) & kept]
        lost["packets"] += len(gone)
        examples += [f"{station.mn} QN={qn.decode()}" for qn in gone[:3]]
        for qn, message in sent_by(devices.world, station, devices):
            if qn not in one.answered:
                continue
            for key, value in _readings(station, message):
                readings += 1
                found = stored.get(key)
                wrong = "readings" if found is None else "values" if abs(found - value) > 1e-6 * abs(value) else ""
                if wrong:
                    lost[wrong] += 1
                    examples += [f"{wrong}: {key} expected {value}, found {found}"][: len(examples) < 10]
    print(f"  {packets:,} packets answered, {devices.repeated:,} repeats sent, {waiting} never answered")
    print(f"  {readings:,} readings of answered packets: missing {lost['readings']}, of another value {lost['values']}")
    print(f"  answered packets whose bytes are not kept: {lost['packets']}")
    twice = _twice(made)
    for what, count in twice.items():
        print(f"  {what}: {count}")
    whole = _verify()
    for example in examples:
        print(f"    {example}")
    print(told())
    return int(bool(waiting or lost.total() or any(twice.values()) or not whole))


def _readings(station: Station, message: Message) -> Iterator[tuple[Key, float]]:
    at = period_start(message.cn, message.data_time or "", station.dialect)
    main = "Rtd" if message.cn == "2011" else "Avg"
    today = {factor(one.factor).code_2005: one.factor for one in station.profiles}  # codes of the edition of 2005
    for code, parts in message.values().items():
        for basis, name in (("measured", main), ("converted", "Zs" + main)):
            value = parts.get(name)
            if isinstance(value, float):
                yield (station.mn, today.get(code, code), basis, KIND[message.cn], at), value


def _kept(made: Platform) -> set[bytes]:
    """Every packet that is kept, byte by byte."""
    bodies = {
        number: zstandard.decompress(body)
        for number, body in made_rows(made, "SELECT id, body FROM sensing_rawsegment")
    }
    query = "SELECT segment_id, \"offset\", length FROM sensing_rawpacket WHERE state <> 'rejected'"
    rows = (bodies[segment][offset : offset + length] for segment, offset, length in made_rows(made, query))
    return {packet + b"\r\n" for row in rows for packet in row.split(b"\r\n")[:-1]}  # a row may be several packets


def _stored(made: Platform) -> dict[Key, float]:
    query = (
        "SELECT d.mn, c.factor, c.basis, CASE r.kind WHEN 'm' THEN 't' ELSE r.kind::text END, r.at, r.value"
        " FROM recording_reading r JOIN sensing_channel c ON c.id = r.channel_id"
        " JOIN sensing_device d ON d.station_id = c.station_id WHERE r.kind IN ('r', 'm', 't', 'h', 'd')"
    )
    return {tuple(row[:5]): row[5] for row in made_rows(made, query)}


def _twice(made: Platform) -> dict[str, int]:
    """What would be there if something had been done twice, or set aside."""
    queries = {
        "readings stored twice": "SELECT count(*) FROM (SELECT 1 FROM recording_reading GROUP BY channel_id, kind, at"
        " HAVING count(*) > 1) t",
        "resent readings taken for corrections": "SELECT count(*) FROM recording_correction"
        " WHERE kind IN ('r', 'm', 't', 'h', 'd')",
        "findings opened twice": "SELECT count(*) FROM (SELECT 1 FROM judging_finding"
        " GROUP BY channel_id, detector, kind, started_at HAVING count(*) > 1) t",
        "findings with two cases": "SELECT count(*) FROM (SELECT 1 FROM dispatching_case WHERE finding_id IS NOT NULL"
        " GROUP BY finding_id HAVING count(*) > 1) t",
        "lines of the log set aside": "SELECT count(*) FROM kit_setaside",
        "packets rejected": "SELECT count(*) FROM sensing_rawpacket WHERE state = 'rejected'",
    }
    return {what: int(made_rows(made, query)[0][0]) for what, query in queries.items()}


def _verify() -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "qingyuan.project.cli", "verify"], capture_output=True, text=True, check=False
    )
    print(f"  qingyuan verify: {(done.stdout + done.stderr).strip()}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
