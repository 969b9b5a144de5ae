"""A year of hourly data of many channels through the detector layer, as a rehearsal sends it there.

`python bench/rehearsal.py [CHANNELS] [PROCESSES]`: synthetic series with known stretches over the limit go through
`Exceedance` and the grouping into episodes. What the store takes to read a year is not in the figure.
"""

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

import numpy as np

from qingyuan_science.detect import DETECTORS, Context
from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import find_factor, limits_for

HOURS = 365 * 24
START = datetime(2025, 1, 1, tzinfo=UTC)
STRETCHES, LONG = 12, 6  # over the limit, in a year
AT_ONCE = 250


def judged(first: int) -> tuple[int, int]:
    """How many channels were judged and how many findings they gave; the findings are known beforehand."""
    DETECTORS.load("qingyuan_science.detect")
    factor = find_factor("w01018", medium="water")
    limits = limits_for(factor, "GB 18918-2002", "1A", None)
    context = Context(Text("口", "Outlet"), factor, limits, Averaging.HOUR, factor.decimals)
    detector = DETECTORS.get("exceedance")()
    random = np.random.default_rng(first)
    found = 0
    for _channel in range(AT_ONCE):
        value = np.clip(random.normal(30, 5, HOURS), 1.0, 49.0)
        starts = np.arange(STRETCHES) * (HOURS // STRETCHES) + 100
        value[(starts[:, None] + np.arange(LONG)).ravel()] = 75.0
        found += len(detector.findings(Series.starting(START, value, unit="mg/L", step=3600), context))
    return AT_ONCE, found


def main() -> None:
    """Judge, and print channels, findings and seconds."""
    channels = int(sys.argv[1]) if len(sys.argv) > 1 else 15_000
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    begun = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(judged, range(0, channels, AT_ONCE)))
    spent = time.perf_counter() - begun
    count, found = (sum(one[part] for one in done) for part in (0, 1))
    if found != count * STRETCHES:
        raise SystemExit(f"found {found} findings, expected {count * STRETCHES}")
    print(
        f"exceedance: {count:,} channels x {HOURS:,} hours, {found:,} findings in {spent:.1f} s, {processes} processes"
    )
    print(f"{count * HOURS / spent / 1e6:.1f} million values a second")


if __name__ == "__main__":
    main()
