"""The rank correlation with time against published distributions, and what must hold for any values."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.series.ranked import rank_trend

VALUES = st.lists(st.integers(0, 6).map(float), min_size=5, max_size=7)


@pytest.mark.parametrize(
    ("order", "correlation", "p"),
    [  # Olds 1938, Ann. Math. Stat. 9, table of the exact distribution: 1/120, 5/120; 21/720; 222/5040
        ([1, 2, 3, 4, 5], 1.0, 1 / 120),
        ([1, 2, 3, 5, 4], 0.9, 5 / 120),
        ([1, 3, 2, 5, 4, 6], 0.886, None),
        ([2, 1, 3, 4, 6, 5], 0.886, None),
        ([2, 1, 4, 3, 6, 5], 0.829, 21 / 720),
    ],
)
def test_the_chance_is_that_of_the_published_distribution(order, correlation, p):
    found = rank_trend(order)
    assert found.correlation == pytest.approx(correlation, abs=5e-4)
    assert found.exact
    if p is not None:
        assert found.p == pytest.approx(p)


@given(VALUES)
def test_the_chance_is_the_share_of_orders_as_far_from_nought(values):
    order = np.arange(len(values))
    ranks = [2 * sum(other < one for other in values) + values.count(one) + 1 for one in values]
    sums = [int((np.array(one) * order).sum()) for one in itertools.permutations(ranks)]
    found, mean = int((np.array(ranks) * order).sum()), sum(ranks) * (len(values) - 1) / 2
    as_far = sum(one >= found if found >= mean else one <= found for one in sums)
    assert rank_trend(values).p == pytest.approx(as_far / len(sums))


@given(VALUES)
def test_turning_time_round_turns_the_sign(values):
    assert rank_trend(values[::-1]).correlation == pytest.approx(-rank_trend(values).correlation, abs=1e-9)


def test_a_dozen_values_and_more_agree_about_the_same_order():
    exact, normal = rank_trend([*range(10), 11, 10]), rank_trend([*range(11), 12, 11])
    assert (exact.exact, normal.exact) == (True, False)
    assert normal.p < 0.001
    assert exact.p < 0.001


@pytest.mark.parametrize("values", [[1, 2, 3, 4], [1, 2, 3, 4, float("nan")]])
def test_too_few_values_and_missing_ones_are_refused(values):
    with pytest.raises(ValueError, match="expected 5 or more"):
        rank_trend(values)
