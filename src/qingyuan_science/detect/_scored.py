"""Base of the detectors that give each day a score and speak when it passes what a false-alarm budget allows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import HOURS, Context, Detector, Finding, Severity, Sign
from qingyuan_science.detect._days import Days, days_of
from qingyuan_science.detect._figures import quantile_of
from qingyuan_science.detect._law import falsifying
from qingyuan_science.detect._surprise import LEAST_LEARNED, TAIL, surprise, threshold
from qingyuan_science.detect._tables import Floats
from qingyuan_science.detect._telling import days_sentence
from qingyuan_science.plugins import Text, parameter
from qingyuan_science.series import CHINA_OFFSET, Averaging, Series

_EXPECTED = (0.01, 0.99)  # between these quantiles of the learned days a sign counts as usual
_SEEN = 1.0  # surprise at which it is counted how often the figures of a detector speak together
_CONFIDENT = 1.2816  # standard deviations: nine tenths of the probability lie below


class Measure(NamedTuple):
    """One figure a day, and which side of it is strange.

    Parameters
    ----------
    name : Text
        What is measured.
    value : ndarray of shape (d,)
        The figure of each day; NaN where it cannot be told [unit].
    unit : str
        Its unit; ``share`` for a part of the whole, which is told in hundredths.
    grain : float
        Least difference that means anything, on the scale compared [unit, or natural logarithm of it].
    low_is_strange : bool
        Whether low figures are strange, in place of high ones.
    as_ratio : bool
        Whether figures are compared by their ratio, that is, their logarithm.
    weight : float
        Its part of the detector's budget of false findings, beside those of its other figures [1].
    spread : ndarray of shape (d,) or None
        How far a usual day lies from nought on the scale compared, where that differs from day to day: figures are then
        compared in such spreads, and so is the grain [unit, or natural logarithm of it].
    beside : ndarray of shape (d,) or None
        What the figure of each day is divided by before it is compared, where days differ in what is usual of them; it
        is shown, and its bound too, as it was measured [unit].
    says : Text or None
        What is wrong on a day that this figure shows most; left out, what the detector says.
    says_on : Callable or None
        The same from the number of the day, where it differs from day to day.
    shown : Callable or None
        From the number of the day, how the day is told in words that need no statistics; left out, by the figure.
    """

    name: Text
    value: Floats
    unit: str
    grain: float
    low_is_strange: bool = False
    as_ratio: bool = False
    weight: float = 1.0
    spread: Floats | None = None
    beside: Floats | None = None
    says: Text | None = None
    says_on: Callable[[int], Text] | None = None
    shown: Callable[[int], Sign] | None = None

    @property
    def compared(self) -> Floats:
        """The figure on the scale on which greater is stranger, shape (d,)."""
        value = self.value if self.beside is None else self.value / self.beside
        scaled = np.log(np.maximum(value, 1e-12)) if self.as_ratio else value
        told = -scaled if self.low_is_strange else scaled
        return told if self.spread is None else told / self.spread

    def usual(self, learned: NDArray[np.bool_], day: int) -> float:
        """The figure that usual days hardly pass on the strange side; of a day with a spread of its own, on that day.

        Parameters
        ----------
        learned : ndarray of bool, shape (d,)
            The days that are usual.
        day : int
            Number of the day.

        Returns
        -------
        float
            The figure [unit].
        """
        if self.spread is None:
            value, scale = (self.value, 1.0) if self.beside is None else (self.value / self.beside, self.beside[day])
            known = value[learned & np.isfinite(value)]
            return quantile_of(np.sort(known), _EXPECTED[0 if self.low_is_strange else 1]) * float(scale)
        compared = self.compared[learned]
        bound = quantile_of(np.sort(compared[np.isfinite(compared)]), _EXPECTED[1]) * float(self.spread[day])
        bound = -bound if self.low_is_strange else bound
        return float(np.exp(bound)) if self.as_ratio else bound


@dataclass(frozen=True)
class DayScores:
    """The score of each day that was judged.

    Parameters
    ----------
    day : ndarray of datetime64[D], shape (d,)
        The days, in China.
    score : ndarray of shape (d,)
        Surprise: minus the common logarithm of the share of usual days at least as strange; NaN where nothing can be
        said [1].
    """

    day: NDArray[np.datetime64]
    score: Floats


@dataclass(frozen=True)
class Scored(Detector):
    """Base of the detectors that give each day a score.

    Notes
    -----
    What is usual is learned from ``context.baseline``, or else from the first days of the series, which are then not
    judged. A day's figures depend on that day and on earlier ones only.

    The budget is shared by the figures of a detector as if each spoke on days of its own. Where they are
    ``overlapping``, so that several speak on the same day, less is told than the budget allows; how much less is then
    counted on the learned days, with nine tenths of confidence that it is no less than that.
    """

    looks_back_days: ClassVar[int] = 60
    averagings: ClassVar[tuple[Averaging, ...]] = HOURS
    overlapping: ClassVar[bool] = False
    severity: ClassVar[Severity] = Severity.MINOR
    says: ClassVar[Text] = Text("", "")
    law: ClassVar[Text | None] = None  # what it names in place of the law on falsified data

    budget: float = parameter(
        0.1, "1/month", 0.001, 5.0, title=Text("每月允许的误报条数", "false findings allowed a month")
    )
    learn_days: int = parameter(
        60, "d", 14, 730, title=Text("没有基准期时用于学习的天数", "days learned from where no baseline is given")
    )

    @classmethod
    def promises(cls) -> tuple[Text, ...]:
        """Say how far the learned days themselves bear the budget, and what the rest is.

        Returns
        -------
        tuple[Text, ...]
            One remark.
        """
        rare, known = round(10.0 ** threshold(cls.budget)), cls.looks_back_days
        return (
            Text(
                f"误报预算：默认每月 {cls.budget:g} 条，即约 {rare} 天一条。至多 {known} 天的学习样本本身只能保证不多于"
                f"每 {known + 1} 天一条，更少见的由指数尾部外推，是否守住以实测为准",
                f"Budget: {cls.budget:g} false findings a month by default, one in about {rare} days. The {known} days "
                f"learned from at most can vouch for no less than one in {known + 1} by themselves; beyond that an "
                "exponential tail is taken, and whether it holds is for measurements to say",
            ),
        )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure each day.

        Parameters
        ----------
        days : Days
            The baseline and the series, cut into days.
        context : Context
            What is known beside them.

        Returns
        -------
        tuple[Measure, ...]
            Figures of each day, made from that day and earlier ones only; empty if nothing can be measured.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what it measures")

    def scores(self, series: Series, context: Context) -> DayScores:
        """Score each day of a series.

        Parameters
        ----------
        series : Series
            Values of one channel; they are not altered.
        context : Context
            What is known beside them, the baseline foremost.

        Returns
        -------
        DayScores
            One score a day that is judged.
        """
        if not len(series):
            return DayScores(np.empty(0, "datetime64[D]"), np.empty(0))
        days = days_of(series, context.baseline, self.learn_days)
        judged = ~days.learned
        score = self._together(days, *_surprises(days, self.measures(days, context)))
        return DayScores(days.day[judged], score[judged])

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find the days whose score passes what the budget allows.

        Parameters
        ----------
        series : Series
            Values of one channel; they are not altered.
        context : Context
            What is known beside them, the baseline foremost.

        Returns
        -------
        list[Finding]
            One finding for days in a row, earliest first.
        """
        if not len(series):
            return []
        days = days_of(series, context.baseline, self.learn_days)
        measures, level = self.measures(days, context), threshold(self.budget)
        least = level + (np.log10(_greatest_share(measures)) if self.overlapping else 0.0)
        if not measures or _surely_quiet(days, measures, least):
            return []
        each, weights = _surprises(days, measures)
        score = self._together(days, each, weights)
        told = np.flatnonzero((score > level) & ~days.learned)
        apart = np.flatnonzero(np.diff(days.day[told]).astype(np.int64) > 1) + 1
        groups = [group for group in np.split(told, apart) if group.size]
        made = (self._finding(series, context, days, (measures, each, score, group)) for group in groups)
        return [one for one in made if one is not None]

    def _together(self, days: Days, each: Floats, weights: Floats) -> Floats:
        """The surprise of each day, shape (d,), from those of its figures."""
        most = _most(each, weights)
        return _most(each, weights, _at_most(most[days.learned])) if self.overlapping else most

    def _finding(
        self,
        series: Series,
        context: Context,
        days: Days,
        found: tuple[tuple[Measure, ...], Floats, Floats, NDArray[np.intp]],
    ) -> Finding | None:
        measures, each, score, group = found
        whole = days.whole
        positions = np.arange(days.first[group[0]], days.last[group[-1]])
        positions = positions[whole.at[positions] >= series.at[0]]
        worst = int(group[score[group].argmax()])
        ranked = np.argsort(-np.nan_to_num(each[:, worst], nan=-1.0), kind="stable")
        signs = tuple(_sign(measures[at], days, worst) for at in ranked if np.isfinite(each[at, worst]))
        most = measures[ranked[0]]
        says = most.says_on(worst) if most.says_on else most.says or self.says
        valid = positions[whole.valid[positions]]
        if not positions.size:
            return None
        start, end = int(whole.at[positions[0]]), int(whole.at[positions[-1]]) + whole.period
        law = self.law or falsifying(end)
        after = (days.day[group[-1]] + 2).astype("datetime64[us]").astype(np.int64) - CHINA_OFFSET
        return Finding(
            detector=self.code,
            factor=context.factor.code,
            start=start,
            end=end,
            severity=self.severity,
            peak=float(whole.value[valid[np.abs(whole.value[valid]).argmax()]]) if valid.size else 0.0,
            limit=None,
            times_over=float(score[worst] / threshold(self.budget) - 1.0),
            sentence=days_sentence(context, (says, law), (start, end), signs[0], score=float(score[worst])),
            clause=law,
            ongoing=bool(whole.at[-1] < after),
            evidence=tuple((int(whole.at[at]), float(whole.value[at])) for at in valid),
            confidence=min(1.0, valid.size / max(1, round((end - start) / whole.period))),
            signs=signs,
        )


