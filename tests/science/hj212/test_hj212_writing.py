"""Writing frames strictly, splitting long messages, and reading back what was written."""

import pytest
from hj212_packets import ANNEX_A, ANNEX_A_FRAME, framed, groups, messages, modbus_by_definition
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    STANDARD,
    BadCp,
    BadEncoding,
    BadHeader,
    BadTime,
    Dialect,
    Frame,
    Framer,
    Message,
    MissingField,
    SegmentTooLong,
    encode,
    parse,
    split,
)

DIALECTS = {"2005": EDITION_2005, "2017": STANDARD, "2025": EDITION_2025}
HOUR = Message("20160801090001000", "32", "2061", "123456", "010000A8900016F000169DC0", 5)


def day_of_factors(count: int, **changes) -> Message:
    context = (("DataTime", "20160801080000"),)
    factors = [
        tuple((f"w{number:05d}-{kind}", "12.3456") for kind in ("Cou", "Min", "Avg", "Max")) for number in range(count)
    ]
    return Message(**{**vars_of(HOUR), "cp": (context, *factors), **changes})


def vars_of(message: Message) -> dict:
    return {name: getattr(message, name) for name in Message.__dataclass_fields__}


def test_the_worked_example_is_written_byte_for_byte() -> None:
    """HJ 212-2017 annex A."""
    assert encode(parse(ANNEX_A)) == ANNEX_A_FRAME


def test_the_example_of_2025_is_written_byte_for_byte() -> None:
    segment = b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&"
    assert encode(parse(segment, EDITION_2025)) == b"##0087" + segment + b"2200\r\n"


def test_split_numbers_stand_where_each_edition_has_them() -> None:
    message = Message("20040516010101001", "32", "2051", "1", "2", 3, pnum=2, pno=1, edition="2005")
    assert b"QN=20040516010101001;PNUM=2;PNO=1;ST=32;CN=2051;PW=1;MN=2;Flag=3;CP=&&&&" in encode(message)
    later = Message("20240516010101001", "32", "2051", "1", "2", 10, pnum=2, pno=1, rf=True, edition="2025")
    assert b"Flag=10;PNUM=2;PNO=1;RF=1;CP=&&&&" in encode(later)


def test_the_receivers_checksum_and_length_are_written() -> None:
    odd = Dialect("odd", crc="modbus", length_excess=6)
    assert encode(parse(ANNEX_A), odd) == b"##0107" + framed(ANNEX_A, modbus_by_definition)[6:]


def test_length_counts_bytes_of_chinese_text() -> None:
    """The log of six characters has 14 bytes with its marks in UTF-8, 10 in GBK."""
    message = Message("", "32", "3020", cp=((("i11001-Info", "//清洗//"),),))
    plain = encode(Message("", "32", "3020", cp=((("i11001-Info", "//ab//"),),)))
    assert int(encode(message)[2:6]) == int(plain[2:6]) + 4
    assert int(encode(message, Dialect("gbk", encodings=("gbk",)))[2:6]) == int(plain[2:6]) + 2


