"""Components of air: sums that say what is missing, ozone formation, the mass of PM2.5, and the wind."""

import numpy as np
import pytest

from qingyuan_science.assess.components import (
    GROUPS,
    by_sector,
    group_of,
    mean_direction,
    mir_of,
    mir_source,
    ozone_formation,
    reconstructed,
    summed,
)
from qingyuan_science.standards import factor


def one_hour(**values: float) -> dict[str, np.ndarray]:
    return {code: np.array([value]) for code, value in values.items()}


def test_every_species_is_a_factor_and_stands_in_one_group():
    codes = [code for group in GROUPS for code in group.species]
    assert len(codes) == len(set(codes))
    for code in codes:
        assert factor(code, medium="ambient_air").unit in ("µg/m3", "ng/m3")


@pytest.mark.mission("S2-07")
def test_the_ions_of_wangdu_make_half_of_its_fine_particles():
    """Ye et al. 2016 (Acta Sci. Nat. Univ. Pekin. 52, 1109): five ions are 51 % of 68.2 µg/m³ in the summer of 2014."""
    (ions,) = summed(one_hour(pmsulfate=12.6, pmnitrate=8.5, pmchloride=1.4, pmammonium=11.7, pmpotassium=0.7))
    assert round(float(ions.values[0]) / 68.2, 2) == 0.51
    assert (ions.present[0], ions.expected) == (5, 5)


def test_a_missing_species_is_told_and_no_zero():
    (one,) = summed({"a25002": np.array([1.0, np.nan, np.nan]), "a25003": np.array([2.0, 2.0, np.nan])})
    assert one.values[:2].tolist() == [3.0, 2.0]
    assert np.isnan(one.values[2])
    assert one.incomplete.tolist() == [False, True, True]


def test_the_sum_of_xylenes_counts_only_where_no_isomer_is_measured():
    alone, beside = one_hour(a25005=9.0), one_hour(a25005=9.0, a25006=4.0)
    assert summed(alone)[0].values.tolist() == [9.0]
    assert summed(beside)[0].values.tolist() == [4.0]
    assert "a25005" not in ozone_formation(alone), "no reactivity was read of the mixture"


@pytest.mark.mission("S2-08")
def test_meta_and_para_xylene_together_have_the_published_reactivity():
    """Instruments that cannot part the two are given 7.80 with this scale, the mean of both."""
    assert (mir_of("a25007") + mir_of("a25008")) / 2 == pytest.approx(7.80, abs=0.006)
    assert "Carter" in mir_source().document


def test_ozone_formation_is_concentration_times_reactivity_and_leaves_out_what_has_none():
    found = ozone_formation(one_hour(a24053=2.0, a25003=10.0, a24004=5.0))
    assert {code: round(float(value[0]), 2) for code, value in found.items()} == {"a24053": 23.32, "a25003": 40.0}


@pytest.mark.parametrize(
    ("element", "oxide"),
    [("pmal", 1.89), ("pmsi", 2.14), ("pmca", 1.40), ("pmti", 1.67)],
)
def test_soil_is_the_common_oxides_and_a_sixth_for_what_is_not_measured(element, oxide):
    """Chow et al. 2015, table 1, equation 4: oxide multipliers times 1.16 (Malm et al. 1994)."""
    lone = dict.fromkeys(("pmal", "pmsi", "pmca", "pmfe", "pmti"), 0.0) | {element: 1.0}
    assert reconstructed(one_hour(**lone)).parts["soil"][0] == pytest.approx(oxide * 1.16, abs=0.011)


def test_a_part_of_which_a_species_is_not_measured_is_missing_and_an_hour_without_value_has_no_mass():
    found = reconstructed({"pmoc": np.array([5.0, np.nan]), "pmec": np.array([1.0, 1.0]), "pmal": np.array([1.0, 1.0])})
    assert found.total[0] == 10.0
    assert np.isnan(found.total[1])
    assert found.missing["soil"] == ("pmsi", "pmca", "pmfe", "pmti")
    assert set(found.parts) == {"organic", "carbon"}
    assert reconstructed({}).total.size == 0


@pytest.mark.mission("S2-09")
def test_wind_is_parted_into_sixteen_directions_around_north_and_still_air():
    direction = np.array([348.76, 11.24, 11.26, 90.0, np.nan, 200.0])
    speed = np.array([1.0, 1.0, 1.0, 0.2, 2.0, np.nan])
    values = np.array([10.0, np.nan, 30.0, 40.0, 50.0, 60.0])
    found = {one.title.en: one for one in by_sector(direction, speed, values)}
    assert len(found) == 17
    assert (found["N"].hours, found["N"].counted, found["N"].mean) == (2, 1, 10.0)
    assert (found["NNE"].hours, found["NNE"].mean) == (1, 30.0)
    assert (found["still air"].hours, found["still air"].mean) == (1, 40.0)
    assert sum(one.hours for one in found.values()) == 4, "hours of unknown wind are in none"


def test_the_mean_direction_is_that_of_the_vectors():
    assert mean_direction(np.array([350.0, 10.0]), np.array([1.0, 1.0])) % 360 == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(mean_direction(np.array([0.0, 180.0]), np.array([1.0, 1.0])))
    assert np.isnan(mean_direction(np.array([]), np.array([])))


def test_what_is_no_component_is_in_no_group():
    assert [group_of(code) for code in ("a34004", "a24088", "a01008", "w01018")] == [None] * 4
