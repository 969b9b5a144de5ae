"""Channels and readings of the enterprises asked about, fetched once in a run however many facts want them."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.fact import Asked, Link
from qingyuan.judging.logic.surroundings import readings
from qingyuan.places.queries import StationKind
from qingyuan.sensing.limits import factor_of
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series
from qingyuan_science.standards import StandardsError

OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
HOURS, DAYS = "hH", "dD"
FLOW = {StationKind.OUTLET_WATER: "w00000", StationKind.OUTLET_GAS: "a00000"}
HOUR = 3600 * SECOND


def channels_of(asked: Asked) -> dict[int, list[Channel]]:
    """Every channel at the stations of each enterprise."""

    def fetch() -> dict[int, list[Channel]]:
        found: dict[int, list[Channel]] = {one: [] for one in asked.enterprises}
        rows = Channel.objects.filter(station__enterprise__in=asked.enterprises)
        for one in rows.select_related("station__enterprise").order_by("station__code", "factor", "basis"):
            found[one.station.enterprise_id or 0].append(one)
        return found

    return asked.once("channels", fetch)


def deciding(channels: Iterable[Channel]) -> list[Channel]:
    """Of an outlet's factor the converted channel where there is one, which is what the limits of stacks hold for."""
    own = [one for one in channels if one.station.kind in OUTLETS]
    converted = {(one.station_id, one.factor) for one in own if one.basis == "converted"}
    return [one for one in own if one.basis == "converted" or (one.station_id, one.factor) not in converted]


def series_of(asked: Asked, channels: Collection[Channel], kinds: str = HOURS) -> dict[int, Series]:
    """Readings of channels over the time asked about, where a kind in front goes before those behind it."""
    known: dict[int, Series] = asked.once(("series", kinds, asked.start, asked.end), dict)
    missing = {one.pk for one in channels} - known.keys()
    if missing:
        known |= readings(sorted(missing), kinds, asked.start, asked.end)
    return {one.pk: known[one.pk] for one in channels}


def local_hours(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The hour of the day in China of each time."""
    return (at // HOUR + 8) % 24


def distinct(parts: Iterable[NDArray[np.int64]]) -> int:
    """How many different times there are."""
    filled = list(parts)
    return int(np.unique(np.concatenate(filled)).size) if filled else 0


def words_of(channel: Channel) -> Text:
    """Station and factor, as a sentence names them."""
    try:
        short = factor_of(channel).short
    except (StandardsError, KeyError):
        short = Text(channel.factor, channel.factor)
    return Text(f"{channel.station.title_zh} {short.zh}", f"{short.en} at {channel.station.title_en}")


def link_to(channel: Channel, asked: Asked) -> Link:
    """The page of a channel's station with its factor chosen."""
    place = Link.to_station(channel.station, asked, channel.factor, channel.basis)
    return Link(place.kind, place.key, words_of(channel), place.factor, place.basis, place.start, place.end)


def by_enterprise(channels: Iterable[Channel]) -> dict[int, list[Channel]]:
    """The channels of each enterprise."""
    found: dict[int, list[Channel]] = defaultdict(list)
    for one in channels:
        found[one.station.enterprise_id or 0].append(one)
    return found
