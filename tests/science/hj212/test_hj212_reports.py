"""What messages tell apart from values of factors."""

from datetime import UTC, datetime, time

import pytest

from qingyuan_science.hj212 import EDITION_2005, EDITION_2025, STANDARD, Dialect, parse, reports
from qingyuan_science.hj212.codes import COMMANDS, INFORMATION, STATES
from qingyuan_science.hj212.reports import (
    Alarm,
    AlarmLimits,
    Boot,
    Clock,
    ClockWanted,
    CycleData,
    HardwareIdentity,
    Heartbeat,
    InstallationState,
    KeyWanted,
    Report,
    RetainedSample,
    RunningTime,
    SamplingPeriod,
    SerialNumber,
    Setting,
    SiteInformation,
    StandardCheck,
    Unread,
)

AT = datetime(2016, 8, 1, 0, 58, 57, tzinfo=UTC)
DAY = datetime(2016, 7, 31, 16, 0, tzinfo=UTC)
STAMP = "DataTime=20160801085857;"


def told(cn: str, cp: str, dialect: Dialect = STANDARD) -> tuple[Report, ...]:
    return reports(parse(f"ST=32;CN={cn};CP=&&{cp}&&".encode(), dialect), dialect)


@pytest.mark.parametrize(
    ("cn", "cp", "expected"),
    [
        ("2021", STAMP + "SB1-RS=1;SB2-RS=5", (
            InstallationState(AT, "SB1", "1", STATES["RS", "1"]),
            InstallationState(AT, "SB2", "5", STATES["RS", "5"]),
        )),
        ("2021", "SB1-RS=7", (InstallationState(None, "SB1", "7", None),)),
        ("2041", "DataTime=20160801000000;SB1-RT=23.5", (RunningTime(DAY, "SB1", 23.5),)),
        ("2081", STAMP + "RestartTime=20160801085857", (Boot(AT, AT),)),
        ("3015", STAMP + "VaseNo=1 ", (RetainedSample(AT, 1),)),
        ("3019", STAMP + "PolId=w01018;w01018-SN=010000A8900016F000169DC0", (
            SerialNumber(AT, "w01018", "010000A8900016F000169DC0"),)),
        ("1011", "PolId=w01018;SystemTime=20160801085857", (Clock("w01018", AT),)),
        ("1011", "SystemTime=20160801085857", (Clock("", AT),)),
        ("1011", "", ()),
        ("1013", "PolId=w01018", (ClockWanted("w01018"),)),
        ("1061", "RtdInterval=30", (Setting("RtdInterval", "30", 30.0, "s"),)),
        ("1063", "MinInterval=10", (Setting("MinInterval", "10", 10.0, "min"),)),
        ("3017", "PolId=w01018;CstartTime=003000,CTime=2", (SamplingPeriod("w01018", time(0, 30), 2, None),)),
        ("3017", "PolId=w01018;CstartTime=000000,Ctime=2", (SamplingPeriod("w01018", time(0, 0), 2, None),)),
        ("3018", "PolId=w01018;Stime=15", (SamplingPeriod("w01018", None, None, 15),)),
        ("3017", "PolId=w01018", ()),
        ("9015", "", (Heartbeat(),)),
        ("2011", STAMP + "w01018-Rtd=1", ()),
    ],
)  # fmt: skip
def test_uploads_of_2017_are_read_into_records(cn: str, cp: str, expected: tuple[Report, ...]) -> None:
    """HJ 212-2017 annex C, in the forms of its examples, misprints included."""
    assert told(cn, cp) == expected


def test_logs_states_and_parameters_of_a_site_are_read() -> None:
    """HJ 212-2017 C.40 to C.44 and table B.10."""
    log, state, parameter, own = told(
        "3020", STAMP + "PolId=w01018;i11001-Info=//清洗；管路//;i12001-Info=3;i13004-Info=168.0;a21026-i13007-Info=0.1"
    )
    assert log == SiteInformation(AT, "w01018", "i11001", "清洗；管路", INFORMATION["i11001"], None)
    assert state == SiteInformation(AT, "w01018", "i12001", "3", INFORMATION["i12001"], STATES["i12001", "3"])
    assert parameter == SiteInformation(AT, "w01018", "i13004", "168.0", INFORMATION["i13004"], None)
    assert isinstance(own, SiteInformation)
    assert (own.factor, own.code) == ("a21026", "i13007")


