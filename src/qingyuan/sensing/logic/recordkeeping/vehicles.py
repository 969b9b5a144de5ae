"""How many vehicles of each kind a registry holds: by how much each delivery changed that, a row a kind and day."""

from datetime import datetime
from typing import Any

from django.db import connection

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.models import DataList, RecordFile
from qingyuan.sensing.records.definition import About, ListDefinition

KIND = ("type", "use", "fuel", "stage", "state", "division")
NEEDED = ("type", "fuel", "stage")
# an edition that a file ended has one of the same key that the file brought, so that no index on the end is needed
_STORED = """
    SELECT r.values, r.since, 1 AS n FROM sensing_record r
    WHERE r.of_id = %(of)s AND r.file_id = %(file)s AND r.known_from = %(at)s
    UNION ALL
    SELECT o.values, o.since, -1 FROM sensing_record r JOIN sensing_record o
    ON o.of_id = %(of)s AND o.key = r.key AND o.known_to = %(at)s
    WHERE r.of_id = %(of)s AND r.file_id = %(file)s AND r.known_from = %(at)s
"""
_WITHDRAWN = """
    SELECT r.values, r.since, -1 AS n FROM sensing_record r
    WHERE r.of_id = %(of)s AND r.file_id = %(file)s AND r.known_to = %(at)s
    UNION ALL
    SELECT b.values, b.since, 1 FROM sensing_record r JOIN sensing_record b
    ON b.of_id = %(of)s AND b.key = r.key AND b.known_from = %(at)s AND b.known_to IS NULL
    WHERE r.of_id = %(of)s AND r.file_id = %(file)s AND r.known_to = %(at)s
    UNION ALL
    SELECT b.values, b.since, 1 FROM sensing_record r JOIN sensing_record b
    ON b.of_id = %(of)s AND b.key = r.key AND b.known_from = %(at)s AND b.known_to IS NOT NULL
    WHERE r.of_id = %(of)s AND r.file_id = %(file)s AND r.known_to = %(at)s
"""
_ALL = """
    SELECT r.values, r.since, 1 AS n, r.known_from AS at FROM sensing_record r WHERE r.of_id = %(of)s
    UNION ALL
    SELECT r.values, r.since, -1, r.known_to FROM sensing_record r WHERE r.of_id = %(of)s AND r.known_to IS NOT NULL
"""
_ADD = (
    "INSERT INTO sensing_vehiclecount AS c (of_id, day, {kind}, year, vehicles)"
    " SELECT %(of)s, {day}, {values}, extract(year FROM since)::smallint, sum(n) FROM ({moved}) AS moved"
    " GROUP BY {groups} HAVING sum(n) <> 0"
    " ON CONFLICT (of_id, day, {kind}, year) DO UPDATE SET vehicles = c.vehicles + excluded.vehicles"
)
_DAY = "(at AT TIME ZONE 'Asia/Shanghai')::date"


def is_registry(found: DataList) -> bool:
    """Whether the records of a list are vehicles of which class, fuel and stage are told."""
    return found.about == About.VEHICLE and set(NEEDED) <= set(found.defined.places) and "plate" in found.defined.key


def count_stored(file: RecordFile) -> None:
    """Add what a delivery made known, less what it ended."""
    if file.entered_at is not None:
        _count(file, _STORED, file.entered_at)


def count_withdrawn(file: RecordFile) -> None:
    """Take away what was taken back, and add what stands again."""
    if file.undone_at is not None:
        _count(file, _WITHDRAWN, file.undone_at)


def count_all(found: DataList) -> None:
    """Count a registry anew, from all of its editions."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sensing_vehiclecount WHERE of_id = %s", [found.pk])
        cursor.execute(_statement(found.defined, _ALL, _DAY), {"of": found.pk})


def _count(file: RecordFile, moved: str, at: datetime) -> None:
    values: dict[str, Any] = {"of": file.of_id, "file": file.pk, "at": at, "day": at.astimezone(SHANGHAI).date()}
    with connection.cursor() as cursor:
        cursor.execute(_statement(file.of.defined, moved, "%(day)s::date"), values)


def _statement(defined: ListDefinition, moved: str, day: str) -> Any:
    places = defined.places
    taken = [f"coalesce(values[{places[one] + 1:d}], '')" if one in places else "''" for one in KIND]
    groups = [str(number) for number in range(2, 3 + len(KIND) + 1)]
    kind = ", ".join(KIND)
    return _ADD.format(kind=kind, day=day, values=", ".join(taken), moved=moved, groups=", ".join(groups))
