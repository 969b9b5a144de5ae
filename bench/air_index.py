"""How near the daily index of this library is to the official one, and how quick it is over many stations.

`python bench/air_index.py FILE` (or AIR_DAILY=FILE) reads a Parquet table of city days with the columns city, date,
source, aqi_published, pm25, pm10, so2, no2, co, o3_8h. Where `source` tells that the published AQI is the official one
(see OFFICIAL), the two are compared on days with all six pollutants; the other sources stand beside, being means of
hourly indices. Without a file only the speed is measured.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from qingyuan_science.standards.air import air_index, edition_named, levels

OFFICIAL = "aqistudy_2022"
COLUMNS = {"SO2": "so2", "NO2": "no2", "PM10": "pm10", "PM2.5": "pm25", "CO": "co", "O3_8h": "o3_8h"}
STATIONS, HOURS = 15_000, 24


def main() -> int:
    """Print one line a source, a city and a year, then the speed."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AIR_DAILY", "")
    if given and Path(given).exists():
        _compare(pl.read_parquet(given))
    else:
        print("no table of city days given: nothing compared")
    _speed()
    return 0


def _compare(table: pl.DataFrame) -> None:
    days = table.drop_nulls(["aqi_published", *COLUMNS.values()])
    edition = edition_named("HJ 633-2012")
    ours = air_index({name: days[column].to_numpy() for name, column in COLUMNS.items()}, edition, "day").aqi
    published = days["aqi_published"].cast(pl.Float64).to_numpy()
    same = levels(ours, edition) == levels(np.minimum(published, 500.0), edition)
    scored = days.with_columns(
        difference=pl.Series(np.abs(ours - published)),
        level=pl.Series(same),
        ours=pl.Series(ours),
        year=pl.col("date").dt.year(),
    )
    for source in scored["source"].unique().sort():
        kind = "official" if source == OFFICIAL else "mean of hourly indices"
        _print(f"{source} ({kind})", scored.filter(pl.col("source") == source))
    official = scored.filter(pl.col("source") == OFFICIAL)
    for (city,), part in sorted(official.group_by("city"), key=lambda one: one[0]):
        _print(f"  {city}", part)
        for (year,), days_of_year in sorted(part.group_by("year"), key=lambda one: one[0]):
            _print(f"    {year}", days_of_year)


def _print(name: str, days: pl.DataFrame) -> None:
    apart = days["difference"]
    equal = 100.0 * float((apart == 0).mean() or 0.0)
    level = 100.0 * float(days["level"].mean() or 0.0)  # type: ignore[arg-type]
    print(f"{name:36} {len(days):7} days  apart by {apart.mean():6.2f}  equal {equal:5.1f} %  level {level:5.1f} %")


def _speed() -> None:
    random = np.random.default_rng(1)
    edition = edition_named("HJ 633-2026")
    shape = (STATIONS, HOURS)
    values = {item.name: random.gamma(2.0, 30.0, shape).round(1) for item in edition.items["hour"]}
    values["CO"] = random.gamma(2.0, 0.5, shape).round(3)
    started = time.perf_counter()
    index = air_index(values, edition, "hour")
    found = index.primary
    took = time.perf_counter() - started
    print(f"{STATIONS} stations x {HOURS} hours, six pollutants, primary ones named ({len(found)}): {took:.3f} s")


if __name__ == "__main__":
    sys.exit(main())
