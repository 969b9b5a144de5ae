"""Which watches want what was just stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingyuan.judging.models import Watch
from qingyuan.kit import clock
from qingyuan.places.queries import StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import moment

ALSO_COMPUTED = {"h": "hH", "d": "dD"}


@dataclass(frozen=True)
class Look:
    """One watch has to look at one channel, where readings between two instants (both included) are new."""

    watch: Watch
    channel: Channel
    first: datetime
    last: datetime


def looks(spans: Iterable[Iterable[Any]]) -> Iterator[Look]:
    """Every look that the new readings in `spans` call for, once each."""
    watches = list(Watch.objects.filter(enabled=True))
    wanted = {kind for watch in watches for kind in kinds_of(watch)}
    touched: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for channel_id, kind, first, last in spans:
        if kind in wanted:
            touched[channel_id].append((kind, first, last))
    for channel in _channels(set(touched)) if touched else ():
        for watch in watches:
            here = [span for span in touched[channel.pk] if span[0] in kinds_of(watch)]
            if here and _watched(watch, channel):
                first, last = min(span[1] for span in here), max(span[2] for span in here)
                look = Look(watch, channel, moment(first), moment(last))
                if _in_force(watch, look):
                    yield look


def kinds_of(watch: Watch) -> str:
    """Letters of the readings that the watch takes, the ones that go first in front."""
    return ALSO_COMPUTED.get(watch.kind, watch.kind)


def _channels(ids: set[int]) -> list[Channel]:
    """The channels that may decide: of a stack's factor the converted one where there is one.

    The limits of stacks hold for the concentration converted to the reference oxygen content, so a measured channel
    beside a converted one is not judged.
    """
    found = list(Channel.objects.filter(pk__in=ids).select_related("station").order_by("pk"))
    stacks = {channel.station_id for channel in found if channel.station.kind == StationKind.OUTLET_GAS}
    converted = set(Channel.objects.filter(station__in=stacks, basis="converted").values_list("station_id", "factor"))
    return [
        channel
        for channel in found
        if channel.basis == "converted" or (channel.station_id, channel.factor) not in converted
    ]


def _watched(watch: Watch, channel: Channel) -> bool:
    return (
        watch.station_id in (None, channel.station_id)
        and watch.station_kind in ("", channel.station.kind)
        and watch.factor in ("", channel.factor)
    )


def _in_force(watch: Watch, look: Look) -> bool:
    day = look.last.astimezone(clock.SHANGHAI).date()
    return (watch.valid.lower is None or watch.valid.lower <= day) and (
        watch.valid.upper is None or day < watch.valid.upper
    )
