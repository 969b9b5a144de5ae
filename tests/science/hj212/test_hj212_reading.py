"""Reading data segments: the standard's own examples, what devices make of them, and what is refused."""

import pytest
from hj212_packets import ANNEX_A, HEADER, with_cp
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    LENIENT,
    STANDARD,
    BadCp,
    BadEncoding,
    Dialect,
    Hj212Error,
    Message,
    MessageError,
    MissingField,
    parse,
)

GBK_FIRST = Dialect("gbk", encodings=("gbk", "utf-8"))
ASCII_ONLY = Dialect("ascii", encodings=("ascii",))


def test_the_worked_example_gives_every_field() -> None:
    """HJ 212-2017 annex A."""
    assert parse(ANNEX_A) == Message(
        qn="20160801085857223",
        st="32",
        cn="1062",
        pw="100000",
        mn="010000A8900016F000169DC0",
        flag=5,
        cp=((("RtdInterval", "30"),),),
    )


# -- header


def test_header_fields_may_stand_in_any_order_and_letter_case() -> None:
    message = parse(b"mn=88888880000001;Flag=5;CN=2051;qn=20190424002721168;PW=1;ST=32;CP=&&&&")
    assert (message.qn, message.st, message.cn, message.mn) == ("20190424002721168", "32", "2051", "88888880000001")


def test_a_comma_after_qn_separates_like_a_semicolon() -> None:
    """HJ 212-2017 C.22 and C.48 print it so."""
    message = parse(
        b"QN=20160801085857223,ST=32;CN=3019;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&PolId=w01018&&"
    )
    assert (message.qn, message.st) == ("20160801085857223", "32")


def test_cp_may_follow_flag_without_a_semicolon() -> None:
    """HJ 212-2017 C.19 prints it so."""
    message = parse(b"QN=20160801085857223;ST=32;CN=3016;PW=1;MN=2;Flag=5CP=&&PolId=w01018&&")
    assert (message.flag, message.get("PolId")) == (5, "w01018")


def test_a_message_of_2005_needs_neither_qn_nor_flag() -> None:
    message = parse(
        b"ST=32;CN=2011;PW=123456;MN=88888880000001;CP=&&DataTime=20040506111000;B01-Rtd=36.91&&", EDITION_2005
    )
    assert (message.qn, message.flag, message.edition, message.wants_answer) == ("", None, "2005", False)


def test_a_reply_of_2005_has_its_qn_inside_cp() -> None:
    message = parse(b"ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&", EDITION_2005)
    assert (message.qn, message.mn) == ("", "")
    assert (message.get("QN"), message.get("CN"), message.get("PNO")) == ("20040516010101001", "2051", "1")


def test_numbers_of_split_packets_may_be_padded_with_zeros() -> None:
    message = parse(b"ST=32;CN=2051;Flag=7;PNO=0002;PNUM=0003;CP=&&&&")
    assert (message.pno, message.pnum) == (2, 3)


@pytest.mark.parametrize(("text", "resent"), [(b"RF=1;", True), (b"", False), (b"RF=0;", False)])
def test_the_resend_mark_is_read(text: bytes, resent: bool) -> None:
    assert parse(b"ST=32;CN=2011;Flag=9;" + text + b"CP=&&&&", EDITION_2025).rf is resent


def test_what_is_unknown_repeated_or_no_number_in_the_header_is_kept() -> None:
    message = parse(b"ST=32;CN=2011;ST=31;Flag=null;PNUM=;Ver=2;stray;CP=&&&&")
    assert (message.st, message.flag, message.pnum) == ("32", None, None)
    assert set(message.header_extras) == {("ST", "31"), ("FLAG", "null"), ("Ver", "2"), ("stray", "")}


@pytest.mark.parametrize(
    ("segment", "field"),
    [
        (b"QN=1;CN=2011;CP=&&&&", "ST"),
        (b"QN=1;ST=32;CP=&&&&", "CN"),
        (b"QN=1;ST=;CN=2011;CP=&&&&", "ST"),
        (b"QN=1;ST=32;CN=2011", "CP"),
        (b"ST=32;CN=2011;CP=DataTime=20160801085857", "CP"),
        (b"", "CP"),
    ],
)
def test_a_missing_field_is_named(segment: bytes, field: str) -> None:
    with pytest.raises(MissingField) as caught:
        parse(segment)
    assert f"a field {field}" in caught.value.expected


