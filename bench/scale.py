"""Fifty thousand channels at one reading a minute each, every detector on: what it takes, and how soon it is judged.

    python bench/scale.py                   5,000, then 15,000, then 50,000 channels
    python bench/scale.py --quick           a few hundred, each every few seconds
    python bench/scale.py --channels 50000  one size

Minute means go in by `recording.append`, the door of all gateways, at most twenty batches a second. Every channel has
100 minutes of them before it begins; one in a hundred is over its limit all the time, and of the others one value in
ten thousand is. The real worker runs on them: newest values, streams, means and judging, with every detector on every
kind of reading that it is made for. The same is stored before without the worker: what storing alone takes.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
import psycopg
from _district import FACTORS, enter
from _platform import Platform, platform
from _weather import told
from numpy.typing import NDArray
from soak import LEVELS, TRACE, watch_everything

CORES, MOST_SHARE = 2, 0.25
JUDGING = "judging.judge_readings"
SECOND = 1_000_000
BEFORE = 100  # minutes of each channel that are there already
BATCHES = 20  # a second, at most
STARTING_S = 3.0
ALWAYS_OVER, SELDOM_OVER = 100, 1e-4


@dataclass(frozen=True)
class Plan:
    """How many channels, how often each sends [s], and for how long is stored alone, warmed up and measured [s]."""

    channels: tuple[int, ...] = (5_000, 15_000, 50_000)
    every: float = 60.0
    alone: float = 30.0
    warm_up: float = 65.0
    measured: float = 60.0


QUICK = Plan((100, 300, 1_000), every=4.0, alone=3.0, warm_up=6.0, measured=6.0)


def main() -> int:
    """Grow the network, and measure at each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few hundred channels, for seconds")
    parser.add_argument("--channels", type=int, nargs="+", help="other sizes, ascending")
    options = parser.parse_args()
    plan = QUICK if options.quick else Plan()
    plan = replace(plan, channels=tuple(options.channels or plan.channels))
    longest = 1_800 + round(len(plan.channels) * (plan.alone + plan.warm_up + plan.measured) * 2)
    print(told(), flush=True)
    with platform(longest) as made, ProcessPoolExecutor(1, get_context("spawn")) as pool:
        stations = enter(max(plan.channels) // len(FACTORS))
        print(f"{len(stations)} outlets, {watch_everything()} watches", flush=True)
        known = np.empty(0, dtype=np.int64)
        for count in plan.channels:
            known = _with_more(known, count, plan.every)
            _measure(made, pool, known, plan)
    print(told())
    return 0


def _with_more(known: NDArray[np.int64], count: int, every: float) -> NDArray[np.int64]:
    """Enter channels until there are so many, each with its minutes before now."""
    from qingyuan.places.models import Station
    from qingyuan.sensing.models import Channel
    from qingyuan_science.standards import find_factor

    stations = list(Station.objects.order_by("pk")[known.size // len(FACTORS) : count // len(FACTORS)])
    units = {code: find_factor(code, medium="water").unit for code in FACTORS}
    made = Channel.objects.bulk_create(
        [Channel(station=one, factor=code, basis="measured", unit=units[code]) for one in stations for code in FACTORS],
        batch_size=5_000,
    )
    ids = np.array([one.pk for one in made], dtype=np.int64)
    last = _stamp(every)
    for part in np.array_split(ids, max(1, ids.size // 2_000)):
        _put(part, [last - round(every * SECOND) * back for back in range(BEFORE, 0, -1)])
    return np.append(known, ids)


def _stamp(every: float) -> int:
    """When the period began that lasts now [µs]."""
    length = round(every * SECOND)
    return time.time_ns() // 1_000 // length * length


def _put(channels: NDArray[np.int64], instants: list[int]) -> None:
    """Store readings of some channels at some instants by the door of all gateways."""
    from django.db import transaction

    from qingyuan.recording.api import append
    from qingyuan.sensing.api import Rows, Segment

    rows, dice = Rows(), np.random.default_rng(instants[-1] + int(channels[0]))
    for at in instants:
        value, nothing = _values(channels, dice), [float("nan")] * channels.size
        columns = (value.tolist(), nothing, nothing, nothing)
        rows.extend(channels.tolist(), b"m", columns, marks=b"N" * channels.size, instants=(at, at + SECOND))
    with transaction.atomic():
        append(rows, Segment(id=0, hash=bytes(32)))


def _values(channels: NDArray[np.int64], dice: np.random.Generator) -> NDArray[np.float64]:
    """About half of the limit; some channels always, and a few values seldom, far above it."""
    usual = np.array([LEVELS.get(code, TRACE) for code in FACTORS])[(channels - 1) % len(FACTORS)]
    over = (channels % ALWAYS_OVER == 1) | (dice.random(channels.size) < SELDOM_OVER)
    return np.round(usual * np.where(over, 4.0, 1.0) * dice.uniform(0.9, 1.1, channels.size), 4)


@dataclass(frozen=True)
class Feed:
    """One reading of every channel every so often [s], spread evenly, from an instant on for some seconds."""

    channels: NDArray[np.int64]
    every: float
    starts: float
    seconds: float


def feed(url_settings: dict[str, str], one: Feed) -> int:
    """Store in a process of its own; how many readings were stored."""
    import os

    os.environ |= url_settings
    import django

    django.setup()
    parts = np.array_split(one.channels, max(1, min(one.channels.size, round(one.every * BATCHES))))
    stored, turn = 0, 0
    while (due := one.starts + turn * one.every / len(parts)) < one.starts + one.seconds:
        time.sleep(max(0.0, due - time.time()))
        part = parts[turn % len(parts)]
        _put(part, [_stamp(one.every)])
        stored, turn = stored + part.size, turn + 1
    return stored


@dataclass
class Taken:
    """What the processes spent over a time, what they hold, and how soon lines were judged [s]."""

    seconds: float
    spent: dict[str, float]
    held: dict[str, float]
    delays: NDArray[np.float64]
    waiting: int


def _measure(made: Platform, pool: ProcessPoolExecutor, channels: NDArray[np.int64], plan: Plan) -> None:
    feeding = _start(pool, channels, plan.every, plan.alone)
    alone = _watch(made, ("postgres",), plan.alone)
    feeding.result()
    made.start("worker")
    began, before = time.monotonic(), made.processor_seconds("worker")
    while made.lines_waiting():
        time.sleep(0.5)
    caught_up = time.monotonic() - began, made.processor_seconds("worker") - before
    feeding = _start(pool, channels, plan.every, plan.warm_up + plan.measured)
    _watch(made, ("worker", "postgres"), plan.warm_up)
    taken = _watch(made, ("worker", "postgres"), plan.measured)
    stored = feeding.result()
    made.stop("worker")
    print(f"{channels.size:,} channels, {stored / (plan.warm_up + plan.measured):,.0f} readings a second", flush=True)
    share = {name: 100 * spent / taken.seconds / CORES for name, spent in taken.spent.items()}
    before = 100 * alone.spent["postgres"] / alone.seconds / CORES
    print(
        f"     worker {share['worker']:5.1f} %, PostgreSQL {share['postgres']:5.1f} % of {CORES} cores, together"
        f" {sum(share.values()):5.1f} % (limit {100 * MOST_SHARE:.0f} %); PostgreSQL that only stores {before:.1f} %"
    )
    print(
        f"     {BEFORE} minutes before taken up in {caught_up[0]:.0f} s,"
        f" of which the worker worked {caught_up[1]:.0f} s"
    )
    print(f"     worker {taken.held['worker']:,.0f} MB, PostgreSQL {taken.held['postgres']:,.0f} MB")
    p50, p99 = np.percentile(taken.delays, [50, 99]) if taken.delays.size else (np.nan, np.nan)
    print(
        f"     stored → judged p50 {p50:.2f} s, p99 {p99:.2f} s, of {taken.delays.size} batches;"
        f" {taken.waiting} waiting at the end",
        flush=True,
    )


def _start(pool: ProcessPoolExecutor, channels: NDArray[np.int64], every: float, seconds: float) -> "Future[int]":
    """Feed from the beginning of a period on, so that a channel sends at the same point of each; wait until then."""
    _fill_in(channels, every)
    starts = (time.time() + STARTING_S) // every * every + every
    feeding = pool.submit(feed, _settings(), Feed(channels, every, starts, seconds))
    time.sleep(max(0.0, starts - every - time.time()))
    _fill_in(channels, every)
    time.sleep(max(0.0, starts - time.time()))
    return feeding


def _fill_in(channels: NDArray[np.int64], every: float) -> None:
    """Store what channels miss since they were fed last, up to the period that lasts now; else data really are missing.

    That takes a while, in which more goes missing.
    """
    length = round(every * SECOND)
    while behind := {last: ids for last, ids in _last(channels).items() if last < _stamp(every)}:
        for last, ids in behind.items():
            for part in np.array_split(ids, -(-ids.size // 2_000)):
                _put(part, list(range(last + length, _stamp(every) + 1, length)))


def _last(channels: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """Channels by the instant of their newest reading [µs]."""
    from django.db import connection

    newest = (
        "SELECT (extract(epoch FROM at) * 1000000)::bigint, array_agg(channel_id) FROM (SELECT channel_id, max(at) at"
        " FROM recording_reading WHERE kind = 'm' AND channel_id = ANY(%s) GROUP BY channel_id) AS newest GROUP BY at"
    )
    with connection.cursor() as cursor:
        cursor.execute(newest, [channels.tolist()])
        return {last: np.array(ids, dtype=np.int64) for last, ids in cursor.fetchall()}


def _settings() -> dict[str, str]:
    import os

    return {name: value for name, value in os.environ.items() if name.startswith(("DATABASE", "QINGYUAN", "DJANGO"))}


def _watch(made: Platform, names: tuple[str, ...], seconds: float) -> Taken:
    """Look at processes for a time, and at how far judging has come."""
    before, began = {name: made.processor_seconds(name) for name in names}, time.monotonic()
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        first = connection.execute("SELECT coalesce(max(seq), 0) FROM kit_entry").fetchone()
        places = list(_places(connection, began + seconds))
        lines = connection.execute(
            "SELECT seq, extract(epoch FROM at)::float8 FROM kit_entry"
            " WHERE act = 'ReadingsAppended' AND seq > %s ORDER BY seq", first
        ).fetchall()  # fmt: skip
    spent = {name: made.processor_seconds(name) - before[name] for name in names}
    held = {name: made.memory(name) / 1e6 for name in names}
    at, place = (np.array(column, dtype=float) for column in zip(*places, strict=True))
    found = [(stored, np.searchsorted(place, seq)) for seq, stored in lines]
    delays = np.array([at[when] - stored for stored, when in found if when < at.size])
    waiting = made.lines_waiting().get(JUDGING, 0) if "worker" in names else 0
    return Taken(time.monotonic() - began, spent, held, delays, waiting)


def _places(connection: "psycopg.Connection[tuple[object, ...]]", ends: float) -> Iterator[tuple[float, int]]:
    """When judging was seen to have come how far in the log."""
    while time.monotonic() < ends:
        row = connection.execute("SELECT seq FROM kit_subscription WHERE handler = %s", [JUDGING]).fetchone()
        yield time.time(), int(str(row[0])) if row else 0
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
