"""Noise: energy means, limits and background."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.errors import NoEdition, OutsideRule, UnknownEntry
from qingyuan_science.standards.noise.levels import day_night_levels, energy_mean, level_exceeded
from qingyuan_science.standards.noise.limits import background_corrected, noise_kinds, noise_limit

TODAY = date(2026, 11, 22)
levels = st.floats(0, 130)


def test_levels_are_averaged_by_energy() -> None:
    """10 lg((10⁶ + 10⁷)/2) = 67.40."""
    assert energy_mean([60, 70]) == pytest.approx(67.4036, abs=1e-4)
    assert energy_mean([70, 50], [1, 9]) == pytest.approx(60.3743, abs=1e-4)  # 10 lg((10⁷ + 9·10⁵)/10)


@given(st.lists(levels, min_size=1, max_size=30))
def test_the_energy_mean_lies_between_the_plain_mean_and_the_loudest(some: list[float]) -> None:
    mean = energy_mean(some)
    assert sum(some) / len(some) - 1e-9 <= mean <= max(some) + 1e-9
    assert energy_mean([one + 3 for one in some]) == pytest.approx(mean + 3)


def test_durations_that_do_not_belong_are_refused() -> None:
    for durations in ([1.0], [1.0, 0.0]):
        with pytest.raises(OutsideRule):
            energy_mean([60, 70], durations)
    with pytest.raises(OutsideRule):
        energy_mean([])


def test_ten_percent_of_the_time_is_louder_than_l10() -> None:
    some = [float(one) for one in range(101)]
    assert [level_exceeded(some, share) for share in (10, 50, 90)] == [90, 50, 10]


def test_the_night_weighs_ten_decibels_more() -> None:
    """60 by day, 55 + 10 at night: 10 lg((16·10⁶ + 8·10^6.5)/24) = 10 lg 1.72076·10⁶."""
    day, night, both, _ = day_night_levels({hour: 60.0 if 6 <= hour < 22 else 55.0 for hour in range(24)})
    assert (day, night) == (pytest.approx(60), pytest.approx(55))
    assert both == pytest.approx(62.3572, abs=1e-4)


def test_an_hour_that_is_missing_leaves_its_period_without_a_level() -> None:
    hours = {hour: 60.0 for hour in range(24) if hour != 3}
    day, night, both, _ = day_night_levels(hours)
    assert (night, both) == (None, None)
    assert day == pytest.approx(60)
    with pytest.raises(OutsideRule):
        day_night_levels({24: 60.0})


@pytest.mark.parametrize(
    ("kind", "zone", "day", "night"),
    [
        ("ambient", "0", 50, 40),
        ("ambient", "1", 55, 45),
        ("ambient", "2", 60, 50),
        ("ambient", "3", 65, 55),
        ("ambient", "4a", 70, 55),
        ("ambient", "4b", 70, 60),
        ("factory", "3", 65, 55),
        ("factory", "4", 70, 55),
        ("community", "1", 55, 45),
        ("construction", "site", 70, 55),
    ],
)
def test_limits_of_the_standards(kind: str, zone: str, day: float, night: float) -> None:
    """GB 3096, GB 12348, GB 22337 and GB 12523, table 1."""
    assert [noise_limit(kind, zone, one, TODAY).limit for one in ("day", "night")] == [day, night]


def test_no_limit_is_laxer_at_night_or_in_a_quieter_zone() -> None:
    for kind, zones in noise_kinds().items():
        by_day = [noise_limit(kind, zone, "day", TODAY).limit for zone in zones]
        by_night = [noise_limit(kind, zone, "night", TODAY).limit for zone in zones]
        assert by_day == sorted(by_day)
        assert all(night < day for day, night in zip(by_day, by_night, strict=True))


def test_construction_changed_its_edition_with_2026() -> None:
    assert noise_limit("construction", "site", "day", date(2025, 12, 31)).standard == "GB 12523-2011"
    assert noise_limit("construction", "site", "day", date(2026, 1, 1)).standard == "GB 12523-2025"
    with pytest.raises(NoEdition, match="2012-07-01"):
        noise_limit("construction", "site", "day", date(2012, 6, 30))


def test_peaks_at_night_and_measuring_indoors() -> None:
    """GB 12348-2008, 4.1: 10 dB for frequent, 15 dB for sudden noise; indoors 10 dB less."""
    assert noise_limit("factory", "2", "night", TODAY, noise="frequent").peak == 60
    assert noise_limit("factory", "2", "night", TODAY).peak == 65
    assert noise_limit("factory", "2", "day", TODAY).peak is None
    assert noise_limit("ambient", "2", "night", TODAY, noise="frequent").peak is None
    indoors = noise_limit("community", "2", "night", TODAY, indoors=True)
    assert (indoors.limit, indoors.peak) == (40, None)
    with pytest.raises(OutsideRule, match="GB 3096"):
        noise_limit("ambient", "2", "day", TODAY, indoors=True)


def test_unknown_places_are_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEntry, match="factory"):
        noise_limit("airport", "1", "day", TODAY)
    with pytest.raises(UnknownEntry, match="4a, 4b"):
        noise_limit("ambient", "4", "day", TODAY)


@pytest.mark.parametrize(
    ("difference", "correction"),
    [(10.1, 0), (10.0, -1), (8.0, -1), (6.0, -1), (5.5, -1), (5.4, -2), (4.0, -2), (3.4, -3), (3.0, -3), (2.9, None)],
)
def test_background_is_taken_off_by_bands(difference: float, correction: float | None) -> None:
    """GB 12348-2008, 5.7 and table 4; 5.5 rounds to 6."""
    found = background_corrected(60.0, 60.0 - difference)
    assert found.correction == correction
    assert found.level == (None if correction is None else pytest.approx(60 + correction))


@given(st.integers(300, 1000), st.integers(0, 400))
def test_taking_background_off_never_makes_it_louder(background: int, difference: int) -> None:
    found = background_corrected((background + difference) / 10, background / 10)
    assert found.level is None or found.level <= (background + difference) / 10


def test_background_above_the_measured_level_is_refused() -> None:
    with pytest.raises(OutsideRule, match="background"):
        background_corrected(50, 51)
