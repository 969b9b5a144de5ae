import re
from collections import Counter

import pytest

from qingyuan_science.standards import Status, UnknownFactor, all_factors, factor, find_factor
from qingyuan_science.standards import factors as factor_module
from qingyuan_science.units import canonical

CONSTANTS = {name: value for name, value in vars(factor_module).items() if name.isupper() and isinstance(value, str)}
ASKED_FOR = {"COD", "AMMONIA_NITROGEN", "TOTAL_PHOSPHORUS", "TOTAL_NITROGEN", "PH", "SO2", "NOX", "PARTICULATES"}


def test_every_named_constant_is_a_code_of_the_table():
    assert {"COD", "AMMONIA_NITROGEN", "TOTAL_PHOSPHORUS", "TOTAL_NITROGEN", "PH", "SO2", "NOX", "PARTICULATES"} <= set(
        CONSTANTS
    )
    for code in CONSTANTS.values():
        assert factor(code).code == code


@pytest.mark.parametrize(
    ("constant", "code", "english"),
    [
        ("COD", "w01018", "chemical oxygen demand"),
        ("AMMONIA_NITROGEN", "w21003", "ammonia nitrogen"),
        ("TOTAL_PHOSPHORUS", "w21011", "total phosphorus"),
        ("TOTAL_NITROGEN", "w21001", "total nitrogen"),
        ("PH", "w01001", "pH"),
        ("FLOW", "w00000", "wastewater"),
        ("SO2", "a21026", "sulfur dioxide"),
        ("NOX", "a21002", "nitrogen oxides"),
        ("PARTICULATES", "a34013", "smoke dust"),
        ("PM25", "a34004", "PM2.5"),
        ("PM10", "a34002", "PM10"),
        ("NO2", "a21004", "nitrogen dioxide"),
        ("CO", "a21005", "carbon monoxide"),
        ("O3", "a05024", "ozone"),
    ],
)
def test_the_constants_stand_for_what_they_are_called(constant, code, english):
    assert CONSTANTS[constant] == code
    assert english in factor(code).title.en


@pytest.mark.parametrize(
    ("code", "unit", "decimals", "field"),
    [
        ("w01018", "mg/L", 1, "N5.1"),
        ("w21003", "mg/L", 2, "N4.2"),
        ("w20111", "µg/L", 2, "N3.2"),
        ("a21026", "mg/m3", 2, "N5.2"),
    ],
)
def test_units_and_decimals_of_hj_212_2017(code, unit, decimals, field):
    """HJ 212-2017, tables B.1 and B.2."""
    found = factor(code)
    assert (found.unit, found.decimals, found.field) == (unit, decimals, field)
    assert (found.document, found.status) == ("HJ 212-2017", Status.VERIFIED)


def test_the_table_holds_every_code_of_2017():
    by_clause = Counter(found.clause.en for found in all_factors() if found.document == "HJ 212-2017")
    assert by_clause == {
        "Table B.1": 63,
        "Table B.2": 121,
        "Table B.3": 12,
        "Table B.5": 89,
        "Table B.7": 54,
        "Table B.10": 38,
    }


def test_every_factor_says_where_it_is_printed_from_when_it_holds_and_how_far_it_was_checked():
    for found in all_factors():
        assert found.document
        assert found.clause.zh
        assert found.clause.en
        assert found.valid_from.year >= 2005
        assert isinstance(found.status, Status)


def test_every_factor_has_names_in_both_languages_and_a_unit_that_converts():
    for found in all_factors():
        assert found.title.zh
        assert re.search("[A-Za-z]", found.title.en)
        assert found.short.zh
        assert canonical(found.unit) == found.unit
        assert not found.total_unit or canonical(found.total_unit)


def test_one_code_serves_stack_and_street_with_the_unit_of_each():
    assert factor("a21026").unit == "mg/m3"
    assert factor("a21026", medium="air_emission").unit == "mg/m3"
    street = factor("a21026", medium="ambient_air")
    assert (street.unit, street.decimals, street.medium) == ("µg/m3", 0, "ambient_air")


def test_particles_are_in_micrograms_although_the_table_prints_nanograms():
    assert (factor("a34004").unit, factor("a34004").decimals) == ("µg/m3", 0)
    assert "ng/m3" in factor("a34004").note


def test_an_unknown_code_is_named_and_a_code_in_the_wrong_case_is_set_right():
    with pytest.raises(UnknownFactor, match="z99999"):
        factor("z99999")
    with pytest.raises(UnknownFactor, match="expected 'w01018'"):
        factor("W01018")


@pytest.mark.parametrize(
    ("sent", "hints", "code"),
    [
        ("w01018", {}, "w01018"),
        ("W01018", {}, "w01018"),
        ("011", {}, "w01018"),
        ("060", {"edition": "2005"}, "w21003"),
        ("B01", {}, "w00000"),
        ("02", {}, "a21026"),
        ("S01", {}, "a19001"),
        ("01018", {"medium": "water"}, "w01018"),
        ("21026", {"medium": "air_emission"}, "a21026"),
        ("i33400", {}, "I33400"),
        ("e10101", {}, "e10101"),
        ("i33312", {}, "i33312"),
        ("025", {}, "025"),
    ],
)
def test_a_code_as_sent_finds_its_factor(sent, hints, code):
    assert find_factor(sent, **hints).code == code


def test_a_code_with_the_number_of_the_equipment_is_read_by_its_pattern():
    assert find_factor("e10203").title.en == "inlet COD"
    assert find_factor("i33312").title.en == "upper furnace temperature"


def test_a_code_of_2005_keeps_the_unit_of_2005():
    """HJ/T 212-2005 annex B has total mercury in mg/L, HJ 212-2017 table B.1 in µg/L."""
    assert (find_factor("020").code, find_factor("020").unit) == ("w20111", "mg/L")
    assert find_factor("w20111").unit == "µg/L"


def test_day_and_night_noise_are_swapped_in_2005():
    assert find_factor("Ld", edition="2005").code == "Ln"
    assert find_factor("Ld").code == "Ld"


def test_2025_gives_particulates_a_decimal():
    assert find_factor("a34013").decimals == 0
    assert find_factor("a34013", edition="2025").decimals == 1


def test_a_code_that_no_edition_knows_is_an_error_with_or_without_a_hint():
    with pytest.raises(UnknownFactor, match="99999"):
        find_factor("99999")
    with pytest.raises(UnknownFactor, match="99999"):
        find_factor("99999", medium="water")


def test_a_factor_knows_its_code_of_2005():
    assert factor("w01018").code_2005 == "011"
    assert factor("w01009").code_2005 == ""
