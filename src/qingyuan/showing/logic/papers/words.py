"""Papers of an enterprise in the reader's words, as its page shows them."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    AppliedStandard,
    Enterprise,
    Management,
    OrderKind,
    Permit,
    PermitLimit,
    controls,
    disclosures,
    known_now,
    orders,
    permits,
    plans,
    uses_of_meters,
)
from qingyuan.sensing.limits import laxer_than, of_stations
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.logic.papers.tables import plain
from qingyuan.showing.logic.papers.totals import SoFar, so_far
from qingyuan.showing.wording import said
from qingyuan_science.standards import StandardsError, find_factor

A_DAY = timedelta(days=1)


def papers_of(viewer: User, owner: Enterprise, now: datetime) -> dict[str, Any]:
    """Everything written down of an enterprise that is known now, what holds today in front."""
    today = now.astimezone(SHANGHAI).date()
    held = list(known_now(permits(viewer)).filter(enterprise=owner).order_by("-valid", "number"))
    totals = [total for one in held if one.holds(today, now) for total in one.totals.all()]
    progress = so_far(totals, now) if totals else {}
    applied, _own = of_stations({limit.station_id for one in held for limit in one.limits.all()})
    return {
        "permits": [_permit(one, progress, applied, today) | {"holds": one.holds(today, now)} for one in held],
        "controls": [
            {"row": one, "days": days_words(one.valid), "holds": one.holds(today, now)}
            for one in known_now(controls(viewer)).filter(enterprise=owner).order_by("-valid")
        ],
        "disclosures": [
            {
                "row": one,
                "amounts": [
                    {
                        "factor": factor_words(each.factor),
                        "where": each.station.title if each.station else _("all of the enterprise"),
                        "kilograms": each.kilograms,
                    }
                    for each in one.amounts.all()
                ],
            }
            for one in known_now(disclosures(viewer)).filter(enterprise=owner).order_by("-year")
        ],
        "orders": [
            {
                "row": one,
                "title": one.title or OrderKind(one.kind).label,
                "kind": OrderKind(one.kind).label,
                "cut": one.cut if one.kind == OrderKind.CUT_PRODUCTION else None,
                "where": one.station.title if one.station else _("all of the enterprise"),
                "days": span_words(one.valid),
                "holds": one.holds(now, now),
            }
            for one in known_now(orders(viewer)).filter(enterprise=owner)
        ],
        "plans": [
            {
                "row": one,
                "days": days_words(one.valid),
                "asked": _asked(one.valid),
                "holds": one.holds(today, now),
                "cuts": [
                    {"level": cut.get_level_display(), "cut": cut.cut, "measures": cut.measures}
                    for cut in sorted(one.cuts.all(), key=lambda cut: cut.cut)
                ],
            }
            for one in known_now(plans(viewer)).filter(enterprise=owner).order_by("-valid")
        ],
        "meters": [
            {"row": one, "days": days_words(one.valid), "asked": _asked(one.valid), "holds": one.holds(today, now)}
            for one in known_now(uses_of_meters(viewer)).filter(station__enterprise=owner).order_by("station", "factor")
        ],
    }


def _permit(
    row: Permit, progress: dict[int, SoFar], applied: dict[int, list[AppliedStandard]], today: date
) -> dict[str, Any]:
    day = (
        max(row.valid.lower, today)
        if row.valid.upper is None
        else min(max(row.valid.lower, today), row.valid.upper - A_DAY)
    )
    return {
        "row": row,
        "management": Management(row.management).label if row.management in Management else row.management,
        "days": days_words(row.valid),
        "asked": _asked(row.valid),
        "limits": [
            {
                "row": one,
                "factor": factor_words(one.factor),
                "figure": _figure(one.low, one.high),
                "unit": unit_of(one.unit),
                "remark": _laxer(one, applied.get(one.station_id, []), day),
            }
            for one in row.limits.all()
        ],
        "totals": [
            {
                "row": one,
                "factor": factor_words(one.factor),
                "where": one.station.title if one.station else _("all of the enterprise"),
                "so_far": progress.get(one.pk),
            }
            for one in row.totals.all()
        ],
    }


def _laxer(row: PermitLimit, applied: list[AppliedStandard], day: date) -> str:
    """What is to be said where a standard is stricter; an outlet into a sewage works may have agreed on that."""
    stricter = laxer_than(row, applied, day)
    if stricter is None:
        return ""
    words = {"figure": plain(stricter.high or 0.0), "unit": unit_of(stricter.unit), "standard": stricter.standard}
    return _("laxer than the %(figure)s %(unit)s of %(standard)s; the permit counts") % words


def factor_words(code: str) -> str:
    """What people call a factor; its code where nobody knows it."""
    try:
        return said(find_factor(code).short)
    except StandardsError:
        return code


def _figure(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"{plain(low)}\u2013{plain(high)}"
    return f"≤ {plain(high)}" if high is not None else f"≥ {plain(low or 0.0)}"


def days_words(valid: Any) -> str:
    """From the first to the last day."""
    last = _("no end") if valid.upper is None else f"{valid.upper - timedelta(days=1):%Y-%m-%d}"
    return f"{valid.lower:%Y-%m-%d} – {last}"


def _asked(valid: Any) -> str:
    """The days of a paper as the address of judging again names them."""
    last = f"&to={valid.upper - timedelta(days=1):%Y-%m-%d}" if valid.upper else ""
    return f"?from={valid.lower:%Y-%m-%d}{last}"


def span_words(valid: Any) -> str:
    """From an instant to another, in Shanghai."""
    first, last = (
        _("no end") if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for at in (valid.lower, valid.upper)
    )
    return f"{first} – {last}"
