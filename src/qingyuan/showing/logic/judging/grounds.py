"""On what a finding rests, for whoever is to sign it: each document with its edition and how far it was checked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import legal_bases_of
from qingyuan.judging.queries import DETECTORS, Finding
from qingyuan.kit import clock
from qingyuan.places.queries import (
    AlarmThreshold,
    Enterprise,
    Permit,
    known_now,
    orders_over,
    permit_limits,
    permit_totals,
    plans_of,
    warnings_over,
)
from qingyuan.showing.logic.enforcing.violations import basis_words, checked_words
from qingyuan.showing.logic.factors import limit_figure, unit_of
from qingyuan.showing.wording import aside, cited, listed, said
from qingyuan_science.detect import Detector
from qingyuan_science.standards import Limit, Status, UnknownLimit, editions, limit
from qingyuan_science.standards.procedure.violations import suspected_violation

PERMIT_PREFIX = "permit:"
THRESHOLD_PREFIX = "threshold:"
OF_ORDERS = ("ordered_stop", "ordered_cut")


@dataclass(frozen=True)
class Ground:
    """One thing that a finding rests on.

    `checked` says how far its words were checked, empty where there is nothing to check.
    """

    what: str
    document: str
    clause: str = ""
    says: str = ""
    days: str = ""
    checked: str = ""
    is_checked: bool = True
    href: str = ""

    @property
    def ends(self) -> list[str]:
        """The first and the last day, which stay whole where a line breaks."""
        return self.days.split(" – ") if self.days else []


def grounds_of(found: Finding) -> list[Ground]:
    """Limits, papers of the enterprise, law, and the method, as they held on the days of the data."""
    return [*_limits(found), *_papers(found), *_laws(found), *_method(found)]


def _first_day(found: Finding) -> date:
    return found.started_at.astimezone(clock.SHANGHAI).date()


def _known(found: Finding) -> datetime:
    """When it was judged: papers count as they were known then, also where they were corrected later."""
    at = found.edition.get("known_at")
    return datetime.fromisoformat(at) if at else found.opened_at


def _limits(found: Finding) -> list[Ground]:
    kind = _detector(found)
    held = kind is not None and not {"limits", "thresholds"}.isdisjoint(kind.needs)
    beside = found.edition.get("limits", []) if held else []
    codes = [found.limit_code] if found.limit_code else beside
    return [one for code in codes for one in (_permitted(found, code) or _own(code) or _standard(code))]


def _standard(code: str) -> list[Ground]:
    try:
        one = limit(code)
    except UnknownLimit:
        return []
    edition = next((each for each in editions() if each.key == code.partition(":")[0]), None)
    return [
        Ground(
            what=_("Limit"),
            document=f"{one.standard} {said(edition.title) if edition else ''}".strip(),
            clause=said(one.clause),
            says=_figure(one),
            days=_days(one.valid_from, one.valid_to),
            checked=checked_words(one.status),
            is_checked=one.status == Status.VERIFIED,
        )
    ]


def _own(code: str) -> list[Ground]:
    """An alarm threshold of the authority's own, as it was set; it is no limit of a standard."""
    number = code.removeprefix(THRESHOLD_PREFIX)
    row = AlarmThreshold.objects.filter(pk=number).first() if code.startswith(THRESHOLD_PREFIX) else None
    if row is None:
        return []
    shown = f"> {row.high:g} {unit_of(row.unit)}{aside(str(row.get_averaging_display()))}"
    parts = [shown, *([str(row.get_stage_display())] if row.stage else []), row.reason]
    return [
        Ground(
            what=_("Alarm threshold of the authority; no standard"),
            document=row.basis,
            clause=f"{row.issued_by} · {row.set_on}",
            says=listed(parts),
            days=_days(row.valid.lower, row.valid.upper and row.valid.upper - timedelta(days=1)),
            checked=_("entered by the bureau"),
            href=reverse("thresholds"),
        )
    ]


def _figure(one: Limit) -> str:
    shown = f"{limit_figure(one)} {unit_of(one.unit)}".strip() + aside(said(one.averaging.label))
    parts = [said(one.title), shown]
    if one.condition:
        parts.append(said(one.condition))
    if one.reference_oxygen is not None:
        parts.append(_("at %(percent)g %% of oxygen") % {"percent": one.reference_oxygen})
    return listed(parts)


def _permitted(found: Finding, code: str) -> list[Ground]:
    if not code.startswith(PERMIT_PREFIX) or found.station is None:
        return []
    day = _first_day(found)
    rows = permit_limits([found.station.pk]).filter(permit__valid__contains=day, permit__known__contains=_known(found))
    for row in rows:
        if code == f"{PERMIT_PREFIX}{row.permit.number}:{row.station_id}:{row.factor}:{row.averaging}":
            return [_of_permit(row.permit, "", _("permitted concentration"))]
    return []


