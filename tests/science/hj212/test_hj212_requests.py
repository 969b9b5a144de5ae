"""What a host can ask, by the table: editions, arguments, and what is written."""

from datetime import UTC, datetime, timedelta, timezone
from datetime import time as clock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    REQUESTS,
    STANDARD,
    Addressee,
    BadArgument,
    Dialect,
    Message,
    MissingArgument,
    NoSuchRequest,
    RequestError,
    UnknownArgument,
    encode,
    parse,
    request,
    requests_in,
)
from qingyuan_science.hj212.codes import COMMANDS, EDITIONS
from qingyuan_science.hj212.errors import BadTime
from qingyuan_science.hj212.requests import TYPES

TO = Addressee("010000A8900016F000169DC0", "32", "123456")
AT = datetime(2016, 8, 1, 0, 58, 57, 223000, tzinfo=UTC)
AT_2024 = datetime(2024, 6, 1, 0, 58, 57, 223000, tzinfo=UTC)
BEGIN, END = datetime(2024, 6, 1, 0, 0, tzinfo=UTC), datetime(2024, 6, 1, 0, 0, tzinfo=UTC)
OLD = Addressee("ABCDEFG1234567", "22", "123456")
AT_2017 = datetime(2017, 5, 15, 17, 1, 1, 1000, tzinfo=UTC)


def written(code: str, dialect: Dialect = STANDARD, to: Addressee = TO, at: datetime = AT, **arguments) -> str:
    return encode(request(code, to, at, dialect, **arguments), dialect)[6:-6].decode()


HEAD = "QN=20240601085857223;ST=32;CN=%s;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&%s&&"


@pytest.mark.parametrize(
    ("code", "cn", "cp", "arguments"),
    [
        ("read-clock", "1011", "", {}),
        ("set-identity", "1002", "i23005-Info=6970000000001ABCDEFG1234",
         {"HardwareSerial": "6970000000001ABCDEFG1234"}),
        ("set-key", "1014", "SKCreateTime=20240601085857,NewSK=0000000000000000",
         {"SKCreateTime": AT_2024, "NewSK": "0000000000000000"}),
        ("set-password", "1072", "NewPW=654321", {"NewPW": "654321"}),
        ("start-realtime", "2011", "", {}),
        ("stop-realtime", "2012", "", {}),
        ("cycle-data", "2013", "BeginTime=20240601080000;EndTime=20240601080000", {"BeginTime": BEGIN, "EndTime": END}),
        ("start-states", "2021", "", {}),
        ("stop-states", "2022", "", {}),
        ("standard-checks", "2062", "BeginTime=20240601080000;EndTime=20240601080000",
         {"BeginTime": BEGIN, "EndTime": END}),
        ("sample-now", "3012", "PolId=w01018", {"PolId": "w01018"}),
        ("set-parameter", "3021", "PolId=w01018;InfoId=i13004;i13004-Info=168.0",
         {"PolId": "w01018", "InfoId": "i13004", "Info": "168.0"}),
    ],
)  # fmt: skip
def test_requests_of_2025_are_those_of_its_examples(code: str, cn: str, cp: str, arguments: dict) -> None:
    """HJ 212-2025 annex B (second-hand)."""
    assert written(code, EDITION_2025, at=AT_2024, **arguments) == HEAD % (cn, cp)


