"""Means computed here from shorter readings, beside the ones that devices send."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
import structlog
from django.db import InterfaceError, OperationalError, transaction

from qingyuan.kit import log
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import is_everybodys
from qingyuan.recording import queries
from qingyuan.recording.events import MeansOutstanding, Span
from qingyuan.recording.logic import store
from qingyuan.recording.logic.batch import Columns
from qingyuan.recording.logic.oxygen import define_converted, references
from qingyuan.recording.logic.periods import Due, Rung
from qingyuan.recording.made import MadeOf, MadeOfRow
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import (
    PeriodMeans,
    Series,
    Statistic,
    UnknownStep,
    ValidityRule,
    converted,
    is_concentration,
    microseconds,
    moment,
    period_means,
)
from qingyuan_science.standards import flow_factor, mean_rule, oxygen_factor

_log = structlog.get_logger("means")


@dataclass(frozen=True)
class _Computed:
    channel: int
    means: PeriodMeans


def keep(rung: Rung, due: Sequence[Due], now: datetime) -> list[Span]:
    """Compute the means of a rung and merge them; the spans of what was computed where anything is other than before.

    Where that fails, stations are computed apart, and the log says of which it failed: the others have theirs.
    """
    try:
        return keep_whole(rung, due, now)
    except (OperationalError, InterfaceError):
        raise  # the database's own trouble, which all of it waits for
    except Exception as error:
        if is_everybodys(error):
            raise  # as COPY tells the same
        _log.exception("means could not be computed together", kind=rung.kind)
    spans: list[Span] = []
    for station, one in _apart(due):
        try:
            spans += keep_whole(rung, [one], now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            if is_everybodys(error):
                raise
            owed = [[channel, rung.sources[0], one.first, one.after - 1] for channel in one.channels]
            log.write(MeansOutstanding(id=station, spans=owed))
    return spans


@transaction.atomic
def keep_whole(rung: Rung, due: Iterable[Due], now: datetime) -> list[Span]:
    """Compute the means of a rung and merge them, all or none."""
    columns = compute(rung, due, now)
    return columns.spans() if len(columns) and store.merge(columns) else []


def _apart(due: Iterable[Due]) -> Iterator[tuple[int, Due]]:
    """The same, station by station."""
    for one in due:
        by_station: dict[int, list[int]] = defaultdict(list)
        for channel, station in Channel.objects.filter(pk__in=one.channels).values_list("pk", "station").order_by("pk"):
            by_station[station].append(channel)
        for station, channels in by_station.items():
            yield station, Due(one.first, one.after, tuple(channels))


def compute(rung: Rung, due: Iterable[Due], now: datetime) -> Columns:
    """The means of a rung, in order."""
    found = [computed for one in due for computed in _of_stations(rung, one)]
    return _columns(rung.kind, found, microseconds(now)).in_order()


def _of_stations(rung: Rung, due: Due) -> Iterable[_Computed]:
    """The means of everything that is due, station by station."""
    stations = Channel.objects.filter(pk__in=due.channels).values("station")
    channels = list(Channel.objects.filter(station__in=stations).select_related("station").order_by("pk"))
    day = moment(due.first).astimezone(SHANGHAI).date()
    made = define_converted(channels, day)
    wanted = {*due.channels, *(one.pk for one in made)}
    channels += made
    shorter = _shorter(rung, [one.pk for one in channels if _needed(one, wanted)], due)
    oxygen = references([one for one in channels if one.basis == "converted"], day)
    by_station: dict[int, list[Channel]] = defaultdict(list)
    for channel in channels:
        by_station[channel.station_id].append(channel)
    for several in by_station.values():
        yield from _Station(rung, several, shorter, oxygen).computed(wanted)


@dataclass(frozen=True)
class _Station:
    """The channels of one station, with the shorter readings that they need and the reference oxygen contents [%]."""

    rung: Rung
    channels: list[Channel]
    shorter: dict[int, Series]
    references: dict[int, float]

    def computed(self, wanted: set[int]) -> Iterable[_Computed]:
        for channel in self.channels:
            rule = _rule(channel.station.kind, self.rung, channel.factor)
            if channel.pk not in wanted or rule is None:
                continue
            try:
                series = self._series(channel)
                if series is not None and len(series):
                    flow = self._named(flow_factor())
                    yield _Computed(channel.pk, period_means(series, self.rung.averaging, rule, flow=flow))
            except UnknownStep:  # one value tells no spacing, so no mean
                continue

    def used(self, channel: Channel) -> list[Channel]:
        """The channels of which the means of one are made, and the flow by which they are weighted."""
        own = list(self._converted_from(channel)) or [channel]
        rule, flow = _rule(channel.station.kind, self.rung, channel.factor), self._channel(flow_factor())
        weighted = rule is not None and rule.statistic is Statistic.FLOW_WEIGHTED and is_concentration(channel.unit)
        return [*own, flow] if weighted and flow is not None and flow not in own else own

    def _series(self, channel: Channel) -> Series | None:
        """What the means are made of: the channel's own shorter values, or for a converted one those converted here."""
        sources = self._converted_from(channel)
        if not sources:
            return self.shorter.get(channel.pk)
        measured, oxygen = sources
        return converted(self.shorter[measured.pk], self.shorter[oxygen.pk], self.references[channel.pk])

    def _converted_from(self, channel: Channel) -> tuple[Channel, Channel] | tuple[()]:
        """The measured concentration and the oxygen content from which a channel's values are converted here."""
        measured, oxygen = self._channel(channel.factor), self._channel(oxygen_factor())
        if channel.basis != "converted" or self.rung.kind == "D" or channel.pk not in self.references:
            return ()
        if measured is None or oxygen is None or not len(self.shorter[measured.pk]) or not len(self.shorter[oxygen.pk]):
            return ()
        return measured, oxygen

    def _channel(self, factor: str) -> Channel | None:
        return next((one for one in self.channels if (one.factor, one.basis) == (factor, "measured")), None)

    def _named(self, factor: str) -> Series | None:
        found = self._channel(factor)
        return None if found is None else self.shorter.get(found.pk)


