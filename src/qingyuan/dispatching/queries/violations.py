"""Reads of violations: what they are called, what makes them suspected, and the laws they rest on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet

from qingyuan.dispatching.models import NO_VIOLATION, Case, LegalBasisEdition
from qingyuan.kit import clock
from qingyuan.people.queries import Role
from qingyuan_science.plugins import Text
from qingyuan_science.standards.procedure.violations import legal_bases, violation

MAY_DETERMINE = (Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR)
_NOTHING = Text("", "")


@dataclass(frozen=True)
class Basis:
    """A law that a kind of violation rests on; `article` is None where it is not known, `status` how far it was read.

    `status` is one of `qingyuan_science.standards`, or "bureau" for what the bureau entered.
    """

    law: Text
    article: Text | None
    valid_from: date | None
    valid_to: date | None
    status: str
    remark: Text = _NOTHING

    def as_json(self) -> dict[str, Any]:
        """The basis as a case and the log keep it."""
        article = self.article or _NOTHING
        days = [day and day.isoformat() for day in (self.valid_from, self.valid_to)]
        return {
            "law_zh": self.law.zh, "law_en": self.law.en, "article_zh": article.zh, "article_en": article.en,
            "valid_from": days[0], "valid_to": days[1], "status": self.status,
            "remark_zh": self.remark.zh, "remark_en": self.remark.en,
        }  # fmt: skip


def violation_title(code: str) -> Text:
    """What a kind of violation is called.

    Parameters
    ----------
    code : str
        Of a kind of violation, or `NO_VIOLATION`.

    Returns
    -------
    Text
    """
    return Text("未发现违法行为", "No violation") if code == NO_VIOLATION else violation(code).name


def suspecting(code: str) -> Q:
    """The findings that make a kind of violation suspected.

    Parameters
    ----------
    code : str

    Returns
    -------
    Q
        On findings.
    """
    kind = violation(code)
    found = Q(detector__in=kind.detectors)
    return found & Q(station__kind__in=kind.stations) if kind.stations else found


def days_of_act(case: Case) -> tuple[date, date]:
    """From the first to the last day on which what a case is about was seen.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of date
        In Shanghai.
    """
    first, last = (at.astimezone(clock.SHANGHAI).date() for at in (case.finding.started_at, case.finding.ended_at))
    return first, last


def legal_bases_of(code: str, first: date, last: date, known_at: datetime | None = None) -> list[Basis]:
    """The laws that a kind of violation rested on at some time of an act: the bureau's own rows, then the shipped ones.

    Parameters
    ----------
    code : str
        Of a kind of violation, or `NO_VIOLATION`.
    first, last : date
        First and last day of the act, in Shanghai.
    known_at : datetime, optional
        What was known then; now when left out.

    Returns
    -------
    list of Basis
        Empty for no violation, and for one on which nothing is known.
    """
    if code == NO_VIOLATION:
        return []
    during = DateRange(first, last + timedelta(days=1))
    own = LegalBasisEdition.objects.filter(
        violation=code, valid__overlap=during, known__contains=known_at or clock.now()
    ).order_by("law", "article")
    entered = [
        Basis(
            Text(one.law, one.law), Text(one.article, one.article), one.valid.lower,
            one.valid.upper and one.valid.upper - timedelta(days=1), "bureau",
        )
        for one in own
    ]  # fmt: skip
    shipped_ones = [
        Basis(one.law, one.article, one.valid_from, one.valid_to, str(one.status), one.remark)
        for one in legal_bases(code, first, last)
    ]
    return entered + shipped_ones


def violations_between(enterprise_ids: Collection[int], start: datetime, end: datetime) -> QuerySet[Case]:
    """Cases at enterprises' stations that a person found to be a violation within a time.

    Parameters
    ----------
    enterprise_ids : collection of int
    start, end : datetime
        Aware, the end left out; by when the person said so.

    Returns
    -------
    QuerySet of Case
        The newest first.
    """
    found = Case.objects.filter(
        station__enterprise__in=enterprise_ids, violation_at__gte=start, violation_at__lt=end
    ).exclude(violation__in=("", NO_VIOLATION))
    return found.select_related("station").order_by("-violation_at", "pk")
