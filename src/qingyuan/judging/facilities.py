"""How treatment and production of an enterprise run just now, as their meters tell."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.judging.logic.written import POWER, meters_of
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import MeterRole
from qingyuan_science.detect._power import LEARN_DAYS, Load, usual_load
from qingyuan_science.series import microseconds, overlaid

NEWEST_KINDS = "rmh"
CURRENT_FOR = timedelta(hours=2)  # what is older tells nothing of now; our own choice


@dataclass(frozen=True)
class Facility:
    """A meter's newest power, beside what is usual for it.

    Parameters
    ----------
    channel : Channel
    role : MeterRole
        Whether it feeds production or treatment.
    at : datetime or None
        When the newest valid power was measured; None where none came within a month.
    power : float or None
        [kW]
    load : Load or None
        Stand-by, full load, and the load from which on it runs [kW]; None with too little of the last four weeks.
    running : bool or None
        None where the newest power is older than two hours, or what is usual is not known.
    """

    channel: Channel
    role: MeterRole
    at: datetime | None
    power: float | None
    load: Load | None
    running: bool | None


def facilities_of(enterprise_id: int, now: datetime) -> list[Facility]:
    """How production and treatment of an enterprise run, treatment first.

    Parameters
    ----------
    enterprise_id : int
    now : datetime
        Aware.

    Returns
    -------
    list of Facility
        One a meter of power; empty where none is entered.
    """
    day = now.astimezone(clock.SHANGHAI).date()
    meters = [one for one in meters_of([enterprise_id], day, now)[enterprise_id] if one[1].unit == POWER]
    ids = [channel.pk for _role, channel in meters]
    month = timedelta(days=LEARN_DAYS)
    hours = [recording.windows(ids, kind, now - month, now) for kind in "hH"] if ids else []
    newest = [recording.latest(ids, kind, month) for kind in NEWEST_KINDS] if ids else []
    found = []
    for role, channel in meters:
        known = [part[channel.pk] for part in newest if channel.pk in part and part[channel.pk].mark == "N"]
        last = max((one for one in known if one.value is not None), key=lambda one: one.at, default=None)
        load = usual_load(overlaid([part[channel.pk] for part in hours]), microseconds(now))
        power = last.value if last else None
        is_current = last is not None and now - last.at <= CURRENT_FOR
        running = power > load.running if load and power is not None and is_current else None
        found.append(Facility(channel, role, last.at if last else None, power, load, running))
    return sorted(found, key=lambda one: (one.role is not MeterRole.TREATMENT, one.channel.station.code))
