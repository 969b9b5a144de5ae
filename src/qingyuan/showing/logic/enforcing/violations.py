"""Violations for whoever is looking: what is suspected, what was found, on which law it rests, how many there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import NO_VIOLATION, Case, Evidence, cases, legal_bases_of, violation_title
from qingyuan.judging.queries import Finding, heads
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, cells
from qingyuan.showing.logic.enforcing.narrowing import ANY, MONTHS, span_of, within
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Text
from qingyuan_science.standards.procedure.violations import suspected_violation, violations
from qingyuan_science.standards.reading import Status


def kinds() -> list[tuple[str, str]]:
    """Every kind of violation as choices of a form or a filter."""
    return [(one.code, said(one.name)) for one in violations()]


def suspected(found: Finding) -> str:
    """The kind of violation that a finding makes suspected, in words; empty where it points at none."""
    one = suspected_violation(found.detector, found.place.kind)
    return said(one.name) if one else ""


def found_of(case: Case) -> str:
    """Which violation a case was found to be, in words; empty while nobody has said."""
    return said(violation_title(case.violation)) if case.violation else ""


def basis_words(bases: Iterable[dict[str, Any]]) -> list[dict[str, str]]:
    """Laws as a case keeps them, in the reader's language."""
    return [
        {
            "law": said(Text(one["law_zh"], one["law_en"])),
            "article": said(Text(one["article_zh"], one["article_en"])),
            "days": _days(one["valid_from"], one["valid_to"]),
            "checked": checked_words(one["status"]),
            "remark": said(Text(one["remark_zh"], one["remark_en"])),
        }
        for one in bases
    ]


def bases_on(code: str, day: Any) -> list[dict[str, str]]:
    """The laws that a kind of violation rests on, on a day."""
    return basis_words(one.as_json() for one in legal_bases_of(code, day, day))


def _days(first: str | None, last: str | None) -> str:
    return f"{first or '…'} – {last or _('no end')}"


def checked_words(status: str) -> str:
    """How far something was checked against its text, or that the bureau entered it."""
    if status == "bureau":
        return _("entered by the bureau")
    words = {
        Status.VERIFIED: _("checked against the text"),
        Status.VERIFIED_SECONDARY: _("read at second hand"),
        Status.PARTLY: _("partly checked against the text"),
        Status.UNVERIFIED: _("not checked against the text"),
    }
    return words[Status(status)]


@dataclass(frozen=True)
class Conversion:
    """Of a kind of violation: clues that made it suspected, of these the cases, of these those found to be violations.

    `found` counts the cases that people found to be this kind, whatever was suspected before.
    """

    code: str
    title: str
    clues: int
    cases: int
    confirmed: int
    found: int
    months: tuple[int, ...]

    @property
    def asked(self) -> str:
        """The kind as addresses of lists name it."""
        return self.code or ANY

    @property
    def case_share(self) -> float | None:
        """Share of the clues that became cases. [1]"""
        return self.cases / self.clues if self.clues else None

    @property
    def confirmed_share(self) -> float | None:
        """Share of the cases that were found to be violations. [1]"""
        return self.confirmed / self.cases if self.cases else None


@dataclass(frozen=True)
class Count:
    """Violations found in one area, those kinds that there were: code, title and number, the most first."""

    title: str
    code: str
    kinds: tuple[tuple[str, str, int], ...]

    @property
    def total(self) -> int:
        return sum(number for _code, _title, number in self.kinds)


@dataclass(frozen=True)
class Year:
    """A year of violations in the viewer's territory."""

    year: int
    kinds: list[Conversion]
    areas: list[Count]
    unfounded: int

    @property
    def months(self) -> list[int]:
        """All violations found, month by month."""
        return [sum(one.months[month] for one in self.kinds) for month in range(MONTHS)]

    @property
    def sums(self) -> Conversion:
        """All kinds as one line."""
        clues, opened, confirmed, found = (
            sum(getattr(one, name) for one in self.kinds) for name in ("clues", "cases", "confirmed", "found")
        )
        return Conversion("", _("All"), clues, opened, confirmed, found, tuple(self.months))


def year_of(viewer: User, year: int, cell: GridCell | None = None) -> Year:
    """Count a year: clues by when they were found, violations by when they were determined; in four queries."""
    start, end = span_of(str(year))
    inside = Q() if cell is None else within(cell)
    held = violations_of_clues(viewer, start)
    clues, opened, confirmed = Counter[str](), Counter[str](), Counter[str]()
    rows = heads(viewer).filter(inside, opened_at__gte=start, opened_at__lt=end).select_related(None).order_by()
    for pk, detector, kind in rows.values_list("pk", "detector", "station__kind"):
        one = suspected_violation(detector, kind)
        if one is not None:
            clues[one.code] += 1
            opened[one.code] += pk in held
            confirmed[one.code] += held.get(pk, "") not in {"", NO_VIOLATION}
    determined = cases(viewer).filter(inside, violation_at__gte=start, violation_at__lt=end)
    rows_told = determined.order_by().values_list(
        "violation", "violation_at", Coalesce("station__cell__path", "cell__path")
    )
    told = [(code, at, path) for code, at, path in rows_told if at is not None]
    months: dict[str, list[int]] = defaultdict(lambda: [0] * MONTHS)
    for code, at, _path in told:
        months[code][at.astimezone(SHANGHAI).month - 1] += 1
    found = [
        Conversion(
            one.code, said(one.name), clues[one.code], opened[one.code], confirmed[one.code], sum(months[one.code]),
            tuple(months[one.code]),
        )
        for one in violations()
    ]  # fmt: skip
    return Year(year, found, _by_area(viewer, told), sum(months[NO_VIOLATION]))


def violations_of_clues(viewer: User, since: datetime | None = None) -> dict[int, str]:
    """By finding, the violation of the case that holds it; empty while undetermined."""
    filed = Evidence.objects.filter(kind="finding", case__in=cases(viewer).order_by())
    filed = filed if since is None else filed.filter(at__gte=since)
    return {
        int(subject.partition("/")[2]): violation
        for subject, violation in filed.order_by().values_list("subject", "case__violation")
    }


def _by_area(viewer: User, told: Iterable[tuple[str, datetime, str]]) -> list[Count]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for code, _at, path in told:
        if code != NO_VIOLATION:
            counted["/".join(path.split("/")[:2])][code] += 1
    towns = {one.path: one for one in cells(viewer) if one.path in counted}
    rows = []
    for path, numbers in counted.items():
        if path in towns:
            kinds = tuple((code, said(violation_title(code)), number) for code, number in numbers.most_common())
            rows.append(Count(towns[path].title, towns[path].code, kinds))
    return sorted(rows, key=lambda row: (-row.total, row.code))
