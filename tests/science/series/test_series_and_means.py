import pickle
from copy import deepcopy
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.series import (
    SECOND,
    Averaging,
    Mark,
    Series,
    UnequalLengths,
    UnknownMark,
    UnknownStep,
    UnsortedTimes,
    day_bounds,
    day_means,
    gaps,
    hour_means,
    local_days,
    microseconds,
    moment,
)

TEN = datetime(2026, 11, 22, 2, tzinfo=UTC)  # ten o'clock in China
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)


def minutes(values, marks=None, start=TEN):
    return Series.starting(start, values, marks, unit="mg/L", step=60)


def hours(values, marks=None, start=MIDNIGHT):
    return Series.starting(start, values, marks, unit="mg/L", step=3600)


def test_a_time_survives_the_way_to_microseconds_and_back():
    at = datetime(2026, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC)
    assert moment(microseconds(at)) == at


def test_only_finite_values_marked_normal_are_valid():
    series = minutes([1.0, np.nan, 3.0, np.inf], "NNMN")
    assert series.valid.tolist() == [True, False, False, False]


def test_no_letter_but_n_is_valid():
    assert [minutes([1.0], mark.value).valid[0] for mark in Mark] == [mark is Mark.NORMAL for mark in Mark]


def test_arrays_of_a_series_cannot_be_written_and_those_handed_in_still_can():
    values = np.array([1.0, 2.0])
    series = Series(np.array([0, 60]) * SECOND, values, np.array(["N", "N"]), "mg/L", 60)
    with pytest.raises(ValueError, match="read-only"):
        series.value[0] = 5.0
    values[0] = 7.0


def test_times_must_ascend_without_repeating():
    with pytest.raises(UnsortedTimes):
        Series(np.array([60, 60]), np.ones(2), np.array(["N", "N"]), "mg/L")


def test_arrays_must_be_of_one_length():
    with pytest.raises(UnequalLengths):
        Series(np.array([0, 60]), np.ones(3), np.array(["N", "N"]), "mg/L")


def test_a_letter_outside_the_vocabulary_is_named():
    with pytest.raises(UnknownMark, match="Q"):
        minutes([1.0], "Q")


def test_a_part_by_time_holds_its_start_and_not_its_end():
    series = minutes(np.arange(10.0))
    part = series.between(TEN + timedelta(minutes=2), TEN + timedelta(minutes=5))
    assert part.value.tolist() == [2.0, 3.0, 4.0]
    assert (part.unit, part.step) == ("mg/L", 60)


def test_a_part_and_two_parts_in_a_row_know_which_values_are_valid_as_the_whole_does():
    series = minutes([1.0, 2.0, np.nan, 4.0, 5.0], "NDNNN")
    assert series.valid.tolist() == [True, False, False, True, True]
    part = series.part(slice(1, 4))
    assert part.valid.tolist() == [False, False, True]
    joined = series.part(slice(3, 5)).after(part.part(slice(0, 2)))
    assert joined.valid.tolist() == [False, False, True, True]
    assert not joined.valid.flags.writeable


def _year() -> Series:
    value = np.round(np.random.default_rng(3).lognormal(size=400), 3)
    value[::50], marks = np.nan, "".join("C" if hour % 70 == 9 else "N" for hour in range(400))
    return Series.starting(datetime(2026, 11, 22, tzinfo=UTC), value, marks, unit="mg/L", step=3600)


def test_parts_side_by_side_of_one_series_are_joined_without_being_copied():
    whole = _year()
    month = whole.part(slice(40, 300))
    joined = month.part(slice(100, 200)).after(month.part(slice(20, 100)))
    for name in ("at", "value", "mark", "valid", "logarithms"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name)[60:240])
        assert np.shares_memory(getattr(joined, name), getattr(whole, name)) or name == "valid"
    assert (joined.unit, joined.step, joined.samples) == ("mg/L", 3600, None)


