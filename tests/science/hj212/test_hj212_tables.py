"""Dialect profiles and code tables."""

from dataclasses import asdict, replace
from datetime import date

import pytest

from qingyuan_science.hj212 import EDITION_2005, EDITION_2025, LENIENT, STANDARD, BadDialect, Dialect
from qingyuan_science.hj212.codes import (
    COMMANDS,
    DATA_FLAGS,
    EDITIONS,
    EXE_RETURNS,
    QN_RETURNS,
    SYSTEMS,
    VALIDITIES,
    commands,
)
from qingyuan_science.standards.sourced import tables_of

STATUSES = {"read", "second-hand", "unverified"}


@pytest.mark.parametrize(
    ("dialect", "flag", "validity"),
    [
        (STANDARD, "N", "valid"),
        (STANDARD, "n", "valid"),
        (STANDARD, "F", "stopped"),
        (STANDARD, "M", "maintenance"),
        (STANDARD, "S", "manual"),
        (STANDARD, "D", "fault"),
        (STANDARD, "C", "calibration"),
        (STANDARD, "T", "over-range"),
        (STANDARD, "B", "comm-fault"),
        (STANDARD, "P", "unknown"),
        (EDITION_2005, "P", "stopped"),
        (EDITION_2005, "B", "unknown"),
        (EDITION_2025, "Td", "invalid"),
        (EDITION_2025, "T", "over-range"),
        (STANDARD, "", "unknown"),
    ],
)
def test_data_flags_mean_what_their_edition_says(dialect: Dialect, flag: str, validity: str) -> None:
    """HJ 212-2017 6.6.4, table 8; the other editions likewise."""
    assert dialect.validity(flag) == validity


def test_a_profile_names_only_what_differs_from_its_edition() -> None:
    air_station = Dialect("air", flag_map={"N": "invalid", "x": "fault"})
    assert [air_station.validity(flag) for flag in ("N", "x", "X", "D")] == ["invalid", "fault", "unknown", "fault"]


def test_a_profile_survives_storage_as_plain_values() -> None:
    profile = Dialect("mine", crc="any", flag_map={"X": "stopped"}, encodings=("gbk",))
    assert Dialect(**asdict(profile)) == profile
    assert hash(Dialect(**asdict(profile))) == hash(profile)
    assert replace(profile, stamp="end").validity("X") == "stopped"


@pytest.mark.parametrize(
    "settings",
    [
        {"edition": "1999"},
        {"crc": "ccitt"},
        {"crc_digits": 2},
        {"length_digits": 5},
        {"length_excess": -1},
        {"stamp": "middle"},
        {"reply": "2025"},
        {"minute_interval": 0},
        {"encodings": ()},
        {"encodings": ("klingon",)},
        {"flag_map": {"N": "fine"}},
        {"utc_offset_minutes": 1440},
        {"over_time": 100},
        {"re_count": -1},
    ],
)
def test_a_profile_with_a_value_that_no_dialect_has_is_refused(settings: dict) -> None:
    with pytest.raises(BadDialect) as caught:
        Dialect("wrong", **settings)
    assert caught.value.expected


def test_the_ready_profiles_differ_where_their_editions_do() -> None:
    assert [profile.edition for profile in (EDITION_2005, STANDARD, EDITION_2025, LENIENT)] == [
        "2005",
        "2017",
        "2025",
        "2017",
    ]
    assert (EDITION_2005.reply, STANDARD.reply) == ("2005", "2017")
    assert (STANDARD.crc, LENIENT.crc) == ("standard", "any")


def test_editions_follow_each_other() -> None:
    assert [edition.valid_from for edition in EDITIONS.values()] == [
        date(2006, 2, 1),
        date(2017, 5, 1),
        date(2026, 1, 1),
    ]
    assert [edition.flag_version for edition in EDITIONS.values()] == [0, 1, 2]
    assert [edition.cp_limit for edition in EDITIONS.values()] == [960, 950, 950]


@pytest.mark.parametrize("rows", [EDITIONS.values(), SYSTEMS.values(), COMMANDS, QN_RETURNS.values(), DATA_FLAGS])
def test_every_row_says_how_far_it_is_verified_and_has_both_titles(rows) -> None:
    for row in rows:
        assert row.status in STATUSES
        assert row.edition in EDITIONS
        assert row.title_zh
        assert row.title_en.isascii()


def test_return_codes_are_those_of_tables_6_and_7() -> None:
    assert sorted(QN_RETURNS) == [*range(1, 10), 100]
    assert sorted(EXE_RETURNS) == [*range(1, 7), 100]


def test_flags_map_to_known_words_only() -> None:
    assert {row.validity for row in DATA_FLAGS} <= VALIDITIES


def test_no_command_is_defined_twice() -> None:
    keys = [(command.cn, command.direction, command.edition) for command in COMMANDS]
    assert len(keys) == len(set(keys))
    assert {command.kind for command in COMMANDS} == {"request", "upload", "notice", "answer"}


@pytest.mark.parametrize(
    ("cn", "edition", "found"),
    [
        ("2011", "2017", [("host-to-device", "request"), ("device-to-host", "upload")]),
        ("2011", "2005", [("host-to-device", "request"), ("device-to-host", "upload")]),
        ("1001", "2005", [("host-to-device", "request")]),
        ("1001", "2025", [("device-to-host", "notice")]),
        ("9015", "2017", [("device-to-host", "notice")]),
        ("9014", "2025", [("either", "answer")]),
        ("0000", "2017", []),
    ],
)
def test_commands_are_found_by_code_and_edition(cn: str, edition: str, found: list[tuple[str, str]]) -> None:
    assert [(command.direction, command.kind) for command in commands(cn, edition)] == found


def test_no_edition_has_an_end_that_the_register_of_standards_does_not_know() -> None:
    """That HJ 212-2017 ended on 2025-12-31 is known at second hand only, so neither says it."""
    known = {one["code"]: one.get("to") for one in tables_of("procedure/register", "standards")[0].rows}
    told = {one.document: one.valid_to for one in EDITIONS.values() if one.document in known}
    assert told == {document: known[document] for document in ("HJ 212-2017", "HJ 212-2025")}
    assert told["HJ 212-2017"] is None
