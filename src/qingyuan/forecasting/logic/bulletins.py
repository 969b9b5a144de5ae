"""Bulletins into rows: which area is meant, on which day it came, and whether that was before the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from qingyuan.forecasting.events import AirForecastsStored
from qingyuan.forecasting.models import Bulletin, ForetoldDay
from qingyuan.forecasting.queries.air import clock_day
from qingyuan.forecasting.told import air_digest
from qingyuan.kit import clock, log
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.places.queries import GridCell
from qingyuan.sensing.events import ForecastsBrought
from qingyuan.sensing.queries import Foretold, bulletin_bytes
from qingyuan_science.standards.air import air_editions

FAULTS_KEPT = 1000  # in words; all are counted
VALUE, RANGE, LEVEL = "value", "range", "level"
Fault = tuple[str, str]


@dataclass(frozen=True)
class Sorted:
    """The days that a bulletin foretells anew, how many are on file as they are, and what could not be read."""

    new: tuple[ForetoldDay, ...]
    known: int
    faults: tuple[Fault, ...]


def sort(foretold: Sequence[Foretold], faults: Sequence[Fault], received_at: datetime) -> Sorted:
    """Which days are new, each with its area, lead and whether it came too late; nothing is stored."""
    areas = _areas()
    rows, odd = [], list(faults)
    for one in foretold:
        found = areas.get(one.area.lower(), [])
        if len(found) == 1:
            rows.append(_row(one, found[0], received_at))
        else:
            what = "no area" if not found else f"{len(found)} areas"
            odd.append(
                ("UnknownArea", f"{one.where}: found {what} named {one.area!r}, expected the code or name of one")
            )
    on_file = _on_file(rows)
    new = []
    for row in rows:
        key = _key(row)
        if key not in on_file:
            on_file.add(key)
            new.append(row)
    return Sorted(tuple(new), len(rows) - len(new), tuple(odd))


def _areas() -> dict[str, list[GridCell]]:
    """Grid cells by what a bulletin may call them."""
    found: dict[str, list[GridCell]] = {}
    for cell in GridCell.objects.all():
        for name in {cell.code.lower(), cell.path.lower(), cell.title_zh.lower(), cell.title_en.lower()}:
            found.setdefault(name, []).append(cell)
    return found


def _row(one: Foretold, cell: GridCell, received_at: datetime) -> ForetoldDay:
    given, value, low, high = _figures(one)
    begins = datetime.combine(one.day, time(), clock.SHANGHAI)
    return ForetoldDay(
        cell=cell, forecaster=one.forecaster, issued_at=one.issued_at, received_at=received_at, day=one.day,
        lead=max((one.day - clock_day(received_at)).days, -999), late=received_at >= begins, given=given, value=value,
        low=low, high=high, primary=list(one.primary), concentrations=one.concentrations, where=one.where[:40],
    )  # fmt: skip


def _figures(one: Foretold) -> tuple[str, float, float | None, float | None]:
    """How it was given, its value, and its range: of a range or of levels the middle counts as the value."""
    if one.value is not None:
        return VALUE, one.value, one.low, one.high
    if one.low is not None and one.high is not None:
        return RANGE, (one.low + one.high) / 2, one.low, one.high
    tops = [category.to for category in air_editions()[-1].categories]
    low, high = ([0, *(top + 1 for top in tops)][one.first_level - 1], tops[one.last_level - 1])
    return LEVEL, (low + high) / 2, float(low), float(high)


Key = tuple[Any, ...]


def _key(row: ForetoldDay) -> Key:
    return (
        row.cell_id, row.forecaster, row.issued_at, row.day, row.value, row.low, row.high, tuple(row.primary)
    )  # fmt: skip


def _on_file(rows: Sequence[ForetoldDay]) -> set[Key]:
    days: set[date] = {row.day for row in rows}
    stored = ForetoldDay.objects.filter(day__in=days, forecaster__in={row.forecaster for row in rows})
    return {_key(one) for one in stored}


def store(event: ForecastsBrought) -> Bulletin | None:
    """Make rows of a bulletin that lies in a segment, once; None where the segment holds no such bytes."""
    made = Bulletin.objects.filter(segment=event.id, sha256=event.sha256).first()
    if made is not None:
        return made
    found = bulletin_bytes(event.id, event.sha256, event.connector, event.settings)
    if found is None:
        return None
    sorted_ = sort(found.read.foretold or (), found.read.faults, found.received_at)
    waiting = Bulletin.objects.filter(feed=event.feed, sha256=event.sha256, segment=None).order_by("pk").first()
    one = waiting or Bulletin(name=event.name[:255], feed=event.feed, brought_at=found.received_at)
    one.sha256, one.size, one.body = event.sha256, found.size, b""
    one.connector, one.settings = event.connector, event.settings
    one.received_at, one.segment, one.packet = found.received_at, event.id, found.packet
    one.days, one.known, one.late = len(sorted_.new), sorted_.known, sum(row.late for row in sorted_.new)
    one.faulty, one.faults = len(sorted_.faults), [list(fault) for fault in sorted_.faults[:FAULTS_KEPT]]
    one.digest = air_digest(sorted_.new)
    one.save()
    for row in sorted_.new:
        row.bulletin = one
    ForetoldDay.objects.bulk_create(sorted_.new, batch_size=1000)
    fact = AirForecastsStored(
        id=one.pk, name=one.name, sha256=one.sha256, segment=event.id, received_at=found.received_at.isoformat(),
        days=one.days, late=one.late, faulty=one.faulty, digest=one.digest,
    )  # fmt: skip
    log.write(fact, Origin(one.brought_by.username, "") if one.brought_by else PLATFORM)
    return one