@pytest.mark.parametrize(("first", "later"), [((0, 90), (110, 200)), ((0, 0), (0, 400)), ((50, 50), (60, 90))])
def test_parts_with_something_between_them_or_with_nothing_in_them_are_joined_as_ever(first, later):
    whole = _year()
    one, other = whole.part(slice(*first)), whole.part(slice(*later))
    for joined in (other.after(one), _alone(other).after(one), (whole if later == (0, 400) else other).after(one)):
        for name in ("at", "value", "mark", "valid", "logarithms"):
            parts = [getattr(whole, name)[slice(*span)] for span in (first, later)]
            np.testing.assert_array_equal(getattr(joined, name), np.concatenate(parts))


def test_a_part_of_every_other_value_has_its_own_logarithms():
    whole = _year()
    np.testing.assert_array_equal(whole.part(slice(0, 400, 2)).logarithms, whole.logarithms[::2])


def _alone(series: Series) -> Series:
    return Series(series.at, series.value, series.mark, series.unit, series.step)


def test_a_part_has_the_logarithms_of_the_whole_and_none_of_what_is_not_valid_or_not_above_nought():
    whole = Series.starting(TEN, [1.0, np.e, 0.0, np.e**2, 7.0, -1.0], "NNNNDN", unit="mg/L", step=3600)
    expected = [0.0, 1.0, np.nan, 2.0, np.nan, np.nan]
    np.testing.assert_allclose(whole.logarithms, expected, rtol=1e-15)
    cut = whole.between(TEN + timedelta(hours=1), TEN + timedelta(hours=5)).part(slice(1, 4))
    assert np.array_equal(cut.logarithms, whole.logarithms[2:5], equal_nan=True)
    alone = deepcopy(cut)
    assert np.array_equal(alone.logarithms, cut.logarithms, equal_nan=True)
    assert len(pickle.dumps(whole.part(slice(0, 1)))) < len(pickle.dumps(whole)), "the whole does not travel along"


def test_days_are_those_of_china_and_one_without_a_value_is_none():
    at = microseconds(datetime(2026, 1, 31, 15, tzinfo=UTC)) + 3600 * SECOND * np.array([0, 1, 2, 24, 25, 26, 73])
    bounds = [bound.tolist() for bound in day_bounds(at)]
    assert bounds == [[0, 1, 4, 6], [1, 4, 6, 7]]  # of 31 January one, then three, two, and of the fourth one
    assert [bound.tolist() for bound in day_bounds(at[:0])] == [[], []]


def test_every_mark_and_averaging_time_has_its_words_in_both_languages():
    for word in [*Mark, *Averaging]:
        assert word.label.zh
        assert word.label.en


def test_the_marks_of_hj_212_keep_their_letters():
    letters = {mark.value for mark in Mark}
    assert set("NFMSDCTB") <= letters  # HJ 212-2017 data flags
    assert "P" in letters  # HJ/T 212-2005: power failure


def test_the_stronger_mark_takes_precedence():
    assert Mark.strongest("NMD") is Mark.FAULT
    assert Mark.strongest("NDP") is Mark.POWER_FAILURE
    assert Mark.strongest("NUX") is Mark.SUSPECT
    assert Mark.strongest("") is Mark.UNKNOWN


def test_a_gap_counts_what_is_missing_and_spans_it():
    kept = minutes(np.arange(8.0)).at[[0, 1, 5, 6]]
    series = Series(kept, np.ones(4), np.array(list("NNNN")), "mg/L", 60)
    (gap,) = gaps(series)
    assert (gap.start, gap.end, gap.missing) == (kept[1] + 60 * SECOND, kept[2], 3)


def test_a_late_value_is_not_a_gap():
    series = Series(np.array([0, 60, 140]) * SECOND, np.ones(3), np.array(list("NNN")), "mg/L", 60)
    assert gaps(series) == ()


