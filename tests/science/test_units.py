import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.units import IncompatibleUnits, UnknownUnit, canonical, convert, shown_as

CONCENTRATIONS = ["mg/L", "µg/L", "ng/L", "mg/m3", "µg/m3", "ng/m3", "kg/m3"]


@pytest.mark.parametrize(
    ("value", "unit_from", "unit_to", "expected"),
    [
        (1.0, "mg/L", "µg/L", 1000.0),
        (1.0, "mg/L", "mg/m3", 1000.0),
        (75.0, "µg/m3", "mg/m3", 0.075),
        (3.6, "m3/h", "L/s", 1.0),
        (2.0, "m3/s", "L/s", 2000.0),
        (0.1, "MPa", "kPa", 100.0),
        (1.5, "t", "kg", 1500.0),
        (90.0, "min", "h", 1.5),
        (7.2, "dimensionless", "", 7.2),
    ],
)
def test_known_conversions(value, unit_from, unit_to, expected):
    assert convert(value, unit_from, unit_to) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ug/m3", "µg/m3"),
        ("μg/m³", "µg/m3"),
        ("µg/m^3", "µg/m3"),
        (" mg/l ", "mg/L"),
        ("mg/Nm3", "mg/m3"),
        ("℃", "°C"),
        ("degC", "°C"),
        ("uS/cm", "µS/cm"),
        ("dB(A)", "dB"),
        ("无量纲", "dimensionless"),
        ("", "dimensionless"),
    ],
)
def test_a_unit_is_known_under_the_ways_people_write_it(written, meant):
    assert canonical(written) == meant


@pytest.mark.parametrize(("unit", "shown"), [("ug/m3", "µg/m³"), ("m3/h", "m³/h"), ("dimensionless", ""), ("%", "%")])
def test_a_unit_is_shown_as_people_read_it(unit, shown):
    assert shown_as(unit) == shown


def test_units_of_different_things_do_not_convert_and_both_are_named():
    with pytest.raises(IncompatibleUnits, match=r"'mg/L'.*'L/s'"):
        convert(1.0, "mg/L", "L/s")


def test_colour_by_dilution_does_not_convert_to_degrees_of_colour():
    with pytest.raises(IncompatibleUnits):
        convert(30.0, "倍", "度")


def test_an_unknown_unit_is_named():
    with pytest.raises(UnknownUnit, match="furlong"):
        convert(1.0, "furlong", "m")


def test_a_whole_array_is_converted_and_left_unaltered():
    values = np.array([1.0, np.nan, 3.0])
    converted = convert(values, "mg/L", "µg/L")
    np.testing.assert_array_equal(converted, [1000.0, np.nan, 3000.0])
    np.testing.assert_array_equal(values, [1.0, np.nan, 3.0])


def test_conversion_down_by_a_thousand_gives_the_double_that_people_would_write():
    thousandths = np.arange(1.0, 20000.0)
    written = np.array([float(f"{whole // 1000}.{whole % 1000:03d}") for whole in range(1, 20000)])
    np.testing.assert_array_equal(convert(thousandths, "µg/L", "mg/L"), written)


@given(st.floats(1e-6, 1e9), st.sampled_from(CONCENTRATIONS), st.sampled_from(CONCENTRATIONS))
def test_there_and_back_is_the_same(value, one, other):
    assert convert(convert(value, one, other), other, one) == pytest.approx(value, rel=1e-14)


def test_a_kilogram_in_a_cubic_metre_is_a_thousand_grams() -> None:
    assert convert(1.0, "kg/m3", "g/m3") == 1_000.0
    assert convert(1.0, "kg/m3", "mg/L") == 1_000.0
