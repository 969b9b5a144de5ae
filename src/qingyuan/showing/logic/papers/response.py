"""Who has to cut what under a warning, and what electricity says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.judging.api import try_out
from qingyuan.judging.queries import BlindSpot, Finding, findings, watches
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    EmergencyPlan,
    PollutionWarning,
    StationKind,
    Use,
    enterprises,
    known_now,
    plans,
    uses_of_meters,
)
from qingyuan.recording.queries import latest
from qingyuan.sensing.queries import Channel

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
    """What is known of the meters of those with a plan."""

    breaches: dict[int, list[Finding]]
    metered: dict[int, list[int]]
    newest: dict[int, datetime]
    blind: set[int]
    watched: bool
    now: datetime

    @classmethod
    def of(cls, viewer: User, warning: PollutionWarning, held: list[EmergencyPlan], now: datetime) -> "_Seen":
        owners = [one.enterprise_id for one in held]
        ends = warning.valid.upper or now
        breaches: dict[int, list[Finding]] = {}
        for one in findings(viewer).filter(
            detector=DETECTOR, station__enterprise__in=owners, started_at__lt=ends, ended_at__gt=warning.valid.lower,
            merged_into=None,
        ):  # fmt: skip
            breaches.setdefault(one.station.enterprise_id or 0, []).append(one)
        day = warning.valid.lower.astimezone(SHANGHAI).date()
        feeding = [
            one.station_id
            for one in known_now(uses_of_meters(viewer), now).filter(station__enterprise__in=owners)
            if one.use == Use.PRODUCTION and one.holds(day, now)
        ]
        metered: dict[int, list[int]] = {}
        coded = Channel.objects.filter(
            station__enterprise__in=owners, station__kind=StationKind.POWER_METER, factor__startswith="d2"
        )
        for channel in (Channel.objects.filter(station__in=feeding) | coded).select_related("station"):
            metered.setdefault(channel.station.enterprise_id or 0, []).append(channel.pk)
        ids = [pk for several in metered.values() for pk in several]
        newest: dict[int, datetime] = {}
        for kind in "hH":
            for pk, reading in latest(ids, kind, now - warning.valid.lower).items():
                newest[pk] = max(newest.get(pk, reading.at), reading.at)
        spots = BlindSpot.objects.filter(
            watch__detector=DETECTOR, channel__in=ids, last_at__gte=warning.valid.lower
        ).values_list("channel__station__enterprise", flat=True)
        return cls(breaches, metered, newest, {one for one in spots if one}, _watched(), now)


def _watched() -> bool:
    return watches().filter(detector=DETECTOR, enabled=True).exists()


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
    if found:
        return Answer(**values, state=_("Electricity says that it did not cut"), kind="bad", findings=found)
    state, kind = _unbroken(plan.enterprise_id, warning, seen)
    return Answer(**values, state=state, kind=kind)


def _unjudged(channels: Sequence[int], warning: PollutionWarning, now: datetime) -> bool:
    """Whether the meters cannot be judged in the time of the warning; asked only where they once could not."""
    span = warning.valid.lower, max(min(warning.valid.upper or now, now), warning.valid.lower + _AN_HOUR)
    meters = Channel.objects.filter(pk__in=channels).select_related("station__enterprise")
    return bool(try_out(DETECTOR, {}, kind="h", channels=meters, span=span).unjudged)


def _unbroken(owner: int, warning: PollutionWarning, seen: _Seen) -> tuple[str, str]:
    channels = seen.metered.get(owner, ())
    if not channels:
        return _("No production meter: electricity says nothing"), "warning"
    if not seen.watched:
        return _("No rule watches it"), "warning"
    if owner in seen.blind and _unjudged(channels, warning, seen.now):
        return _("Cannot be judged: too little is known of its usual power"), "warning"
    newest = max((seen.newest[one] for one in channels if one in seen.newest), default=None)
    if newest is None or newest < warning.valid.lower:
        return (_("Not begun") if seen.now < warning.valid.lower else _("The meter has sent nothing since")), "waiting"
    over = newest.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = warning.valid.upper
    if ends is not None and newest >= ends:
        over = newest
    if over <= warning.valid.lower:
        return _("Judged when the day is over"), "waiting"
    return _("As pledged, by electricity, up to %(until)s") % {
        "until": f"{min(over, ends or over).astimezone(SHANGHAI):%m-%d %H:%M}"
    }, "good"
