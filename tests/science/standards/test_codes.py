"""Codes with and without check letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.standards.codes.credit import (
    credit_check,
    credit_code,
    make_credit_code,
    organisation_check,
    organisation_code,
)
from qingyuan_science.standards.codes.devices import device_number, make_device_number
from qingyuan_science.standards.codes.divisions import division, make_division
from qingyuan_science.standards.codes.outlets import (
    make_outlet_code,
    make_permit_code,
    outfall_code,
    outlet_code,
    permit_code,
)
from qingyuan_science.standards.errors import BadCode

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGITS = "0123456789"
# codes that these firms publish
PUBLISHED = ["91110000802100433B", "914403001922038216", "9144030071526726XG", "91330100799655058B"]
bodies = st.text(LETTERS, min_size=17, max_size=17)


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_fit_and_so_do_the_organisation_codes_inside(code: str) -> None:
    found = credit_code(code)
    assert found.check == code[-1]
    assert found.organisation_fits
    assert found.registry is not None
    assert organisation_code(found.organisation) == code[8:17]


def test_a_code_is_read_as_people_write_it() -> None:
    assert credit_code(" 9111 0000-802100433b ").code == PUBLISHED[0]
    assert organisation_code("71526726-x") == "71526726X"


@given(bodies, st.integers(0, 17), st.sampled_from(LETTERS))
def test_any_single_wrong_letter_of_a_credit_code_is_noticed(body: str, place: int, wrong: str) -> None:
    code = body + credit_check(body)
    assert credit_code(code).code == code
    if code[place] != wrong:
        with pytest.raises(BadCode):
            credit_code(code[:place] + wrong + code[place + 1 :])


@given(bodies, st.integers(0, 15))
def test_two_neighbours_that_changed_places_are_noticed(body: str, place: int) -> None:
    """The weights are powers of 3 modulo 31, so that no two neighbours weigh alike."""
    code = body + credit_check(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(BadCode):
            credit_code(swapped)


@given(st.text(DIGITS, min_size=8, max_size=8), st.integers(0, 7), st.sampled_from(DIGITS))
def test_any_single_wrong_digit_of_an_organisation_code_is_noticed(body: str, place: int, wrong: str) -> None:
    code = body + organisation_check(body)
    assert organisation_code(code) == code
    if code[place] != wrong:
        with pytest.raises(BadCode):
            organisation_code(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_look_like_digits_are_refused(letter: str) -> None:
    with pytest.raises(BadCode, match=letter):
        credit_check("9111000080210043" + letter)


def test_the_reason_says_what_was_found_and_expected_in_both_languages() -> None:
    with pytest.raises(BadCode, match="found the check letter C, expected B") as refused:
        credit_code("91110000802100433C")
    assert "应为 B" in refused.value.reason.zh
    with pytest.raises(BadCode, match="17 letters, expected 18"):
        credit_code("91110000802100433")


def test_a_credit_code_is_put_together_from_its_parts() -> None:
    assert make_credit_code("9", "1", "110000", "802100433") == PUBLISHED[0]
    with pytest.raises(BadCode, match="16 letters"):
        make_credit_code("9", "1", "11000", "802100433")


def test_two_sites_of_one_firm_share_its_code() -> None:
    """HJ 608-2017, annex A: 001P and 002P."""
    first, second = (make_permit_code(PUBLISHED[0], site) for site in (1, 2))
    assert (first, second) == (PUBLISHED[0] + "001P", PUBLISHED[0] + "002P")
    found = permit_code(second)
    assert (found.site, found.flag, found.holder and found.holder.code) == (2, "P", PUBLISHED[0])
    assert permit_code(PUBLISHED[0] + "001X").name.en == "registration receipt"


def test_the_holder_inside_a_permit_is_checked_and_the_flag_too() -> None:
    with pytest.raises(BadCode, match="check letter"):
        permit_code("91110000802100433C001P")
    with pytest.raises(BadCode, match="flag Q"):
        permit_code(PUBLISHED[0] + "001Q")
    with pytest.raises(BadCode, match="three digits"):
        permit_code(PUBLISHED[0] + "0A1P")
    with pytest.raises(BadCode, match="1 to 999"):
        make_permit_code(PUBLISHED[0], 1000)


def test_units_without_a_credit_code_have_the_code_of_the_trial_rule() -> None:
    found = permit_code("H9510112000000012a")
    assert (found.holder, found.place and found.place.code) == (None, "510112")
    with pytest.raises(BadCode, match="other than o and i"):
        permit_code("H9510112000000012o")


@pytest.mark.parametrize(
    ("code", "name", "number"),
    [("DW001", "waste water outlet", 1), ("DA012", "waste gas outlet", 12), ("TW003", "waste water treatment", 3),
     ("MF0001", "production facility", 1), ("YS001", "rain outlet", 1)],
)  # fmt: skip
def test_outlets_and_facilities(code: str, name: str, number: int) -> None:
    found = outlet_code(code)
    assert (found.name.en, found.number) == (name, number)
    assert make_outlet_code(found.prefix, number) == code


@pytest.mark.parametrize("code", ["DW1", "DW0001", "DX001", "DW00A", "DW000", "DW", "DW00１"])
def test_what_is_no_outlet_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        outlet_code(code)


def test_an_outfall_is_taken_apart_as_on_its_sign() -> None:
    found = outfall_code("fxx-420106-0001-gy-00")
    assert (found.water, found.place.code, found.sequence, found.kind, found.suffix) == ("FXX", "420106", 1, "GY", "00")
    assert str(found.source.note).endswith("not checked against the text")
    for wrong in ("FXX-990106-0001-GY-00", "FXX-420106-001-GY-00", "FXX-420106-0001-GY", ""):
        with pytest.raises(BadCode):
            outfall_code(wrong)


@pytest.mark.parametrize(
    ("code", "level", "above"),
    [
        ("510000", "province", ()),
        ("510100", "city", ("510000",)),
        ("510112", "county", ("510000", "510100")),
        ("510112001", "town", ("510000", "510100", "510112")),
        ("510112001002", "village", ("510000", "510100", "510112")),
        ("510112000000", "county", ("510000", "510100")),
    ],
)
def test_levels_of_divisions(code: str, level: str, above: tuple[str, ...]) -> None:
    found = division(code)
    assert (found.level, found.above, found.province.zh) == (level, above, "四川省")


@pytest.mark.parametrize("code", ["990000", "510012", "5101", "51011a", "510112000001", "５10112", "000000"])
def test_what_is_no_division_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        division(code)


def test_a_division_is_put_together_from_its_parts() -> None:
    assert make_division("51", "01", "12", town="001") == "510112001"
    with pytest.raises(BadCode):
        make_division("51", "00", "12")


def test_a_device_number_has_four_parts_of_96_bits() -> None:
    """The number of the examples of HJ 212-2017: 8, 28, 24 and 36 bits."""
    found = device_number("010000A8900016F000169DC0")
    assert [letters for _, _, letters in found.parts] == ["01", "0000A89", "00016F", "000169DC0"]
    assert found.edition == "2017"
    old = device_number("88888880000001")
    assert [letters for _, _, letters in old.parts] == ["8888888", "0000001"]
    for wrong in ("010000A8900016F000169DC", "010000A8900016F000169DCG", "8888888-000001", ""):
        with pytest.raises(BadCode):
            device_number(wrong)


@given(st.integers(0, 2**8 - 1), st.integers(0, 2**28 - 1), st.integers(0, 2**24 - 1), st.integers(0, 2**36 - 1))
def test_a_device_number_comes_back_from_its_parts(header: int, manufacturer: int, kind: int, serial: int) -> None:
    parts = {"header": header, "manufacturer": manufacturer, "object_class": kind, "serial": serial}
    found = device_number(make_device_number(parts))
    assert {key: int(letters, 16) for key, _, letters in found.parts} == parts


def test_a_part_that_is_too_large_or_missing_is_refused() -> None:
    parts = {"header": 256, "manufacturer": 0, "object_class": 0, "serial": 0}
    with pytest.raises(BadCode, match="header: found 256, expected 0 to 255"):
        make_device_number(parts)
    with pytest.raises(BadCode, match="serial: found None"):
        make_device_number({"header": 1, "manufacturer": 0, "object_class": 0})
