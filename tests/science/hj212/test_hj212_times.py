"""Instants and the intervals that data stand for."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.hj212 import EDITION_2025, STANDARD, BadTime, Dialect, instant, period_start, span_to_ask

AT_END = Dialect("end", stamp="end")
FIVE_MINUTES = Dialect("five", stamp="end", minute_interval=5)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20160801085857", utc(2016, 8, 1, 0, 58, 57)),
        ("20160801085857223", utc(2016, 8, 1, 0, 58, 57, 223000)),
        (" 20160229000000 ", utc(2016, 2, 28, 16)),
    ],
)
def test_times_are_local_times_of_china(text: str, expected: datetime) -> None:
    assert instant(text) == expected
    assert instant(text).utcoffset() == expected.utcoffset()


def test_the_offset_of_the_senders_clock_is_a_matter_of_dialect() -> None:
    assert instant("20160801085857", Dialect("utc", utc_offset_minutes=0)) == utc(2016, 8, 1, 8, 58, 57)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2016080108585",
        "201608010858572",
        "YYYYMMDDHHMMSS",
        "20210230140300",
        "20160801240000",
        "20160801085860",
        "00000801085857",
        "２０１６０８０１０８５８５７",
        "2016-08-01 08:58",
        "-2016080108585",
    ],
)
def test_a_text_that_is_no_time_is_named(text: str) -> None:
    with pytest.raises(BadTime) as caught:
        instant(text)
    assert text[:8] in caught.value.found or caught.value.found == "nothing"


@given(st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))  # noqa: DTZ001 a clock without zone
def test_what_a_clock_shows_is_read_back_as_its_instant(clock: datetime, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    text = f"{clock:%Y%m%d%H%M%S}{clock.microsecond // 1000:03d}"
    found = instant(text, Dialect("there", utc_offset_minutes=offset))
    assert found.utcoffset() == timedelta(0)
    assert f"{found.astimezone(zone):%Y%m%d%H%M%S%f}"[:17] == text


@pytest.mark.parametrize(("text", "offset"), [("99991231235959", -480), ("99991231235959", -1)])
def test_an_instant_beyond_the_calendar_is_named(text: str, offset: int) -> None:
    with pytest.raises(BadTime):
        instant(text, Dialect("there", utc_offset_minutes=offset))


@pytest.mark.parametrize(
    ("cn", "data_time", "expected"),
    [
        ("2051", "20160801084000", utc(2016, 8, 1, 0, 40)),
        ("2061", "20160801080000", utc(2016, 8, 1, 0)),
        ("2031", "20160801000000", utc(2016, 7, 31, 16)),
        ("2041", "20160801000000", utc(2016, 7, 31, 16)),
        ("2011", "20160801085857", utc(2016, 8, 1, 0, 58, 57)),
        ("2081", "20160801085857", utc(2016, 8, 1, 0, 58, 57)),
    ],
)
def test_data_time_is_the_start_of_the_interval(cn: str, data_time: str, expected: datetime) -> None:
    """HJ 212-2017 annex C: 10 minutes from 08:40, the hour from 08:00, the day from 00:00."""
    assert period_start(cn, data_time) == expected


@pytest.mark.parametrize(
    ("cn", "data_time", "dialect", "expected"),
    [
        ("2051", "20160801085000", AT_END, utc(2016, 8, 1, 0, 40)),
        ("2051", "20160801085000", FIVE_MINUTES, utc(2016, 8, 1, 0, 45)),
        ("2061", "20160801090000", AT_END, utc(2016, 8, 1, 0)),
        ("2061", "20160801085959", AT_END, utc(2016, 8, 1, 0)),
        ("2031", "20160802000000", AT_END, utc(2016, 7, 31, 16)),
        ("2031", "20160801235959", AT_END, utc(2016, 7, 31, 16)),
        ("2011", "20160801085857", AT_END, utc(2016, 8, 1, 0, 58, 57)),
    ],
)
def test_stamps_at_the_end_lead_to_the_same_start(
    cn: str, data_time: str, dialect: Dialect, expected: datetime
) -> None:
    assert period_start(cn, data_time, dialect) == expected


def test_a_start_within_an_hour_stands_for_the_whole_hour() -> None:
    assert period_start("2061", "20160801080003") == utc(2016, 8, 1, 0)


@pytest.mark.parametrize(
    ("cn", "dialect", "expected"),
    [
        ("2061", STANDARD, ("09:00", "11:00")),
        ("2061", Dialect("late", stamp="end"), ("09:00", "12:00")),
        ("2051", Dialect("late", stamp="end", minute_interval=5), ("09:00", "11:05")),
        ("2011", Dialect("late", stamp="end"), ("09:00", "11:00")),
    ],
)
def test_the_span_to_ask_for_holds_the_stamps_of_all_its_periods(
    cn: str, dialect: Dialect, expected: tuple[str, str]
) -> None:
    span = span_to_ask(cn, datetime(2026, 11, 22, 9, tzinfo=UTC), datetime(2026, 11, 22, 11, tzinfo=UTC), dialect)
    assert tuple(f"{at:%H:%M}" for at in span) == expected


def test_a_flag_of_two_letters_is_known_in_any_case() -> None:
    assert [EDITION_2025.validity(flag) for flag in ("Td", "TD", "td", "t", "X")] == [
        "invalid", "invalid", "invalid", "over-range", "unknown",
    ]  # fmt: skip
