"""Monitoring, permit, credit and disclosure of enterprises side by side, read once for all of a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.evaluating.queries import Grade, levels_of
from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    Disclosure,
    Enterprise,
    Permit,
    Station,
    StationKind,
    disclosures,
    known_now,
    permits,
    stations,
)
from qingyuan.recording.queries import AMOUNT, CARRIERS, day_values
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.credit.words import level_kind, level_words
from qingyuan.showing.logic.emissions.sums import makes_mass
from qingyuan.showing.logic.papers.words import factor_words
from qingyuan.showing.logic.screening.words import link_of
from qingyuan.showing.wording import said

LAST_DAYS = 30
MOST_LINES = 3
MONITORED = ("days_over_limit", "effective_rate")
OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)


@dataclass(frozen=True)
class Line:
    """A factor at an outlet, or at all of them where `station` is None: measured, permitted, declared. [kg]

    `measured` is of this year, `then` of the disclosed year; both add up the days that are known only.
    """

    factor: str
    station: Station | None
    measured: float | None = None
    days: int = 0
    permitted: float | None = None
    limits: tuple[str, ...] = ()
    declared: float | None = None
    then: float | None = None
    then_days: int = 0

    @property
    def name(self) -> str:
        return factor_words(self.factor)

    @property
    def where(self) -> str:
        return self.station.title if self.station else _("all of the enterprise")

    @property
    def share(self) -> float | None:
        """What was measured this year of what is permitted. [1]"""
        return None if self.measured is None or not self.permitted else self.measured / self.permitted

    @property
    def beyond(self) -> float | None:
        """How much more was measured in the disclosed year than was declared. [1]"""
        return None if self.then is None or not self.declared else self.then / self.declared - 1.0


@dataclass(frozen=True)
class Beside:
    """One enterprise in the four columns."""

    enterprise: Enterprise
    outlets: list[Station]
    told: dict[str, Any]
    permit: Permit | None
    grade: Grade | None
    disclosure: Disclosure | None
    lines: list[Line] = field(default_factory=list)
    today: date = date.min

    @property
    def permit_last(self) -> date | None:
        """The last day of the permit, None where it has no end."""
        return self.permit.valid.upper - timedelta(days=1) if self.permit and self.permit.valid.upper else None

    @property
    def permit_holds(self) -> bool:
        return self.permit_last is None or self.permit_last >= self.today

    @property
    def level(self) -> str:
        return level_words(self.grade.level) if self.grade else ""

    @property
    def level_kind(self) -> str:
        return level_kind(self.grade.level) if self.grade else "waiting"

    @property
    def measured(self) -> list[Line]:
        """What a list shows: the factors that the permit or the disclosure names, else the first ones."""
        known = [one for one in self.lines if one.measured is not None]
        named = [one for one in known if one.permitted is not None or one.declared is not None]
        return named or known[:MOST_LINES]

    @property
    def declared(self) -> list[Line]:
        return [one for one in self.lines if one.declared is not None]


def beside(viewer: User, owners: Sequence[Enterprise], now: datetime) -> list[Beside]:
    """Each enterprise with its four columns; as many queries however many they are."""
    today, ids = now.astimezone(SHANGHAI).date(), [one.pk for one in owners]
    outlets: dict[int, list[Station]] = defaultdict(list)
    for one in stations(viewer).filter(enterprise__in=ids, kind__in=OUTLETS).order_by("code"):
        outlets[one.enterprise_id or 0].append(one)
    asked = Asked(tuple(ids), now - timedelta(days=LAST_DAYS), now)
    told = {code: FACTS.get(code)().measure(asked) for code in MONITORED} if ids else {}
    held = _newest(
        known_now(permits(viewer)).filter(enterprise__in=ids, valid__startswith__lte=today).order_by("valid")
    )
    said_of = _newest(known_now(disclosures(viewer)).filter(enterprise__in=ids, year__lte=today.year).order_by("year"))
    grades = levels_of(ids, now)
    amounts = _Amounts.read(ids, [row.year for row in said_of.values()], today)
    return [
        Beside(
            one, outlets[one.pk],
            {code: _told(found[one.pk]) for code, found in told.items()},
            held.get(one.pk), grades.get(one.pk), said_of.get(one.pk),
            _lines(held.get(one.pk), said_of.get(one.pk), amounts.of(one.pk), amounts), today,
        )
        for one in owners
    ]  # fmt: skip


def _told(found: Told) -> dict[str, Any]:
    return {
        "value": found.value,
        "sentence": said(found.sentence),
        "links": [link_of(one.as_json()) for one in found.evidence],
    }


def _newest(rows: Iterable[Any]) -> dict[int, Any]:
    return {one.enterprise_id: one for one in rows}


@dataclass(frozen=True)
class _Amounts:
    channels: dict[int, list[Channel]]
    years: dict[int, dict[int, Any]]
    this_year: int

    @classmethod
    def read(cls, ids: Sequence[int], years: Iterable[int], today: date) -> "_Amounts":
        rows = Channel.objects.filter(station__enterprise__in=ids, station__kind__in=CARRIERS, basis="measured")
        found: dict[int, list[Channel]] = defaultdict(list)
        for one in rows.select_related("station").order_by("station__code", "factor"):
            if makes_mass(one):
                found[one.station.enterprise_id or 0].append(one)
        numbers = [one.pk for several in found.values() for one in several]
        kept = {}
        for year in {*years, today.year}:
            read = day_values(numbers, date(year, 1, 1), date(year, 12, 31), [AMOUNT])
            kept[year] = {channel: values for (channel, _statistic), values in read.items()}
        return cls(found, kept, today.year)

    def of(self, enterprise: int) -> list[Channel]:
        return self.channels.get(enterprise, [])

    def sum(self, channels: Sequence[Channel], year: int) -> tuple[float | None, int]:
        """Mass and days known over several outlets."""
        known = [self.years[year][one.pk] for one in channels if one.pk in self.years[year]]
        days = max((int(np.isfinite(values).sum()) for values in known), default=0)
        return (float(sum(np.nansum(values) for values in known)), days) if days else (None, 0)


def _lines(
    permit: Permit | None, disclosure: Disclosure | None, channels: Sequence[Channel], amounts: _Amounts
) -> list[Line]:
    totals = {(one.station_id, one.factor): one for one in permit.totals.all()} if permit else {}
    stated = {(one.station_id, one.factor): one for one in disclosure.amounts.all()} if disclosure else {}
    limits: dict[tuple[int | None, str], list[str]] = defaultdict(list)
    for one in permit.limits.all() if permit else ():
        limits[(one.station_id, one.factor)].append(_limit(one))
    placed: dict[tuple[int | None, str], Station | None] = {
        (one.station_id, one.factor): one.station for one in channels
    }
    placed |= {key: one.station for key, one in totals.items()}
    placed |= {key: one.station for key, one in stated.items()}
    keys = dict.fromkeys([*totals, *stated, *placed])
    found = []
    for key in sorted(keys, key=lambda one: (one[1], one[0] or 0)):
        own = [one for one in channels if one.factor == key[1] and key[0] in (None, one.station_id)]
        measured, days = amounts.sum(own, amounts.this_year)
        then, then_days = amounts.sum(own, disclosure.year) if disclosure and key in stated else (None, 0)
        if measured is None and key not in totals and key not in stated:
            continue
        found.append(
            Line(
                key[1], placed.get(key), measured, days, totals[key].kilograms if key in totals else None,
                tuple(limits[key]), stated[key].kilograms if key in stated else None, then, then_days,
            )
        )  # fmt: skip
    return found


def _limit(one: Any) -> str:
    figure = f"≤ {one.high:g}" if one.high is not None else f"≥ {one.low:g}"
    return f"{figure} {one.unit} ({one.get_averaging_display()})"
