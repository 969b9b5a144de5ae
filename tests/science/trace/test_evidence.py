"""What evidence is worth: densities are densities, ranks are ranks, and windows are where the water was."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor
from qingyuan_science.trace import TRACERS, Candidate, Seen, Sight
from qingyuan_science.trace._passing import above_usual, on_hours, rank, window
from qingyuan_science.trace._terms import doubts, history, permit, shaped
from qingyuan_science.trace._wind import Wind, alignment

TRACERS.load("qingyuan_science.trace")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = 3600 * SECOND
START = microseconds(BEGIN)
PLACE = Text("三岔口", "Three Forks")


def series(value: np.ndarray) -> Series:
    return Series.starting(BEGIN, value, unit="mg/L", step=3600)


def candidate(**known: object) -> Candidate:
    return Candidate(**{"code": "A", "name": Text("甲厂", "works A"), **known})  # type: ignore[arg-type]


def test_a_small_p_speaks_for_a_source_and_an_ordinary_one_against_it():
    assert shaped(0.01, 0.5) == pytest.approx(math.log(5.0))  # 0.5 / sqrt(0.01)
    assert shaped(1.0, 0.5) == pytest.approx(math.log(0.5))
    assert shaped(0.3, 1.0) == 0.0


@pytest.mark.parametrize("shape", [0.1, 0.3, 0.7])
def test_the_density_of_p_makes_one(shape: float):
    """Between 0.01 and 1 lies 1 - 0.01 ** shape of it."""
    p = 0.01 + 0.99 * (np.arange(4000) + 0.5) / 4000
    assert 0.99 * np.mean([math.exp(shaped(float(one), shape)) for one in p]) == pytest.approx(
        1.0 - 0.01**shape, abs=1e-4
    )


@given(
    st.lists(st.floats(0.0, 360.0), min_size=1, max_size=6), st.floats(0.5, 12.0), st.floats(10.0, 90.0),
    st.floats(0.5, 5.0),
)  # fmt: skip
@settings(max_examples=40)
def test_over_all_bearings_the_wind_speaks_as_much_for_as_against(
    come: list[float], speed: float, width: float, light: float
):
    blew = Wind(np.array(come), np.full(len(come), speed), np.full(len(come), 0.8 / len(come)), 9)
    around = [alignment(blew, float(bearing), width, light) for bearing in np.arange(0.0, 360.0, 2.0)]
    assert np.mean(around) == pytest.approx(1.0, abs=1e-6)
    assert min(around) > 0.199  # the fifth of the rise without wind may have come from anywhere


def test_the_kernel_is_that_of_von_mises():
    blew = Wind(np.array([90.0]), np.array([5.0]), np.array([1.0]), 1)
    width = math.degrees(0.5)  # concentration 4
    bessel = 11.30192195213633  # I0(4), Abramowitz & Stegun 1964, table 9.8
    assert alignment(blew, 90.0, width, 2.0) == pytest.approx(math.exp(4.0) / bessel)
    assert alignment(blew, 270.0, width, 2.0) == pytest.approx(math.exp(-4.0) / bessel)


def test_in_light_wind_the_bearing_says_less():
    def at(speed: float) -> float:
        return alignment(Wind(np.array([90.0]), np.array([speed]), np.array([1.0]), 1), 90.0, 25.0, 2.0)

    assert at(5.0) == at(2.0) > at(1.0) > at(0.5) > 1.0


def test_water_passed_a_monitor_earlier_by_the_travel_time_and_its_error():
    passed = window(START + 100 * HOUR, START + 104 * HOUR, 10 * 3600.0, tolerance=0.2, lasting=0.5)
    assert (passed.start, passed.end) == (START + 88 * HOUR, START + 96 * HOUR)
    assert passed.held == 2


def test_what_is_usual_at_that_hour_of_the_day_is_no_rise():
    value = np.tile(np.where(np.arange(24) == 18, 50.0, 5.0), 31)
    passed = window(
        START + 30 * 24 * HOUR + 16 * HOUR, START + 30 * 24 * HOUR + 20 * HOUR, 0.0, tolerance=0.0, lasting=0.5
    )
    found = rank(series(value), passed, 30, 72)
    assert found is not None
    assert (found.rise, found.p) == (0.0, 1.0)


def test_a_rise_without_its_like_has_the_least_p():
    value = np.full(744, 5.0)
    value[730:733] = 15.0
    found = rank(
        series(value), window(START + 728 * HOUR, START + 736 * HOUR, 0.0, tolerance=0.0, lasting=0.25), 30, 72
    )
    assert found is not None
    assert (found.rise, found.as_high, found.windows) == (10.0, 0, 713)  # 720 hours hold 713 windows of 8
    assert found.p == pytest.approx(1.0 / 714.0)


def test_rises_that_happen_every_other_day_are_nothing_unusual():
    value = np.full(744, 5.0)
    for day in range(0, 31, 2):
        value[day * 24 + 7 : day * 24 + 10] = 15.0
    found = rank(
        series(value), window(START + 726 * HOUR, START + 734 * HOUR, 0.0, tolerance=0.0, lasting=0.25), 30, 72
    )
    assert found is not None
    assert found.p > 0.1


def test_where_nothing_happens_p_is_as_likely_small_as_large():
    random, found = np.random.default_rng(3), []
    for _ in range(300):
        one = rank(
            series(random.normal(5.0, 1.0, 744)),
            window(START + 728 * HOUR, START + 734 * HOUR, 0.0, tolerance=0.0, lasting=0.5),
            30,
            72,
        )
        assert one is not None
        found.append(one.p)
    assert np.mean(np.array(found) <= 0.1) < 0.16
    assert np.mean(np.array(found) <= 0.5) == pytest.approx(0.5, abs=0.1)


@given(st.floats(0.0, 50.0), st.floats(0.0, 50.0))
@settings(max_examples=40)
def test_the_higher_the_rise_the_smaller_p(one: float, other: float):
    base = np.random.default_rng(1).normal(5.0, 1.0, 744)

    def p(rise: float) -> float:
        value = base.copy()
        value[729:733] += rise
        found = rank(
            series(value), window(START + 728 * HOUR, START + 734 * HOUR, 0.0, tolerance=0.0, lasting=0.5), 30, 72
        )
        assert found is not None
        return found.p

    low, high = sorted((one, other))
    assert p(high) <= p(low)


def test_hours_of_a_day_without_values_take_what_is_usual_in_all_others():
    grid = np.tile(np.arange(24.0), 4)
    grid[5:72:24] = np.nan
    assert above_usual(grid, 72)[77] == 5.0 - 12.0
    np.testing.assert_array_equal(above_usual(grid, 72)[72:77], 0.0)


def test_values_lie_on_their_hours_whatever_their_minute():
    one = Series(np.array([START + 90 * 60 * SECOND]), np.array([7.0]), np.array(["N"]), "mg/L", 3600.0)
    np.testing.assert_array_equal(on_hours(one, START // HOUR, 3), [np.nan, 7.0, np.nan])


def test_a_permit_tells_more_the_fewer_have_it():
    others = [candidate(permitted=False)] * 8
    named, unnamed = candidate(permitted=True), candidate(permitted=False)
    seen = Seen(PLACE, factor("w21003"), series(np.full(744, 1.0)), START, START + HOUR)
    rare = permit(seen, named, [named, *others], 4.0).log_likelihood
    common = permit(seen, named, [named] * 9, 4.0).log_likelihood
    assert rare > common > 0.0 > permit(seen, unnamed, [named] * 9, 4.0).log_likelihood
    assert permit(seen, candidate(), [named, *others], 4.0).log_likelihood == 0.0
    assert permit(seen, named, [named, *others], 1.0).log_likelihood == 0.0


def test_a_finding_tells_more_where_it_is_rare_and_its_absence_only_where_anything_is_watched():
    power = (Text("停电", "no power"),)
    rare, usual = (doubts(candidate(doubts=power, doubtful_share=one), 30, 0.3) for one in (0.0, 0.5))
    assert rare.log_likelihood > usual.log_likelihood > 0.0
    assert doubts(candidate(doubtful_share=0.1), 30, 0.3).log_likelihood == pytest.approx(math.log(0.7))
    assert doubts(candidate(), 30, 0.3).log_likelihood == 0.0


def test_visits_count_by_what_they_found():
    found, nothing = history(candidate(confirmed=3), 0.3, 4.0), history(candidate(refuted=3), 0.3, 4.0)
    assert found.log_likelihood == pytest.approx(math.log((3 + 1.2) / 7 / 0.3))
    assert nothing.log_likelihood == pytest.approx(math.log(1.2 / 7 / 0.3))
    assert history(candidate(), 0.3, 4.0).log_likelihood == 0.0


def test_an_unregistered_source_may_sit_above_any_section_or_right_above_the_place():
    """Two ways and the place itself: the mean of three likelihoods, by hand."""
    bump = np.full(744, 5.0) + np.random.default_rng(2).normal(0.0, 0.1, 744)
    bump[730:736] += 9.0
    upper = Sight("U", Text("上断面", "upper"), series(bump), 3600.0)
    lower = Sight("L", Text("下断面", "lower"), series(np.full(744, 5.0)), 3600.0)
    known = (
        Candidate("A", Text("甲", "A"), passed=(upper, lower)),
        Candidate("B", Text("乙", "B"), passed=(lower,)),
        Candidate("C", Text("丙", "C"), passed=(lower,)),
    )
    seen = Seen(PLACE, factor("w21003"), series(bump), START + 730 * HOUR, START + 736 * HOUR)
    said = TRACERS.get("upstream")().trace(seen, known)
    weight = {one.code: math.exp(sum(found.log_likelihood for found in one.evidence)) for one in said.suspects}
    none, prior = (weight["A"] + weight["B"] + 1.0) / 3.0, 0.2
    total = prior * none + (1.0 - prior) / 3.0 * sum(weight.values())
    assert said.unknown == pytest.approx(prior * none / total)
    assert said.suspects[0].probability == pytest.approx((1.0 - prior) / 3.0 * weight["A"] / total)


def test_of_several_monitors_of_a_source_the_one_that_shows_counts_and_more_monitors_show_more_by_chance():
    random = np.random.default_rng(4)
    quiet, loud = random.normal(5.0, 0.5, 744), random.normal(5.0, 0.5, 744)
    loud[730:736] += 9.0
    monitors = [Sight(str(n), Text("排口", "outlet"), series(one), 0.0) for n, one in enumerate((loud, quiet))]
    seen = Seen(PLACE, factor("w21003"), series(loud), START + 730 * HOUR, START + 736 * HOUR)

    def of(*own: Sight) -> float:
        said = TRACERS.get("upstream")().trace(seen, (candidate(own=own),))
        return next(one.log_likelihood for one in said.suspects[0].evidence if one.code == "own")

    alone, both, silent = of(monitors[0]), of(*monitors), of(monitors[1])
    assert alone > both > 0.0 > silent


def test_nobody_is_named_only_because_others_are_less_probable():
    quiet = np.random.default_rng(4).normal(5.0, 0.5, 744)
    seen = Seen(PLACE, factor("w21003"), series(quiet), START + 730 * HOUR, START + 736 * HOUR)
    watched = [
        candidate(code=f"mill{n}", own=(Sight(f"m{n}", Text("排口", "outlet"), series(quiet), 0.0),)) for n in range(4)
    ]
    said = TRACERS.get("upstream")().trace(seen, (candidate(code="village"), *watched))
    assert said.suspects[0].code == "village"
    assert said.cannot_tell is not None


def test_who_is_named_has_evidence_of_its_own():
    random = np.random.default_rng(4)
    quiet, loud = random.normal(5.0, 0.5, 744), random.normal(5.0, 0.5, 744)
    loud[730:736] += 9.0
    seen = Seen(PLACE, factor("w21003"), series(loud), START + 730 * HOUR, START + 736 * HOUR)
    monitors = [(Sight(name, Text("排口", "outlet"), series(one), 0.0),) for name, one in (("l", loud), ("q", quiet))]
    said = TRACERS.get("upstream")().trace(seen, tuple(candidate(code=one[0].code, own=one) for one in monitors))
    assert (said.suspects[0].code, said.cannot_tell) == ("l", None)
