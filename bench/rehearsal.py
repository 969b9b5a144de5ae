"""Rules rehearsed over a stored year of 15,000 channels: the whole path, from the files to the findings.

    python bench/rehearsal.py                       131 million hours; the first time some minutes more, to make them
    python bench/rehearsal.py --quick               600 channels
    python bench/rehearsal.py --channels 15000 --learning   also a detector that learns from the days before
    python bench/rehearsal.py --only water_event copied_channel   in place of all that, each of these, and once more
                                                                  with exceedance beside it, by what was kept
    python bench/rehearsal.py --quick --detectors   in place of all that, each detector by itself over 60 channels
    python bench/rehearsal.py --district            in place of all that, a district's rules where a district has them
    python bench/rehearsal.py --district --learning also with every detector that learns, where it
                                                    belongs, and once more with exceedance set otherwise

The district (`_mixed_year.py`) has air, river, weather and dust stations, outlets, stacks and meters in the proportions
that districts report, and is watched as the demo district is from its first day.

The year is made once, by the functions that sealing uses, and kept in `bench/.stored` (0.4 GB), where it may be
deleted. Beside it, in the same run, DuckDB counts the same exceedances over the same files, as one would write it by
hand. The counts must be equal. Files are in the page cache when they are read, for both.
"""

import argparse
import os
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import _mixed_year
import duckdb
import psutil
from _platform import platform
from _year import CODES, SINCE, YEAR, enter, keep_hot, lake_of

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import table

LIMIT_S = 60
LONGEST_S = 3600
HOT_MONTH = 12
DEFAULT = ("exceedance", "missing_data", "impossible_values")  # what a district is set up with, on hours
LEARNING = "constant_value"
FEW = 60
CHANGED, OTHERWISE = "exceedance", {"minimum_periods": 3}
_EPISODES = """
WITH valid AS (
    SELECT r.channel, epoch(r."at") / 3600 AS hour, row_number() OVER (PARTITION BY r.channel ORDER BY r."at") AS place,
        round_even(r.value, l.decimals) > l.high OR round_even(r.value, l.decimals) < l.low AS beyond
    FROM read_parquet(?, hive_partitioning = false) r JOIN limits l USING (channel)
    WHERE r.mark = 'N' AND r.value IS NOT NULL AND r."at" >= ? AND r."at" < ?
), apart AS (
    SELECT channel, coalesce(hour - lag(hour) OVER w > 2 AND place - lag(place) OVER w > 1, true) AS begins
    FROM valid WHERE beyond WINDOW w AS (PARTITION BY channel ORDER BY hour)
)
SELECT count(*) FILTER (begins), count(*) FROM apart
"""


def main() -> None:
    """Make or find the year, rehearse, count by hand, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=15_000)
    parser.add_argument("--quick", action="store_true", help="600 channels; shows that the script works")
    parser.add_argument("--learning", action="store_true", help="also a detector that learns from sixty days before")
    parser.add_argument("--only", nargs="+", default=(), metavar="DETECTOR", help="nothing but a rehearsal of each")
    parser.add_argument("--detectors", action="store_true", help="what each detector costs, over a few channels")
    parser.add_argument("--district", action="store_true", help="channels of every kind, watched as a district would")
    options = parser.parse_args()
    if options.district:
        district(_mixed_year.CYCLE if options.quick else options.channels, learning=options.learning)
        return
    channels = 600 if options.quick else options.channels
    folder = Path(__file__).parent / ".stored"
    folder.mkdir(exist_ok=True)
    os.environ["QINGYUAN_LAKE"] = str(folder / f"year-{channels}")
    with platform(LONGEST_S):
        signal.alarm(LONGEST_S)
        begun = time.perf_counter()
        lake = lake_of(folder, channels)
        enter(lake, channels)
        files = table.snapshot(lake).files
        count = sum(file.rows for file in files)
        made_in = time.perf_counter() - begun
        print(f"{count:,} hours of {channels:,} channels in {len(files)} files; made or found in {made_in:.0f} s")
        if options.detectors:
            each_detector()
            return
        if options.only:
            for one in options.only:
                rehearsed(f"{one}, all in the lake", rules(one))
                rehearsed(f"{one} again, beside it {CHANGED}", changed(rules(one, CHANGED)))
            return
        exceeded = rehearsed("exceedance, all in the lake", rules("exceedance"))["exceedance"]
        by_hand(lake, exceeded)
        rehearsed("default rules, all in the lake", rules(*DEFAULT))
        hot = keep_hot(lake, channels, HOT_MONTH)
        again = rehearsed(f"exceedance, {hot:,} of the hours in the hot table too", rules("exceedance"))["exceedance"]
        assert again == exceeded, (again, exceeded)
        if options.learning:
            rehearsed(f"{LEARNING}, which learns", rules(LEARNING))


def district(channels: int, *, learning: bool) -> None:
    """Rehearse a whole district's rules over its year; with those that learn, once more."""
    folder = Path(__file__).parent / ".stored"
    folder.mkdir(exist_ok=True)
    os.environ["QINGYUAN_LAKE"] = str(folder / f"mixed-{channels}")
    with platform(LONGEST_S):
        signal.alarm(LONGEST_S)
        lake = _mixed_year.lake_of(folder, channels)
        _mixed_year.enter(lake, channels)
        files = table.snapshot(lake).files
        count = sum(file.rows for file in files)
        print(f"{count:,} hours and days of {channels:,} channels of every kind in {len(files)} files")
        given = _mixed_year.watches(channels)
        rehearsed(f"a district's {len(given):,} default watches", _set_of(given))
        if learning:
            given += _mixed_year.learning()
            rehearsed("the same with every detector that learns, where it belongs", _set_of(given))
            rehearsed(f"once more, {CHANGED} set otherwise", changed(_set_of(given)))