def _surely_quiet(days: Days, measures: tuple[Measure, ...], level: float) -> bool:
    """Whether no judged day's surprise passes a level, where that can be told without weighing each day."""
    from qingyuan_science.detect._loops.surprises import quiet

    values = np.array([one.value if one.beside is None else one.value / one.beside for one in measures])
    spreads = np.empty((len(measures), 0))
    if any(one.spread is not None for one in measures):
        spreads = np.array([np.ones(len(days)) if one.spread is None else one.spread for one in measures])
    traits = np.array([(one.grain, one.low_is_strange, one.as_ratio, one.weight) for one in measures], np.float64)
    return quiet((values, spreads), traits, days.learned, (level, LEAST_LEARNED, TAIL))


def _surprises(days: Days, measures: tuple[Measure, ...], *, above: float = 0.0) -> tuple[Floats, Floats]:
    """The surprise of each figure on each day, and the weight of each figure."""
    compared = [one.compared for one in measures]
    rows = [
        surprise(row, row[days.learned], one.grain, above=above) for row, one in zip(compared, measures, strict=True)
    ]
    weights = np.array([one.weight for one in measures] or [1.0])
    return np.array(rows) if rows else np.full((1, len(days)), np.nan), weights


def _most(each: Floats, weights: Floats, overlap: float = 1.0) -> Floats:
    """Return the greatest surprise of each day, less what looking at several figures adds by chance.

    The false alarms of a day are shared by the figures that are known, in the ratio of their weights (Genovese,
    Roeder and Wasserman 2006, False discovery control with p-value weighting, Biometrika 93). Of that share of usual
    days, a part speaks: the overlap, which is no less than the part that the figure of the greatest weight makes up.
    """
    known = np.isfinite(each)
    total = np.where(known, weights[:, None], 0.0).sum(axis=0)
    share = np.where(known, weights[:, None], 1.0) / np.where(total > 0.0, total, 1.0)
    most = np.where(known, each + np.log10(share), -1.0).max(axis=0)
    if overlap < 1.0:
        most -= np.log10(np.maximum(overlap, np.where(known, share, 0.0).max(axis=0, initial=1e-9)))
    return np.where(total > 0.0, np.maximum(most, 0.0), np.nan)


