"""Everything about one outfall, gathered for its page, along one time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case, cases
from qingyuan.inspecting.queries import Inspection
from qingyuan.judging.queries import Finding, FindingState, findings, limits_for_channels
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.queries import Entry
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    OutfallEdition,
    OutfallState,
    OutfallStep,
    Permit,
    Station,
    known_now,
    outfall_steps,
    permits,
    stations,
)
from qingyuan.showing.logic.board import Group, board, shown_channels
from qingyuan.showing.logic.emissions.sums import Kept, contents_of
from qingyuan.showing.logic.environment.newest import now_of
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.lines import for_people
from qingyuan.showing.logic.outfalls.lights import Light, lights_of

MOST = 40
MOVES = ("OutfallMoved", "OutfallStepWithdrawn")


@dataclass(frozen=True)
class Load:
    """What went out of a station in the year so far. [kg]"""

    station: Station
    title: str
    kilograms: float | None
    hours: int


@dataclass(frozen=True)
class OutfallFile:
    """What the page of an outfall shows."""

    row: OutfallEdition
    light: Light
    monitors: list[Group]
    section: dict[str, Any] | None
    findings: list[Finding]
    cases: list[Case]
    inspections: list[Inspection]
    permits: list[Permit]
    loads: list[Load]
    chart: dict[str, str] | None
    steps: list[OutfallStep]
    timeline: list[dict[str, Any]]
    sees_section: bool = False

    @property
    def stations(self) -> list[Station]:
        """The stations that watch it, as far as the viewer sees them."""
        return [row.station for group in self.monitors for row in group.rows]


def file_of(viewer: User, row: OutfallEdition, now: datetime) -> OutfallFile:
    """Gather it, as far as the viewer may see it."""
    watching = list(stations(viewer).filter(pk__in=[one.station_id for one in row.monitors.all()]))
    section = stations(viewer).filter(pk=row.section_id).first() if row.section_id else None
    found = list(findings(viewer).filter(station__in=watching, merged_into=None)[:MOST])
    held = list(cases(viewer).filter(station__in=watching)[:MOST])
    records = Inspection.objects.filter(case__in=[one.pk for one in held]).select_related("by", "case")
    owners = [one.enterprise_id for one in row.dischargers.all()]
    steps = list(outfall_steps(row.outfall))
    return OutfallFile(
        row,
        lights_of(viewer, [row], now)[row.pk],
        board(watching, now),
        now_of(viewer, section, now) if section else None,
        found,
        held,
        list(records.prefetch_related("media").order_by("-at", "-pk")[:MOST]),
        list(known_now(permits(viewer)).filter(enterprise__in=owners, valid__contains=_day(now)).order_by("number")),
        _loads(viewer, watching, now),
        _chart(watching, found, now),
        steps,
        _story(row, steps, found, held),
        sees_section=section is not None,
    )


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def _loads(viewer: User, watching: list[Station], now: datetime) -> list[Load]:
    """The masses of the days of this year that are over, where content and flow are known."""
    yesterday = _day(now) - timedelta(days=1)
    first = yesterday.replace(month=1, day=1)
    several = contents_of(viewer, watching)
    kept = Kept.read(several, first, yesterday)
    sums = [(one, kept.between(one, first, yesterday)) for one in several]
    return [Load(one.station, measured(one).title, found.amount, found.hours) for one, found in sums if found.hours]


def _chart(watching: list[Station], found: list[Finding], now: datetime) -> dict[str, str] | None:
    """The last day of the factor that the newest open finding is about, else of the first with an upper limit alone."""
    asked = next((one.channel for one in found if one.state == FindingState.OPEN and one.channel), None)
    if asked is None:
        several = [one for each in shown_channels([one.pk for one in watching]).values() for one in each]
        bound = limits_for_channels([(one, "h") for one in several], _day(now))
        asked = next((one for one in several if bound[one.pk] and bound[one.pk][0].low is None), None)
    if asked is None:
        return None
    address = reverse("series", kwargs={"code": asked.station.code})
    href = reverse("station", kwargs={"code": asked.station.code})
    query = f"factor={asked.factor}&basis={asked.basis}"
    title = f"{asked.station.title} · {measured(asked).title}"
    return {"url": f"{address}?{query}&kind=hH&range=24h", "title": title, "href": f"{href}?{query}"}


def _story(
    row: OutfallEdition, steps: list[OutfallStep], found: list[Finding], held: list[Case]
) -> list[dict[str, Any]]:
    entries = [_step(one) for one in steps]
    lines = Entry.objects.filter(subject=f"outfall/{row.outfall_id}").exclude(act__in=MOVES).order_by("-seq")[:MOST]
    entries += [
        {"at": one.at, "title": one.title, "who": one.who, "text": one.why, "kind": "working"}
        for one in for_people(lines)
    ]
    entries += [
        {"at": one.opened_at, "title": one.title, "text": one.sentence, "kind": "warning",
         "href": reverse("finding", kwargs={"finding_id": one.pk})}
        for one in found
    ]  # fmt: skip
    entries += [
        {"at": one.opened_at, "title": _("Case %(number)s") % {"number": one.number}, "text": one.title, "kind": "bad",
         "href": reverse("case", kwargs={"case_id": one.pk})}
        for one in held
    ]  # fmt: skip
    return sorted(entries, key=_instant, reverse=True)


def _instant(entry: dict[str, Any]) -> datetime:
    at = entry["at"]
    return at if isinstance(at, datetime) else datetime.combine(at, time(), SHANGHAI)


def _step(one: OutfallStep) -> dict[str, Any]:
    title = str(OutfallState(one.state).label)
    text = one.note
    if one.withdrawn_at is not None:
        title = _("%(state)s (taken back)") % {"state": title}
        text = one.withdrawn_why
    return {
        "at": one.on, "title": title, "text": text,
        "who": one.by.name if one.by else "", "kind": "idle" if one.withdrawn_at else "good",
    }  # fmt: skip
