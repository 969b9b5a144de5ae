"""Falsified series: the truth says what was changed, nothing else is, and each kind does what its name says."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qingyuan_science.series import SECOND, Mark, Series, microseconds
from qingyuan_science.worlds.fraud import FRAUDS, Span, cut, treatment_off

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600 * SECOND
SPAN = Span(microseconds(START) + 480 * HOUR, microseconds(START) + 552 * HOUR)
LIMIT = 50.0


def genuine(size=960):
    random = np.random.default_rng(5)
    value = np.round(40.0 + 5.0 * np.sin(np.arange(size) / 4.0) + random.normal(0.0, 2.0, size), 1)
    return Series.starting(START, value, unit="mg/L", step=3600)


def other():
    return Series.starting(START, np.round(10.0 + np.cos(np.arange(960) / 3.0), 2), unit="mg/L", step=3600)


def forged(kind, seed=1, strength=1.0, series=None):
    more = (
        {"limit": LIMIT} if kind in ("clipped", "deleted") else {"other": other()} if kind == "copied_channel" else {}
    )
    return FRAUDS[kind](series if series is not None else genuine(), SPAN, seed=seed, strength=strength, **more)


def inside(kind, **settings):
    where = SPAN.positions(genuine())
    return genuine().value[where], forged(kind, **settings).series.value[where]


every_kind = pytest.mark.parametrize("kind", FRAUDS)


def test_there_are_eleven_kinds():
    assert len(FRAUDS) == 11


@every_kind
def test_only_the_span_changes_and_the_truth_says_where(kind):
    before, made = genuine(), forged(kind)
    where = SPAN.positions(before)
    same = (before.value == made.series.value) & (before.mark == made.series.mark)
    np.testing.assert_array_equal(made.changed, ~same)
    assert made.changed[where].mean() > 0.3
    assert not np.delete(made.changed, where).any()
    assert (made.kind, made.span) == (kind, SPAN)


@every_kind
def test_outside_the_span_nothing_changes_of_a_series_that_was_never_rounded(kind):
    value = 40.0 + np.random.default_rng(5).normal(0.0, 2.0, 960)
    series = Series.starting(START, value, unit="mg/L", step=3600)
    made, where = forged(kind, series=series), SPAN.positions(series)
    np.testing.assert_array_equal(np.delete(made.series.value, where), np.delete(value, where))
    np.testing.assert_array_equal(np.delete(made.series.mark, where), np.delete(series.mark, where))
    assert made.changed.any()


@every_kind
def test_the_same_seed_gives_the_same_fraud_and_the_genuine_series_stays(kind):
    series = genuine()
    one, again = forged(kind, series=series), forged(kind, series=series)
    np.testing.assert_array_equal(one.series.value, again.series.value)
    np.testing.assert_array_equal(series.value, genuine().value)


@every_kind
def test_a_span_without_values_changes_nothing(kind):
    series = genuine().part(slice(0, 240))
    assert not forged(kind, series=series).changed.any()


@pytest.mark.parametrize("kind", ["scaled", "offset", "smoothed", "zero_drift", "inverted"])
def test_less_strength_changes_less(kind):
    before, blunt = inside(kind)
    _, mild = inside(kind, strength=0.3)
    assert np.abs(mild - before).sum() < np.abs(blunt - before).sum()


def test_a_constant_holds_the_first_value():
    before, after = inside("constant")
    assert set(after) == {before[0]}


def test_clipped_values_stay_within_two_per_cent_below_the_limit():
    _, after = inside("clipped")
    assert after.max() <= LIMIT
    assert ((after >= 0.98 * LIMIT - 0.05) & (after <= LIMIT)).mean() > 0.4


def test_scaling_multiplies_by_three_tenths():
    before, after = inside("scaled")
    np.testing.assert_allclose(after, 0.3 * before, atol=0.0501)


def test_an_offset_takes_off_half_the_median():
    before, after = inside("offset")
    np.testing.assert_allclose(before - after, 0.5 * np.median(before), atol=0.0501)


def test_a_replay_was_measured_before_at_the_same_hours():
    _, after = inside("replayed")
    whole, first = genuine().value, int(SPAN.positions(genuine())[0])
    earlier = [first - 24 * days for days in range(3, 21)]
    assert any(np.array_equal(after, whole[at : at + 72]) for at in earlier)


def test_smoothing_keeps_the_mean_and_takes_the_noise():
    before, after = inside("smoothed")
    assert after.mean() == pytest.approx(before.mean(), rel=0.05)
    assert np.abs(np.diff(after)).mean() < 0.4 * np.abs(np.diff(before)).mean()


def test_rounding_leaves_whole_numbers():
    _, after = inside("rounded")
    assert (after == np.rint(after)).all()


def test_deleted_exceedances_are_marked_calibration_and_gone():
    made = forged("deleted")
    hidden = made.series.mark == Mark.CALIBRATION.value
    assert hidden.sum() > 20
    assert np.isnan(made.series.value[hidden]).all()
    assert np.nanmax(made.series.value[SPAN.positions(made.series)]) <= LIMIT + 0.05


def test_a_copied_channel_follows_the_other_at_its_own_level():
    before, after = inside("copied_channel")
    assert np.corrcoef(after, other().value[SPAN.positions(other())])[0, 1] > 0.999
    assert after.mean() == pytest.approx(before.mean(), abs=0.1)


def test_a_drifting_zero_sinks_to_eight_tenths_of_the_median():
    before, after = inside("zero_drift")
    assert after[0] == before[0]
    assert before[-1] - after[-1] == pytest.approx(0.8 * np.median(before), abs=0.11) or after[-1] == 0.0


def test_an_inverted_course_falls_when_the_genuine_one_rises():
    before, after = inside("inverted")
    assert np.corrcoef(before, after)[0, 1] < -0.95


def test_treatment_that_is_off_draws_stand_by_power_only():
    meter = Series.starting(START, np.tile([2.0] * 6 + [30.0] * 18, 40), unit="kWh", step=3600)
    made = treatment_off(meter, SPAN, seed=1)
    assert made.series.value[SPAN.positions(meter)].max() < 3.0


def test_a_cut_is_kept_except_in_its_breach():
    meter = Series.starting(START, np.tile([2.0] * 6 + [30.0] * 18, 40), unit="kWh", step=3600)
    breach = Span(SPAN.start + 10 * HOUR, SPAN.start + 14 * HOUR)
    made = cut(meter, SPAN, 1.0, seed=1, breach=breach)
    held = made.series.value[SPAN.positions(meter)]
    assert (held[10:14] == 30.0).all()
    assert np.delete(held, range(10, 14)).max() < 3.0
    assert made.span == breach
    assert cut(meter, SPAN, 1.0, seed=1).span == Span(SPAN.start, SPAN.start)
