"""Sealed days come back to the hot table, where the lake's copy stays under them."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.kit.lakes import Lake
from qingyuan.kit.log import Origin
from qingyuan.recording.events import DayRestored
from qingyuan.recording.lake import table
from qingyuan.recording.lake.layout import DAY_US, KEY, NUMBERS
from qingyuan.recording.lake.reading import rows_of
from qingyuan.recording.logic import partitions, store
from qingyuan.recording.logic.batch import Columns
from qingyuan.recording.logic.sealed import hot_days
from qingyuan.recording.logic.sealed.hot_days import Fingerprint
from qingyuan.recording.models import SealedDay

if TYPE_CHECKING:
    import polars as pl


def restore(lake: Lake, first: date, last: date, origin: Origin) -> int:
    """Bring the sealed days from `first` to `last` back; answers how many readings the hot table did not have.

    What the hot table holds already stands. A restored day is not sealed again until it is as old as a day that is.
    """
    count = 0
    days = SealedDay.objects.filter(day__range=(first, last), expired_at=None).order_by("day")
    for day in days.values_list("day", flat=True).distinct():
        with transaction.atomic():
            kinds = sorted(days.filter(day=day).values_list("kind", flat=True))
            brought = sum(_bring(lake, day, kind) for kind in kinds)
            days.filter(day=day).update(restored_at=clock.now())
            log.write(DayRestored(id=day.isoformat(), count=brought), origin)
        count += brought
    return count


def _bring(lake: Lake, day: date, kind: str) -> int:
    begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
    first = int(begins.timestamp()) * 1_000_000
    span = first, first + DAY_US
    partitions.ensure([day])
    hot_days.keep_writers_out(day)
    count = 0
    for file in table.snapshot(lake).overlapping(kind, *span):
        sealed = rows_of(lake, [file], span=span)
        hot = hot_days.rows(day, (kind, file.first_channel, file.last_channel), Fingerprint())
        columns = _columns(kind, sealed.join(hot, on=KEY, how="anti").sort("channel", "at"))
        count += store.merge(columns)
    return count


def _columns(kind: str, rows: "pl.DataFrame") -> Columns:
    return Columns(
        channel=rows["channel"].to_numpy(),
        kind=np.full(len(rows), kind.encode(), dtype="S1"),
        at=rows["at"].to_physical().to_numpy(),
        numbers=np.column_stack([rows[name].fill_null(float("nan")).to_numpy() for name in NUMBERS]),
        mark=rows["mark"].to_numpy().astype("S1"),
        received=rows["received_at"].to_physical().to_numpy(),
    )
