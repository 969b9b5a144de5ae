"""Which looks something may come of: none where every reading of a window is calm by the detector's own word.

What single readings tell (`qingyuan_science.detect.Calm`) is held against thousands of channels at once. It is kept,
for each channel and kind, since when all readings are known and when one last stirred, so that only new readings are
read. That holds as long as every batch of readings passes by here: whoever cannot say so calls `forget` first. Whatever
is not sure is looked at: detectors that state no calm, late readings, rules or limits that change within the window,
and places with findings on file nearby.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from qingyuan.judging.logic.days import past_days
from qingyuan.judging.logic.passes import around, period
from qingyuan.judging.logic.stirring.calming import ALWAYS, BY_DAYS, NEVER, WHEN_STIRRED, Calms, Held
from qingyuan.judging.logic.watching import Look, deciding, held_against, held_pairs, kinds_of, looks, touched_by
from qingyuan.judging.models import Finding, FindingState, Override, Watch
from qingyuan.judging.rules import Rulebook
from qingyuan.kit import clock
from qingyuan.kit.queries import edition_of
from qingyuan.places.queries import (
    AlarmThreshold,
    AppliedStandard,
    EmergencyPlan,
    Enterprise,
    MeterUse,
    Order,
    Permit,
    PermitLimit,
    PollutionWarning,
    SiteProject,
    Station,
)
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import Calm, Part
from qingyuan_science.series import CHINA_OFFSET, SECOND, microseconds, moment

REMEMBERED = "rmh"  # days come once a day, each with a window of a quarter of a year
A_DAY = 86_400 * SECOND
LONG_AGO = 2 * A_DAY  # days before may be sealed, so that the hot table does not hold all of a window
UNKNOWN = np.iinfo(np.int64).max
NOT_YET = np.iinfo(np.int64).min
MOST_AT_ONCE = 2  # values of one instant: one that was sent, one computed
NO_PART = Part(("", ""), np.inf)
MAKE_CALMS = (
    Watch, Override, AppliedStandard, Permit, PermitLimit, AlarmThreshold, SiteProject, Enterprise, Station, Channel,
    Order, EmergencyPlan, PollutionWarning, MeterUse,
)  # fmt: skip
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Memory:
    """What is known of the channels between one batch and the next."""

    def __init__(self) -> None:
        self._edition: tuple[Any, ...] = ()
        self._book = Rulebook((), ())
        self._held: dict[int, list[tuple[int, frozenset[str]]]] = {}
        self._kinds: dict[str, _Kind] = {}

    def forget(self) -> None:
        """Know nothing of any reading, and of no rule."""
        self._edition = ()
        for kind in self._kinds.values():
            kind.known.since[:], kind.known.last[:] = UNKNOWN, NOT_YET

    def looks(self, spans: Sequence[Sequence[Any]]) -> list[Look]:
        """The looks that new readings in `spans` call for, less those that nothing can come of."""
        self._renew()
        touched = touched_by(spans, self._book)
        needed: dict[str, set[tuple[int, str]]] = {}
        for letter, kind in self._kinds.items():
            here = {channel: found[letter] for channel, found in touched.items() if letter in found}
            needed[letter] = kind.stirred(here) if here else set()

        def among(channel: int, detector: str, kind: str) -> bool:
            return kind not in needed or (channel, detector) in needed[kind]

        return list(looks(spans, self._book, among=among))

    def held_against(self, spans: Sequence[Sequence[Any]]) -> list[Look]:
        """The looks at what is held against new readings in `spans` and did not come with them."""
        self._renew()
        return list(held_against(spans, self._book, self._held))

    def _renew(self) -> None:
        """Read the rules again where anything has changed by which rules and calms are made."""
        edition = edition_of(*MAKE_CALMS)
        if edition == self._edition:
            return
        self._edition, self._book = edition, Rulebook.of_today()
        self._held = held_pairs(self._book)
        kinds: dict[str, _Kind] = {}
        for letter in {kind for _detector, kind in self._book.asked if kind in REMEMBERED}:
            detectors = tuple(detector for detector, kind in self._book.asked if kind == letter)
            before, calms = self._kinds.get(letter), Calms(letter, detectors, self._book)
            kinds[letter] = before if before and before.detectors == detectors else _Kind(letter, detectors, calms)
            kinds[letter].known.day[:], kinds[letter].calms = NOT_YET, calms
        self._kinds = kinds


class _Known:
    """A column for each channel (its slot); those of detectors have a row for each.

    `since` is from when on all readings up to `last` are known, `day` for which the calms were made; `least` and `most`
    bound the steps between readings where these have no fixed length; `stirred` is when a reading last stirred the
    detector, `state` whether it looks never, always or when something stirs; `whole` is the channel of which a calm
    reading is at most a part, nought for none; the others are the figures of its calm.
    """

    COLUMNS = (("since", UNKNOWN), ("last", NOT_YET), ("day", NOT_YET), ("least", UNKNOWN), ("most", 0))
    ROWS = (("stirred", NOT_YET), ("state", NEVER), ("marks", 0), ("whole", 0))
    FIGURES = ("low", "high", "earliest", "latest", "gap", "share", "more")

    since: Ints
    last: Ints
    day: Ints
    least: Ints
    most: Ints
    stirred: Ints
    state: Ints
    marks: Ints
    whole: Ints
    low: Floats
    high: Floats
    earliest: Floats
    latest: Floats
    gap: Floats
    share: Floats
    more: Floats

    def __init__(self, detectors: int, size: int = 0) -> None:
        for name, empty in self.COLUMNS:
            setattr(self, name, np.full(size, empty, dtype=np.int64))
        for name, empty in self.ROWS:
            setattr(self, name, np.full((detectors, size), empty, dtype=np.int64))
        for name in self.FIGURES:
            setattr(self, name, np.full((detectors, size), np.nan))

    def grown(self, size: int) -> "_Known":
        """The same with room for more channels."""
        more = _Known(len(self.state), size)
        for name in (*(name for name, _ in (*self.COLUMNS, *self.ROWS)), *self.FIGURES):
            getattr(more, name)[..., : self.since.size] = getattr(self, name)
        return more


class _News(NamedTuple):
    """Channels in order with new readings, their slots, and the spans of the readings [µs]."""

    channel: Ints
    slot: Ints
    first: Ints
    last: Ints


class _Rows(NamedTuple):
    """Readings by channel and time: place of the channel in the news, time [µs], value, mark, delay of arrival [s]."""

    place: Ints
    at: Ints
    value: Floats
    mark: NDArray[np.str_]
    delay: Floats

    def taken(self, order: NDArray[np.intp]) -> "_Rows":
        return _Rows(self.place[order], self.at[order], self.value[order], self.mark[order], self.delay[order])

    @classmethod
    def joined(cls, parts: "Sequence[_Rows]") -> "_Rows":
        """All parts in the order of channel and time."""
        whole = cls(
            np.concatenate([one.place for one in parts]),
            np.concatenate([one.at for one in parts]),
            np.concatenate([one.value for one in parts]),
            np.concatenate([one.mark for one in parts]),
            np.concatenate([one.delay for one in parts]),
        )
        return whole.taken(np.lexsort((whole.at, whole.place)))


@dataclass
class _Kind:
    """The readings of one kind of all channels, and the detectors that watch it."""

    letter: str
    detectors: tuple[str, ...]
    calms: Calms

    def __post_init__(self) -> None:
        self.known = _Known(len(self.detectors))
        self.reach, self.period = (one(self.letter) // timedelta(microseconds=1) for one in (around, period))
        self.step = recording.STEPS[self.letter]
        self._slots: dict[int, int] = {}
        self._entries: dict[int, tuple[Held, ...]] = {}
        self._parts: dict[int, set[int]] = defaultdict(set)  # slots of what is held against each channel

    def stirred(self, spans: dict[int, tuple[int, int]]) -> set[tuple[int, str]]:
        """Channels with the detectors that have to look at them."""
        news = self._news(spans)
        self._learn_calms(news)
        known, state = self.known, self.known.state[:, news.slot]
        asked = (state >= WHEN_STIRRED).any(axis=0) | self._is_whole(news)
        odd = self._odd(news) & asked
        self._forget_parts(news, odd)
        follows = asked & ~odd & (known.since[news.slot] <= news.first - self.reach)
        fresh = asked & ~odd & ~follows
        odd |= self._with_later(news, fresh)
        fresh &= ~odd
        rows = self._read(news, follows, fresh)
        if rows is None:
            odd |= asked
        else:
            self._take_in(rows, news, follows, fresh)
        known.since[news.slot[odd]], known.last[news.slot[odd]] = UNKNOWN, NOT_YET
        near = known.stirred[:, news.slot] >= news.first - self.reach
        over = odd | self._day_may_be_over(news, rows)
        looked = (state == ALWAYS) | ((state == WHEN_STIRRED) & (near | odd)) | ((state == BY_DAYS) & over)
        found = {(int(news.channel[column]), self.detectors[row]) for row, column in np.argwhere(looked).tolist()}
        return found | self._on_file(news, state)

    def _news(self, spans: dict[int, tuple[int, int]]) -> _News:
        channels = sorted(spans)
        for channel in channels:
            self._slots.setdefault(channel, len(self._slots))
        if len(self._slots) > self.known.since.size:
            self.known = self.known.grown(2 * len(self._slots))
        slots = [self._slots[channel] for channel in channels]
        firsts, lasts = zip(*(spans[channel] for channel in channels), strict=True)
        return _News(*(np.array(column, dtype=np.int64) for column in (channels, slots, firsts, lasts)))

    def _learn_calms(self, news: _News) -> None:
        """Make the calms of channels whose rules or day changed; where they are others, the readings are to be read."""
        day = (news.last + CHINA_OFFSET) // A_DAY
        stale = self.known.day[news.slot] != day
        for one in np.unique(day[stale]):
            here = stale & (day == one)
            entries: dict[int, tuple[Held, ...]] = dict.fromkeys(
                news.channel[here].tolist(), ((NEVER, 0),) * len(self.detectors)
            )
            at = moment(int(one) * A_DAY - CHINA_OFFSET)
            entries |= self.calms.of(deciding(list(entries)), at)
            for channel, made in entries.items():
                self._set(self._slots[channel], made)
            self.known.day[news.slot[here]] = one

    def _set(self, slot: int, made: tuple[Held, ...]) -> None:
        known = self.known
        if self._entries.get(slot) == made:
            return
        self._entries[slot] = made
        known.since[slot], known.last[slot], known.stirred[:, slot] = UNKNOWN, NOT_YET, NOT_YET
        for row, (entry, whole) in enumerate(made):
            known.state[row, slot] = WHEN_STIRRED if isinstance(entry, Calm) else entry
            calm = Calm() if isinstance(entry, int) else entry
            part = calm.part or NO_PART
            for name in known.FIGURES:
                getattr(known, name)[row, slot] = getattr(part if name in ("share", "more") else calm, name)
            known.whole[row, slot] = whole
            if whole:
                self._parts[whole].add(slot)
            known.marks[row, slot] = sum(1 << (ord(letter) - ord("A")) for letter in set(calm.marks))

    def _odd(self, news: _News) -> Flags:
        """Where readings do not follow on those known, or are of a long time, or of long ago."""
        late = news.first < self.known.last[news.slot]
        return late | (news.last - news.first > A_DAY) | (news.last < microseconds(clock.now()) - LONG_AGO)

    def _is_whole(self, news: _News) -> Flags:
        """Channels that others are held against, whether or not anything is asked of their own readings."""
        return np.array([channel in self._parts for channel in news.channel.tolist()], dtype=np.bool_)

    def _forget_parts(self, news: _News, odd: Flags) -> None:
        """Know nothing of a part whose whole may have been another than it was held against; read both anew."""
        known, whole = self.known, self._is_whole(news)
        known.since[news.slot[whole & (news.first <= known.last[news.slot])]] = UNKNOWN
        unsure = whole & (odd | (known.since[news.slot] > news.first - self.reach))
        parts = sorted(set[int]().union(*(self._parts[channel] for channel in news.channel[unsure].tolist())))
        known.since[parts], known.last[parts] = UNKNOWN, NOT_YET

    def _with_later(self, news: _News, fresh: Flags) -> Flags:
        """Of channels that are read from scratch, those with readings beyond what is read."""
        lasts = list(zip(news.channel[fresh].tolist(), (news.last[fresh] + self.reach).tolist(), strict=True))
        found = [recording.with_later(lasts, letter) for letter in kinds_of(self.letter)] if lasts else []
        return np.isin(news.channel, list(set[int]().union(*found)))

    def _read(self, news: _News, follows: Flags, fresh: Flags) -> _Rows | None:
        """What is new where that follows, and whole windows where nothing is known; None where that cannot be read."""
        read = follows | fresh
        if not read.any():
            return None
        begin = np.where(follows, news.first, news.first - self.reach)
        end = np.where(follows, news.last, news.last + self.reach)
        spans = list(zip(*(column[read].tolist() for column in (news.channel, begin, end)), strict=True))
        parts = []
        for letter in kinds_of(self.letter):
            found = recording.columns(spans, letter)
            if found is None:
                return None
            delay = (found.received - found.at) / SECOND - (self.step or 0.0)
            if letter != self.letter:
                delay[:] = np.nan  # when what was computed here came says nothing
            place = np.searchsorted(news.channel, found.channel)
            parts.append(_Rows(place, found.at, found.value, found.mark, delay))
        return _Rows.joined(parts)

    def _take_in(self, rows: _Rows, news: _News, follows: Flags, fresh: Flags) -> None:
        """Note what stirs, and what is known from now on."""
        known, new, read = self.known, news.slot[fresh], follows | fresh
        known.since[new], known.last[new] = news.first[fresh] - self.reach, NOT_YET
        known.least[new], known.most[new], known.stirred[:, new] = UNKNOWN, 0, NOT_YET
        self._note(rows, news)
        known.last[news.slot[read]] = news.last[read]

    def _day_may_be_over(self, news: _News, rows: _Rows | None) -> Flags:
        """Where a detector that judges whole days has a look: a day may end with the readings, or ended before them."""
        begun = _midnight(news.first)
        newest = news.last.copy()
        if rows is not None:
            np.maximum.at(newest, rows.place, rows.at)
        ends = (_midnight(news.last + self.period) > begun) | (news.first < begun + SECOND * 3600)
        return ends | (_midnight(newest) > _midnight(news.last))

    def _note(self, rows: _Rows, news: _News) -> None:
        """Note when a reading last stirred each detector at each channel."""
        if not rows.at.size:
            return
        known, slot = self.known, news.slot[rows.place]
        steps = self._steps(rows, slot)
        valid = (rows.mark == "N") & np.isfinite(rows.value)
        marks = np.left_shift(1, rows.mark.astype("S1").view(np.uint8).astype(np.int64) - ord("A"))
        for row in range(len(self.detectors)):
            stirs = valid & ((rows.value < known.low[row, slot]) | (rows.value > known.high[row, slot]))
            stirs |= valid & self._is_more_than_part(rows, news, row)
            stirs |= (known.marks[row, slot] & marks) != 0
            stirs |= (rows.delay < known.earliest[row, slot]) | (rows.delay > known.latest[row, slot])
            if self.step is not None:
                stirs |= steps >= known.gap[row, slot] * self.step * SECOND
            np.maximum.at(known.stirred[row], slot[stirs], rows.at[stirs])
            if self.step is None:
                here = news.slot[known.most[news.slot] >= known.gap[row, news.slot] * known.least[news.slot]]
                known.stirred[row, here], known.since[here] = UNKNOWN, UNKNOWN

    def _is_more_than_part(self, rows: _Rows, news: _News, row: int) -> Flags:
        """Where a reading is more than its part of another channel's, or that has no valid one at the same instant."""
        known, slot = self.known, news.slot[rows.place]
        more: Flags = known.whole[row, slot] != 0
        here = np.flatnonzero(more)
        if not here.size:
            return more
        channel, begin = known.whole[row, slot[here]], int(rows.at.min())
        place = np.minimum(np.searchsorted(news.channel, channel), news.channel.size - 1)
        span = int(rows.at.max()) - begin + 1
        asked, key = place * span + rows.at[here] - begin, rows.place * span + rows.at - begin
        first, last = (np.searchsorted(key, asked, side=side) for side in ("left", "right"))
        less = (news.channel[place] == channel) & (last - first > 0) & (last - first <= MOST_AT_ONCE)
        for one in (np.minimum(first, rows.at.size - 1), last - 1):
            most = known.share[row, slot[here]] * rows.value[one] + known.more[row, slot[here]]
            less &= (rows.mark[one] == "N") & (rows.value[here] <= most)
        more[here] = ~less
        return more

    def _steps(self, rows: _Rows, slot: Ints) -> Ints:
        """Time from the reading before to each one, nought where none is known; kept as bounds of them [µs]."""
        before = np.empty_like(rows.at)
        before[0], before[1:] = NOT_YET, rows.at[:-1]
        begins = np.append(True, np.diff(rows.place) != 0)
        before[begins] = self.known.last[slot[begins]]
        steps = np.where(before == NOT_YET, 0, rows.at - np.where(before == NOT_YET, rows.at, before))
        real = steps > 0
        np.minimum.at(self.known.least, slot[real], steps[real])
        np.maximum.at(self.known.most, slot[real], steps[real])
        return steps

    def _on_file(self, news: _News, state: Ints) -> set[tuple[int, str]]:
        """Channels with the detectors of which a finding is open, or near the new readings."""
        asked = news.channel[(state == WHEN_STIRRED).any(axis=0)].tolist()
        if not asked:
            return set()
        near = Q(
            ended_at__gte=moment(int(news.first.min()) - self.reach),
            started_at__lte=moment(int(news.last.max()) + self.reach),
        )
        by_days = [detector for detector in self.detectors if past_days(detector)]
        found = Finding.objects.filter(Q(state=FindingState.OPEN) | near, channel__in=asked, kind=self.letter)
        found = found.exclude(detector__in=by_days)
        return {(channel or 0, detector) for channel, detector in found.values_list("channel", "detector").order_by()}


def _midnight(at: Ints) -> Ints:
    """The beginning of the day in China that each instant falls in [µs]."""
    return (at + CHINA_OFFSET) // A_DAY * A_DAY - CHINA_OFFSET