def test_the_step_is_taken_from_the_usual_spacing_where_none_is_given():
    series = Series(np.array([0, 60, 120, 600]) * SECOND, np.ones(4), np.array(list("NNNN")), "mg/L")
    assert series.period == 60 * SECOND
    with pytest.raises(UnknownStep):
        _ = series.part(slice(0, 1)).period


def test_an_hour_is_stamped_with_its_start_and_counts_its_samples():
    means = hour_means(minutes([1.0] * 60 + [3.0] * 60))
    assert means.value.tolist() == [1.0, 3.0]
    assert [moment(at) for at in means.at] == [TEN, TEN + timedelta(hours=1)]
    assert means.samples is not None
    assert means.samples.tolist() == [60, 60]
    assert (means.unit, means.step) == ("mg/L", 3600)


def test_forty_five_valid_minutes_make_a_valid_hour_and_forty_four_do_not():
    """GB 3095-2026 table 4: an hourly mean needs 45 minutes."""
    enough = hour_means(minutes([2.0] * 60, "N" * 45 + "M" * 15))
    short = hour_means(minutes([2.0] * 60, "N" * 44 + "M" * 16))
    assert (enough.mark[0], short.mark[0]) == ("N", "M")
    assert short.value[0] == 2.0


def test_invalid_values_do_not_enter_the_mean():
    means = hour_means(minutes([10.0] * 50 + [999.0] * 10, "N" * 50 + "C" * 10))
    assert means.value[0] == 10.0


def test_an_hour_whose_values_are_only_missing_is_unknown():
    means = hour_means(minutes([2.0] * 20))
    assert means.mark[0] == "U"


def test_an_hour_without_a_valid_value_has_no_mean_and_the_strongest_mark():
    means = hour_means(minutes([5.0] * 60, "M" * 30 + "D" * 30))
    assert np.isnan(means.value[0])
    assert means.mark[0] == "D"


def test_one_abnormal_value_spoils_the_period_where_all_are_asked_for():
    """HJ 212-2017, notes at C.16 to C.18: waste water."""
    assert hour_means(minutes([5.0] * 60, "N" * 59 + "M"), needed_share=1.0).mark[0] == "M"


def test_a_day_runs_from_midnight_to_midnight_in_china():
    means = day_means(hours([1.0] * 24 + [3.0] * 24))
    assert means.value.tolist() == [1.0, 3.0]
    assert moment(int(means.at[0])) == MIDNIGHT
    assert str(local_days(means.at)[0]) == "2026-11-22"


def test_twenty_valid_hours_make_a_valid_day_of_ambient_air_and_nineteen_do_not():
    """GB 3095-2026 table 4: a daily mean needs 20 hourly means."""
    twenty = day_means(hours([40.0] * 24, "N" * 20 + "D" * 4), needed_share=20 / 24)
    nineteen = day_means(hours([40.0] * 24, "N" * 19 + "D" * 5), needed_share=20 / 24)
    assert (twenty.mark[0], nineteen.mark[0]) == ("N", "D")


def test_an_empty_series_has_no_means_and_no_gaps():
    empty = minutes([])
    assert len(hour_means(empty)) == len(day_means(empty)) == 0
    assert gaps(empty) == ()


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.sampled_from("NNNMDX")), min_size=1, max_size=200),
    st.integers(0, 59),
)
def test_a_mean_lies_between_the_least_and_the_greatest_valid_value_of_its_hour(samples, offset):
    values, marks = zip(*samples, strict=True)
    series = minutes(values, "".join(marks), TEN + timedelta(minutes=offset))
    means = hour_means(series)
    hour = 3600 * SECOND
    for at, mean, used in zip(means.at, means.value, means.samples, strict=True):
        inside = series.value[series.valid & (series.at >= at) & (series.at < at + hour)]
        assert used == inside.size
        assert np.isnan(mean) if not inside.size else inside.min() - 1e-6 <= mean <= inside.max() + 1e-6
    assert int(means.samples.sum()) == int(series.valid.sum())
