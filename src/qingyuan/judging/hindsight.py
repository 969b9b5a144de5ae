"""A finding by what was known at an instant, so that a decision can be judged by what whoever took it could know."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from qingyuan.judging.logic.turning import again, what_it_saw
from qingyuan.judging.models import Finding
from qingyuan.judging.rules import ALSO_COMPUTED, Rule
from qingyuan.judging.rules_known import rulebook_known
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan.sensing import limits
from qingyuan.sensing.queries import Channel
from qingyuan_science import detect
from qingyuan_science.series import Series, overlaid
from qingyuan_science.standards import Limit, StandardsError, limits_that_judge
from qingyuan_science.units import UnitError

AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Known:
    """What was known of a finding's time at an instant.

    Parameters
    ----------
    at : datetime
    readings : Series
        Those of the channel in the finding's time, as they stood then; of hours and days as sent before computed ones.
    limits : tuple of Limit
        What bound the channel on the first day of the data, as known then, in the channel's unit.
    rule : Rule or None
        The rule by which its detector was to look there, as known then; None where it was not to look.
    runs : tuple of detect.Finding
        What the detector says of the finding's time with all this; empty where it finds nothing, or has no rule.
    """

    at: datetime
    readings: Series
    limits: tuple[Limit, ...]
    rule: Rule | None
    runs: tuple[detect.Finding, ...]


def known_of(found: Finding, at: datetime) -> Known:
    """What was known of a finding's time at an instant, and what its detector makes of that.

    Parameters
    ----------
    found : Finding
        One of a channel.
    at : datetime
        Aware. What was received, entered, marked or ruled later does not count.

    Returns
    -------
    Known

    Raises
    ------
    ValueError
        What was reported without a measurement has no channel.
    """
    channel = found.channel
    if channel is None:
        raise ValueError(f"finding {found.pk} has no channel")
    day = found.started_at.astimezone(clock.SHANGHAI).date()
    rule = rulebook_known(at).rule(channel, found.detector, found.kind, day)
    read = partial(_readings, as_of=at)
    readings = read([channel.pk], ALSO_COMPUTED.get(found.kind, found.kind), *_span(found))[channel.pk]
    runs = again(found, rule.parameters, what_it_saw(found, read), at) if rule else ()
    return Known(at, readings, _limits(channel, found.kind, day, at), rule, runs)


def _span(found: Finding) -> tuple[datetime, datetime]:
    """The finding's time, with the last value where values stand for no period."""
    return found.started_at, found.ended_at + (timedelta() if recording.STEPS[found.kind] else AN_INSTANT)


def _readings(
    ids: Collection[int], kinds: str, start: datetime, end: datetime, *, as_of: datetime
) -> dict[int, Series]:
    parts = [recording.windows(list(ids), kind, start, end, as_of=as_of) for kind in kinds]
    return {channel: overlaid([part[channel] for part in parts]) for channel in ids}


def _limits(channel: Channel, kind: str, day: date, at: datetime) -> tuple[Limit, ...]:
    applied, own = limits.of_stations([channel.station_id])
    try:
        every = limits.binding_of(
            channel, applied.get(channel.station_id, ()), day, day, own=own.get(channel.station_id, ()), known_at=at
        )
        return tuple(one.in_unit(channel.unit) for one in limits_that_judge(every, limits.AVERAGING[kind]))
    except (StandardsError, UnitError, ValueError):
        return ()
