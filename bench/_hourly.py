"""Hourly readings of an imagined network: they follow each other, are rounded as instruments round, and have gaps."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import table
from qingyuan.recording.lake.layout import File, frame

HOUR_US = 3_600_000_000
# usual level, spread of the logarithm, decimals: PM10, PM2.5, SO2, NO2, O3, CO; COD, NH3-N, TP, TN, pH, flow
FACTORS = (
    (80.0, 0.6, 0), (45.0, 0.7, 0), (9.0, 0.5, 0), (35.0, 0.5, 0), (60.0, 0.7, 0), (0.8, 0.4, 1),
    (24.0, 0.4, 1), (0.9, 0.8, 3), (0.21, 0.5, 3), (8.5, 0.3, 2), (7.3, 0.02, 2), (310.0, 0.4, 1),
)  # fmt: skip
PERSISTENCE = 0.95  # from hour to hour; the 12 stations of Beijing in 2013-2016 have 0.94 to 0.98 for PM2.5
MISSING, ABNORMAL = 0.03, 0.01


@dataclass(frozen=True)
class Piece:
    """Some channels in one month."""

    lake: Lake
    year: int
    month: int
    first: int
    after: int
    factors: tuple[tuple[float, float, int], ...] = FACTORS  # of the channels in turn
    ranges: bool = False  # lowest and highest value of the hour beside the mean, as pollution sources send them


def written(piece: Piece) -> list[File]:
    """A piece of the lake, by the writer that sealing and compacting use."""
    return table.write(piece.lake, "h", rows(piece))


def rows(piece: Piece) -> pl.DataFrame:
    """The readings of a piece; a tenth of what differs from channel to channel is the channel's own level."""
    random = np.random.default_rng([piece.year, piece.month, piece.first])
    start = datetime(piece.year, piece.month, 1, tzinfo=UTC)
    end = datetime(piece.year + piece.month // 12, piece.month % 12 + 1, 1, tzinfo=UTC)
    hours = round((end - start).total_seconds()) // 3600
    channels = np.arange(piece.first, piece.after, dtype=np.int32)
    factors = np.array(piece.factors)[channels % len(piece.factors)]
    value = _values(random, factors, hours)
    at = round(start.timestamp()) * 1_000_000 + np.arange(hours, dtype=np.int64) * HOUR_US
    there = (random.random(value.shape, dtype=np.float32) >= MISSING).ravel()
    stations = len(channels) // len(piece.factors) + 1
    late = random.integers(60_000_000, 240_000_000, (stations, hours))[np.arange(len(channels)) // len(piece.factors)]
    mark = np.where(random.random(value.size, dtype=np.float32) < ABNORMAL, "D", "N")
    nothing = np.full(value.size, np.nan)
    columns = {
        "channel": np.repeat(channels, hours),
        "at": np.tile(at, len(channels)),
        "value": value.ravel(),
        "low": _beside(random, factors, value, -1) if piece.ranges else nothing,
        "high": _beside(random, factors, value, 1) if piece.ranges else nothing,
        "total": nothing,
        "mark": mark,
        "received_at": (at[None, :] + HOUR_US + late).ravel(),
    }
    return frame({name: column[there] for name, column in columns.items()})


def _values(random: np.random.Generator, factors: NDArray[np.float64], hours: int) -> NDArray[np.float64]:
    level, spread, decimals = factors.T
    noise = random.standard_normal((hours, len(factors)), dtype=np.float32)
    noise[1:] *= np.float32(np.sqrt(1 - PERSISTENCE**2))
    for hour in range(1, hours):
        noise[hour] += np.float32(PERSISTENCE) * noise[hour - 1]
    scale = 10.0**decimals
    own = level * np.exp(0.1 * random.standard_normal(len(factors)))
    values: NDArray[np.float64] = np.rint(own * np.exp(spread * noise) * scale) / scale
    return np.ascontiguousarray(values.T)


def _beside(
    random: np.random.Generator, factors: NDArray[np.float64], value: NDArray[np.float64], side: int
) -> NDArray[np.float64]:
    scale = 10.0 ** factors.T[2][:, None]
    away = 1 + side * np.abs(0.05 * random.standard_normal(value.shape))
    beside: NDArray[np.float64] = np.rint(value * away * scale) / scale
    return beside.ravel()
