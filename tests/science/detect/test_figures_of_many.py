"""Figures taken of very many stretches at once: to the last bit those of each stretch taken alone."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.detect import Context
from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._events.course import daily_course, hours_of
from qingyuan_science.detect._events.expecting import Trailing
from qingyuan_science.detect._events.watching import usual_scatter
from qingyuan_science.detect._figures import (
    between,
    decimals_of,
    quantile_of,
    quantiles_beside,
    quantiles_of,
    trailing_median,
    values_at,
)
from qingyuan_science.detect._loops import expectations, scores, stretches, surprises, waves, windows
from qingyuan_science.detect._scored import Measure
from qingyuan_science.detect._surprise import surprise
from qingyuan_science.detect._tables import figures, medians
from qingyuan_science.detect.copied_channel import CopiedChannel
from qingyuan_science.detect.repeated_days import RepeatedDays
from qingyuan_science.plugins import Text
from qingyuan_science.series import CHINA_OFFSET, SECOND, Series
from qingyuan_science.standards import factor

MIDNIGHT = datetime(2026, 1, 1, 16, tzinfo=UTC)  # in China
HOUR, DAY = 3600 * SECOND, 24 * 3600 * SECOND
SEEDS = st.integers(0, 10_000)


def gappy(seed, days, decimals=1, spread=3.0):
    """A year as it comes: it wanders, has gaps, marks and repeated values."""
    random = np.random.default_rng(seed)
    value = np.round(30.0 + np.cumsum(random.normal(0.0, spread, 24 * days)) * 0.3, decimals)
    mark = np.where(random.random(value.size) < 0.05, "D", "N")
    whole = Series.starting(MIDNIGHT, value, "".join(mark), unit="mg/L", step=3600)
    there = random.random(value.size) > 0.08
    return Series(whole.at[there], whole.value[there], whole.mark[there], whole.unit, whole.step)


def context(**more):
    return Context(Text("城东总排口", "the main outlet"), factor("w01018"), (), "hour", 1, **more)


def each(series, learned, detector, **more):
    days = days_of(series, None, learned)
    return days, [one.value for one in detector.measures(days, context(**more))]


@pytest.mark.parametrize(
    ("many", "one"),
    [
        (lambda table: table.mean(axis=1), np.mean),
        (lambda table: table.std(axis=1), np.std),
        (medians, np.median),
        (lambda table: np.abs(np.diff(table)).mean(axis=1), lambda value: np.abs(np.diff(value)).mean()),
    ],
)
@given(seed=SEEDS, least=st.integers(2, 30))
@settings(max_examples=30, deadline=None)
def test_a_figure_of_many_stretches_is_that_of_each_alone(many, one, seed, least):
    random = np.random.default_rng(seed)
    value, used = random.lognormal(0.0, 2.0, 300), random.random(300) < 0.8
    first = random.integers(0, 250, 40)
    spans = first, first + random.integers(0, 50, 40)
    alone = [value[begin:end][used[begin:end]] for begin, end in zip(*spans, strict=True)]
    expected = [one(known) if known.size >= least else np.nan for known in alone]
    np.testing.assert_array_equal(figures(value, used, spans, many, least=least)[0], expected)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0.0, 1.0))
@settings(max_examples=200, deadline=None)
def test_a_quantile_of_ordered_values_is_the_usual_one(values, share):
    assert quantile_of(np.sort(values), share) == np.quantile(values, share)


@given(st.lists(st.floats(-100.0, 100.0) | st.just(float("nan")), max_size=60), st.integers(5, 20))
@settings(max_examples=100, deadline=None)
def test_a_median_of_the_figures_before_leaves_the_unknown_out(values, length):
    value = np.array(values, dtype=np.float64)
    before = [value[max(0, day - length) : day] for day in range(value.size)]
    known = [one[np.isfinite(one)] for one in before]
    expected = [np.median(one) if one.size >= 5 else np.nan for one in known]
    np.testing.assert_array_equal(trailing_median(value, length), expected)
    rows = np.append(np.full(length, np.nan), value)[:, None]
    np.testing.assert_array_equal(windows.medians_before(rows, length, 5)[:, 0], expected)


@given(st.lists(st.decimals(-99999, 99999, places=6) | st.integers(-(10**7), 10**7), min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_decimals_are_counted_as_a_value_is_printed(printed):
    value = np.array([float(one) for one in printed])
    expected = [next((at for at in range(-6, 6) if np.isclose(round(one, at), one, rtol=1e-9, atol=1e-12)), 6)
                for one in value]  # fmt: skip
    far = [at for at, one in enumerate(value) if abs(one) >= 1.0 or one == 0.0]  # below it the tolerance differs
    assert decimals_of(value)[far].tolist() == np.array(expected)[far].tolist()


@given(seed=SEEDS, decimals=st.integers(0, 1))
@settings(max_examples=6, deadline=None)
def test_repeated_changes_are_weighed_as_if_each_shift_were_tried_alone(seed, decimals):
    series = gappy(seed, 24, decimals)
    days, (bits, three, _) = each(series, 14, RepeatedDays(back_days=12))
    grid = np.full(24 * 24 + 1, np.nan)
    slot = np.rint((series.at - series.at[0]) / HOUR).astype(int)
    grid[slot[series.valid]] = series.value[series.valid]

    def told(at):
        """The information of a value by how common it is in what lies no farther back than is searched."""
        there = [other for other in range(max(0, at - 13 * 24), at) if np.isfinite(grid[other])]
        common = (sum(grid[other] == grid[at] for other in there) + 1.0) / (len(there) + 2.0)
        met = sum(grid[other] == grid[at - 1] for other in there if other != at - 1)
        after = sum(grid[other] == grid[at] and grid[other - 1] == grid[at - 1] for other in there if other > 0)
        return -np.log2(max(common, (max(after - 1, 0) + 2.0 * common) / (max(met - 1, 0) + 2.0)))

    weight = [told(at) if at > 0 and abs(grid[at] - grid[at - 1]) > 0.0 else 0.0 for at in range(grid.size)]

    def agreed(end, length, first):
        begin = end + 1 - length
        found = [0.0]
        for shift in range(end - 24 - first - length + 2):
            same = [weight[begin + at] for at in range(length)
                    if weight[begin + at] > 0.0 and grid[first + shift + at] == grid[begin + at]]  # fmt: skip
            found.append(sum(same) if len(same) >= 3 else 0.0)
        return max(found)

    for day, end in enumerate(slot[days.last - 1]):
        first = max(0, end + 1 - 13 * 24)
        if end + 1 - 48 < first + 4 * 24:  # a third of what is searched
            assert np.isnan(bits[day])
            continue
        assert bits[day] == agreed(end, 24, first)
        expected = agreed(end, 72, first) if end + 1 - 96 > first else bits[day]
        assert three[day] == pytest.approx(expected, rel=1e-12)  # added up day by day


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_a_copy_is_measured_by_the_correlation_of_each_day(seed):
    series, other = gappy(seed, 40), gappy(seed + 1, 40)
    days, (day, _, _) = each(series, 30, CopiedChannel(), beside={("w21003", ""): other})
    place = np.searchsorted(other.at, series.at)
    found = []
    for first, last in zip(days.first, days.last, strict=True):
        both = [(series.value[at], other.value[place[at]]) for at in range(first, last)
                if series.valid[at] and place[at] < len(other) and other.at[place[at]] == series.at[at]
                and other.valid[place[at]]]  # fmt: skip
        found.append(1.0 - np.corrcoef(*np.transpose(both))[0, 1] ** 2 if len(both) >= 12 else np.nan)
    found = np.array(found)
    known = days.learned & np.isfinite(found)
    for at, own in enumerate(found):  # what a day learned from is set beside does not hold itself
        others = found[known & (np.arange(found.size) != at)]
        np.testing.assert_allclose(day[at], own / np.quantile(others, 0.01), rtol=1e-6)


def test_a_day_learned_from_is_beside_the_others_what_a_day_to_come_is_beside_all():
    figure = np.array([[3.0, 1.0, 2.0, np.nan, 2.0, 5.0, 0.5], [7.0, 7.0, 7.0, 7.0, 7.0, np.nan, 7.0]])
    learned = np.array([True] * 5 + [False] * 2)
    least = quantiles_beside(figure, learned, 0.0)
    np.testing.assert_array_equal(least, [[1.0, 2.0, 1.0, np.nan, 1.0, 1.0, 1.0], [7.0] * 7])
    middle = quantiles_beside(figure, learned, 0.5)
    np.testing.assert_array_equal(middle[0], [2.0, 2.0, 2.0, np.nan, 2.0, 2.0, 2.0])


@given(seed=SEEDS, tied=st.booleans(), share=st.floats(0.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_what_a_day_is_set_beside_is_the_quantile_of_the_days_learned_from_that_are_not_itself(seed, tied, share):
    random = np.random.default_rng(seed)
    figure = np.round(random.normal(size=(2, 30)), 1 if tied else 12)
    figure[random.random(figure.shape) < 0.2] = np.nan
    learned = np.arange(30) < 20
    found = quantiles_beside(figure, learned, share)
    for row, beside in zip(figure, found, strict=True):
        for at in np.flatnonzero(np.isfinite(row)):
            others = [row[one] for one in range(20) if one != at and np.isfinite(row[one])]
            np.testing.assert_allclose(beside[at], np.quantile(others, share), rtol=1e-12, atol=1e-12)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_watch_expects_the_median_of_the_rows_before_where_a_quarter_is_known(seed):
    random = np.random.default_rng(seed)
    rows = np.where(random.random((60, 2)) < random.random(), random.normal(size=(60, 2)), np.nan)
    told = Trailing(10).expected(rows)
    for at in range(50):
        for signal in range(2):
            known = rows[at : at + 10, signal][np.isfinite(rows[at : at + 10, signal])]
            np.testing.assert_equal(told[at, signal], np.median(known) if 4 * known.size >= 10 else np.nan)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_the_course_of_a_day_is_the_median_of_each_hour_beside_that_of_its_day(seed):
    random = np.random.default_rng(seed)
    at = np.arange(20 * 48)[random.random(20 * 48) > 0.2] * HOUR // 2
    rows = np.sin(hours_of(at) / 24.0 * 2.0 * np.pi) + random.normal(0.0, 0.1, at.size)
    rows[random.random(at.size) < 0.1] = np.nan
    day = (at + CHINA_OFFSET) // DAY
    apart = rows - np.array([np.nanmedian(rows[day == one]) for one in day])
    expected = [np.nanmedian(apart[hours_of(at) == hour]) for hour in range(24)]
    np.testing.assert_array_equal(daily_course(at, rows[:, None])[:, 0], expected)


def test_the_usual_scatter_is_a_quantile_of_what_is_known():
    random = np.random.default_rng(3)
    residuals = np.abs(np.where(random.random((200, 2)) < 0.7, random.normal(size=(200, 2)), np.nan))
    found = usual_scatter(residuals, 0.9, np.zeros(2), np.zeros(2))
    np.testing.assert_array_equal(found, np.nanquantile(residuals, 0.9, axis=0))


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_how_a_stretch_moves_is_told_to_the_last_bit_as_numpy_tells_it(seed):
    random = np.random.default_rng(seed)
    value = np.round(random.lognormal(1.0, 1.0, 900), 1)
    first = random.integers(0, 600, 30)
    spans = first, first + random.integers(0, 300, 30)
    textures = stretches.textures(value, spans, 12, 3)
    bends = stretches.bends(value, spans, 9, 3)
    for number, (begin, end) in enumerate(zip(*spans, strict=True)):
        row = value[begin:end]
        change = np.diff(row)
        expected = [np.nan] * 4
        if row.size >= 12:
            level, bend = np.abs(row).mean(), np.diff(change)
            expected = [bend.std() / change.std(), np.abs(change).mean() / level, row.std() / level,
                        np.count_nonzero(change) / change.size]  # fmt: skip
        np.testing.assert_array_equal(textures[:, number], expected)
        bent = np.abs(np.diff(change)).mean() / np.abs(row).mean() if row.size >= 9 else np.nan
        np.testing.assert_array_equal(bends[number], bent)


@given(seed=SEEDS, step=st.sampled_from((None, 3600.0, 1800.0)))
@settings(max_examples=30, deadline=None)
def test_what_another_series_held_is_found_by_walking_along_it_too(seed, step):
    one, other = gappy(seed, 20), gappy(seed + 1, 20)
    late = np.random.default_rng(seed).integers(0, 3600, len(other)) * SECOND // 2
    other = Series(other.at + late, other.value, other.mark, other.unit, step)
    np.testing.assert_array_equal(stretches.values_at(one.at, other), values_at(one.at, other))
    assert np.isnan(stretches.values_at(one.at, other.part(slice(0, 0)))).all()


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_the_closest_half_of_a_day_is_found_among_three(seed):
    random = np.random.default_rng(seed)
    value, other = random.normal(size=(2, 24))
    whole, half = stretches.closeness(value, other[None], (np.array([0]), np.array([24])), (12, 4))
    parts = [1.0 - np.corrcoef(value[begin : begin + 12], other[begin : begin + 12])[0, 1] ** 2 for begin in (0, 6, 12)]
    np.testing.assert_allclose(half[0, 0], min(parts), rtol=1e-9)
    np.testing.assert_allclose(whole[0, 0], 1.0 - np.corrcoef(value, other)[0, 1] ** 2, rtol=1e-9)


@given(seed=SEEDS)
@settings(max_examples=6, deadline=None)
def test_a_day_is_unlike_the_earlier_stretch_whose_changes_follow_it_best(seed):
    series = gappy(seed, 24)
    days, (_, _, unlike) = each(series, 14, RepeatedDays(back_days=12))
    grid = np.full(24 * 24 + 1, np.nan)
    slot = np.rint((series.at - series.at[0]) / HOUR).astype(int)
    grid[slot[series.valid]] = series.value[series.valid]
    change = np.diff(grid, prepend=np.nan)
    known = change[: slot[days.last[days.learned][-1] - 1] + 1]
    usual = np.median(np.abs(known[np.isfinite(known) & (known != 0.0)]))
    change = np.clip(np.nan_to_num(change), -3.0 * usual, 3.0 * usual)
    for day, end in enumerate(slot[days.last - 1]):
        begin, first = end - 23, max(0, end + 1 - 13 * 24)
        if end + 1 - 48 < first + 4 * 24 or np.count_nonzero(change[begin : end + 1]) < 6:
            assert np.isnan(unlike[day])
            continue
        now, most = change[begin : end + 1], 0.0
        for at in range(first, begin - 23):
            earlier = change[at : at + 24]
            if np.count_nonzero(earlier) >= 6:
                most = max(most, earlier @ now / np.sqrt(earlier @ earlier * (now @ now)))
        np.testing.assert_allclose(unlike[day], max(1.0 - most, 1e-6), rtol=1e-9)


@given(seed=SEEDS, count=st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_waves_are_cosines_beside_the_values_and_their_products(seed, count):
    random = np.random.default_rng(seed)
    scaled, frequencies = np.clip(random.normal(size=(40, count)), -4.0, 4.0), random.normal(size=(count, 50))
    phases = random.uniform(0.0, 2.0 * np.pi, 50)
    inputs, rows = np.full((count, 60), np.nan), np.sort(random.choice(60, 40, replace=False))
    inputs[:, rows] = scaled.T
    features = waves.table(inputs, rows, (np.zeros(count), np.ones(count), 4.0), (frequencies, phases)).T
    found = features[:40]
    products = [0.5 * scaled[:, one] * scaled[:, other] for one in range(count) for other in range(one, count)]
    columns = [np.ones((40, 1)), scaled, np.stack(products, axis=1)]
    np.testing.assert_array_equal(found[:, :-50], np.hstack(columns))
    np.testing.assert_allclose(found[:, -50:], np.cos(scaled @ frequencies + phases), rtol=0, atol=1e-13)
    of_nothing = np.concatenate([[1.0], np.zeros(features.shape[1] - 51), np.cos(phases)])
    np.testing.assert_allclose(features[40], of_nothing, rtol=0, atol=1e-13)


@given(seed=SEEDS)
@settings(max_examples=30, deadline=None)
def test_medians_of_stretches_leave_out_what_is_not_known(seed):
    random = np.random.default_rng(seed)
    value = np.where(random.random(200) < 0.6, random.normal(size=200), np.nan)
    first = random.integers(0, 180, 20)
    last = first + random.integers(0, 20, 20)
    known = [value[begin:end][np.isfinite(value[begin:end])] for begin, end in zip(first, last, strict=True)]
    expected = [np.median(one) if one.size else np.nan for one in known]
    np.testing.assert_array_equal(windows.medians(value, (first, last)), expected)


@given(seed=SEEDS, share=st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_quantiles_of_rows_are_the_usual_ones_with_the_unknown_left_out(seed, share):
    random = np.random.default_rng(seed)
    figure = np.where(random.random((3, 20)) < 0.7, random.normal(size=(3, 20)), np.nan)
    figure[0] = np.nan
    expected = [np.nan, *(np.quantile(row[np.isfinite(row)], share) for row in figure[1:])]
    np.testing.assert_array_equal(quantiles_of(figure, share), expected)


@given(seed=SEEDS, count=st.integers(14, 90), above=st.floats(0.0, 4.0), decimals=st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_surprises_above_a_level_are_the_same_when_no_others_are_asked_for(seed, count, above, decimals):
    random = np.random.default_rng(seed)
    learned = np.round(random.normal(size=count), decimals)
    value = np.append(np.round(random.normal(size=30) * 1.5, decimals), [np.nan, np.inf])
    whole, quick = surprise(value, learned, 0.1), surprise(value, learned, 0.1, above=above)
    np.testing.assert_array_equal(np.where(whole > above, whole, 0.0), np.where(quick > above, quick, 0.0))
    np.testing.assert_array_equal(np.isnan(whole), np.isnan(quick))


@given(seed=SEEDS, window=st.integers(1, 30), share=st.floats(0.0, 1.0), every=st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_a_quantile_of_a_moving_window_is_that_of_the_window_taken_alone(seed, window, share, every):
    random = np.random.default_rng(seed)
    rows = np.round(np.cumsum(random.normal(size=(500, 2)), axis=0), 1)
    rows[random.random(rows.shape) < 0.2] = np.nan
    ends = np.arange(every, len(rows) + 1, every)
    found, count = windows.bounds_before(rows, ends, window, share)
    each = [rows[max(0, end - window) : end] for end in ends]
    np.testing.assert_array_equal(count, [np.isfinite(one).sum(axis=0) for one in each])
    usual = np.array([quantiles_of(one.T, share) for one in each])
    np.testing.assert_array_equal(between(*found, count, share), usual)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_a_course_agrees_with_what_was_expected_by_the_values_that_both_have(seed):
    random = np.random.default_rng(seed)
    value, expected = random.normal(size=(2, 400)).cumsum(axis=1)
    value[random.random(400) < 0.3], expected[100:150] = np.nan, 1.0
    first = np.arange(0, 400, 25)
    found = stretches.agreement(value, expected, (first, first + 25), (12, 1e-6))
    for number, begin in enumerate(first):
        one, other = value[begin : begin + 25], expected[begin : begin + 25]
        both = np.isfinite(one)
        one, other = one[both] - one[both].mean(), other[both] - other[both].mean()
        if both.sum() < 12 or other.std() < 1e-6:
            assert np.isnan(found[:, number]).all()
        else:
            shown = (one * other).mean() / one.std(), one.std() / other.std()
            np.testing.assert_allclose(found[:, number], shown, rtol=1e-9, atol=1e-12)


@given(seed=SEEDS, count=st.integers(1, 9), begin=st.integers(0, 40))
@settings(max_examples=20, deadline=None)
def test_products_of_features_are_summed_over_a_stretch_alone(seed, count, begin):
    rows = np.random.default_rng(seed).normal(size=(count, 200))
    part = rows[:, begin : begin + 130]
    found = waves.products(rows, (begin, begin + 130))
    np.testing.assert_allclose(found, part @ part.T, rtol=0, atol=1e-11)
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_array_equal(found, waves.products(np.ascontiguousarray(part), (0, 130)))
    weights = np.arange(count) - 1.5
    told = waves.weighed(rows, weights, 2.0, (begin, begin + 130))
    np.testing.assert_allclose(told, 2.0 + weights @ part, rtol=0, atol=1e-12)


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_what_is_usual_of_inputs_leaves_out_what_is_not_known(seed):
    random = np.random.default_rng(seed)
    rows = np.round(random.normal(size=(3, 50)), 1)
    rows[random.random(rows.shape) < 0.3] = np.nan
    rows[0] = np.nan
    middle, spread = waves.middle_and_spread(np.sort(rows, axis=1))
    np.testing.assert_allclose(middle, [0.0, *np.nanmedian(rows[1:], axis=1)], rtol=0, atol=1e-15)
    np.testing.assert_allclose(spread, [0.0, *np.nanstd(rows[1:], axis=1)], rtol=0, atol=1e-11)


@given(seed=SEEDS, first=st.integers(1, 9), least=st.integers(0, 60))
@settings(max_examples=20, deadline=None)
def test_values_are_learned_from_where_both_sides_are_known_in_parts_that_end_where_it_is_learned(seed, first, least):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(2, 100))
    rows[random.random(rows.shape) < 0.6] = np.nan
    target = np.where(random.random(100) < 0.7, 1.0, np.nan)
    begins = np.arange(0, 100, 10)
    times = expectations.Times(first, 3, 2, least)
    (used, bounds, days), early = expectations.gathered(target, rows, (begins, begins + 10), times)
    some = np.flatnonzero(np.isfinite(target) & np.isfinite(rows).any(axis=0))
    np.testing.assert_array_equal(used, some)
    due = [day for day in range(first, 10, 3) if np.count_nonzero(some < 10 * day) >= least]
    np.testing.assert_array_equal(days, due)
    np.testing.assert_array_equal(bounds, [0, *(np.count_nonzero(some < 10 * day) for day in due), some.size])
    np.testing.assert_array_equal(early, rows[:, some[: bounds[1]]] if due else np.empty((2, 0)))


@given(seed=SEEDS, count=st.integers(1, 45))
@settings(max_examples=20, deadline=None)
def test_a_penalised_regression_is_solved(seed, count):
    random = np.random.default_rng(seed)
    features, target = random.normal(size=(60, count)), random.normal(size=60)
    square, product = features.T @ features + 30.0 * np.eye(count), features.T @ target
    np.testing.assert_allclose(
        expectations.solved(square.copy(), product), np.linalg.solve(square, product), atol=1e-12
    )


def weighed_together(measures, learned):
    """The surprise of each day, its budget shared by its figures as their weights say."""
    each = np.array([surprise(one.compared, one.compared[learned], one.grain) for one in measures])
    weights = np.where(np.isfinite(each), np.array([[one.weight] for one in measures]), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weights > 0.0, each + np.log10(weights / weights.sum(axis=0)), -1.0).max(axis=0)


@given(seed=SEEDS, by_ratio=st.booleans(), steep=st.floats(0.2, 3.0), spread=st.sampled_from([None, 0.5, 2.0]))
@settings(max_examples=60, deadline=None)
def test_days_are_called_quiet_where_weighing_each_figure_leaves_all_untold(seed, by_ratio, steep, spread):
    random = np.random.default_rng(seed)
    level, learned = random.uniform(1.6, 3.0), np.arange(90) < 60
    values = np.exp(steep * random.normal(size=(3, 90)))
    values[random.random(values.shape) < 0.05] = np.nan
    spreads = np.empty((3, 0)) if spread is None else np.full((3, 90), spread)
    told = {"as_ratio": by_ratio, "spread": None if spread is None else spreads[0]}
    measures = [
        Measure(Text("值", "value"), row, "1", 0.1, low_is_strange=low, weight=weight, **told)
        for row, low, weight in zip(values, (False, True, False), (1.0, 2.0, 0.5), strict=True)
    ]
    traits = np.array([(one.grain, one.low_is_strange, one.as_ratio, one.weight) for one in measures])
    called = surprises.quiet((values, spreads), traits, learned, (level, 14, 0.1))
    assert called == (not (weighed_together(measures, learned)[~learned] > level).any())


@given(seed=SEEDS, signals=st.integers(1, 12))
@settings(max_examples=20, deadline=None)
def test_the_joint_score_is_a_length_in_which_no_signal_counts_for_more_than_the_cap(seed, signals):
    random = np.random.default_rng(seed)
    rows = random.normal(0.0, 6.0, (40, signals))
    rows[random.random(rows.shape) < 0.2] = np.nan
    rows[0, 0] = -np.inf
    capped = np.minimum(np.abs(np.where(np.isnan(rows), 0.0, rows)), 8.0)
    np.testing.assert_allclose(scores.norms(rows, 8.0), np.linalg.norm(capped, axis=1), rtol=1e-14)


@given(seed=SEEDS, share=st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_a_scatter_lasts_where_too_little_is_known_for_a_new_one(seed, share):
    random = np.random.default_rng(seed)
    rows = np.abs(random.normal(size=(120, 2)))
    rows[40:80, 1] = np.nan
    ends = np.arange(20, 121, 20)
    there = windows.bounds_before(rows, ends, 30, share)
    found = scores.lasting(there, share, np.array([9.0, 9.0]), (20, np.array([0.1, 0.1])))
    expected = [[9.0, 9.0]]
    for end in ends:
        window = rows[max(0, end - 30) : end]
        known = np.isfinite(window).sum(axis=0)
        new = [np.quantile(column[np.isfinite(column)], share) if many >= 20 else before
               for column, many, before in zip(window.T, known, expected[-1], strict=True)]  # fmt: skip
        expected.append(np.maximum(new, 0.1).tolist())
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(seed=SEEDS, alike=st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_median_of_few_values_is_the_usual_one_where_many_are_equal(seed, alike):
    random = np.random.default_rng(seed)
    value = np.round(random.normal(size=120), 0 if alike else 2)
    first = np.arange(0, 120, 1)
    last = np.minimum(first + random.integers(1, 70, 120), 120)
    expected = [np.median(value[begin:end]) for begin, end in zip(first, last, strict=True)]
    np.testing.assert_array_equal(windows.medians(value, (first, last)), expected)


@given(seed=SEEDS, step=st.sampled_from((900, 3600, 7000)))
@settings(max_examples=30, deadline=None)
def test_days_are_those_of_the_calendar_in_china_that_hold_any_value(seed, step):
    random = np.random.default_rng(seed)
    at = np.cumsum(np.where(random.random(300) < 0.02, 200_000, step) * random.integers(1, 3, 300)) * SECOND
    days = days_of(Series(at, np.ones(300), np.full(300, "N"), "mg/L", 60.0), None, 14)
    calendar = (at + CHINA_OFFSET) // DAY
    numbers, first = np.unique(calendar, return_index=True)
    np.testing.assert_array_equal(days.day.astype(np.int64), numbers)
    np.testing.assert_array_equal(days.first, first)
    np.testing.assert_array_equal(days.last, [*first[1:], 300])


def test_rows_stand_where_any_series_has_a_value_on_the_grid_between_the_first_and_the_last_of_one():
    def at(*hours):
        times = np.array([round(hour * HOUR) for hour in hours])
        return Series(times, np.ones(times.size), np.full(times.size, "N"), "mg/L", 3600.0)

    own, others = at(2, 3, 6, 9), [at(0, 1, 2, 4, 11), at(5.5, 6.5, 7), at()]
    assert (stretches.times_of_any(own.at, others, HOUR) / HOUR).tolist() == [2, 3, 4, 6, 7, 9]
    assert stretches.times_of_any(at(2, 3.5, 6).at, others, HOUR).tolist() == at(2, 3.5, 6).at.tolist()
    assert stretches.times_of_any(at(2, 9000).at, others, HOUR).size == 2  # hardly anything but holes