def _at_most(learned: Floats) -> float:
    """Return which part of the usual days that a budget counts upon really speaks, at most, by those learned from.

    Days in a row count once, as they do in `surprise`. The bound is that of a Poisson count (Garwood 1936, Biometrika
    28), by the cube root of Wilson and Hilferty (1931, PNAS 17).
    """
    known = learned[np.isfinite(learned)]
    if not known.size:
        return 1.0
    over = known > _SEEN
    more = np.count_nonzero(over[1:] & ~over[:-1]) + float(over[0]) + 1.0
    bound = more * (1.0 - 1.0 / (9.0 * more) + _CONFIDENT / (3.0 * np.sqrt(more))) ** 3
    return float(min(1.0, bound / (10.0**-_SEEN * (known.size + 1.0))))


def _greatest_share(measures: tuple[Measure, ...]) -> float:
    weights = [one.weight for one in measures]
    return max(weights) / sum(weights) if weights else 1.0


def share_sign(name: Text, counts: tuple[Floats, Floats], days: Days, least: int) -> Callable[[int], Sign]:
    """How days are told by how many of their values are odd, in place of how unlikely so many are.

    Parameters
    ----------
    name : Text
        What is odd.
    counts : tuple of ndarray of shape (d,)
        How many values count, and how many of these are odd.
    days : Days
    least : int
        Days of fewer values are not held to be usual ones.

    Returns
    -------
    Callable
        The sign of a day by its number: the share [%], with the counts in its name, beside that of usual days.
    """
    counted, odd = counts
    usual = days.learned & (counted >= least)
    bound = quantile_of(np.sort(odd[usual] / counted[usual]), _EXPECTED[1]) if usual.any() else 0.0

    def sign(day: int) -> Sign:
        of, here = round(float(counted[day])), round(float(odd[day]))
        told = Text(f"{name.zh}（{of} 个中 {here} 个）", f"{name.en} ({here} of {of})")
        share = 100.0 * here / max(of, 1)
        return Sign(told, share, None, min(100.0 * float(bound), share), "%")

    return sign


def _sign(measure: Measure, days: Days, day: int) -> Sign:
    if measure.shown is not None:
        return measure.shown(day)
    usual = measure.usual(days.learned, day)
    value, unit = float(measure.value[day]), measure.unit
    if unit == "share":
        value, usual, unit = 100.0 * value, 100.0 * usual, "%"
    low, high = (usual, None) if measure.low_is_strange else (None, usual)
    return Sign(measure.name, value, low, high, unit)
