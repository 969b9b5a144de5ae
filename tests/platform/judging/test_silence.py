"""A channel that falls silent is told while it is silent, and not only once it speaks again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from casefile import LONG_AGO, NINE

from qingyuan.dispatching.api import add_rule, open_case_for_finding
from qingyuan.dispatching.models import Case
from qingyuan.judging.api import judge_readings, judge_silence, note_listening, set_watch
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.recording.api import keep_latest
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Send = Callable[..., Any]


def runs(first: float, last: float) -> None:
    """The platform notes every five minutes that it runs, from one hour after nine until another."""
    for number in range(round((last - first) * 12) + 1):
        note_listening(NINE + first * HOUR + number * timedelta(minutes=5))


@pytest.fixture
def send(channel: Any, readings: Send) -> Send:
    """Hour means from an hour on, judged and kept as the newest, as the loop does; the platform runs for four days."""
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)

    def sent(start: Any, *values: float, of: Any = channel) -> None:
        event = readings(of, "h", [(start + number * HOUR, value) for number, value in enumerate(values)])
        keep_latest(event)
        judge_readings(event)

    return sent


@pytest.fixture
def running(db: None) -> None:
    runs(-24.0, 72.0)


@pytest.fixture
def others(channel: Any) -> list[Any]:
    """Ammonia and pH at the same outlet."""
    made = [("w21003", "mg/L"), ("w01001", "1")]
    return [Channel.objects.create(station=channel.station, factor=code, unit=unit) for code, unit in made]


def told() -> list[FindingOpened]:
    lines = [line for one in Finding.objects.order_by("pk") for line in log.about(f"finding/{one.pk}")]
    return [FindingOpened.from_detail(line.detail) for line in lines if line.act == "FindingOpened"]


def give_cases() -> None:
    """Every finding that was told is dispatched, as the loop does; twice changes nothing."""
    for event in told():
        open_case_for_finding(event)


def at(hours: float) -> int:
    """Let the clock look so many hours after nine."""
    now = NINE + hours * HOUR
    with clock.wound_to(now):
        return judge_silence(now)


def test_a_channel_that_has_sent_nothing_for_four_hours_is_told_while_it_is_silent(send: Send, running: None) -> None:
    send(NINE, 38.0, 39.0)  # the last stands for ten to eleven
    assert (at(3.5), Finding.objects.count()) == (1, 0)
    at(6.2)
    found = Finding.objects.get()
    assert (found.detector, found.state) == ("missing_data", "open")
    assert (found.started_at, found.ended_at) == (NINE + 2 * HOUR, NINE + 6.2 * HOUR)
    assert "通道离线，至今无数据" in found.sentence_zh


def test_it_is_not_told_again_every_hour_and_grave_after_two_days(send: Send, running: None) -> None:
    send(NINE, 38.0, 39.0)
    at(6.2)
    assert at(7.2) == 0
    assert Finding.objects.get().ended_at == NINE + 6.2 * HOUR
    before = Finding.objects.get().severity
    assert at(51.0) == 1
    assert Finding.objects.get().severity > before


def test_what_comes_again_ends_it_as_any_gap(send: Send, running: None) -> None:
    send(NINE, 38.0, 39.0)
    at(6.2)
    with clock.wound_to(NINE + 10.1 * HOUR):
        send(NINE + 9 * HOUR, 40.0)
    found = Finding.objects.get()
    assert (found.state, found.ended_at) == ("cleared", NINE + 9 * HOUR)
    assert "数据缺失" in found.sentence_zh


def test_a_channel_that_speaks_or_that_nobody_watches_is_not_looked_at(
    channel: Any, readings: Send, running: None
) -> None:
    event = readings(channel, "h", [(NINE, 38.0)])
    keep_latest(event)
    assert at(30.0) == 0
    set_watch("missing_data", kind="h", valid_from=LONG_AGO)
    assert at(1.5) == 0
    assert not Finding.objects.exists()


def test_a_station_that_falls_silent_is_one_finding_and_says_so(
    send: Send, running: None, channel: Any, others: list[Any]
) -> None:
    for one in (channel, *others):
        send(NINE, 7.0, 7.1, of=one)
    assert at(6.2) == 3
    head = Finding.objects.get(merged_into=None)
    assert (head.title_zh, head.parts.count()) == ("全站数据缺失与离线", 2)
    assert head.sentence_zh.startswith("东江水务总排口：全站离线，各通道至今均无数据")
    assert len(told()) == 1
    at(51.0)
    assert Finding.objects.filter(merged_into=None).count() == 1
    with clock.wound_to(NINE + 52.1 * HOUR):
        for one in (channel, *others):
            send(NINE + 51 * HOUR, 7.2, of=one)
    assert set(Finding.objects.values_list("state", flat=True)) == {"cleared"}


def test_one_channel_of_a_station_that_speaks_is_a_finding_of_its_own(
    send: Send, running: None, channel: Any, others: list[Any]
) -> None:
    send(NINE, 38.0, 39.0)
    for one in others:
        send(NINE, *[7.0] * 6, of=one)
    at(6.2)
    alone = Finding.objects.get()
    assert "COD：通道离线，至今无数据" in alone.sentence_zh
    at(12.2)  # now the others are silent too: the one that was silent before does not hide it
    heads = list(Finding.objects.filter(merged_into=None).order_by("started_at"))
    assert [one.started_at for one in heads] == [NINE + 2 * HOUR, NINE + 6 * HOUR]
    assert heads[1].title_zh == "全站数据缺失与离线"


def test_a_station_that_is_silent_anew_while_its_case_is_open_goes_into_that_case(
    send: Send, running: None, channel: Any, others: list[Any]
) -> None:
    add_rule(
        title_zh="离线派单", title_en="Silence", detector="missing_data", case_type="exceedance", valid_from=LONG_AGO
    )
    for one in (channel, *others):
        send(NINE, 7.0, 7.1, of=one)
    at(6.2)
    give_cases()
    with clock.wound_to(NINE + 10.1 * HOUR):
        for one in (*others, channel):
            send(NINE + 9 * HOUR, 7.2, of=one)
        send(NINE + 10 * HOUR, 7.2)
    at(20.2)
    give_cases()
    assert Finding.objects.filter(merged_into=None).count() == 2
    case = Case.objects.get()
    assert case.evidence.filter(kind="finding").count() == 2


def test_the_outage_of_the_platform_is_nobodys_silence(send: Send, channel: Any, others: list[Any]) -> None:
    runs(-24.0, 2.1)
    send(NINE, 38.0, 39.0)
    send(NINE, 7.0, 7.1, of=others[0])
    with clock.wound_to(NINE + 10.1 * HOUR):  # it was off from 11 to 19; this comes before it has noted that it runs
        send(NINE + 9 * HOUR, 40.0)
    runs(10.2, 16.0)
    at(10.4)
    assert not Finding.objects.exists()
    with clock.wound_to(NINE + 15.1 * HOUR):
        send(NINE + 10 * HOUR, *[40.0] * 5)
    at(15.4)  # the other has been silent for five hours in which it could be heard
    assert Finding.objects.get().channel == others[0]


def test_a_platform_that_was_just_set_up_tells_of_no_silence_before_it_listened(send: Send) -> None:
    send(NINE, 38.0, 39.0)
    at(12.2)
    note_listening(NINE + 12 * HOUR)
    at(12.4)
    assert not Finding.objects.exists()
    runs(12.0, 17.0)
    at(16.4)
    assert Finding.objects.get().state == "open"


def test_what_moves_is_not_expected_to_send(send: Send, running: None, channel: Any) -> None:
    send(NINE, 38.0, 39.0)
    channel.station.kind = "vehicle"
    channel.station.save()
    assert at(30.0) == 0
