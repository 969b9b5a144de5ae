"""Rows of the lists that the list of fixed sources is built from: the ledger, and data lists of departments."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count

from qingyuan.people.queries import User
from qingyuan.places.queries import enterprises, known_now, permits
from qingyuan.registering.queries import LEDGER
from qingyuan.sensing.queries.records import DataList, data_lists, records_of

WRITTEN = ("code", "permit", "name", "address")
ANSWERING = ("person", "phone")
"""Who answers for an enterprise: compared, and kept nowhere."""
_LONGEST = {"name": 200, "code": 40, "permit": 40, "address": 300, "industry": 40}


@dataclass
class Read:
    """A way in which a list writes an enterprise, and how many of its records write it so."""

    of: str
    values: dict[str, Any]
    records: int = 1
    enterprise: int | None = None
    decided: int | None = None

    @cached_property
    def mark(self) -> str:
        """What stays the same while the list writes it so; the ledger's own number for a row of the ledger."""
        if self.enterprise is not None:
            return f"{self.enterprise}"
        told = [str(self.values.get(part) or "") for part in WRITTEN]
        if not (told[0] or told[1] or told[3]):  # by the name alone two firms of one name would be one row
            told += [str(self.values[part]) for part in ANSWERING if self.values.get(part)]
        written = "\x1f".join(told)
        return hashlib.sha256(written.encode()).hexdigest()[:32]

    @cached_property
    def key(self) -> str:
        """What names it among the rows of all lists."""
        return f"{self.of}:{self.mark}"


def rows_of(viewer: User, codes: Sequence[str]) -> dict[str, Read]:
    """The rows of the ledger and of some lists, by their keys.

    `decided` is the enterprise that a person said records written so are of.
    """
    found = {row.key: row for row in _ledger(viewer)}
    for one in data_lists(viewer).filter(code__in=codes):
        for row in _rows(viewer, one):
            known = found.setdefault(row.key, row)
            if known is not row:
                known.records += row.records
                known.decided = known.decided or row.decided
                known.values |= {part: value for part, value in row.values.items() if known.values.get(part) is None}
    return found


def _ledger(viewer: User) -> Iterator[Read]:
    numbers = dict(known_now(permits(viewer)).order_by("valid").values_list("enterprise_id", "number"))
    for one in enterprises(viewer):
        values = {
            "name": one.title_zh, "code": one.code, "permit": numbers.get(one.pk), "address": one.address_zh or None,
            "industry": one.industry_code or None, "lon": one.lon, "lat": one.lat,
        }  # fmt: skip
        yield Read(LEDGER, values, enterprise=one.pk)


def _rows(viewer: User, one: DataList) -> Iterator[Read]:
    """Each way of writing once, as the database counts it."""
    places = one.defined.places
    personal = {column.code for column in one.defined.columns if column.personal}  # who they are is no fixed source
    asked = {
        f"values__{places[column]}": part
        for part, column in one.defined.told_by.items()
        if part in ANSWERING or column not in personal
    }
    told = records_of(viewer, one).order_by().values(*asked, "written__enterprise").annotate(records=Count("pk"))
    for row in told.order_by(*asked, "written__enterprise").iterator():
        values = {part: _text(part, row[column]) for column, part in asked.items()}
        if values.get("name") or values.get("code") or values.get("permit"):
            positioned = values | {part: _degrees(values.get(part)) for part in ("lon", "lat")}
            yield Read(one.code, positioned, row["records"], decided=row["written__enterprise"])


def _text(part: str, value: str | None) -> str | None:
    return (value or "").strip()[: _LONGEST.get(part)] or None


def _degrees(value: str | None) -> float | None:
    try:
        found = float(value) if value else None
    except ValueError:
        return None
    return found if found is not None and -180.0 <= found <= 180.0 else None