def made_of(rung: Rung, channel: Channel, at: datetime) -> list[MadeOf]:
    """The shorter readings of which one mean of a rung is made; after its own those by which they are weighted."""
    due = Due(microseconds(at), microseconds(at) + rung.length, (channel.pk,))
    channels = list(Channel.objects.filter(station=channel.station_id).select_related("station").order_by("pk"))
    shorter = _shorter(rung, [one.pk for one in channels], due)
    given = references([channel] if channel.basis == "converted" else [], at.astimezone(SHANGHAI).date())
    used = _Station(rung, channels, shorter, given).used(channel)
    return [part for one in used for part in _by_kind(rung, one, shorter[one.pk], due)]


def _by_kind(rung: Rung, channel: Channel, filled: Series, due: Due) -> Iterable[MadeOf]:
    """What was filled up from several kinds, taken apart again."""
    left = _rows(filled)
    for kind in rung.sources + rung.sparse:
        stored = set(_rows(queries.window(channel.pk, kind, moment(due.first), moment(due.after))))
        if here := [row for row in left if row in stored]:
            yield MadeOf(channel, kind, here)
        left = [row for row in left if row not in stored]


def _rows(series: Series) -> list[MadeOfRow]:
    value = [None if number != number else number for number in series.value.tolist()]
    return list(zip(series.at.tolist(), value, series.mark.tolist(), series.valid.tolist(), strict=True))


def _needed(channel: Channel, wanted: set[int]) -> bool:
    """Whether a channel's readings are read: those wanted, and those by which a station's others may be made."""
    shared = channel.factor in (flow_factor(), oxygen_factor()) or channel.station.kind == "outlet-gas"
    return channel.pk in wanted or shared


@cache
def _rule(station_kind: str, rung: Rung, factor: str) -> ValidityRule | None:
    found = mean_rule(station_kind, rung.averaging, factor)
    return found.rule if found else None


def _shorter(rung: Rung, channels: list[int], due: Due) -> dict[int, Series]:
    """The shorter readings of each channel: one kind filled up by the next where both come at one pace."""
    span = (moment(due.first), moment(due.after))
    found: dict[int, Series] = {}
    for kind in rung.sources:
        more = queries.windows(channels, kind, *span)
        found = {pk: _filled(found[pk], series) if pk in found else series for pk, series in more.items()}
    bare = [pk for pk, series in found.items() if not len(series)] if rung.sparse else []
    return found | (queries.windows(bare, rung.sparse, *span) if bare else {})


def _filled(first: Series, second: Series) -> Series:
    """The first series, with values of the second where the first has no valid one; the first alone at another pace."""
    if not len(first) or not len(second):
        return first if len(first) else second
    if len(first) < 2 or len(second) < 2 or first.period != second.period:
        return first
    kept = first.valid | ~np.isin(first.at, second.at[second.valid])
    at = np.concatenate([first.at[kept], second.at])
    order, places = np.unique(at, return_index=True)  # the first of equal times
    value = np.concatenate([first.value[kept], second.value])[places]
    mark = np.concatenate([first.mark[kept], second.mark])[places]
    return Series(order, value, mark, first.unit, first.step or second.step)


def _columns(kind: str, found: list[_Computed], received: int) -> Columns:
    found = [one for one in found if len(one.means.series)]
    count = sum(len(one.means.series) for one in found)
    nothing = [np.empty(0, dtype=np.int64)]
    numbers = [
        np.column_stack([one.means.series.value, one.means.low, one.means.high, one.means.total]) for one in found
    ]
    return Columns(
        channel=np.concatenate([np.full(len(one.means.series), one.channel) for one in found] or nothing).astype(
            np.int32
        ),
        kind=np.full(count, kind.encode(), dtype="S1"),
        at=np.concatenate([one.means.series.at for one in found] or nothing),
        numbers=np.concatenate(numbers) if numbers else np.empty((0, 4)),
        mark=np.concatenate([one.means.series.mark for one in found] or nothing).astype("S1"),
        received=np.full(count, received, dtype=np.int64),
    )