def _of_permit(permit: Permit, says: str, clause: str) -> Ground:
    return Ground(
        what=_("Discharge permit"),
        document=permit.number,
        clause=clause,
        says=says,
        days=_days(permit.valid.lower, permit.valid.upper and permit.valid.upper - timedelta(days=1)),
        checked=_("entered by the bureau"),
        href=reverse("enterprise", kwargs={"code": permit.enterprise.code}) + "#permit",
    )


def _papers(found: Finding) -> list[Ground]:
    """The orders, warnings, pledges and yearly totals on which a detector held the readings."""
    firm = found.station.enterprise if found.station else None
    if firm is None:
        return []
    if found.detector in OF_ORDERS:
        return _orders(firm, found)
    if found.detector == "emergency_cut":
        return _pledges(firm, found)
    return _totals(firm, found) if found.detector == "annual_total" else []


def _orders(firm: Enterprise, found: Finding) -> list[Ground]:
    held = known_now(orders_over([firm.pk], (found.started_at, found.ended_at)), _known(found))
    return [
        Ground(
            what=_("Order in force then"),
            document=one.number,
            clause=f"{one.get_kind_display()} · {one.issued_by}",
            says=one.title,
            days=_instants(one.valid.lower, one.valid.upper),
            checked=_("entered by the bureau"),
            href=reverse("enterprise", kwargs={"code": firm.code}) + "#orders",
        )
        for one in held
    ]


def _pledges(firm: Enterprise, found: Finding) -> list[Ground]:
    """The warnings over the enterprise in that time, and what its plan pledges at their level."""
    path = f"{firm.cell.path}/" if firm.cell else ""
    held = [
        one
        for one in known_now(warnings_over((found.started_at, found.ended_at)), _known(found))
        if path.startswith(f"{one.cell.path}/")
    ]
    rows = [
        Ground(
            what=_("Warning in force then"),
            document=one.number,
            clause=f"{one.get_level_display()} · {one.cell.title}",
            days=_instants(one.valid.lower, one.valid.upper),
            checked=_("entered by the bureau"),
            href=reverse("warning", kwargs={"warning_id": one.pk}),
        )
        for one in held
    ]
    levels = {one.level for one in held}
    for plan in known_now(plans_of([firm.pk]).filter(valid__contains=_first_day(found)), _known(found)):
        rows += [
            Ground(
                what=_("Emergency plan for heavy pollution"),
                document=f"{cut.get_level_display()} −{cut.cut:.0%}",
                says=cut.measures,
                days=_days(plan.valid.lower, plan.valid.upper and plan.valid.upper - timedelta(days=1)),
                checked=_("entered by the bureau"),
                href=reverse("enterprise", kwargs={"code": firm.code}) + "#plan",
            )
            for cut in plan.cuts.all()
            if cut.level in levels
        ]
    return rows


def _totals(firm: Enterprise, found: Finding) -> list[Ground]:
    factor = found.channel.factor if found.channel else ""
    day, known = _first_day(found), _known(found)
    rows = permit_totals([firm.pk]).filter(
        Q(station=None) | Q(station=found.station), factor=factor, permit__valid__contains=day,
        permit__known__contains=known,
    )  # fmt: skip
    return [_of_permit(one.permit, f"≤ {one.kilograms:,.0f} kg", _("permitted yearly total")) for one in rows]


def _laws(found: Finding) -> list[Ground]:
    what = suspected_violation(found.detector, found.place.kind)
    if what is None:
        return []
    last = found.ended_at.astimezone(clock.SHANGHAI).date()
    bases = [one.as_json() for one in legal_bases_of(what.code, _first_day(found), last)]
    return [_law(row["status"], one) for row, one in zip(bases, basis_words(bases), strict=True)]


def _law(status: str, one: dict[str, str]) -> Ground:
    return Ground(
        what=_("Law on the suspected violation"),
        document=one["law"],
        clause=one["article"] or _("article not obtained"),
        says=one["remark"],
        days=one["days"],
        checked=one["checked"],
        is_checked=status in {"bureau", Status.VERIFIED} and bool(one["article"]),
    )


def _detector(found: Finding) -> type[Detector] | None:
    return next((one for one in DETECTORS if one.code == found.detector), None)


def _method(found: Finding) -> list[Ground]:
    kind = _detector(found)
    if kind is None or not kind.source:
        return []
    source = cited(kind.source)
    title = _("How it is found")
    return [Ground(what=title, document=source.document, clause=str(source.clause), says=str(source.note))]


def _days(first: date | None, last: date | None) -> str:
    return f"{first or '…'} – {last or _('no end')}"


def _instants(first: datetime, last: datetime | None) -> str:
    begins, ends = (one and f"{one.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" for one in (first, last))
    return f"{begins} – {ends or _('no end')}"