@pytest.mark.parametrize(
    ("flag", "answer", "suggested"),
    [
        (0, False, "2005"),
        (1, True, "2005"),
        (4, False, "2017"),
        (7, True, "2017"),
        (9, True, "2025"),
        (252, False, None),
    ],
)
def test_flag_asks_for_an_answer_and_suggests_an_edition(flag: int, answer: bool, suggested: str | None) -> None:
    message = parse(b"ST=32;CN=2011;Flag=%d;CP=&&&&" % flag)
    assert (message.wants_answer, message.suggested_edition, message.edition) == (answer, suggested, "2017")


def test_flag_9_of_a_surface_water_station_does_not_make_it_2025() -> None:
    """Such stations sent Flag=9 years before HJ 212-2025; the dialect decides."""
    message = parse(b"QN=20200101000000001;ST=21;CN=9015;PW=1;MN=A140100_2006;Flag=9;CP=&&&&")
    assert (message.edition, message.wants_answer) == ("2017", True)


# -- CP


@pytest.mark.parametrize("cp", ["", " ", ";", " ; ,, "])
def test_an_empty_cp_has_no_groups(cp: str) -> None:
    """C.4 prints ``CP=&& &&``."""
    assert parse(with_cp(cp)).cp == ()


def test_groups_and_pairs_keep_their_order_and_their_duplicates() -> None:
    """HJ/T 212-2005 sends several CTime in one message."""
    message = parse(with_cp("CTime=01;CTime=13,CTime=20;PolId=011;CTime=01"))
    assert message.cp == (
        (("CTime", "01"),),
        (("CTime", "13"), ("CTime", "20")),
        (("PolId", "011"),),
        (("CTime", "01"),),
    )


def test_blanks_around_names_and_values_are_trimmed() -> None:
    """C.47 and others print ``CP=&& ExeRtn=1&&``, ``VaseNo=1 &&``, ``i12003-Info =0``."""
    message = parse(with_cp(" DataTime=20160801085857; VaseNo=1 ; i12003-Info = 0 "))
    assert (message.data_time, message.get("VaseNo")) == ("20160801085857", "1")
    assert message.values() == {"i12003": {"Info": 0.0}}


def test_a_trailing_semicolon_adds_nothing() -> None:
    assert parse(with_cp("LA-Rtd=50.1;")).cp == parse(with_cp("LA-Rtd=50.1")).cp


@pytest.mark.parametrize("mark", [",", ";"])
def test_begin_and_end_may_be_joined_by_comma_or_semicolon(mark: str) -> None:
    """C.23 and C.41 join them by a comma, others by a semicolon."""
    message = parse(with_cp(f"BeginTime=20160801000000{mark}EndTime=20160802000000"))
    assert (message.get("BeginTime"), message.get("EndTime")) == ("20160801000000", "20160802000000")


def test_names_are_found_in_other_letter_case_after_the_exact_one() -> None:
    """The examples write CTime where the table of names has Ctime."""
    message = parse(with_cp("CTime=2;ctime=3;systemtime=20160801085857"))
    assert (message.get("Ctime"), message.get("ctime"), message.get("CTime")) == ("2", "3", "2")
    assert message.get("SystemTime") == "20160801085857"
    assert message.get("Stime") is None


def test_an_item_without_equals_sign_is_a_name_without_value() -> None:
    assert parse(with_cp("LA;LA-Flag=N")).cp == ((("LA", ""),), (("LA-Flag", "N"),))


def test_a_log_may_hold_separators() -> None:
    """HJ 212-2017 C.40: a log stands between // and //."""
    message = parse(with_cp("DataTime=20160801085857;i11001-Info=//清洗管路; 换试剂, a=b//,i11001-Flag=N;PolId=w01018"))
    assert message.cp[1] == (("i11001-Info", "//清洗管路; 换试剂, a=b//"), ("i11001-Flag", "N"))
    assert message.get("PolId") == "w01018"


def test_a_log_that_does_not_end_is_read_to_the_next_separator() -> None:
    assert parse(with_cp("i11001-Info=//清洗;PolId=1")).cp == ((("i11001-Info", "//清洗"),), (("PolId", "1"),))


@pytest.mark.parametrize(
    "segment",
    [b"ST=32;CN=2011;CP=&&DataTime=1", b"ST=32;CN=2011;CP=&&", b"ST=32;CN=2011;CP=&&&", b"ST=32;CN=2011;CP=&&a=1&&b"],
)
def test_a_cp_that_does_not_end_with_ampersands_is_refused(segment: bytes) -> None:
    with pytest.raises(BadCp) as caught:
        parse(segment)
    assert caught.value.offset == len(segment)


# -- encodings


