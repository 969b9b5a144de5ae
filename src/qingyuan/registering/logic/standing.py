"""Sources as they are to stand: their values out of their rows, where they lie, and what changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qingyuan.kit import clock
from qingyuan.people.queries import User
from qingyuan.places.queries import cells_at
from qingyuan.registering.logic.writing import change_sources, enter_changes, enter_sources, move_rows
from qingyuan.registering.models import Build, Change, ChangeKind, Source, WrittenRow
from qingyuan_science.linking import Given, contradictions, merged

COMPARED = ("title", "code", "permit", "address", "industry", "lists", "conflicts")


def valued(rows: Sequence[WrittenRow], order: Sequence[str]) -> dict[str, Any]:
    """What a source made of these rows says, by the names of its columns."""
    given = merged([row.as_given() for row in rows], order)
    first = {name: values[0].value for name, values in given.items()}
    lon, lat = _position(first.get("position"))
    return {
        "title": first.get("name", "")[:200],
        **{name: first.get(name, "") for name in ("code", "permit", "address", "industry")},
        "lon": lon,
        "lat": lat,
        "enterprise_id": next((row.enterprise_id for row in rows if row.enterprise_id is not None), None),
        "lists": sorted(
            {row.of for row in rows}, key=lambda one: (order.index(one) if one in order else len(order), one)
        ),
        "fields": {name: [_kept(one) for one in values] for name, values in given.items()},
        "conflicts": list(contradictions(given)),
    }


def _kept(one: Given) -> dict[str, Any]:
    return {"value": one.value, "lists": list(one.lists), "agrees": one.agrees}


def _position(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    lon, lat = text.split(",")
    return float(lon), float(lat)


@dataclass
class Standing:
    """Sources to be written, their rows, and what changed; in a build, or by a person's answer."""

    build: Build
    by: User | None = None
    sources: list[Source] = field(default_factory=list)
    rows: dict[int, list[WrittenRow]] = field(default_factory=dict)
    changes: list[tuple[Source, ChangeKind, dict[str, Any]]] = field(default_factory=list)

    def take(
        self, found: Source | None, rows: Sequence[WrittenRow], values: dict[str, Any], kind: ChangeKind | None,
        *, others: Sequence[int | None] = (),
    ) -> Source:  # fmt: skip
        """A source as it is to stand with these rows."""
        one = found or Source(since=self.build)
        before = {} if found is None else {name: getattr(one, name) for name in COMPARED}
        for name, value in values.items():
            setattr(one, name, value)
        differs = {name: [old, getattr(one, name)] for name, old in before.items() if old != getattr(one, name)}
        if kind is None and differs:
            kind = ChangeKind.CHANGED
        if kind is not None:
            detail = {"fields": differs, "sources": list(others), "rows": len(rows)}
            self.changes.append((one, kind, detail))
        self.rows[len(self.sources)] = list(rows)
        self.sources.append(one)
        return one

    def end(self, one: Source, into: Sequence[int]) -> None:
        """A source that stands in the list no more, because its rows are of others now, or in no list."""
        one.until = self.build
        kind = ChangeKind.JOINED if into else ChangeKind.GONE
        self.changes.append((one, kind, {"fields": {}, "into": list(into), "rows": 0}))
        self.rows[len(self.sources)] = []
        self.sources.append(one)


def placed(sources: Iterable[Source]) -> None:
    """Put every source that has a position into its grid cell."""
    known = [one for one in sources if one.lon is not None and one.lat is not None]
    for one, cell in zip(known, cells_at([(one.lon or 0.0, one.lat or 0.0) for one in known]), strict=True):
        one.cell = cell


def save(standing: Standing) -> dict[str, int]:
    """Write everything; how many changes there are of each kind."""
    touched = {id(one) for one, _, _ in standing.changes}
    known = [one for one in standing.sources if one.pk is not None and id(one) in touched]
    enter_sources([one for one in standing.sources if one.pk is None])
    change_sources(known)
    moved = {}
    for at, one in enumerate(standing.sources):
        for row in standing.rows[at]:
            if row.source_id != one.pk:
                row.source_id = moved[row.pk] = one.pk
    move_rows(moved)
    now = clock.now()
    build = standing.build if standing.by is None else None
    enter_changes(
        Change(build=build, source=one, kind=kind, detail=detail, at=now, by=standing.by)
        for one, kind, detail in standing.changes
    )
    return {str(kind): count for kind, count in Counter(kind for _, kind, _ in standing.changes).items()}
