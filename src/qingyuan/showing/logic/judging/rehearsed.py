"""What a rehearsal found, counted: by detector, month, place and person, beside what was really found and decided."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import get_language

from qingyuan.dispatching.api import Happening, Route, routes
from qingyuan.judging.queries import (
    Finding,
    Rehearsal,
    RehearsedFinding,
    detector_title,
    missed,
    really_found,
    rehearsed,
)
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell
from qingyuan.showing.logic.judging.outcomes import Outcome, outcomes_of
from qingyuan.showing.wording import said

MOST_PLACES = 10


@dataclass(frozen=True)
class Line:
    """One line of a table: how many the rehearsal found, how many of those are on file, and how many only there."""

    title: str
    found: int
    known: int
    missed: int
    key: str = ""

    @property
    def new(self) -> int:
        """Found by the rehearsal alone."""
        return self.found - self.known


@dataclass(frozen=True)
class Addressee:
    """Who would have got how many findings, by which dispatch rule, and how many of them graver than minor."""

    to: str
    organisation: str
    rule: str
    found: int
    grave: int


@dataclass(frozen=True)
class Summary:
    """A rehearsal beside what is on file."""

    whole: Line
    detectors: list[Line]
    months: list[Line]
    cells: list[Line]
    owners: list[Line]
    stations: list[Line]
    addressees: list[Addressee]
    decided: list[dict[str, Any]]


def summary(viewer: User, one: Rehearsal) -> Summary:
    """Count what the viewer may see of a rehearsal; what was merged into an earlier finding is not counted again."""
    heads = rehearsed(viewer, one).filter(merged=False).select_related(None).order_by()
    lost = missed(viewer, one).select_related(None).order_by()
    return Summary(
        whole=Line("", heads.count(), heads.filter(known__isnull=False).count(), lost.count()),
        detectors=[_titled(line) for line in _lines(heads, lost, "detector")],
        months=sorted(_by_month(heads, lost), key=lambda line: line.key),
        cells=_by_place(heads, lost, "station__cell"),
        owners=_by_place(heads, lost, "station__enterprise"),
        stations=_by_place(heads, lost, "station"),
        addressees=_addressees(heads),
        decided=_decided(viewer, one, lost),
    )


def _lines(heads: QuerySet[RehearsedFinding], lost: QuerySet[Finding], *fields: str) -> list[Line]:
    """A line for each value of the last of some fields, the greatest first."""
    rows = heads.values_list(*fields).annotate(found=Count("pk"), met=Count("known"))
    found = {row[:-2]: (row[-2], row[-1]) for row in rows}
    gone = {row[:-1]: row[-1] for row in lost.values_list(*fields).annotate(found=Count("pk"))}
    lines = [
        Line(str(key[-1]), *found.get(key, (0, 0)), gone.get(key, 0), str(key[0])) for key in found.keys() | gone.keys()
    ]
    return sorted(lines, key=lambda line: (-line.found - line.missed, line.key))


def _titled(line: Line) -> Line:
    return Line(said(detector_title(line.key)), line.found, line.known, line.missed, line.key)


def _by_month(heads: QuerySet[RehearsedFinding], lost: QuerySet[Finding]) -> list[Line]:
    month = {"month": TruncMonth("started_at", tzinfo=SHANGHAI)}
    lines = _lines(heads.annotate(**month), lost.annotate(**month), "month")
    return [Line(line.key[:7], line.found, line.known, line.missed, line.key[:7]) for line in lines]


def _by_place(heads: QuerySet[RehearsedFinding], lost: QuerySet[Finding], place: str) -> list[Line]:
    """The places with most findings, by their code; what belongs to none is left out."""
    title = "title_zh" if (get_language() or "zh").startswith("zh") else "title_en"
    there = {f"{place}__isnull": False}
    lines = _lines(heads.filter(**there), lost.filter(**there), f"{place}__code", f"{place}__{title}")
    return lines[:MOST_PLACES]


def _addressees(heads: QuerySet[RehearsedFinding]) -> list[Addressee]:
    """Who would have got them, by the dispatch rules and postings of today."""
    rows = heads.values_list("detector", "station__kind", "station__cell", "severity").annotate(found=Count("pk"))
    counted = list(rows)
    cells = GridCell.objects.in_bulk({row[2] for row in counted})
    asked = {row[:4]: Happening(row[0], row[1], cells[row[2]], row[3]) for row in counted}
    going = routes(asked.values())
    found: Counter[tuple[str, str, str]] = Counter()
    grave: Counter[tuple[str, str, str]] = Counter()
    for row in counted:
        key = _words(going[asked[row[:4]]])
        found[key] += row[4]
        grave[key] += row[4] if row[3] > 2 else 0
    return [Addressee(*key, count, grave[key]) for key, count in found.most_common()]


def _words(route: Route | None) -> tuple[str, str, str]:
    if route is None:
        return "", "", ""
    organisation = route.organisation
    return said(route.to), organisation.title if organisation else "", str(route.rule)


def _decided(viewer: User, one: Rehearsal, lost: QuerySet[Finding]) -> list[dict[str, Any]]:
    """Of what people confirmed, refuted or left open: how much the rehearsal finds, and how much it does not."""
    gone = _outcomes(lost)
    kept = _outcomes(really_found(viewer, one).select_related(None)) - gone
    return [{"title": outcome.words, "kept": kept[outcome], "gone": gone[outcome]} for outcome in Outcome]


def _outcomes(found: QuerySet[Finding]) -> Counter[Outcome]:
    return Counter(outcomes_of(found.only("pk", "state", "merged_into")).values())
