"""Judging looks: live after each batch, or over a time that has passed; by the same steps."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from qingyuan.judging.logic import blindness, filing
from qingyuan.judging.logic.days import A_DAY, block_before, midnight_before, past_days
from qingyuan.judging.logic.episodes import Ask, Episode, Seen, asked, see
from qingyuan.judging.logic.passes import Pass, around, grouped, passes
from qingyuan.judging.logic.surroundings import Surroundings, fetch
from qingyuan.judging.logic.watching import Look
from qingyuan.judging.models import Finding, FindingState
from qingyuan.kit import clock
from qingyuan.recording import queries as recording

Fetch = Callable[[Sequence[Pass]], Surroundings]


def judge(looks: Sequence[Look], *, adding: bool = False) -> list[Finding]:
    """Look at everything, then write; answers what was opened.

    Of several blocks, and of several rules one after the other, the earlier is settled before the next is looked at.
    `adding` opens what no finding tells of, and leaves those on file as they are.
    """
    opened: list[Finding] = []
    blind: list[tuple[Look, Exception]] = []
    rows, newest = _rows(looks), _newest(looks)
    turns: dict[int, list[Pass]] = defaultdict(list)
    taken: Counter[tuple[str, int, str]] = Counter()
    for look in looks:
        key = _key(look)
        for one in passes(look, rows.get(key, ()), whole=_day_is_over(look, newest)):
            turns[taken[key]].append(one)
            taken[key] += 1
    for number in sorted(turns):
        several = turns[number]
        if number:
            rows = _rows([one.look for one in several])
            several = [_with_rows(one, rows.get(_key(one.look), ())) for one in several]
        for seen in list(_seen(several, lambda look, reason: blind.append((look, reason)))):
            opened += filing.settle(seen, adding=adding)
    blindness.count(blind)
    return opened


def would_find(
    looks: Iterable[Look], blind: Callable[[Look, Exception], None], fetched: Fetch = fetch, ask: Ask = asked
) -> Iterator[tuple[Look, Episode]]:
    """What the looks would find if nothing were on file, episode by episode; writes nothing.

    `blind` is told of each look that cannot be judged; `fetched` has what a group of passes takes; `ask` asks a
    detector, or what it said before of the same.
    """
    every = list(looks)
    number_of = {id(look): number for number, look in enumerate(every)}
    found: dict[int, list[Episode]] = defaultdict(list)
    turns: dict[int, list[Pass]] = defaultdict(list)
    for look in every:
        for number, one in enumerate(passes(look, whole=True)):
            turns[number].append(one)
    for number in sorted(turns):
        here = [replace(one, odd=_spans(found[number_of[id(one.look)]])) for one in turns[number]]
        for seen in _seen(here, blind, fetched, ask):
            _add(found[number_of[id(seen.at.look)]], seen.new)
    for number, look in enumerate(every):
        yield from ((look, episode) for episode in found[number])


def joined(found: Iterable[tuple[Look, Episode]]) -> Iterator[tuple[Look, Episode]]:
    """The same with what two rules one after the other found of one happening as one, as the later sees it."""
    last: dict[tuple[str, int, str], list[tuple[Look, Episode]]] = defaultdict(list)
    for look, episode in found:
        here = last[_key(look)]
        if here and here[-1][1].end >= episode.start:
            before = here.pop()[1]
            runs = (*before.runs, *episode.runs) if before.end == episode.start else episode.runs
            episode = Episode(runs, episode.over)
        here.append((look, episode))
    for several in last.values():
        yield from several


def _spans(found: Iterable[Episode]) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((one.start, one.end) for one in found)


def _add(found: list[Episode], more: Iterable[Episode]) -> None:
    for episode in more:
        if found and found[-1].end >= episode.start:
            found[-1] = Episode((*found[-1].runs, *episode.runs), episode.over)
        else:
            found.append(episode)


def _seen(
    several: Iterable[Pass], blind: Callable[[Look, Exception], None], fetched: Fetch = fetch, ask: Ask = asked
) -> Iterator[Seen]:
    for group in grouped(several):
        found = fetched(group)
        for one in group:
            try:
                yield see(one, found, ask=ask)
            except blindness.REASONS as reason:
                blind(one.look, reason)


def _key(look: Look) -> tuple[str, int, str]:
    return look.detector, look.channel.pk, look.kind


def _rows(looks: Iterable[Look]) -> dict[tuple[str, int, str], tuple[Finding, ...]]:
    """Findings near the new readings, and the open ones wherever they are; locked."""
    every = list(looks)
    if not every:
        return {}
    first = min(
        min(one.first - around(one.kind), block_before(one.first) - past_days(one.detector) * A_DAY) for one in every
    )
    last = max(one.last + around(one.kind) for one in every)
    of_channels = Finding.objects.filter(
        channel__in={one.channel.pk for one in every}, detector__in={one.detector for one in every}
    )
    near = of_channels.filter(ended_at__gte=first, started_at__lte=last) | of_channels.filter(state=FindingState.OPEN)
    found: dict[tuple[str, int, str], list[Finding]] = defaultdict(list)
    for row in near.select_for_update(of=("self",)).order_by("started_at", "pk"):
        found[row.detector, row.channel_id or 0, row.kind].append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def _newest(looks: Iterable[Look]) -> dict[tuple[int, str], datetime]:
    """Begin of the newest reading that is stored, by channel and kind, where a detector judges whole days."""
    learning = [one for one in looks if past_days(one.detector)]
    found: dict[tuple[int, str], datetime] = {}
    for letter in sorted({letter for one in learning for letter in one.kinds}):
        here = [one for one in learning if letter in one.kinds]
        since = clock.now() - min(one.first for one in here)
        newest = recording.latest({one.channel.pk for one in here}, letter, since)
        found |= {(channel, letter): one.at for channel, one in newest.items()}
    return found


def _day_is_over(look: Look, newest: dict[tuple[int, str], datetime]) -> bool:
    """Whether readings of a later day are stored: then these are late, and no end of their day will come any more."""
    known = [newest[look.channel.pk, letter] for letter in look.kinds if (look.channel.pk, letter) in newest]
    return any(midnight_before(look.last) < midnight_before(at) for at in known)


def _with_rows(one: Pass, rows: tuple[Finding, ...]) -> Pass:
    return next(other for other in passes(one.look, rows, whole=True) if not one.by_days or other.start == one.start)
