"""Means of periods computed from what was measured, with the count of values behind each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series.errors import NoFixedLength
from qingyuan_science.series.measured import Series
from qingyuan_science.series.rules import Statistic, ValidityRule
from qingyuan_science.series.times import CHINA_OFFSET, SECOND
from qingyuan_science.series.vocabulary import Averaging, Mark
from qingyuan_science.series.weights import Weights, is_concentration, kilograms, weights_of

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

_PRECEDENCE = np.array([mark.value for mark in Mark], dtype="<U1")
_LETTER_ORDER = np.argsort(_PRECEDENCE)
_SLACK = 1e-9  # 0.75 * 60 must not ask for a 46th minute because of binary fractions


@dataclass(frozen=True)
class PeriodMeans:
    """Means with what else is told of their periods.

    Parameters
    ----------
    series : Series
        The means, stamped with the start of their periods; ``samples`` tells how many values were used.
    low, high : ndarray of float64, shape (n,)
        Lowest and highest of the values used; NaN where none was [unit].
    total : ndarray of float64, shape (n,)
        What passed in the period while it was measured: of a flow its volume [m3], of a concentration weighted by flow
        its mass [kg]; NaN for everything else.
    """

    series: Series
    low: Values
    high: Values
    total: Values


@dataclass(frozen=True)
class _Periods:
    """The values of a series sorted into periods: which period each belongs to, and whether it is used."""

    series: Series
    member: NDArray[np.intp]
    size: int
    used: Flags

    def sums(self, values: Values | Flags) -> Values:
        return np.asarray(np.bincount(self.member, weights=values, minlength=self.size), dtype=np.float64)


def hour_means(series: Series, needed_share: float = 0.75) -> Series:
    """Compute arithmetic hourly means from shorter values.

    Parameters
    ----------
    series : Series
        Real-time, minute or ten-minute values.
    needed_share : float
        Share of the due values that must be valid for the mean to be valid [1].

    Returns
    -------
    Series
        One value an hour that holds any value, stamped with the start of the hour: the mean of the valid values. Its
        mark is ``N`` if enough of them are valid; else the strongest mark found, or ``U`` if values are only missing.
        ``samples`` tells how many were used.

    Raises
    ------
    UnknownStep
        No step is given and there are fewer than two values.

    Source
    ------
    HJ 212-2017, notes on commands 2051, 2061 and 2031: at least 75 % valid values for flue gas.
    """
    return period_means(series, Averaging.HOUR, _rule_of(needed_share)).series


def day_means(series: Series, needed_share: float = 0.75) -> Series:
    """Compute arithmetic daily means over natural days in China (UTC+8).

    Parameters
    ----------
    series : Series
        Hourly values, or shorter ones.
    needed_share : float
        Share of the due values that must be valid for the mean to be valid [1].

    Returns
    -------
    Series
        One value a day that holds any value, stamped with local midnight; marks and ``samples`` as in `hour_means`.

    Raises
    ------
    UnknownStep
        No step is given and there are fewer than two values.

    Source
    ------
    GB 3095-2026 table 4 asks for 20 valid hours a day: pass ``needed_share=20 / 24`` for ambient air.
    """
    return period_means(series, Averaging.DAY, _rule_of(needed_share)).series


def _rule_of(share: float) -> ValidityRule:
    return ValidityRule(round(share * 1_000_000), 1_000_000)


def period_means(
    series: Series, averaging: Averaging, rule: ValidityRule, *, flow: Series | None = None
) -> PeriodMeans:
    """Compute the means of natural periods in China (UTC+8) by a rule.

    Parameters
    ----------
    series : Series
        Values shorter than the period.
    averaging : Averaging
        A period of fixed length.
    rule : ValidityRule
        What makes a mean valid, and how it is taken.
    flow : Series, optional
        Flow at the same instants, for means weighted by flow; None where none is measured [L/s or a unit like it].

    Returns
    -------
    PeriodMeans
        One mean for each period that holds any value. Its mark is

        - ``N`` if enough values are valid, and where one abnormal value spoils the period, if all there are are valid;
        - the strongest mark found, or ``U`` if values are only missing, otherwise;
        - ``W`` in place of ``N`` where it should be weighted by flow and no water flowed or too little of the flow is
          known: it is then the arithmetic mean.

        Nothing where values come too seldom for the rule's ``least``, or no oftener than once a period.

    Raises
    ------
    NoFixedLength
        The averaging time has no fixed length.
    UnknownStep
        No step is given and there are fewer than two values.
    qingyuan_science.units.IncompatibleUnits
        ``flow`` is no flow.

    Source
    ------
    HJ 212-2017, annex D: D.3 (flow-weighted and arithmetic means of waste water), D.4 (flue gas).

    Notes
    -----
    Flow-weighted: C = Σ(C·Q) / ΣQ over values of one spacing; what is no concentration, such as a temperature, is not
    weighted. The annex does not say what stands where no water flows
    (0/0). An unweighted value already marked ``W`` takes part with its weight, which is nothing where nothing flowed.
    """
    if averaging.seconds is None:
        raise NoFixedLength(f"found {averaging.value}, expected minute, ten_minute, hour or day")
    length = averaging.seconds * SECOND
    if not len(series) or series.period >= length or length // series.period < rule.least:
        return _nothing(series, length)
    bucket, member = np.unique((series.at + CHINA_OFFSET) // length, return_inverse=True)
    weighted = rule.statistic is Statistic.FLOW_WEIGHTED and is_concentration(series.unit)
    used = series.valid | (weighted & (series.mark == Mark.UNWEIGHTED.value) & np.isfinite(series.value))
    periods = _Periods(series, member, bucket.size, used)
    count = periods.sums(used)
    weights = weights_of(series, flow, used) if weighted and flow is not None else None
    unweighted = _unweighted(periods, weights, rule)
    value = _value(periods, rule.statistic, weights, unweighted)
    mark = _marks(periods, rule, count >= np.maximum(rule.share * length / series.period - _SLACK, rule.least))
    mark = np.where(unweighted & (mark == Mark.NORMAL.value), Mark.UNWEIGHTED.value, mark)
    means = Series(
        bucket * length - CHINA_OFFSET, value, mark, series.unit, length / SECOND, np.rint(count).astype(np.int64)
    )
    return PeriodMeans(means, *_spread(periods), _totals(periods, rule.statistic, weights))


def _nothing(series: Series, length: int) -> PeriodMeans:
    empty = series.part(slice(0, 0))
    means = Series(empty.at, empty.value, empty.mark, series.unit, length / SECOND, np.empty(0, np.int64))
    return PeriodMeans(means, *(np.empty(0) for _ in range(3)))


def _unweighted(periods: _Periods, weights: Weights | None, rule: ValidityRule) -> Flags:
    """Which periods cannot be weighted although the station measures flow."""
    if weights is None:
        return np.zeros(periods.size, dtype=np.bool_)
    known = periods.sums(weights.known) >= rule.share * periods.sums(periods.used) - _SLACK
    return ~(known & (periods.sums(weights.flow) > 0))


def _value(periods: _Periods, statistic: Statistic, weights: Weights | None, unweighted: Flags) -> Values:
    if statistic is Statistic.MEDIAN:
        return _medians(periods)
    if statistic is Statistic.HYDROGEN_ION:
        acid = np.where(periods.used, 10.0 ** -np.where(periods.used, periods.series.value, 0.0), 0.0)
        mean = _quotient(periods.sums(acid), periods.sums(periods.used))
        return np.asarray(-np.log10(mean))
    values = np.where(periods.used, periods.series.value, 0.0)
    plain = _quotient(periods.sums(values), periods.sums(periods.used))
    if weights is None:
        return plain
    by_flow = _quotient(periods.sums(values * weights.flow), periods.sums(weights.flow))
    return np.asarray(np.where(unweighted, plain, by_flow))


def _quotient(total: Values, count: Values) -> Values:
    found: Values = np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)
    return found


def _medians(periods: _Periods) -> Values:
    found = np.full(periods.size, np.nan)
    for number in range(periods.size):
        chosen = periods.series.value[(periods.member == number) & periods.used]
        if chosen.size:
            found[number] = np.median(chosen)
    return found


def _marks(periods: _Periods, rule: ValidityRule, enough: Flags) -> NDArray[np.str_]:
    abnormal = ~periods.used & (periods.series.mark != Mark.NORMAL.value)
    spoiled = (periods.sums(abnormal) > 0) if rule.spoiled_by_one else np.zeros(periods.size, dtype=np.bool_)
    return np.where(enough & ~spoiled, Mark.NORMAL.value, _PRECEDENCE[_strongest(periods)])


def _strongest(periods: _Periods) -> NDArray[np.int64]:
    """Place in the order of precedence of the strongest mark of each period; a period of valid ones only lacks some."""
    rank = _LETTER_ORDER[np.searchsorted(_PRECEDENCE, periods.series.mark, sorter=_LETTER_ORDER)]
    found = np.full(periods.size, list(Mark).index(Mark.UNKNOWN), dtype=np.int64)
    np.minimum.at(found, periods.member, rank)
    return found


def _spread(periods: _Periods) -> tuple[Values, Values]:
    low, high = np.full(periods.size, np.inf), np.full(periods.size, -np.inf)
    np.minimum.at(low, periods.member[periods.used], periods.series.value[periods.used])
    np.maximum.at(high, periods.member[periods.used], periods.series.value[periods.used])
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def _totals(periods: _Periods, statistic: Statistic, weights: Weights | None) -> Values:
    if statistic is Statistic.FLOW:
        own = weights_of(periods.series, periods.series, periods.used)
        return periods.sums(own.flow * (periods.series.period / SECOND / 1000.0))
    return np.full(periods.size, np.nan) if weights is None else periods.sums(kilograms(periods.series, weights))
