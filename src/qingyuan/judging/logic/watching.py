"""Which watches want what was just stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingyuan.judging.logic.days import block_before, past_days
from qingyuan.judging.rules import ALSO_COMPUTED, Rulebook
from qingyuan.places.queries import StationKind
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS
from qingyuan_science.series import microseconds, moment

AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Look:
    """One detector has to look at one channel, where readings between two instants (both included) are new.

    `since` is from when on the settings hold; `now` the instant of looking where it is the clock that looks, and
    `whole_station` whether it found no channel of the station that sends. `watch` and `overrides` are the numbers of
    the rows that ask for it; None and empty for a trial.
    """

    detector: str
    kind: str
    parameters: dict[str, Any]
    channel: Channel
    first: datetime
    last: datetime
    since: datetime
    watch: int | None = None
    overrides: tuple[int, ...] = ()
    now: datetime | None = None
    whole_station: bool = False

    @property
    def kinds(self) -> str:
        """Letters of the readings that it takes, the ones that go first in front."""
        return kinds_of(self.kind)


def looks(
    spans: Iterable[Iterable[Any]],
    book: Rulebook | None = None,
    *,
    before: timedelta = AN_INSTANT,
    among: Callable[[int, str, str], bool] = lambda channel, detector, kind: True,
) -> Iterator[Look]:
    """Every look that the new readings in `spans` call for, once each, of a channel, detector and kind `among`.

    It is asked which rules hold `before` them.
    """
    book = book or Rulebook.of_today()
    touched = touched_by(spans, book)
    asked = {
        channel: [one for one in book.asked if one[1] in here and among(channel, *one)]
        for channel, here in touched.items()
    }
    wanted = [channel for channel, pairs in asked.items() if pairs]
    for channel in deciding(wanted) if wanted else ():
        for pair in asked[channel.pk]:
            first, last = touched[channel.pk][pair[1]]
            yield from _held(book, channel, pair, (moment(first), moment(last)), before=before)


def held_pairs(book: Rulebook) -> dict[int, list[tuple[int, frozenset[str]]]]:
    """The channels whose readings are held against those of a channel, with the detectors that do so, by its number."""
    tables = {code: table for code, _kind in book.asked if (table := DETECTORS.get(code).held_against)}
    wholes = frozenset[str]().union(*(others for table in tables.values() for others in table.values()))
    parts = frozenset[str]().union(*tables.values())
    beside: dict[int, list[tuple[int, str]]] = defaultdict(list)
    known = Channel.objects.filter(factor__in=wholes | parts).order_by("pk").values_list("pk", "station_id", "factor")
    for pk, station, factor in known if wholes else ():
        beside[station].append((pk, factor))
    pairs: dict[int, list[tuple[int, frozenset[str]]]] = {}
    for here in beside.values():
        for whole, factor in here:
            asked = ((part, _holding(tables, other, factor)) for part, other in here)
            if found := [(part, codes) for part, codes in asked if codes]:
                pairs[whole] = found
    return pairs


def _holding(tables: Mapping[str, Mapping[str, frozenset[str]]], part: str, whole: str) -> frozenset[str]:
    return frozenset(code for code, table in tables.items() if whole in table.get(part, ()))


def held_against(
    spans: Iterable[Iterable[Any]], book: Rulebook, pairs: Mapping[int, Sequence[tuple[int, frozenset[str]]]]
) -> Iterator[Look]:
    """Looks at channels whose readings are held against new ones in `spans`, and did not come with them.

    They were judged before without these, or against others. `pairs` are `held_pairs` of the book.
    """
    touched = touched_by(spans, book)
    for whole in sorted(touched.keys() & pairs.keys()):
        for part, codes in pairs[whole]:
            late = [
                [part, kind, *span]
                for kind, span in touched[whole].items()
                if not _covers(touched.get(part, {}).get(kind), span)
            ]
            if late:
                yield from looks(late, book, among=lambda _channel, code, _kind, codes=codes: code in codes)  # type: ignore[misc]


def _covers(known: tuple[int, int] | None, span: tuple[int, int]) -> bool:
    return known is not None and known[0] <= span[0] and span[1] <= known[1]


def touched_by(spans: Iterable[Iterable[Any]], book: Rulebook) -> dict[int, dict[str, tuple[int, int]]]:
    """First and last instant of the new readings that stand for a kind somebody watches, by channel and kind [µs]."""
    stands_for = {letter: kind for _detector, kind in book.asked for letter in kinds_of(kind)}
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for channel, letter, first, last in spans:
        if letter in stands_for:
            before = found[channel].get(stands_for[letter], (first, last))
            found[channel][stands_for[letter]] = min(before[0], first), max(before[1], last)
    return found


def over(channel_ids: Iterable[int], start: datetime, end: datetime, book: Rulebook | None = None) -> Iterator[Look]:
    """Every look at channels in a span of the past, as if all of it were new; `end` does not belong to it."""
    book = book or Rulebook.of_today()
    letters = {letter for _detector, kind in book.asked for letter in kinds_of(kind)}
    first, last = microseconds(start), microseconds(end) - 1
    spans = ((channel, letter, first, last) for channel in channel_ids for letter in letters)
    yield from looks(spans, book, before=timedelta())


def kinds_of(kind: str) -> str:
    """Letters of the readings that stand for a kind, the ones that go first in front."""
    return ALSO_COMPUTED.get(kind, kind)


def deciding(ids: Iterable[int]) -> list[Channel]:
    """The channels that may decide: of a stack's factor the converted one where there is one.

    The limits of stacks hold for the concentration converted to the reference oxygen content, so a measured channel
    beside a converted one is not judged.
    """
    found = list(Channel.objects.filter(pk__in=ids).select_related("station__enterprise").order_by("pk"))
    stacks = {channel.station_id for channel in found if channel.station.kind == StationKind.OUTLET_GAS}
    converted = set(Channel.objects.filter(station__in=stacks, basis="converted").values_list("station_id", "factor"))
    return [
        channel
        for channel in found
        if channel.basis == "converted" or (channel.station_id, channel.factor) not in converted
    ]


def _held(
    book: Rulebook, channel: Channel, asked: tuple[str, str], span: tuple[datetime, datetime], *, before: timedelta
) -> Iterator[Look]:
    """One look for each rule that holds in a part of the span."""
    (detector, kind), (first, last) = asked, span
    begin = block_before(first) if past_days(detector) else first - before
    for rule, since, ends in book.held(channel, detector, kind, (begin, last)):
        if ends >= first:
            numbers = tuple(one.pk for one in rule.overrides)
            yield Look(detector, kind, rule.parameters, channel, max(since, first), ends, since, rule.watch.pk, numbers)
