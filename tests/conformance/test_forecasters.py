"""What every forecaster must do, however it looks ahead; a new one is covered by being registered."""

from datetime import UTC, datetime

import numpy as np
import pytest

from qingyuan_science.forecast import FORECASTERS, HOUR, CannotForecast, Forecaster, Predicted, WorkedForecast
from qingyuan_science.plugins import parameters_of, with_parameters
from qingyuan_science.series import Mark, Series

FORECASTERS.load("qingyuan_science.forecast")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
AHEAD = 48
every_forecaster = pytest.mark.parametrize("forecaster", FORECASTERS, ids=lambda one: one.code)
every_example = pytest.mark.parametrize(
    ("forecaster", "example"),
    [
        pytest.param(one, example, id=f"{one.code}-{number}")
        for one in FORECASTERS
        for number, example in enumerate(one.examples)
    ],
)


def lively(size: int = 900, seed: int = 1) -> Series:
    """A course of the day with slow wander, every kind of mark, missing values and gaps; the last value is valid."""
    random = np.random.default_rng(seed)
    wander = np.cumsum(random.normal(0.0, 0.05, size))
    value = 30.0 * np.exp(0.3 * np.sin(np.arange(size) * np.pi / 12) + wander - wander.mean())
    value[random.random(size) < 0.03] = np.nan
    mark = random.choice([one.value for one in Mark], size, p=[0.1 / (len(Mark) - 1)] * (len(Mark) - 1) + [0.9])
    value[-1], mark[-1] = 30.0, Mark.NORMAL.value
    at = Series.starting(BEGIN, value, unit="mg/L", step=3600).at
    kept = random.random(size) > 0.05
    kept[-1] = True
    return Series(at[kept], value[kept], mark[kept], "mg/L", 3600.0)


def run(forecaster: type[Forecaster], series: Series, horizon: int = AHEAD) -> Predicted:
    return forecaster().forecast(series, horizon)


def assert_same(one: Predicted, other: Predicted, times: float = 1.0) -> None:
    np.testing.assert_array_equal(one.at, other.at)
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(one, name) * times, getattr(other, name), rtol=1e-9, atol=1e-12)


@every_forecaster
def test_it_has_examples_with_and_without_a_forecast(forecaster):
    assert any(one.value is not None for one in forecaster.examples)
    assert any(one.value is None for one in forecaster.examples)


@every_example
def test_its_examples_come_out_as_stated(forecaster, example: WorkedForecast):
    if example.value is None:
        with pytest.raises(CannotForecast) as refused:
            run(forecaster, example.series())
        assert (refused.value.reason,) == example.expected
        return
    said = run(forecaster, example.series())
    place = example.lead - 1
    found = said.value[place], said.low[place], said.high[place]
    assert np.round(found, 2).tolist() == [example.value, example.low, example.high]


@every_forecaster
def test_it_leaves_its_input_alone_and_says_the_same_again(forecaster):
    series = lively()
    before = series.value.copy()
    assert_same(run(forecaster, series), run(forecaster, series))
    np.testing.assert_array_equal(series.value, before)


@every_forecaster
def test_what_comes_later_changes_nothing(forecaster):
    whole = lively(1000)
    valid = np.flatnonzero(whole.valid)
    cut = int(valid[valid < len(whole) - 60][-1]) + 1
    early = whole.part(slice(0, cut))
    later = Series(whole.at[:cut], whole.value[:cut], whole.mark[:cut], whole.unit, whole.step)
    assert_same(run(forecaster, early), run(forecaster, later))
    assert run(forecaster, early).at[0] == whole.at[cut - 1] // HOUR * HOUR + HOUR


@every_forecaster
def test_what_is_older_than_it_looks_back_changes_nothing(forecaster):
    whole = lively(24 * (forecaster.looks_back_days + 20))
    recent = whole.part(slice(np.searchsorted(whole.at, whole.at[-1] - forecaster.looks_back_days * 24 * HOUR), None))
    assert_same(run(forecaster, whole), run(forecaster, recent))


@every_forecaster
def test_another_unit_is_another_scale_and_nothing_else(forecaster):
    series = lively()
    scaled = Series(series.at, series.value * 1000.0, series.mark, "µg/L", series.step)
    assert_same(run(forecaster, series), run(forecaster, scaled), 1000.0)


@every_forecaster
def test_values_that_do_not_count_do_not_matter(forecaster):
    series = lively()
    odd = Series(series.at, np.where(series.valid, series.value, 9999.0), series.mark, series.unit, series.step)
    marked = np.where(series.valid, series.mark, Mark.MAINTENANCE.value)
    assert_same(run(forecaster, series), run(forecaster, Series(odd.at, odd.value, marked, odd.unit, odd.step)))


@every_forecaster
def test_bounds_hold_the_median_and_are_never_below_nought(forecaster):
    said = run(forecaster, lively())
    assert len(said) == AHEAD
    assert np.all(said.low >= 0.0)
    assert np.all((said.low <= said.value) & (said.value <= said.high))
    assert np.all(np.diff(said.at) == HOUR)


@every_forecaster
def test_chances_never_fall_and_are_nought_for_hours_that_are_over(forecaster):
    said = run(forecaster, lively())
    highs = [float(np.median(said.high))] * len(said)
    chance = said.chances([float("nan")] * len(said), highs, 3)
    assert np.all(np.diff(chance) >= 0.0)
    assert np.all((chance >= 0.0) & (chance < 1.0))
    assert np.all(chance[:3] == 0.0)
    assert chance[-1] > 0.0


@every_forecaster
def test_a_constant_goes_on(forecaster):
    said = run(forecaster, Series.starting(BEGIN, np.full(400, 7.5), unit="mg/L", step=3600))
    np.testing.assert_allclose(said.value, 7.5)
    np.testing.assert_allclose(said.high - said.low, 0.0, atol=1e-9)


@every_forecaster
def test_nought_goes_on(forecaster):
    said = run(forecaster, Series.starting(BEGIN, np.zeros(400), unit="mg/L", step=3600))
    np.testing.assert_array_equal(said.value, 0.0)


@every_forecaster
def test_what_it_cannot_rest_on_is_refused_with_a_reason(forecaster):
    base = lively(400)
    poor = {
        "empty": base.part(slice(0, 0)),
        "one value": base.part(slice(0, 1)),
        "nothing measured": Series(base.at, np.full(len(base), np.nan), base.mark, base.unit, base.step),
        "all invalid": Series(base.at, base.value, np.full(len(base), "D"), base.unit, base.step),
        "below nought": Series(base.at, -base.value, base.mark, base.unit, base.step),
        "long ago": base.part(slice(0, 5)),
    }
    for name, series in poor.items():
        with pytest.raises(CannotForecast) as refused:
            run(forecaster, series)
        assert refused.value.reason.zh, name
        assert "found" in refused.value.reason.en, name


@every_forecaster
def test_it_says_in_both_languages_what_it_rests_on(forecaster):
    basis = run(forecaster, lively()).basis
    assert "30 mg/L" in basis.zh
    assert "30 mg/L" in basis.en
    assert forecaster.version in basis.en
    assert forecaster.validity.zh
    assert forecaster.validity.en
    assert forecaster.looks_back_days > 0


@every_forecaster
def test_it_bears_the_least_and_the_greatest_settings(forecaster):
    for bound in ("low", "high"):
        settings = {spec.name: getattr(spec, bound) for spec in parameters_of(forecaster)}
        with_parameters(forecaster, settings).forecast(lively(1600), AHEAD)
