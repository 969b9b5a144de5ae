"""What is drawn beside the readings of a channel: its findings, and the limits that bind it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection

from qingyuan.judging.models import Finding, FindingState
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.turns import Question, ask, together
from qingyuan.places.queries import are_alarmed, binding, with_permits
from qingyuan.sensing import limits
from qingyuan.sensing.limits import AVERAGING
from qingyuan.sensing.queries import Channel
from qingyuan_science.standards import Limit, StandardsError, limits_that_judge
from qingyuan_science.units import UnitError

Read = TypeVar("Read")
_OF_DRAWN = ("id", "state", "started_at", "ended_at", "title_zh", "title_en")
_DRAWN = (
    f"SELECT {', '.join(_OF_DRAWN)} FROM judging_finding WHERE channel_id = %s"  # noqa: S608 put together from constants
    " AND started_at < %s AND ended_at > %s AND state <> %s ORDER BY opened_at DESC, id DESC LIMIT %s"
)


def findings_of_channel(channel: Channel, start: datetime, end: datetime, most: int) -> list[Finding]:
    """The findings to draw beside the readings of a channel, newest first, with what a chart says of them.

    Parameters
    ----------
    channel : Channel
        One that the viewer may see; its findings are then seen too.
    start, end : datetime
        Aware; a finding counts whose time meets the span.
    most : int

    Returns
    -------
    list of Finding
        Without the dismissed ones; what is not drawn is read from the database when it is asked for.
    """
    return ask(_drawn(channel, start, end, most))


def drawn_beside(
    channel: Channel, kind: str, span: tuple[datetime, datetime], readings: Question[Read], *, most: int
) -> tuple[list[Finding], tuple[Limit, ...], Read]:
    """What a chart draws beside readings, and the readings, in one turn.

    Parameters
    ----------
    channel : Channel
        One that the viewer may see, with its station.
    kind : str
        Letter of the readings' kind.
    span : (datetime, datetime)
    readings : Question
        The question for the readings themselves.
    most : int
        How many findings.

    Returns
    -------
    list of Finding
        As `findings_of_channel`.
    tuple of Limit
        As `limits_for_channel`, on the last day of the span, and the authority's own alarm thresholds.
    object
        The answer to `readings`.
    """
    stations = [channel.station_id]
    beside = together(_drawn(channel, *span, most), are_alarmed(stations))
    (found, alarmed), (told, read) = ask(together(beside, together(binding(stations), readings)))
    bound, on = limits.by_station(*with_permits(stations, told)), span[1].astimezone(SHANGHAI).date()
    own = _own(channel, kind, on) if alarmed else ()
    return found, (*_limits(channel, kind, on, bound), *own), read


def _own(channel: Channel, kind: str, on: date) -> tuple[Limit, ...]:
    """The authority's own alarm thresholds for such means."""
    held = limits.thresholds_for_channels([channel], on)[channel.pk]
    return tuple(one for one in held if one.averaging is AVERAGING[kind])


def _drawn(channel: Channel, start: datetime, end: datetime, most: int) -> Question[list[Finding]]:
    def read(cursor: Any) -> list[Finding]:
        return [Finding.from_db(connection.alias, _OF_DRAWN, row) for row in cursor.fetchall()]

    return Question(_DRAWN, [channel.pk, end, start, FindingState.DISMISSED.value, most], read)


def limits_for_channel(channel: Channel, kind: str, on: date) -> tuple[Limit, ...]:
    """The limits to draw beside the readings of a channel.

    Parameters
    ----------
    channel : Channel
    kind : str
        Letter of the readings' kind.
    on : date
        The day of the data, in Shanghai.

    Returns
    -------
    tuple of Limit
        Those of the readings' averaging time, or where there are none those of the next longer one up to a month, in
        the channel's unit. Empty where nothing binds, or where the limits cannot be expressed in that unit.
    """
    return limits_for_channels([(channel, kind)], on)[channel.pk]


def limits_for_channels(asked: Sequence[tuple[Channel, str]], on: date) -> dict[int, tuple[Limit, ...]]:
    """The same for many channels, each with the kind of its readings; by two queries.

    Parameters
    ----------
    asked : sequence of (Channel, str)
        With their stations.
    on : date

    Returns
    -------
    dict of int to tuple of Limit
        By the channel's number; an entry for each.
    """
    stations_asked = {channel.station_id for channel, _kind in asked}
    bound = limits.of_stations(stations_asked)
    return {channel.pk: _limits(channel, kind, on, bound) for channel, kind in asked}


def _limits(channel: Channel, kind: str, on: date, bound: limits.ByStation) -> tuple[Limit, ...]:
    applied, own = bound
    at = channel.station_id
    try:
        every = limits.binding_of(channel, applied.get(at, ()), on, on, own=own.get(at, ()))
        return tuple(limit.in_unit(channel.unit) for limit in limits_that_judge(every, AVERAGING[kind]))
    except (StandardsError, UnitError, ValueError):
        return ()
