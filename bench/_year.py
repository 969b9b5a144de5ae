"""A stored year of hours at imagined waste-water outlets of six factors each, in the lake as sealing leaves it."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import polars as pl
from _hourly import Piece, rows, written
from shapely.geometry import box

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import layout, table
from qingyuan.recording.lake.executors import executor, spread
from qingyuan.recording.lake.layout import File

YEAR = 2025
SINCE = date(2020, 1, 1)
CODES = ("w01018", "w21003", "w21011", "w21001", "w01001", "w00000")
UNITS = ("mg/L", "mg/L", "mg/L", "mg/L", "dimensionless", "L/s")
# usual level, spread of the logarithm, decimals: against class 1A, some hours over the limit in most channels' years
LEVELS = ((24.0, 0.25, 1), (0.9, 0.5, 3), (0.21, 0.3, 2), (8.5, 0.2, 2), (7.3, 0.02, 2), (86.0, 0.4, 2))


def lake_of(folder: Path, channels: int) -> Lake:
    """The lake with the year of that many channels: as it lies there, or made now."""
    lake, done = Lake(str(folder / f"year-{channels}")), folder / f"year-{channels}.json"
    os.environ["QINGYUAN_LAKE"] = lake.root
    if not done.exists():
        files = _fill(lake, channels)
        done.write_text(json.dumps([asdict(file) for file in files]))
    return lake


def _fill(lake: Lake, channels: int) -> list[File]:
    table.ensure(lake)
    with executor() as workers:
        files = list(chain.from_iterable(spread(written, pieces(lake, channels), workers)))
    table.commit(lake, files)
    return files


def pieces(lake: Lake, channels: int, months: Sequence[int] = range(1, 13)) -> list[Piece]:
    """The year in the pieces that it is made in."""
    step = layout.ROWS_A_FILE // 745
    return [
        Piece(lake, YEAR, month, first, min(first + step, channels + 1), LEVELS)
        for month in months
        for first in range(1, channels + 1, step)
    ]


def enter(lake: Lake, channels: int) -> None:
    """The outlets, what binds them, and which days are sealed; channels are numbered from 1."""
    from django.db import transaction

    from qingyuan.places import api as places
    from qingyuan.places.queries import AppliedStandard, Station
    from qingyuan.recording.models import SealedDay
    from qingyuan.sensing.queries import Channel

    with transaction.atomic():
        shape, label = box(99.9, 29.9, 100.2, 30.2), (100.05, 30.05)
        places.draw_cell("01", path="01", title_zh="区", title_en="District", shape=shape, label=label)
        first = places.register_station(
            "outlet-1", kind="outlet-water", title_zh="1 号排口", title_en="Outlet 1", lon=100.0, lat=30.0
        )
        bound = places.apply_standard(first, standard="GB 18918-2002", level="1A", valid_from=SINCE)
        more = range(2, -(-channels // len(CODES)) + 1)
        others = Station.objects.bulk_create(
            Station(
                code=f"outlet-{number}", kind="outlet-water", title_zh=f"{number} 号排口", title_en=f"Outlet {number}",
                lon=100 + number % 100 / 1000, lat=30 + number // 100 / 1000, cell=first.cell,
            )
            for number in more
        )  # fmt: skip
        AppliedStandard.objects.bulk_create(
            AppliedStandard(
                station=one, standard=bound.standard, level=bound.level, valid=bound.valid, known=bound.known
            )
            for one in others
        )
        stations = [first, *others]
        Channel.objects.bulk_create(
            Channel(
                pk=number, station=stations[(number - 1) // len(CODES)],
                factor=CODES[number % len(CODES)], unit=UNITS[number % len(CODES)],
            )
            for number in range(1, channels + 1)
        )  # fmt: skip
        now, version = datetime.now(UTC), table.snapshot(lake).version
        days = [date(YEAR, 1, 1) + timedelta(days=number) for number in range(365)]
        SealedDay.objects.bulk_create(
            SealedDay(day=day, kind="h", rows=0, checksum="0" * 16, version=version, sealed_at=now) for day in days
        )


def keep_hot(lake: Lake, channels: int, month: int) -> int:
    """A month of it in the hot table too, where it goes before the lake's; answers how many readings."""
    from django.db import connection, transaction

    from qingyuan.recording.logic import partitions

    days = [date(YEAR, month, 1) + timedelta(days=number) for number in range(31)]
    count = 0
    with transaction.atomic():
        partitions.ensure(days)
    for piece in pieces(lake, channels, [month]):
        found = rows(piece).sort("at", "channel").select("channel", pl.lit("h").alias("kind"), *layout.COLUMNS[1:])
        count += len(found)
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy("COPY recording_reading FROM STDIN (FORMAT CSV)") as copy:
                for part in found.iter_slices(200_000):
                    copy.write(part.write_csv(include_header=False))
            cursor.execute("ANALYZE recording_reading")
    return count
