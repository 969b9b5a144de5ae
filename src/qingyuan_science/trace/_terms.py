"""What each thing that is known of a source says about it, in a sentence with its figures and as a likelihood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from qingyuan_science.plugins import Text
from qingyuan_science.trace import Candidate, Evidence, Seen, Sight
from qingyuan_science.trace._passing import Rank, Window, rank, window
from qingyuan_science.trace._telling import amount, span

NOTHING = 0.0


@dataclass(frozen=True)
class Looking:
    """Looking at monitors for one rise.

    Parameters
    ----------
    seen : Seen
        The rise.
    tolerance : float
        By which share a travel time may be wrong. [1]
    lasting : float
        For which share of the time for which it was seen it lasted at a monitor at least. [1]
    days : int
        How many days before tell what is ordinary. [d]
    least : int
        How many ordinary windows are needed.
    looked : dict
        What was found; many sources pass the same section.
    """

    seen: Seen
    tolerance: float
    lasting: float
    days: int
    least: int
    looked: dict[tuple[str, float], Rank | None] = field(default_factory=dict)

    def window(self, sight: Sight) -> Window:
        """When what was seen passed a monitor."""
        times = self.seen.start, self.seen.end
        return window(*times, sight.travel_s, tolerance=self.tolerance, lasting=self.lasting)

    def rank(self, sight: Sight) -> Rank | None:
        """How unusual it was then; None where too little is known."""
        key = sight.code, sight.travel_s
        if key not in self.looked:
            self.looked[key] = rank(sight.series, self.window(sight), self.days, self.least)
        return self.looked[key]


def shaped(p: float, shape: float) -> float:
    """Return how much more probable a p-value is where something shows than where nothing does.

    Parameters
    ----------
    p : float
        Chance that an ordinary window is as high. [1]
    shape : float
        Below one; the smaller, the surer a discharge shows. [1]

    Returns
    -------
    float
        Natural logarithm of the density of a beta distribution with the second parameter one. [1]

    Source
    ------
    Sellke, Bayarri & Berger 2001, Am. Stat. 55(1), 62-71: p-values are uniform where nothing shows, and
    have the density shape * p^(shape - 1) where something does.

    Examples
    --------
    >>> round(shaped(0.01, 0.5), 2), round(shaped(1.0, 0.5), 2)
    (1.61, -0.69)
    """
    return math.log(shape) + (shape - 1.0) * math.log(p)


def own(looking: Looking, candidate: Candidate, shape: float) -> Evidence:
    """Say what the monitors at the source itself showed; of several, the one that shows the most.

    Parameters
    ----------
    looking : Looking
    candidate : Candidate
    shape : float
        See `shaped`. [1]

    Returns
    -------
    Evidence
    """
    if not candidate.own:
        none = Text("没有自动监控，不能排除", "it has no monitor of its own: it cannot be excluded")
        return Evidence("own", none, NOTHING)
    sights = sorted(candidate.own, key=lambda one: one.code)
    known = [(found.p, one, found) for one in sights if (found := looking.rank(one)) is not None]
    if not known:
        return _silent("own", looking.window(sights[0]), sights[0].place)
    p, sight, found = min(known, key=lambda one: one[0])
    any_of = 1.0 - (1.0 - p) ** len(known)  # that one of so many ordinary monitors shows as much
    return Evidence("own", _told(sight, looking.window(sight), found), shaped(any_of, shape))


def passed(looking: Looking, candidate: Candidate, shape: float) -> tuple[Evidence, ...]:
    """Say what the sections on its way showed, the nearest the source first.

    Parameters
    ----------
    looking : Looking
    candidate : Candidate
    shape : float
        See `shaped`. [1]

    Returns
    -------
    tuple of Evidence
        One a section; one that says nothing where it passes none.
    """
    if not candidate.passed:
        none = Text("到此处的途中没有监测断面", "it passes no monitored section on the way")
        return (Evidence("passed", none, NOTHING),)
    return tuple(_section(looking, one, shape) for one in candidate.passed)


def _section(looking: Looking, sight: Sight, shape: float) -> Evidence:
    passing, found = looking.window(sight), looking.rank(sight)
    if found is None:
        return _silent("passed", passing, sight.place)
    return Evidence("passed", _told(sight, passing, found), shaped(found.p, shape))


def _silent(code: str, passing: Window, place: Text) -> Evidence:
    time = span(passing.start, passing.end)
    says = Text(
        f"{place.zh}在污染物经过的时段（{time.zh}）有效数据不足，不能排除",
        f"{place.en} has too few valid values of the time at which it passed ({time.en}): it cannot be excluded",
    )
    return Evidence(code, says, NOTHING)


def _told(sight: Sight, passing: Window, found: Rank) -> Text:
    time, rise = span(passing.start, passing.end), amount(abs(found.rise), sight.series.unit)
    zh, en = ("最高比平常高", "rose to {} above") if found.rise >= 0.0 else ("比平常低", "stayed {} below")
    return Text(
        f"{sight.place.zh}在污染物经过的时段（{time.zh}）{zh} {rise}，此前 {found.windows} 个同长时段中有 "
        f"{found.as_high} 个达到（p = {found.p:.2g}）",
        f"{sight.place.en} {en.format(rise)} what is usual when it passed ({time.en}), which "
        f"{found.as_high or 'none'} of {found.windows} stretches of that length before reached (p = {found.p:.2g})",
    )


def permit(seen: Seen, candidate: Candidate, candidates: Sequence[Candidate], odds: float) -> Evidence:
    """Say whether its permit names the substance, beside how many of the permits known do.

    Parameters
    ----------
    seen : Seen
    candidate : Candidate
    candidates : sequence of Candidate
        All of them.
    odds : float
        How many times as often a source whose permit names it causes such a thing as one whose permit does not. [1]

    Returns
    -------
    Evidence
    """
    if candidate.permitted is None:
        none = Text("其排污许可证内容未录入或未录全，无从判断", "no permit of it is known in full: this says nothing")
        return Evidence("permit", none, NOTHING)
    known = [one.permitted for one in candidates if one.permitted is not None]
    naming, name = sum(known), seen.factor.short
    share = (naming + 1.0) / (len(known) + 2.0)  # Laplace's rule
    weight = (odds if candidate.permitted else 1.0) / (share * odds + 1.0 - share)
    zh, en = ("载有", "names") if candidate.permitted else ("没有载明", "does not name")
    says = Text(
        f"排污许可证{zh}{name.zh}（已知的 {len(known)} 份许可证中 {naming} 份载有）",
        f"its permit {en} {name.en} ({naming} of {len(known)} permits known do)",
    )
    return Evidence("permit", says, math.log(weight))


def doubts(candidate: Candidate, days: int, telling: float) -> Evidence:
    """Say what was found there in that time that hides or explains a discharge.

    Parameters
    ----------
    candidate : Candidate
    days : int
        In how many days before it was counted how often such a thing is found there. [d]
    telling : float
        Share of discharges that leave such a finding. [1]

    Returns
    -------
    Evidence
    """
    watched = candidate.doubts or candidate.doubtful_share > 0.0 or any(len(one.series) for one in candidate.own)
    if not watched:
        says = Text("没有可供核查的治理和监控数据", "nothing that would show treatment or tampering is watched there")
        return Evidence("doubts", says, NOTHING)
    base = (candidate.doubtful_share * days + 1.0) / (days + 2.0)  # Laplace's rule
    usual = f"{candidate.doubtful_share:.0%}"
    if candidate.doubts:
        zh, en = "；".join(one.zh for one in candidate.doubts), "; ".join(one.en for one in candidate.doubts)
        says = Text(
            f"该时段发现：{zh}（此前 {usual} 的日子有此类情况）",
            f"found in that time: {en} (on {usual} of days before)",
        )
        return Evidence("doubts", says, math.log((telling + (1.0 - telling) * base) / base))
    says = Text(
        f"该时段没有发现治理停运、数据可疑等情况（此前有此类情况的日子占 {usual}）",
        f"nothing was found in that time that hides or explains a discharge (on {usual} of the days before)",
    )
    return Evidence("doubts", says, math.log(1.0 - telling))


def history(candidate: Candidate, expected: float, weight: float) -> Evidence:
    """Say how often people found it to be the source of what was seen at the same place.

    Parameters
    ----------
    candidate : Candidate
    expected : float
        Share of visits that are expected to find the source. [1]
    weight : float
        For how many visits that expectation counts. [1]

    Returns
    -------
    Evidence
    """
    visits = candidate.confirmed + candidate.refuted
    if not visits:
        says = Text("此前没有因同一站点查过它", "it was never visited for what was seen at this place")
        return Evidence("history", says, NOTHING)
    share = (candidate.confirmed + expected * weight) / (visits + weight)
    says = Text(
        f"此前因同一站点查过 {visits} 次，{candidate.confirmed} 次查实",
        f"visited {visits} times for what was seen at this place, found to be the source {candidate.confirmed} times",
    )
    return Evidence("history", says, math.log(share / expected))
