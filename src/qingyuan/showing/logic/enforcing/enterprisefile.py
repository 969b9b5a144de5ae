"""One enterprise, one file: what is known of it beside its papers, by as many queries however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import cos, radians
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import NO_VIOLATION, Case, cases
from qingyuan.inspecting.queries import Conclusion, Inspection
from qingyuan.judging.queries import REPORTED, Finding, ScreeningRow, findings, screening_rows
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.queries import Entry
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Enterprise, PollutionWarning, Station, known_now, stations, warnings_seen
from qingyuan.recording.quality import quality
from qingyuan.recording.queries import MarkedSpan, marks
from qingyuan.sensing.queries import Channel, Device
from qingyuan.showing.logic.enforcing.compliance import Firm, firms_of
from qingyuan.showing.logic.enforcing.violations import found_of
from qingyuan.showing.logic.lines import for_people
from qingyuan.showing.states import StationState, states_of
from qingyuan.showing.wording import said
from qingyuan_science.series.delivery import Delivery, together
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.codes.credit import credit_code

MOST = 60  # of each kind; the lists of their own hold all
NEAR_M = 1500.0  # our own choice: about as far as people smell or hear what they complain of
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Outlet:
    """A station of the enterprise: its state, its devices, and how its hours came yesterday."""

    station: Station
    state: StationState
    devices: list[Device]
    delivery: Delivery | None


@dataclass(frozen=True)
class EnterpriseFile:
    """Everything of an enterprise that its page lists and its timeline tells."""

    enterprise: Enterprise
    outlets: list[Outlet]
    compliance: Firm | None
    findings: list[Finding]
    cases: list[Case]
    inspections: list[Inspection]
    screened: list[ScreeningRow]
    complaints: list[Finding]
    marks: list[MarkedSpan]
    warnings: list[PollutionWarning]

    @property
    def violations(self) -> list[Case]:
        """The cases that were found to be violations."""
        return [one for one in self.cases if one.violation not in {"", NO_VIOLATION}]


def file_of(viewer: User, owner: Enterprise, now: datetime) -> EnterpriseFile:
    """Gather the file, as far as the viewer may see it."""
    ids = list(_own(viewer, owner).values_list("pk", flat=True))
    held = list(cases(viewer).filter(station__in=ids).select_related("violation_by")[:MOST])
    records = Inspection.objects.filter(case__in=[one.pk for one in held]).select_related("by", "case")
    path = owner.cell.path.split("/")
    above = ["/".join(path[:depth]) for depth in range(1, len(path) + 1)]
    firms = firms_of(viewer, now, owner)
    return EnterpriseFile(
        owner,
        _outlets(viewer, owner, now),
        firms[0] if firms else None,
        list(findings(viewer).filter(station__in=ids, merged_into=None)[:MOST]),
        held,
        list(records.order_by("-at", "-pk")[:MOST]),
        list(screening_rows(viewer).filter(enterprise=owner).select_related("run__screening").order_by("-pk")[:MOST]),
        _complaints(viewer, owner, ids),
        list(marks(viewer).filter(station__in=ids).prefetch_related(None)[:MOST]),
        list(known_now(warnings_seen(viewer)).filter(cell__path__in=above)[:MOST]),
    )


def _own(viewer: User, owner: Enterprise) -> QuerySet[Station]:
    return stations(viewer).filter(enterprise=owner)


def _outlets(viewer: User, owner: Enterprise, now: datetime) -> list[Outlet]:
    found = list(_own(viewer, owner))
    ids = [one.pk for one in found]
    state = states_of(ids, now)
    devices: dict[int, list[Device]] = {}
    for device in Device.objects.filter(station__in=ids).order_by("mn"):
        devices.setdefault(device.station_id or 0, []).append(device)
    yesterday = now.astimezone(SHANGHAI).date() - timedelta(days=1)
    came = _deliveries(ids, yesterday, now)
    return [Outlet(one, state[one.pk], devices.get(one.pk, []), came.get(one.pk)) for one in found]


def _deliveries(station_ids: Sequence[int], day: date, now: datetime) -> dict[int, Delivery]:
    at = dict(Channel.objects.filter(station__in=station_ids, basis="measured").values_list("pk", "station"))
    parts: dict[int, list[Delivery]] = {}
    for one in quality(list(at), (day, day), "h", now) if at else ():
        parts.setdefault(at[one.channel_id], []).append(one.delivery)
    return {station: together(several) for station, several in parts.items()}


def _complaints(viewer: User, owner: Enterprise, own: Sequence[int]) -> list[Finding]:
    """What people reported at other stations within reach of the enterprise."""
    if viewer.role == Role.ENTERPRISE:
        return []
    north = NEAR_M / METRES_A_DEGREE
    east = north / cos(radians(owner.lat))
    near = {
        "station__lon__range": (owner.lon - east, owner.lon + east),
        "station__lat__range": (owner.lat - north, owner.lat + north),
    }
    return list(findings(viewer).filter(detector=REPORTED, **near).exclude(station__in=own)[:MOST])


def code_facts(owner: Enterprise) -> list[dict[str, Any]]:
    """The credit code taken apart: who registered it, where, and whether its check letter fits."""
    try:
        parts = credit_code(owner.code)
    except StandardsError as error:
        return [{"label": _("About the code"), "value": _("no valid credit code"), "note": str(error)}]
    place = parts.division
    words = [
        said(parts.registry) if parts.registry else "",
        f"{place.code} {said(place.province)}" if place else "",
        _("organisation code %(code)s") % {"code": parts.organisation},
    ]
    return [{"label": _("About the code"), "value": " · ".join(word for word in words if word)}]


def tell(group: str, at: datetime, title: str, **more: str) -> dict[str, Any]:
    """An entry of the timeline; `group` is what its filter calls it."""
    return {"group": group, "at": at, "title": title, "who": "", "text": "", "href": "", "kind": "working"} | more


PAPER_WORDS = ("number", "document", "standard", "factor")
"""What of a paper tells it from others."""

GROUPS = ("papers", "findings", "cases", "screenings", "data", "warnings")


def groups() -> list[tuple[str, str]]:
    """What the timeline can be narrowed to."""
    titles = (
        _("Papers"), _("Findings and clues"), _("Cases and inspections"), _("Screenings"), _("Marks of data"),
        _("Heavy-pollution warnings"),
    )  # fmt: skip
    return list(zip(GROUPS, titles, strict=True))


def story(found: EnterpriseFile, may_screen: bool) -> list[dict[str, Any]]:
    """Everything of the file along one time, newest first."""
    entries = _papers(found)
    entries += [
        tell(
            "findings", one.opened_at, one.title, text=one.sentence, kind="warning",
            href=reverse("finding", kwargs={"finding_id": one.pk}),
        )
        for one in (*found.findings, *found.complaints)
    ]  # fmt: skip
    for one in found.cases:
        entries += _of_case(one)
    for record in found.inspections:
        concluded = str(Conclusion(record.conclusion).label)
        href = reverse("case", kwargs={"case_id": record.case_id})
        entries.append(tell("cases", record.at, _("Inspection"), text=concluded, who=record.by.name, href=href))
    for row in found.screened:
        href = reverse("screened", kwargs={"run_id": row.run_id}) if may_screen else ""
        words = {"rank": row.rank, "title": row.run.screening.title}
        title = _("Listed by screening “%(title)s”, rank %(rank)d") % words
        entries.append(tell("screenings", row.run.started_at, title, href=href))
    for span in found.marks:
        text = f"{span.station.title} · {span.reason}"
        entries.append(tell("data", span.marked_at, _("Data marked"), text=text, who=span.marked_by.name, kind="idle"))
    for warning in found.warnings:
        title = f"{_('Heavy-pollution warning')} {warning.get_level_display()}"
        href = reverse("warning", kwargs={"warning_id": warning.pk})
        entries.append(tell("warnings", warning.valid.lower, title, text=warning.number, href=href, kind="bad"))
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _papers(found: EnterpriseFile) -> list[dict[str, Any]]:
    """What the log tells of the enterprise and of its stations: registered, permitted, ordered, listed."""
    subjects = [f"enterprise/{found.enterprise.pk}", *(f"station/{one.station.pk}" for one in found.outlets)]
    lines = for_people(Entry.objects.filter(subject__in=subjects).order_by("-seq")[:MOST])
    entries = []
    for line in lines:
        said_in = line.detail.get("values") or line.detail
        told = [str(said_in[name]) for name in PAPER_WORDS if said_in.get(name)]
        entries.append(
            tell("papers", line.at, line.title, text=" · ".join([*told, line.why]).strip(" ·"), who=line.who)
        )
    return entries


def _of_case(one: Case) -> list[dict[str, Any]]:
    href = reverse("case", kwargs={"case_id": one.pk})
    entries = [tell("cases", one.opened_at, _("Case %(number)s opened") % {"number": one.number}, href=href)]
    if one.violation_at is not None:
        by = one.violation_by.name if one.violation_by else ""
        title = _("Violation found: %(what)s") % {"what": found_of(one)}
        entries.append(tell("cases", one.violation_at, title, who=by, href=href, kind="bad"))
    if one.closed_at is not None:
        title = _("Case %(number)s closed") % {"number": one.number}
        entries.append(tell("cases", one.closed_at, title, href=href, kind="good"))
    return entries
