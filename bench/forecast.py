"""Forecasts of hour values on real series: errors, intervals, and warnings before a limit is passed.

Each series is cut at the middle of its days. A forecast is made from what was known at its hour, as the platform makes
it; nothing is tuned on the later half but what the rows say.

error     mean absolute error of the median, by hours ahead; skill = 1 - error / error of persistence
covered   share of hours within the 80 % interval
warnings  a limit that two in a hundred hours of the earlier half pass stands for the permitted one. Warned within 6 and
          24 h ahead, where the chance reaches a threshold; POD = passed limits that were foreseen, FAR = warnings that
          were wrong, lead = median hours from the begin of the warning. `approaching_limit` is the detector's slope.

Rivals in the same run: persistence, and what is usual for the hour of the week.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from _tampering import Source, city_air, data_root, effluent, gas_turbine

from qingyuan_science.detect import DETECTORS, Context
from qingyuan_science.forecast import FORECASTERS, HOUR, CannotForecast, Forecaster, score, warned
from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Limit, Status, factor

LEADS = (1, 2, 3, 6, 12, 24, 48, 72)
CODES = ("persistence", "seasonal", "lagged")
PAST = 24 * 45  # values handed over, more than any forecaster takes
WITHIN = (6, 24)
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
AIR = ("Dongsi", "Huairou", "Changping")
FORECASTS = 400  # for errors, spread over the later half
HOURS = 3000  # for warnings, hour by hour from the begin of the later half


@dataclass(frozen=True)
class Grid:
    """The later half on an even grid of hours, NaN where nothing valid came, and where each value stands."""

    whole: Series
    first: int
    value: np.ndarray

    @classmethod
    def of(cls, source: Source) -> "Grid":
        whole = source.later.after(source.earlier)
        first = int(source.later.at[0] // HOUR)
        size = int(whole.at[-1] // HOUR) - first + 1
        value = np.full(size, np.nan)
        valid = source.later.valid
        value[(source.later.at[valid] // HOUR) - first] = source.later.value[valid]
        return cls(whole, first, value)

    def known_at(self, hour: int) -> Series:
        """What was known when an hour of the grid was over."""
        end = int(np.searchsorted(self.whole.at, (self.first + hour) * HOUR, side="right"))
        return self.whole.part(slice(max(end - PAST, 0), end))

    def coming(self, hour: int, count: int) -> np.ndarray:
        """What came after an hour of the grid."""
        came = np.full(count, np.nan)
        part = self.value[hour + 1 : hour + 1 + count]
        came[: len(part)] = part
        return came


def main() -> None:
    """Score every source that is there."""
    root = data_root()
    FORECASTERS.load("qingyuan_science.forecast")
    DETECTORS.load("qingyuan_science.detect")
    air = [one for station in AIR for one in city_air(root, station)]
    for source in (*effluent(root), *gas_turbine(root), *air):
        grid = Grid.of(source)
        print(f"{source.title}: {np.isfinite(grid.value).sum():,} later hours")
        errors(grid)
        warnings(grid, source.limit)
        print(flush=True)


def errors(grid: Grid) -> None:
    """Print a line a forecaster: error, skill and cover by hours ahead."""
    starts = np.flatnonzero(np.isfinite(grid.value))
    starts = starts[:: max(len(starts) // FORECASTS, 1)]
    print("   " + f"{'hours ahead':<14}" + "".join(f"{lead:>21}" for lead in LEADS) + "     ms a forecast")
    rival: list[float] = []
    for code in CODES:
        lines, taken = _forecasts(grid, FORECASTERS.get(code)(), starts)
        found = [score(*lines[lead]) for lead in LEADS]
        rival = rival or [one.error for one in found]
        cells = (
            f"{one.error:8.3g} {1 - one.error / before:+.2f} {one.covered:4.0%}".rjust(21)
            for one, before in zip(found, rival, strict=True)
        )
        print(f"   {code:<14}" + "".join(cells) + f"     {taken:.1f}")


def _forecasts(
    grid: Grid, forecaster: Forecaster, starts: Iterable[int]
) -> tuple[dict[int, tuple[np.ndarray, ...]], float]:
    """By lead: what came, median, low, high; and processor time a forecast [ms]."""
    rows: dict[int, list[tuple[float, ...]]] = {lead: [(np.nan,) * 4] for lead in LEADS}
    taken, count = 0.0, 0
    for start in starts:
        series, came = grid.known_at(int(start)), grid.coming(int(start), max(LEADS))
        begun = time.process_time()
        try:
            said = forecaster.forecast(series, max(LEADS))
        except CannotForecast:
            continue
        taken, count = taken + time.process_time() - begun, count + 1
        for lead in (one for one in LEADS if one <= len(said)):
            rows[lead].append((came[lead - 1], said.value[lead - 1], said.low[lead - 1], said.high[lead - 1]))
    return {lead: tuple(np.array(lines).T) for lead, lines in rows.items()}, 1000 * taken / max(count, 1)


def warnings(grid: Grid, limit: float) -> None:
    """Print what warnings were worth, by forecaster, time ahead and threshold."""
    value = grid.value[:HOURS]
    over = np.nan_to_num(value) > limit
    print(f"   warnings of values above {limit:.3g}: POD/FAR, median hours ahead, by chance; of {len(value):,} hours")
    print("   " + " " * 28 + "".join(f"{one:>18.1f}" for one in THRESHOLDS))
    for code in CODES:
        chances = _chances(grid, FORECASTERS.get(code)(), limit, len(value))
        for within, chance in zip(WITHIN, chances, strict=True):
            cells = [_told(chance >= threshold, over, within) for threshold in THRESHOLDS]
            passed = warned(chance >= 1.0, over, within).passed
            print(f"   {code:<14}{within:>3} h, {passed:>3} passed" + "".join(f"{cell:>18}" for cell in cells))
    told = _told(_slopes(grid, limit, len(value)), over, WITHIN[0])
    print(f"   approaching_limit within {WITHIN[0]} h: {told.strip()}")


def _chances(grid: Grid, forecaster: Forecaster, limit: float, size: int) -> list[np.ndarray]:
    """The chance that the limit is passed within some hours, as told when each hour was over."""
    found = [np.zeros(size) for _ in WITHIN]
    for hour in np.flatnonzero(np.isfinite(grid.value[:size]) & (np.nan_to_num(grid.value[:size]) <= limit)):
        try:
            said = forecaster.forecast(grid.known_at(int(hour)), max(WITHIN))
        except CannotForecast:
            continue
        chance = said.chances([float("nan")] * len(said), [limit] * len(said))
        for within, row in zip(WITHIN, found, strict=True):
            row[hour] = chance[min(within, len(chance)) - 1]
    return found


def _told(warns: np.ndarray, over: np.ndarray, within: int) -> str:
    found = warned(warns, over, within)
    ahead = f"{np.median(found.ahead):.0f} h" if found.ahead else "-"
    return f"{found.detected:.2f}/{found.false:.2f} {ahead:>5}"


def _slopes(grid: Grid, limit: float, size: int) -> np.ndarray:
    """Hours at which the detector of slopes says that the limit is near, as the value of that hour shows it."""
    of = factor("a34004")
    bound = Limit(
        code="bench", factor=of.code, item=of.short, standard="bench", clause=Text("台架", "bench"), level="1",
        title=Text("限值", "limit"), averaging=Averaging.HOUR, direction="max", low=None, high=limit, unit=of.unit,
        decimals=3, case="", condition=None, reference_oxygen=None, valid_from=np.datetime64("1990-01-01").item(),
        valid_to=None, status=Status.VERIFIED,
    )  # fmt: skip
    context = Context(Text("台架", "bench"), of, (bound,), Averaging.HOUR, 2)
    detector, warns = DETECTORS.get("approaching_limit")(), np.zeros(size, bool)
    for hour in np.flatnonzero(np.isfinite(grid.value[:size])):
        part = grid.known_at(int(hour)).part(slice(-12, None))
        series = Series(part.at, part.value, part.mark, of.unit, part.step)
        last = int(series.at[-1])
        warns[hour] = any(one.start <= last < one.end for one in detector.findings(series, context))
    return warns


if __name__ == "__main__":
    main()
