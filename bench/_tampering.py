"""Real series for the bench of falsified data: where they lie, how they are cut, and where fraud is put into them."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from qingyuan_science.series import CHINA_OFFSET, SECOND, Series, local_days

HOUR = 3600 * SECOND
EXPECTED = "cems_gas_turbine_hourly, effluent_cn_hourly, aq_beijing_12stations_hourly, elec_steel_factory_15min"
_START = 1_293_811_200 * SECOND  # 2011-01-01 in China, for rows without time stamps


@dataclass(frozen=True)
class Source:
    """One monitored channel, cut into a part to learn from and a part to judge."""

    title: str
    earlier: Series
    later: Series
    beside: Mapping[tuple[str, str], Series]
    limit: float

    @property
    def days(self) -> np.ndarray:
        return np.unique(local_days(self.later.at))


def data_root() -> Path:
    """The folder of the data sets, from the first argument or the environment."""
    given = next((one for one in sys.argv[1:] if not one.startswith("-")), os.environ.get("QINGYUAN_BENCH_DATA", ""))
    if not given:
        print(
            f"left out: no folder of data sets is given, as the first argument or in QINGYUAN_BENCH_DATA ({EXPECTED})"
        )
        sys.exit(0)
    if not Path(given).is_dir():
        sys.exit(f"{given}: found no such folder; expected the data sets ({EXPECTED})")
    return Path(given)


def read(root: Path, folder: str) -> pl.DataFrame | None:
    """The rows of a data set, or None with a message if it is not there."""
    found = sorted((root / folder).glob("*.parquet"))
    if not found:
        print(f"   {folder}: found no parquet file, left out")
        return None
    return pl.concat([pl.read_parquet(one) for one in found])


def gas_turbine(root: Path) -> list[Source]:
    """NOx and CO of a gas turbine, each with the process and the other beside it; the rows count as hours."""
    rows = read(root, "cems_gas_turbine_hourly")
    if rows is None:
        return []
    at = _START + np.arange(len(rows)) * HOUR
    columns = {name: series_of(at, rows[name].to_numpy(), "mg/m3") for name in rows.columns if name != "year"}
    return [
        source_of(f"gas turbine {name}", columns[name], {(one, ""): columns[one] for one in columns if one != name})
        for name in ("NOX", "CO")
    ]


def effluent(root: Path) -> list[Source]:
    """One factor of a Chinese enterprise's effluent, without anything beside it."""
    rows = read(root, "effluent_cn_hourly")
    if rows is None:
        return []
    at = rows["monitorTime"].dt.epoch("us").to_numpy() - CHINA_OFFSET
    return [source_of("effluent", series_of(at, rows["monitorAvgValue"].to_numpy(), "mg/L"), {})]


def city_air(root: Path, station: str = "Dongsi") -> list[Source]:
    """PM2.5 of a city station with its other pollutants and the weather; nothing was tuned on it."""
    rows = read(root, "aq_beijing_12stations_hourly")
    if rows is None:
        return []
    rows = rows.filter(pl.col("station") == station).sort("time")
    at = rows["time"].dt.epoch("us").to_numpy() - CHINA_OFFSET
    names = [name for name in rows.columns if rows[name].dtype == pl.Float64]
    columns = {name: series_of(at, rows[name].to_numpy(), "µg/m3") for name in names}
    beside = {(name, ""): columns[name] for name in names if name != "pm25"}
    return [source_of(f"city air PM2.5 ({station})", columns["pm25"], beside)]


def series_of(at: np.ndarray, value: np.ndarray, unit: str) -> Series:
    """Hourly values, all valid where they are numbers."""
    return Series(at, value, np.full(len(value), "N"), unit, 3600.0)


def source_of(title: str, series: Series, beside: Mapping[tuple[str, str], Series]) -> Source:
    """Cut at the middle of the days; the limit is what two in a hundred earlier values pass."""
    days = np.unique(local_days(series.at))
    middle = int(days[len(days) // 2].astype("datetime64[us]").astype(np.int64)) - CHINA_OFFSET
    cut = int(np.searchsorted(series.at, middle))
    earlier, later = series.part(slice(0, cut)), series.part(slice(cut, None))
    return Source(title, earlier, later, beside, float(np.nanquantile(earlier.value, 0.98)))