def test_repeated_groups_of_a_site_keep_their_instruments() -> None:
    found = told(
        "3020", "DataTime=20160801000000;PolId=w01018;i12001-Info =0;DataTime=20160801085857;PolId=w01001;i12001-Info=2"
    )
    assert [(one.at, one.factor, one.value) for one in found if isinstance(one, SiteInformation)] == [
        (DAY, "w01018", "0"),
        (AT, "w01001", "2"),
    ]


def test_alarms_of_2005_are_read() -> None:
    """HJ/T 212-2005, 2071 and 2072."""
    assert told("2072", "DataTime=20160801000000;AlarmTime=20160801085857;011-Ala=130.5,AlarmType=1", EDITION_2005) == (
        Alarm(AT, "011", 130.5, True),
    )
    assert told("2071", "AlarmTime=20160801085857;AlarmType=0;011-Ala=50", EDITION_2005) == (
        Alarm(AT, "011", 50, False),
    )
    limits = told("1021", "101-LowValue=1.1,101-UpValue=9.9;102-UpValue=5", EDITION_2005)
    assert limits == (AlarmLimits("101", 1.1, 9.9), AlarmLimits("102", None, 5.0))
    assert told("1031", "AlarmTarget=3882566", EDITION_2005) == (Setting("AlarmTarget", "3882566", None, ""),)
    assert told("1041", "ReportTime=0030", EDITION_2005) == (Setting("ReportTime", "0030", None, ""),)
    assert told("1001", "WarnTime=5", EDITION_2005) == ()


def test_what_2025_brought_is_read() -> None:
    """HJ 212-2025 (second-hand)."""
    check = told("2062", STAMP + "w01018-SampleRd=49.1,w01018-StandardValue=50,w01018-ResultType=1", EDITION_2025)
    assert check == (StandardCheck(AT, "w01018", 49.1, 50.0, True),)
    cycle = told(
        "2013", STAMP + "a24088-SampleTime=20160801000000,a24088-CompleteTime=20160801085857,a24088-SampleType=1,"
        "a24088-Avg=0.5,a24088-Flag=N", EDITION_2025,
    )  # fmt: skip
    assert cycle == (CycleData(AT, "a24088", DAY, AT, "1", 0.5, "", "N"),)
    first = told("1001", "i23005-Info=69700;i23006-Info=CPU1;i23007-Info=00:11;i23008-Info=00:12", EDITION_2025)
    assert first == (HardwareIdentity("69700", "CPU1", ("00:11", "00:12")),)
    assert told("1014", "", EDITION_2025) == (KeyWanted(),)
    assert told("1014", "SKCreateTime=20160801085857,NewSK=0000000000000000", EDITION_2025) == ()


@pytest.mark.parametrize(
    ("cn", "cp", "name"),
    [
        ("2041", "SB1-RT=all day", "SB1-RT"),
        ("2081", "RestartTime=yesterday", "RestartTime"),
        ("3015", "VaseNo=1.5", "VaseNo"),
        ("3015", "DataTime=20210230000000;VaseNo=1", "DataTime"),
        ("1011", "SystemTime=0", "SystemTime"),
        ("1061", "RtdInterval=1_0", "RtdInterval"),
        ("3017", "CstartTime=250000,CTime=2", "CstartTime"),
        ("2062", "w01018-ResultType=maybe", "w01018-ResultType"),
        ("2072", "AlarmTime=x;AlarmType=7;011-Ala=1", "AlarmType"),
    ],
)
def test_what_cannot_be_read_is_kept_once_with_what_was_expected(cn: str, cp: str, name: str) -> None:
    unread = [one for one in told(cn, cp) if isinstance(one, Unread)]
    assert [one.name for one in unread].count(name) == 1
    assert all(one.expected for one in unread)


def test_every_upload_and_notice_is_either_values_or_records() -> None:
    values = {"2011", "2031", "2051", "2061", "2052", "2111"}
    from qingyuan_science.hj212.reports.reading import _READERS

    up = {row.cn for row in COMMANDS if row.direction == "device-to-host" and row.kind in ("upload", "notice")}
    assert up <= values | set(_READERS)