@settings(max_examples=300)
@given(messages())
def test_what_is_written_is_read_back_the_same(message: Message) -> None:
    dialect = DIALECTS[message.edition]
    (frame,) = Framer(dialect).feed(encode(message))
    assert isinstance(frame, Frame)
    assert parse(frame.segment, dialect) == message


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"st": ""}, MissingField),
        ({"cn": ""}, MissingField),
        ({"mn": "a;b"}, BadHeader),
        ({"pw": " 1"}, BadHeader),
        ({"mn": "a&&b"}, BadHeader),
        ({"flag": 256}, BadHeader),
        ({"pno": -1}, BadHeader),
        ({"header_extras": (("QN", "1"),)}, BadHeader),
        ({"header_extras": (("", "1"),)}, BadHeader),
        ({"cp": ((("a", "1;b"),),)}, BadCp),
        ({"cp": ((("a", "1,b"),),)}, BadCp),
        ({"cp": ((("a", "1&&"),),)}, BadCp),
        ({"cp": ((("a", " 1"),),)}, BadCp),
        ({"cp": ((("a", "//open"),),)}, BadCp),
        ({"cp": ((("a", "//in//out//"),),)}, BadCp),
        ({"cp": ((("", "1"),),)}, BadCp),
        ({"cp": ((("a=b", "1"),),)}, BadCp),
        ({"cp": ((),)}, BadCp),
        ({"cp": ((("a", "\ud800"),),)}, BadEncoding),
        ({"cp": ((("a", "9" * 950),),)}, SegmentTooLong),
        ({"mn": "9" * 1024}, SegmentTooLong),
    ],
)
def test_what_could_not_be_read_back_is_not_written(changes: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        encode(Message(**{**vars_of(HOUR), **changes}))


def test_a_message_that_fits_is_not_split() -> None:
    message = day_of_factors(3)
    assert split(message) == [message]


def test_parts_are_numbered_marked_and_repeat_their_time() -> None:
    """HJ 212-2017 C.49: total and number in each part, consecutive QNs, DataTime again."""
    parts = split(day_of_factors(25))
    assert [(part.pnum, part.pno) for part in parts] == [(3, 1), (3, 2), (3, 3)]
    assert {part.flag for part in parts} == {7}
    assert [part.qn for part in parts] == ["20160801090001000", "20160801090001001", "20160801090001002"]
    assert {part.data_time for part in parts} == {"20160801080000"}


def test_parts_of_2005_share_their_qn() -> None:
    parts = split(day_of_factors(25, edition="2005", flag=1))
    assert {part.qn for part in parts} == {HOUR.qn}
    assert {part.flag for part in parts} == {3}


def test_qn_counts_over_the_end_of_a_year() -> None:
    parts = split(day_of_factors(15, qn="20161231235959999"))
    assert [part.qn for part in parts] == ["20161231235959999", "20170101000000000"]


def test_a_qn_that_is_no_time_cannot_be_counted_up() -> None:
    with pytest.raises(BadTime):
        split(day_of_factors(15, qn="1617937160672"))


def test_a_message_without_flag_gets_the_version_of_its_edition() -> None:
    assert {part.flag for part in split(day_of_factors(15, flag=None))} == {6}


def test_a_group_that_fits_no_frame_cannot_be_split() -> None:
    with pytest.raises(SegmentTooLong):
        split(Message("", "32", "2011", cp=((("DataTime", "20160801085857"),), (("a", "9" * 940),))))
    with pytest.raises(SegmentTooLong):
        split(Message("", "32", "2011", cp=((("DataTime", "9" * 960),),)))


def test_parts_repeat_what_their_information_is_about() -> None:
    context = ((("DataTime", "20160801085857"),), (("PolId", "w01018"),))
    logs = tuple(((f"i{number:05d}-Info", "//" + "x" * 400 + "//"),) for number in range(4))
    parts = split(Message("", "32", "3020", flag=4, cp=context + logs))
    assert [part.cp for part in parts] == [context + logs[:2], context + logs[2:]]


@settings(max_examples=60)
@given(st.lists(groups, min_size=1, max_size=40), st.integers(300, 1024), st.sampled_from(["2005", "2017", "2025"]))
def test_parts_fit_and_together_say_what_the_message_said(cp: list, limit: int, edition: str) -> None:
    context = ((("DataTime", "20160801085857"),),)
    assume(all(len(str(group).encode()) < 150 for group in cp))
    message = Message("20160801085857223", "32", "2011", "1", "2", 4, cp=(*context, *cp), edition=edition)
    parts = split(message, limit)
    assert all(len(encode(part)) - 12 <= limit for part in parts)
    assert tuple(group for part in parts for group in part.cp[1:]) == tuple(cp)
    assert all(part.cp[:1] == context for part in parts)
