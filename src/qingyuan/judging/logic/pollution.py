"""The type of pollution behind a finding at water: named from its readings, settled by people, learned from."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import PollutionTypeSettled
from qingyuan.judging.logic import written
from qingyuan.judging.logic.surroundings import readings
from qingyuan.judging.models import Finding, SettledType
from qingyuan.judging.queries import finding, settled_types
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.geometry import distance
from qingyuan.places.queries import Station, StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.assess.pollution import (
    TYPES,
    Case,
    Scores,
    Verdict,
    Weights,
    Window,
    assess,
    learned,
    observe,
    pollution_type,
    scores,
    window_of,
)
from qingyuan_science.series import microseconds
from qingyuan_science.standards import UnknownFactor, factor
from qingyuan_science.standards.factors import WASTEWATER_FLOW
from qingyuan_science.units import UnitError, convert

PAST, AFTER = timedelta(days=7, hours=6), timedelta(hours=3)
HOURS = "hH"  # as sent, else computed here
WATERS = (StationKind.SURFACE_WATER, StationKind.OUTLET_WATER)
FAULT = "fault"
MAY_SETTLE = (
    Role.DUTY_OFFICER,
    Role.ANALYST,
    Role.ENFORCEMENT_OFFICER,
    Role.GRID_WORKER,
    Role.DEPARTMENT_HANDLER,
    Role.SUPERVISOR,
)


def pollution_verdict(row: Finding) -> Verdict | None:
    """Name the type of pollution behind a finding, from the readings of its station now and a week before.

    Parameters
    ----------
    row : Finding
        One that the viewer may see.

    Returns
    -------
    Verdict or None
        None where the finding is not of water measured at a water station or a waste-water outlet. The weights are
        those of all settled cases but its own.
    """
    window = _window(row)
    if window is None:
        return None
    others = [_case(one) for one in settled_types() if one.finding_id != row.pk]
    return assess(observe(window), window.kind, learned(others))


def read_for_pollution(row: Finding) -> tuple[list[Channel], datetime, datetime]:
    """Which readings the signs of a type of pollution are told from.

    Parameters
    ----------
    row : Finding
        One of which a type is told.

    Returns
    -------
    (channels, start, end)
        Water measured at its station and the nearest rain gauge; hour means from `start` to before `end`.
    """
    station = row.station
    rain = _rain(station) if station else None
    channels = [*(_beside(station) if station else []), *([rain] if rain else [])]
    return channels, *_looked_at(row)


@transaction.atomic
def settle_pollution_type(finding_id: int, user: User, origin: Origin, *, code: str, why: str) -> SettledType:
    """Write down what type of pollution it really was; the signs of that time are kept with it, to learn from.

    Parameters
    ----------
    finding_id : int
    user : User
        Of a role in `MAY_SETTLE`.
    origin : Origin
    code : str
        A type of `qingyuan_science.assess.pollution`.
    why : str
        What shows it; it cannot be left out.

    Returns
    -------
    SettledType
        Settling it again replaces what was settled; the log keeps both.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not settle it.
    BadInput
        There is no such type, or nothing shows it.
    Refused
        The finding is not of water.
    """
    row = Finding.objects.select_for_update(of=("self",)).get(pk=finding(user, finding_id).pk)
    if user.role not in MAY_SETTLE:
        roles = ", ".join(str(role.label) for role in MAY_SETTLE)
        raise Forbidden(_("Only these roles may settle the type of pollution: %(roles)s") % {"roles": roles})
    known = {one.code: one.title for one in TYPES}
    if code not in known:
        expected = ", ".join(known)
        raise BadInput(
            _("Found type “%(code)s”, expected one of: %(codes)s") % {"code": code, "codes": expected}, "type"
        )
    if not why.strip():
        raise BadInput(_("Say what shows the type of pollution"), "shown_by")
    window = _window(row)
    if window is None:
        raise Refused(_("The finding is not of water, so it has no type of pollution"))
    return _settle(row, window, user, origin, code=code, why=why.strip())


def settle_fault(row: Finding, user: User, origin: Origin, why: str) -> None:
    """Settle as a fault of the instrument what a person dismissed as one; nothing where it is not of water."""
    window = _window(row)
    if window is not None:
        _settle(row, window, user, origin, code=FAULT, why=why)


def type_scores() -> tuple[Weights, Scores, Scores]:
    """Say what was learned from settled cases, and how well types are told before and after.

    Returns
    -------
    tuple
        The weights; the scores of the first estimate; the scores of what all other cases make of it, case by case.
    """
    cases = [_case(one) for one in settled_types()]
    return learned(cases), *scores(cases)


def _settle(row: Finding, window: Window, user: User, origin: Origin, *, code: str, why: str) -> SettledType:
    signs = observe(window)
    others = [_case(one) for one in settled_types() if one.finding_id != row.pk]
    verdict = assess(signs, window.kind, learned(others))
    settled, _made = SettledType.objects.update_or_create(
        finding=row,
        defaults={
            "code": code, "why": why, "set_by": user, "set_at": clock.now(), "kind": window.kind,
            "states": {one.rule: one.state for one in signs if one.state},
            "silent": [one.rule for one in signs if one.silent],
            "told": verdict.told.code if verdict.told else "",
        },
    )  # fmt: skip
    title = pollution_type(code).title
    fact = PollutionTypeSettled(id=row.pk, type=code, type_zh=title.zh, type_en=title.en, told=settled.told)
    log.write(fact, origin, why)
    return settled


def _case(settled: SettledType) -> Case:
    return Case(settled.code, settled.states, settled.kind, tuple(settled.silent))


def _window(row: Finding) -> Window | None:
    station = row.station
    if station is None or row.channel is None or station.kind not in WATERS or not _is_known(row.channel):
        return None
    if row.channel.factor == WASTEWATER_FLOW or (row.signs and row.signs[0]["unit"] not in (row.unit, "1")):
        return None  # it tells of an amount, of a share or of a time, and so of no change in the water
    channels, rain = _beside(station), _rain(station)
    ids = [one.pk for one in (*channels, *([rain] if rain else []))]
    found = readings(ids, HOURS, *_looked_at(row))
    measured = {one.factor: found[one.pk] for one in channels}
    fell = found[rain.pk] if rain else None
    span = microseconds(row.started_at), microseconds(row.ended_at)
    return window_of(measured, span, row.channel.factor, kind=station.kind, rain=fell)


def _beside(station: Station) -> list[Channel]:
    """What is measured in the water of a station as far as rules know it."""
    beside = Channel.objects.filter(station=station, factor__startswith="w", basis="measured").order_by("pk")
    return [one for one in beside.select_related("station") if _is_known(one)]


def _looked_at(row: Finding) -> tuple[datetime, datetime]:
    """From when to when readings are looked at to name the type."""
    return row.started_at - PAST, row.ended_at + AFTER


def _is_known(channel: Channel) -> bool:
    """Whether rules can take what the channel measures."""
    try:
        convert(1.0, channel.unit, factor(channel.factor, medium="water").unit)
    except (UnknownFactor, UnitError):
        return False
    return channel.factor.startswith("w")


def _rain(station: Station) -> Channel | None:
    """The nearest rain gauge, known by its unit, since HJ 212-2017 has no code for rain."""
    gauges = Channel.objects.filter(unit="mm").select_related("station").order_by("pk")
    near = [(distance(station, one.station)[0], one.pk, one) for one in gauges]
    closest = min(near, default=None)
    return closest[2] if closest is not None and closest[0] <= written.WEATHER_KM else None
