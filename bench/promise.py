"""Whether detectors keep what their budget promises, on series that nothing was tuned on.

Platform  each detector as the platform runs it: its look-back time, then a block of thirty days, and so on through the
          series; leads a month on untouched data beside the budget of one detector
Halves    learned on the first half and judged on the second, one false lead a month shared by all, as in tampering.py:
          leads a month on untouched data, and the mean share of falsified stretches that is told

The series are PM2.5 of cities and of embassies, city air of Beijing stations, kerbside air of London; and, as a
stand-in for analysers that measure every four to eight hours, stretches of five months of the Beijing stations whose
values are held for so long, with nothing beside them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from _tampering import HOUR, Source, data_root, read, series_of, source_of
from tampering import BUDGET, LEAST_CHANGED, able, context_of, first_told, injected, joined, ours

from qingyuan_science.detect import DETECTORS
from qingyuan_science.detect._scored import Scored
from qingyuan_science.detect._surprise import threshold
from qingyuan_science.series import CHINA_OFFSET, Series, local_days
from qingyuan_science.worlds.fraud import FRAUDS

BLOCK_DAYS = 30
STRETCH_DAYS = 152
HELD = (4, 9)  # values from one analysis to the next: at least, and less than
MONTH = 365.25 / 12
CITIES = ("Chengdu", "Guangzhou", "Shanghai", "Shenyang")
EMBASSIES = ("Beijing", "Guangzhou", "Shanghai", "Shenyang")
STATIONS = (("Tiantan", "pm25"), ("Shunyi", "no2"), ("Nongzhanguan", "pm10"), ("Dingling", "o3"))
STEPPED = (("Tiantan", "pm25"), ("Shunyi", "no2"), ("Nongzhanguan", "so2"), ("Dingling", "co"))
KERBSIDE = (2001, ("no2", "co"))


def main() -> None:
    """Measure and print, a group of series at a time."""
    root = data_root()
    DETECTORS.load("qingyuan_science.detect")
    for name, sources in groups(root):
        if sources:
            print(f"{name}: {len(sources)} series")
            platform(sources)
            halves(sources)


def groups(root: Path) -> Iterator[tuple[str, list[Source]]]:
    """The series by where they come from."""
    cities, embassies = (read(root, one) for one in ("aq_five_cities_hourly_pm25_met", "aq_us_embassy_pm25_hourly"))
    if cities is not None:
        yield "cities, PM2.5 and weather", [city(cities, one) for one in CITIES]
    if embassies is not None:
        rows = [embassies.filter(pl.col("city") == one).select("time", "pm25") for one in EMBASSIES]
        yield "embassies, PM2.5 alone", [made(one, "time", "pm25") for one in rows]
    stations = read(root, "aq_beijing_12stations_hourly")
    if stations is not None:
        yield "stations of Beijing", [station(stations, *one) for one in STATIONS]
        held = [stretch for number, one in enumerate(STEPPED) for stretch in stretches(station(stations, *one), number)]
        yield "the same, held, nothing beside", held
    kerbside = read(root, "aq_london_marylebone_wind")
    if kerbside is not None:
        later = kerbside.filter(pl.col("date").dt.year() >= KERBSIDE[0])
        yield "kerbside air", [made(later, "date", one) for one in KERBSIDE[1]]


def city(rows: pl.DataFrame, name: str) -> Source:
    """The site with most values."""
    own = rows.filter(pl.col("city").cast(pl.String) == name)
    sites = own.drop_nulls("pm25").group_by("site").len().sort("len", "site")["site"]
    return made(own.filter(pl.col("site") == sites[-1]), "time", "pm25")


def station(rows: pl.DataFrame, name: str, column: str) -> Source:
    return made(rows.filter(pl.col("station") == name), "time", column)


def made(rows: pl.DataFrame, time: str, column: str) -> Source:
    """A column from its first value on, with the other numbers beside it, cut at the middle."""
    rows = rows.sort(time).unique(time, keep="first", maintain_order=True)
    rows = rows.filter(pl.col(time) >= rows.filter(pl.col(column).is_not_null())[time][0])
    at = rows[time].dt.epoch("us").to_numpy() - CHINA_OFFSET
    columns = {one: series_of(at, rows[one].cast(pl.Float64).to_numpy(), "µg/m3")
               for one in rows.columns if rows[one].dtype.is_numeric()}  # fmt: skip
    return source_of(column, columns[column], {(one, ""): columns[one] for one in columns if one != column})


def stretches(source: Source, seed: int) -> Iterator[Source]:
    """Stretches of five months, each value held until the next analysis."""
    whole = joined(source.earlier, source.later)
    first = int(whole.at[0])
    for number in range(7):
        start = first + number * STRETCH_DAYS * 24 * HOUR
        part = whole.part(np.flatnonzero((whole.at >= start) & (whole.at < start + STRETCH_DAYS * 24 * HOUR)))
        if len(part) and part.valid.mean() > 0.8:
            yield source_of(source.title, held(part, 10 * seed + number), {})


def held(series: Series, seed: int) -> Series:
    begins = np.cumsum(np.random.default_rng(seed).integers(*HELD, len(series)))
    last = np.searchsorted(begins, np.arange(len(series)), side="right")
    return replace(series, value=series.value[np.minimum(np.append(0, begins)[last], len(series) - 1)])


def platform(sources: Iterable[Source]) -> None:
    """Leads of each detector in block after block, at its default budget."""
    leads, months = Counter[str](), Counter[str]()
    for source in sources:
        whole, context = joined(source.earlier, source.later), context_of(source)
        for code in able(context):
            detector = DETECTORS.get(code)()
            assert isinstance(detector, Scored)
            for past, block in blocks(whole, detector.looks_back_days):
                found = detector.scores(block, replace(context, baseline=past))
                leads[code] += begun(np.nan_to_num(found.score) > threshold(detector.budget))
                months[code] += found.day.size / MONTH
    print("   platform, promised 0.10: " + ", ".join(
        f"{code} {leads[code]}/{months[code]:.0f} = {leads[code] / months[code]:.2f}" for code in months))  # fmt: skip


def blocks(whole: Series, back_days: int) -> Iterator[tuple[Series, Series]]:
    """What a detector looks back on, and the thirty days that follow."""
    days = local_days(whole.at)
    begin, end = days[0] + back_days, days[-1]
    while begin + BLOCK_DAYS <= end:
        past, first, last = np.searchsorted(days, [begin - back_days, begin, begin + BLOCK_DAYS])
        if last - first > 24 and first - past > 24 * 14:
            yield whole.part(slice(past, first)), whole.part(slice(first, last))
        begin += BLOCK_DAYS


def begun(told: np.ndarray) -> int:
    return int((told[1:] & ~told[:-1]).sum() + told[:1].sum())


def halves(sources: Iterable[Source]) -> None:
    """Leads on untouched second halves, and how much of what is put into them is told."""
    leads, months, recall, each = 0, 0.0, [], Counter[str]()
    for source in sources:
        clean = ours(source, source.later)
        leads += clean.leads()
        least = threshold(BUDGET / len(clean.scores))
        each.update({code: begun(np.nan_to_num(score) > least) for code, score in clean.scores.items()})
        months += source.days.size / MONTH
        kinds = [kind for kind in FRAUDS if kind != "copied_channel" or source.beside]
        recall.append(np.nanmean([told_share(source, kind, strength) for kind in kinds for strength in (1.0, 0.5)]))
    print(f"   halves, promised 1: {leads}/{months:.0f} = {leads / months:.2f} leads a month;"
          f" mean recall {np.mean(recall):.2f}, least {min(recall):.2f}; "
          + ", ".join(f"{code} {count}" for code, count in each.items()), flush=True)  # fmt: skip


def told_share(source: Source, kind: str, strength: float) -> float:
    later, spans, changed = injected(source, kind, strength)
    found = ours(source, later)
    days, member = np.unique(local_days(later.at), return_inverse=True)
    false = np.bincount(member, weights=changed)[np.searchsorted(days, found.day)] >= LEAST_CHANGED
    delays = [one for one in (first_told(found, span, false) for span in spans) if one is not None]
    return float(np.mean(np.isfinite(delays))) if delays else float("nan")


if __name__ == "__main__":
    main()