def test_the_annexed_example_of_2017_is_written_to_the_byte() -> None:
    """HJ 212-2017 annex A."""
    to = Addressee("010000A8900016F000169DC0", "32", "100000")
    frame = encode(request("set-realtime-interval", to, AT, RtdInterval=30))
    assert frame.startswith(b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;")
    assert frame.endswith(b"CP=&&RtdInterval=30&&1C80\r\n")


@pytest.mark.parametrize(
    ("code", "cp", "arguments"),
    [
        ("set-clock", "SystemTime=20170516010101", {"SystemTime": AT_2017}),
        ("day-history", "BeginTime=20170506000000,EndTime=20170510000000",
         {"BeginTime": "20170506000000", "EndTime": "20170510000000"}),
        ("read-alarm-limits", "PolId=101;PolId=102", {"PolId": ["101", "102"]}),
        ("set-host-address", "AlarmTarget=3882566", {"AlarmTarget": 3882566}),
        ("calibrate", "PolId=101", {"PolId": "101"}),
        ("set-password", "PW=654321", {"NewPW": "654321"}),
        ("set-alarm-limits", "101-LowValue=1.1,101-UpValue=9.9", {"PolId": "101", "LowValue": 1.1, "UpValue": "9.9"}),
        ("set-sampling-times", "PolId=101;CTime=0;CTime=12", {"PolId": "101", "CTime": [0, 12]}),
    ],
)  # fmt: skip
def test_requests_of_2005_have_their_own_order_and_names(code: str, cp: str, arguments: dict) -> None:
    """HJ/T 212-2005."""
    text = written(code, EDITION_2005, OLD, AT_2017, **arguments)
    cn = REQUESTS[code].cn
    assert text == f"QN=20170516010101001;ST=22;CN={cn};PW=123456;MN=ABCDEFG1234567;Flag=1;CP=&&{cp}&&"


def test_what_belongs_together_is_joined() -> None:
    """HJ 212-2017 annex C."""
    text = written("set-sampling-period", PolId="w01018", CstartTime=clock(0, 0), CTime=2)
    assert text.endswith("CP=&&PolId=w01018;CstartTime=000000,CTime=2&&")


def test_times_are_written_on_the_devices_clock() -> None:
    device = Dialect("elsewhere", utc_offset_minutes=0)
    asked = request("set-clock", TO, AT, device, SystemTime=AT.astimezone(timezone(timedelta(hours=9))))
    assert (asked.qn, asked.get("SystemTime")) == ("20160801005857223", "20160801005857")


@pytest.mark.parametrize(
    ("code", "arguments", "error", "says"),
    [
        ("no-such-thing", {}, NoSuchRequest, "set-clock"),
        ("set-key", {"NewSK": "0" * 16}, NoSuchRequest, "2017"),
        ("read-alarm-limits", {"PolId": "w01018"}, NoSuchRequest, "2017"),
        ("set-clock", {}, MissingArgument, "SystemTime"),
        ("set-clock", {"SystemTime": ""}, MissingArgument, "SystemTime"),
        ("hour-history", {"BeginTime": BEGIN}, MissingArgument, "EndTime"),
        ("site-information", {"PolId": "w01018", "InfoId": "i11001", "BeginTime": BEGIN}, MissingArgument, "span"),
        ("stop-realtime", {"PolId": "w01018"}, UnknownArgument, "no argument"),
        ("set-timeouts", {"OverTime": 0, "ReCount": 3}, BadArgument, "1 to 99 s"),
        ("set-timeouts", {"OverTime": 10, "ReCount": 100}, BadArgument, "1 to 99"),
        ("set-realtime-interval", {"RtdInterval": 29}, BadArgument, "30 to 3600 s"),
        ("set-realtime-interval", {"RtdInterval": 3601}, BadArgument, "30 to 3600 s"),
        ("set-realtime-interval", {"RtdInterval": "30.5"}, BadArgument, "whole number"),
        ("set-realtime-interval", {"RtdInterval": True}, BadArgument, "whole number"),
        ("set-minute-interval", {"MinInterval": 7}, BadArgument, "one of 1, 2, 3, 4, 5, 6, 10"),
        ("set-clock", {"SystemTime": datetime(2024, 6, 1)}, BadArgument, "aware"),  # noqa: DTZ001
        ("set-clock", {"SystemTime": "20240230000000"}, BadArgument, "YYYYMMDD"),
        ("hour-history", {"BeginTime": AT_2024, "EndTime": AT}, BadArgument, "forward"),
        ("sample-now", {"PolId": "w01018;CN=1"}, BadArgument, "without ;"),
        ("sample-now", {"PolId": "w-1"}, BadArgument, "letters and figures"),
        ("set-password", {"NewPW": "12345"}, BadArgument, "6 letters"),
        ("set-password", {"NewPW": "12345&"}, BadArgument, "6 letters"),
        ("set-sampling-period", {"PolId": "w01018", "CstartTime": "240000", "CTime": 2}, BadArgument, "hhmmss"),
        ("set-parameter", {"PolId": "w01018", "InfoId": "x13004", "Info": "1"}, BadArgument, "i13007"),
        ("set-parameter", {"PolId": "w01018", "InfoId": "i13004", "Info": "1&&2"}, BadArgument, "without"),
    ],
)
def test_arguments_that_are_not_those_of_the_table_are_refused(code, arguments, error, says) -> None:
    with pytest.raises(error) as caught:
        request(code, TO, AT, **arguments)
    assert says in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("NewPW", "secret!"), ("NewSK", "secret")])