def _set_of(watches: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": "qingyuan-rules", "version": 1, "watches": watches, "overrides": []}


def changed(given: dict[str, Any]) -> dict[str, Any]:
    """The same rules with one of them set otherwise, wherever it holds."""
    watches = [{**one, "parameters": OTHERWISE} if one["detector"] == CHANGED else one for one in given["watches"]]
    return {**given, "watches": watches}


def rules(*detectors: str) -> dict[str, Any]:
    """A rule set that lets detectors look at the hours of all outlets."""
    watches = [
        {"detector": one, "kind": "h", "station_kind": "outlet-water", "valid_from": SINCE.isoformat()}
        for one in detectors
    ]
    return _set_of(watches)


def rehearsed(title: str, given: dict[str, Any]) -> Counter[str]:
    """Rehearse a rule set over the year through the door that the command and the page use."""
    from qingyuan.judging.api import rehearse

    found: Counter[str] = Counter()
    with _Memory() as memory:
        wall, spent = _timed(lambda: found.update(look.detector for look, _episode in rehearse(given, _span())))
    told = ", ".join(f"{count:,} {detector}" for detector, count in sorted(found.items()))
    print(f"{title}: {wall:.1f} s (limit {LIMIT_S} s), of processors {spent:.1f} s,", end=" ")
    print(f"at most {memory.most / 1e9:.1f} GB; found {told}", flush=True)
    return found


def each_detector() -> None:
    """What each detector costs by itself, in this process alone: with what is stored for all, and without papers."""
    from qingyuan.judging.logic import rulesets
    from qingyuan.judging.logic.rehearsed import rehearsing
    from qingyuan.judging.queries import DETECTORS

    ids = list(range(1, FEW + 1))
    for code in sorted(one.code for one in DETECTORS):
        book = rulesets.read(rules(code)).book
        list(rehearsing.over(book, ids[: len(CODES)], _span()))  # loads what the detector needs
        begun = time.process_time()
        episodes = sum(len(part.found) for part in rehearsing.over(book, ids, _span(), at_once=FEW))
        spent = (time.process_time() - begun) / FEW
        print(f"{code:24} {1e3 * spent:7.1f} ms of a processor for a channel and year, {episodes} findings;", end=" ")
        print(f"15,000 would take two processors {7_500 * spent:,.0f} s", flush=True)


def by_hand(lake: Lake, expected: int) -> None:
    """The same count by DuckDB over the same files, with the limits that the platform knows."""
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    duck.execute(f"SET threads = {os.cpu_count() or 1}")
    duck.execute("CREATE TABLE limits (channel int, low double, high double, decimals int)")
    duck.executemany("INSERT INTO limits VALUES (?, ?, ?, ?)", _limits(lake))
    files = [lake.path(file.path) for file in table.snapshot(lake).files]
    found: list[Any] = []
    wall, spent = _timed(lambda: found.extend(duck.execute(_EPISODES, [files, *_span()]).fetchone() or ()))
    print(f"DuckDB over the same files, episodes alone: {wall:.1f} s, of processors {spent:.1f} s;", end=" ")
    print(f"found {found[0]:,} in {found[1]:,} hours over a limit", flush=True)
    assert found[0] == expected, (found[0], expected)


def _limits(lake: Lake) -> list[tuple[int, float, float, int]]:
    from qingyuan.judging.queries import limits_for_channel
    from qingyuan.sensing.queries import Channel

    first = Channel.objects.select_related("station").filter(pk__lte=len(CODES))
    known = {one.factor: limits_for_channel(one, "h", date(YEAR, 7, 1)) for one in first}
    bound = {code: one[0] for code, one in known.items() if one}
    return [
        (
            pk,
            limit.low if limit.low is not None else -1e300,
            limit.high if limit.high is not None else 1e300,
            limit.decimals,
        )
        for pk, code in Channel.objects.values_list("pk", "factor")
        if (limit := bound.get(code)) is not None
    ]


def _span() -> tuple[datetime, datetime]:
    from qingyuan.kit.clock import SHANGHAI

    return datetime(YEAR, 1, 1, tzinfo=SHANGHAI), datetime(YEAR + 1, 1, 1, tzinfo=SHANGHAI)


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    begun, before = time.perf_counter(), _processor_seconds()
    work()
    return time.perf_counter() - begun, _processor_seconds() - before


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


class _Memory:
    """The most that this process and its children held together, looked at four times a second. [byte]"""

    def __enter__(self) -> "_Memory":
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._over.wait(0.25):
            held = 0
            for one in (own, *own.children(recursive=True)):
                try:
                    held += one.memory_info().rss if "postgres" not in one.name() else 0
                except psutil.Error:
                    continue
            self.most = max(self.most, held)


if __name__ == "__main__":
    main()
