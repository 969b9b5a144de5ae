"""Who has to cut what under a warning, and what electricity says of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.judging.api import meters_of, try_out
from qingyuan.judging.queries import BlindSpot, Finding, FindingState, effective_rules, findings
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    EmergencyPlan,
    PollutionWarning,
    enterprises,
    known_now,
    plans,
    uses_of_meters,
)
from qingyuan.recording.queries import latest
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole

DETECTOR = "emergency_cut"
_AN_HOUR = timedelta(hours=1)
SHORT = {
    "bad": gettext_lazy("Not cut"),
    "good": gettext_lazy("Cut"),
    "warning": gettext_lazy("Unknown"),
    "waiting": gettext_lazy("Not judged yet"),
    "idle": gettext_lazy("Need not"),
}


@dataclass(frozen=True)
class Answer:
    """One enterprise under a warning: its plan, the share pledged, and how it stands by electricity."""

    plan: EmergencyPlan
    cut: float | None
    measures: str
    state: str
    kind: str
    findings: tuple[Finding, ...] = ()

    @property
    def short(self) -> str:
        """The state in a word."""
        return str(SHORT[self.kind])


@dataclass(frozen=True)
class Response:
    """The answers of those with a plan, and how many enterprises below the area have none."""

    answers: list[Answer]
    without_plan: int


def response(viewer: User, warning: PollutionWarning, now: datetime) -> Response:
    """Every enterprise of the viewer's below the area of a warning; the number of queries does not grow with them."""
    day = warning.valid.lower.astimezone(SHANGHAI).date()
    path = warning.cell.path
    below = [one for one in enterprises(viewer) if one.cell.path == path or one.cell.path.startswith(f"{path}/")]
    known = known_now(plans(viewer), now).filter(enterprise__in=below).order_by("enterprise__code")
    held = [one for one in known if one.holds(day, now)]
    seen = _Seen.of(viewer, warning, held, now)
    answers = [_answer(one, warning, seen) for one in held]
    return Response(sorted(answers, key=lambda one: one.kind != "bad"), len(below) - len(held))


@dataclass(frozen=True)
class _Seen:
    """What is known of those with a plan: by enterprise the channels of production meters, and since when."""

    breaches: dict[int, list[Finding]]
    metered: dict[int, list[Channel]]
    known: dict[int, datetime]
    newest: dict[int, datetime]
    watched: set[int]
    blind: set[int]
    now: datetime

    @classmethod
    def of(cls, viewer: User, warning: PollutionWarning, held: list[EmergencyPlan], now: datetime) -> "_Seen":
        owners = [one.enterprise_id for one in held]
        day = warning.valid.lower.astimezone(SHANGHAI).date()
        metered = {
            owner: [channel for role, channel in several if role is MeterRole.PRODUCTION]
            for owner, several in meters_of(owners, day, now).items()
        }
        channels = [one for several in metered.values() for one in several]
        ids = [one.pk for one in channels]
        known = {one.enterprise_id: one.known.lower for one in held}
        for use in known_now(uses_of_meters(viewer), now).filter(station__enterprise__in=owners):
            owner = use.station.enterprise_id or 0
            known[owner] = max(known[owner], use.known.lower)
        newest: dict[int, datetime] = {}
        for kind in "hH":
            for pk, reading in latest(ids, kind, now - warning.valid.lower).items():
                newest[pk] = max(newest.get(pk, reading.at), reading.at)
        ruled = (one for one in effective_rules(channels, day) if one.detector == DETECTOR and one.rule is not None)
        spots = BlindSpot.objects.filter(
            watch__detector=DETECTOR, channel__in=ids, last_at__gte=warning.valid.lower
        ).values_list("channel__station__enterprise", flat=True)
        watched = {one.channel.pk for one in ruled}
        breaches = _breaches(viewer, warning, owners, now)
        return cls(breaches, metered, known, newest, watched, {one for one in spots if one}, now)


def _breaches(viewer: User, warning: PollutionWarning, owners: list[int], now: datetime) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = defaultdict(list)
    for one in findings(viewer).filter(
        detector=DETECTOR, station__enterprise__in=owners, started_at__lt=warning.valid.upper or now,
        ended_at__gt=warning.valid.lower, merged_into=None,
    ):  # fmt: skip
        found[one.place.enterprise_id or 0].append(one)
    return found


def _answer(plan: EmergencyPlan, warning: PollutionWarning, seen: _Seen) -> Answer:
    pledged = next((one for one in plan.cuts.all() if one.level == warning.level), None)
    values: dict[str, Any] = {
        "plan": plan, "cut": pledged.cut if pledged else None, "measures": pledged.measures if pledged else "",
    }  # fmt: skip
    if plan.exempt:
        return Answer(**values, state=_("Exempt: %(grounds)s") % {"grounds": plan.grounds}, kind="idle")
    if pledged is None or not pledged.cut:
        return Answer(**values, state=_("Pledges nothing at this level"), kind="idle")
    found = tuple(seen.breaches.get(plan.enterprise_id, ()))
    if any(one.state != FindingState.DISMISSED for one in found):
        return Answer(**values, state=_("Electricity says that it did not cut"), kind="bad", findings=found)
    if found:
        said = _("Electricity said that it did not cut; people dismissed that")
        return Answer(**values, state=said, kind="warning", findings=found)
    state, kind = _unbroken(plan.enterprise_id, warning, seen)
    return Answer(**values, state=state, kind=kind)


def _unjudged(channels: Sequence[Channel], warning: PollutionWarning, now: datetime) -> bool:
    """Whether the meters cannot be judged in the time of the warning; asked only where they once could not."""
    span = warning.valid.lower, max(min(warning.valid.upper or now, now), warning.valid.lower + _AN_HOUR)
    return bool(try_out(DETECTOR, {}, kind="h", channels=channels, span=span).unjudged)


def _unbroken(owner: int, warning: PollutionWarning, seen: _Seen) -> tuple[str, str]:
    channels = seen.metered.get(owner, ())
    if not channels:
        return _("No production meter: electricity says nothing"), "warning"
    if not {one.pk for one in channels} <= seen.watched:
        return _("No rule watches every production meter"), "warning"
    if owner in seen.blind and _unjudged(channels, warning, seen.now):
        return _("Cannot be judged: too little is known of its usual power"), "warning"
    if seen.now < warning.valid.lower:
        return _("Not begun"), "waiting"
    newest = [seen.newest[one.pk] for one in channels if one.pk in seen.newest]
    if len(newest) < len(channels):
        return _("The meter has sent nothing since"), "waiting"
    judged = (min(newest) + _AN_HOUR).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    if judged <= warning.valid.lower:
        return _("Judged when the day is over"), "waiting"
    if max(judged, warning.known.lower) < seen.known[owner]:
        return _("Not judged by this plan and these meters: they were entered afterwards"), "warning"
    return _("As pledged, by electricity, up to %(until)s") % {
        "until": f"{min(judged, warning.valid.upper or judged).astimezone(SHANGHAI):%m-%d %H:%M}"
    }, "good"