@pytest.mark.parametrize(("encoding", "dialect"), [("utf-8", STANDARD), ("gbk", STANDARD), ("gbk", GBK_FIRST)])
def test_chinese_text_is_read_in_either_encoding(encoding: str, dialect: Dialect) -> None:
    message = parse(f"{HEADER}CP=&&i11001-Info=//清洗管路//&&".encode(encoding), dialect)
    assert message.get("i11001-Info") == "//清洗管路//"


def test_the_dialect_decides_which_encoding_is_tried_first() -> None:
    """The two bytes are one character in UTF-8 and another in GBK."""
    segment = HEADER.encode() + b"CP=&&a=\xc2\xb5&&"
    assert parse(segment).get("a") == "µ"
    assert parse(segment, GBK_FIRST).get("a") == "碌"


def test_text_in_no_known_encoding_is_named_with_its_place() -> None:
    with pytest.raises(BadEncoding) as caught:
        parse(HEADER.encode() + b"CP=&&a=\xc2\xb5&&", ASCII_ONLY)
    assert caught.value.offset == len(HEADER) + 7
    with pytest.raises(BadEncoding, match="utf-8 or gbk"):
        parse(HEADER.encode() + b"CP=&&a=\xff&&")


# -- values


def test_values_are_gathered_by_factor_and_kind() -> None:
    message = parse(
        with_cp("DataTime=20160801080000;w01018-Cou=1.20,w01018-Min=-0.5,w01018-Avg=1.5e1,w01018-Flag=N;LA-Rtd=50.1")
    )
    assert message.values() == {"w01018": {"Cou": 1.2, "Min": -0.5, "Avg": 15.0, "Flag": "N"}, "LA": {"Rtd": 50.1}}


def test_a_factor_whose_values_stand_in_several_groups_is_one() -> None:
    """Senders of 2005 join the pairs of a factor by semicolons."""
    message = parse(with_cp("011-Rtd=231.0;011-Flag=N;060-Rtd=1.8"))
    assert message.values() == {"011": {"Rtd": 231.0, "Flag": "N"}, "060": {"Rtd": 1.8}}


def test_of_two_values_of_one_kind_the_later_one_is_given() -> None:
    message = parse(with_cp("w01018-Rtd=235.24,w01018-Flag=N;w01018-Rtd=999,w01018-Flag=D"))
    assert message.values() == {"w01018": {"Rtd": 999.0, "Flag": "D"}}
    assert len(message.cp) == 2


def test_a_name_of_three_parts_keeps_what_it_is_about() -> None:
    """Information i13007, the intercept of the instrument for a21026."""
    assert parse(with_cp("a21026-i13007-Info=0.12")).values() == {"a21026": {"i13007-Info": 0.12}}


def test_kinds_get_the_letter_case_of_the_standard_and_codes_keep_theirs() -> None:
    message = parse(with_cp("W01018-rtd=1,W01018-FLAG=N,W01018-zsrtd=2,W01018-ValidNum=3"))
    assert message.values() == {"W01018": {"Rtd": 1.0, "Flag": "N", "ZsRtd": 2.0, "ValidNum": 3.0}}


@pytest.mark.parametrize("text", ["", "nan", "inf", "-Infinity", "1e999", "1_000", "0x10", "12.3.4", "--", "XXXX.XXXX"])
def test_what_is_no_finite_number_stays_text(text: str) -> None:
    assert parse(with_cp(f"w01018-Rtd={text}")).values() == {"w01018": {"Rtd": text}}


@pytest.mark.parametrize(
    ("kind", "text"), [("Flag", "0"), ("EFlag", "12"), ("SN", "0012"), ("SampleTime", "20160801085857")]
)
def test_kinds_that_are_text_by_nature_stay_text(kind: str, text: str) -> None:
    assert parse(with_cp(f"w01018-{kind}={text}")).values() == {"w01018": {kind: text}}


# -- whatever the bytes


@settings(max_examples=500)
@given(
    st.binary(max_size=80)
    | st.lists(
        st.sampled_from(
            [b"ST=32;", b"CN=2011;", b"CP=&&", b"&&", b"=", b";", b",", b"//", b"w01018-Rtd", b"\xff", b" ", b"9"]
        ),
        max_size=20,
    ).map(b"".join),
    st.sampled_from([STANDARD, EDITION_2005, LENIENT, ASCII_ONLY]),
)
def test_any_bytes_are_a_message_or_a_named_error(segment: bytes, dialect: Dialect) -> None:
    try:
        answer: Message | Hj212Error = parse(segment, dialect)
    except Hj212Error as error:
        answer = error
    if isinstance(answer, Message):
        assert answer.st
        assert set(answer.values()) == {name.split("-")[0] for group in answer.cp for name, _ in group if "-" in name}
    else:
        assert isinstance(answer, MessageError)
        assert answer.expected