def test_a_secret_is_not_told_by_its_error(name: str, value: str) -> None:
    code = "set-password" if name == "NewPW" else "set-key"
    more = {} if name == "NewPW" else {"SKCreateTime": AT}
    with pytest.raises(BadArgument) as caught:
        request(code, TO, AT, EDITION_2025, **{name: value}, **more)
    assert value not in str(caught.value)


def test_a_time_without_zone_cannot_become_a_request_number() -> None:
    with pytest.raises(BadTime):
        request("read-clock", TO, datetime(2024, 6, 1))  # noqa: DTZ001


@pytest.mark.parametrize("edition", sorted(EDITIONS))
def test_the_limits_of_timeouts_are_those_of_the_edition(edition: str) -> None:
    dialect = {"2005": EDITION_2005, "2017": STANDARD, "2025": EDITION_2025}[edition]
    for value, fits in ((0, edition == "2025"), (99, True), (100, edition == "2005")):
        if fits:
            request("set-timeouts", TO, AT, dialect, OverTime=value, ReCount=3)
        else:
            with pytest.raises(BadArgument):
                request("set-timeouts", TO, AT, dialect, OverTime=value, ReCount=3)


def test_the_table_and_the_command_table_tell_the_same() -> None:
    asked = {row.cn for row in COMMANDS if row.direction == "host-to-device" and row.kind != "answer"}
    assert asked == {kind.cn for kind in REQUESTS.values()}
    for kind in REQUESTS.values():
        rows = [row for row in COMMANDS if row.cn == kind.cn and row.direction == "host-to-device"]
        assert kind.kind in {row.kind for row in rows}
        assert kind.editions <= set(EDITIONS)
        assert kind.editions
        assert kind.uploads in {"none", "one", "many", "stream"}


def test_every_row_has_titles_and_says_how_far_it_is_verified() -> None:
    for kind in REQUESTS.values():
        for row in (kind, *kind.arguments):
            assert row.title_zh
            assert row.title_en.isascii()
            assert row.status in {"read", "second-hand", "unverified"}
            assert row.editions <= kind.editions
        assert {argument.type for argument in kind.arguments} <= TYPES
        for edition in kind.editions:
            names = [argument.name for argument in kind.arguments_in(edition)]
            assert len(names) == len(set(names))


def test_what_an_edition_has_alone() -> None:
    """HJ/T 212-2005 and HJ 212-2017 command tables; HJ 212-2025 second-hand."""
    only = {
        edition: {kind.cn for kind in requests_in(edition)}
        - {kind.cn for other in EDITIONS if other != edition for kind in requests_in(other)}
        for edition in EDITIONS
    }
    assert only["2005"] == {"1001", "1021", "1022", "1031", "1032", "1041", "1042", "2071"}
    assert only["2025"] == {"1002", "1014", "2013", "2062", "3022", "3024"}
    assert only["2017"] == {"3015", "3016", "3017"}


def test_what_can_do_harm_is_marked() -> None:
    harmful = {code for code, kind in REQUESTS.items() if kind.dangerous}
    assert {"set-password", "set-key", "set-identity", "set-clock", "calibrate", "clean", "set-parameter"} <= harmful
    assert not harmful & {"read-clock", "hour-history", "site-information", "sample-now"}


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.integers() | st.floats()
WORDS = st.sampled_from(
    ["PolId", "BeginTime", "EndTime", "RtdInterval", "NewPW", "InfoId", "Info", "CTime", "SystemTime"]
)
GOOD = st.sampled_from(["w01018", "20240601080000", "60", "654321", "i13007", 10])


@given(
    st.sampled_from(sorted(REQUESTS)),
    st.dictionaries(WORDS, TEXTS | GOOD, max_size=4),
    st.sampled_from([EDITION_2005, STANDARD, EDITION_2025]),
)
@settings(max_examples=200)
def test_whatever_is_given_the_outcome_is_a_message_that_reads_back_or_a_named_error(code, arguments, dialect) -> None:
    try:
        asked: Message = request(code, TO, AT, dialect, **arguments)
    except RequestError:
        return
    assert parse(encode(asked, dialect)[6:-6], dialect) == asked


@pytest.mark.parametrize("ends", [(0, 0), ("0", "0"), ("20240601080000", "soon")])
def test_ends_of_a_span_that_are_no_times_are_a_named_error(ends) -> None:
    with pytest.raises(BadArgument):
        request("alarm-history", TO, AT, EDITION_2005, BeginTime=ends[0], EndTime=ends[1])
