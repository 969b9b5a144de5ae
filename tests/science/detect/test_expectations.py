"""What other channels let expect: learned again and again, from earlier days only, by adding up parts."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._explained import Learning, expected_from
from qingyuan_science.series import Series

MIDNIGHT = datetime(2026, 1, 1, 16, tzinfo=UTC)  # in China
DAYS, HOW = 50, Learning(first_days=20, again_days=10, window_days=730, stiffness=30.0)


def month(seed):
    """Three channels with gaps, and one that follows the first two."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(24 * DAYS, 3))
    target = inputs[:, 0] - 0.5 * inputs[:, 1] ** 2 + 0.1 * random.normal(size=len(inputs))
    inputs[random.random(inputs.shape) < 0.1] = np.nan
    target[random.random(target.size) < 0.1] = np.nan
    return inputs, target


def expected(inputs, target, days=DAYS, how=HOW):
    values = np.zeros(24 * days)
    cut = days_of(Series.starting(MIDNIGHT, values, None, unit="mg/L", step=3600), None, days)
    return expected_from(np.ascontiguousarray(inputs[: values.size].T), target[: values.size], cut, how)


@given(seed=st.integers(0, 1000), days=st.integers(21, DAYS - 1))
@settings(max_examples=15, deadline=None)
def test_what_comes_later_changes_no_expectation(seed, days):
    inputs, target = month(seed)
    whole, cut = expected(inputs, target), expected(inputs, target, days)
    np.testing.assert_array_equal(cut, whole[: cut.size])
    assert np.isnan(cut[: 20 * 24]).all()
    assert np.isfinite(cut[20 * 24 :]).all()


def test_learning_anew_adds_to_what_was_learned_and_forgets_what_is_too_old():
    inputs, target = month(1)
    last, others = slice(40 * 24, 50 * 24), np.r_[0 : 20 * 24]
    at_once = expected(inputs, target, how=HOW._replace(again_days=30))
    in_parts = expected(inputs, target, how=HOW._replace(first_days=20, again_days=10))
    np.testing.assert_array_equal(in_parts[20 * 24 : 30 * 24], at_once[20 * 24 : 30 * 24])
    old = target.copy()
    old[others] += 5.0  # what the first days held matters as long as they are learned from
    assert np.abs(expected(inputs, old)[last] - in_parts[last]).max() > 0.5
    short = HOW._replace(window_days=20)
    np.testing.assert_array_equal(expected(inputs, old, how=short)[last], expected(inputs, target, how=short)[last])


def test_a_channel_is_expected_from_those_that_it_follows_and_from_what_is_usual_where_none_is_known():
    inputs, target = month(2)
    inputs[45 * 24 :] = np.nan
    told = expected(inputs, target)
    clear = np.isfinite(target) & np.isfinite(inputs).all(axis=1) & np.isfinite(told)
    assert np.sqrt(np.mean((target[clear] - told[clear]) ** 2)) < 0.3 * np.nanstd(target)
    assert np.unique(told[45 * 24 :]).size == 1


def test_too_few_known_hours_let_nothing_be_expected():
    inputs, target = month(3)
    target[29:] = np.nan
    assert np.isnan(expected(inputs, target)).all()
