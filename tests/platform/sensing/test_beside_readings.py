"""What a packet of means says of a factor beside its readings is kept, and leads to its packet."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pages import words
from wire import Sender, frame, running_gateway

from qingyuan.sensing.queries import Channel, DeviceReport, RawPacket, reports_of

pytestmark = pytest.mark.django_db(transaction=True)
USUAL = "w21003-Min=1.0,w21003-Avg=2.0,w21003-Max=3.0,w21003-Cou=4.0,w21003-Flag=N"
AT = "2026-11-22T01:00:00+00:00"


@pytest.fixture
def sender(device: Any) -> Iterator[Sender]:
    with running_gateway() as (_, port):
        yield Sender(port)


def send(sender: Sender, cn: str, content: str, number: int) -> None:
    sender.send(
        frame(
            f"QN=2026112210000{number}000;ST=32;CN={cn};PW=123456;MN={'T' * 24};Flag=5;"
            f"CP=&&DataTime=20261122090000;{content}&&"
        )
    )
    assert b"CN=9014" in sender.answer()


def told(device: Any) -> list[tuple[str, str, str, Any]]:
    return [(one.kind, one.subject, one.at.isoformat(), one.values) for one in reports_of(device).order_by("pk")]


def test_the_raw_mean_and_the_makers_flag_are_kept_as_sent_and_once(sender: Sender, device: Any) -> None:
    said = "w01018-Avg=12.1,w01018-RawAvg=10.80,w01018-EFlag=A01,w01018-Flag=N"
    for number in range(3):  # the third would be read by the form of those before
        send(sender, "2061", f"{USUAL};{said}", number)
    values = {"cn": "2061", "items": {"RawAvg": "10.80", "EFlag": "A01"}}
    assert told(device) == [("Beside", "w01018", AT, values)]


def test_other_values_for_the_same_period_are_kept_too(sender: Sender, device: Any) -> None:
    for number, value in enumerate(("10.8", "10.9")):
        send(sender, "2061", f"w01018-Avg=12.1,w01018-RawAvg={value},w01018-Flag=N", number)
    assert [row[-1]["items"] for row in told(device)] == [{"RawAvg": "10.8"}, {"RawAvg": "10.9"}]


@pytest.mark.parametrize(
    ("content", "items"),
    [
        ("w01018-Avg=12.1,w01018-Flag=Td", {"Flag": "Td"}),
        ("w01018-Avg=12.1,w01018-Rtd=12.3,w01018-Flag=N", {"Rtd": "12.3"}),
        ("w01018-Avg=12.1,w01018-ValidNum=58,w01018-Flag=N", {"ValidNum": "58"}),
        ("w01018-Avg=12.1,w01018-sampletime=20261122083000", {"SampleTime": "20261122083000"}),
        ("w01018-Avg=12.1,w01018-ZsMin=1.5,w01018-Flag=N", {"ZsMin": "1.5"}),
    ],
    ids=["two letters", "a real-time value", "in no standard", "another case", "a converted minimum alone"],
)
def test_whatever_makes_no_reading_is_kept(sender: Sender, device: Any, content: str, items: dict[str, str]) -> None:
    send(sender, "2061", content, 1)
    assert [row[-1]["items"] for row in told(device)] == [items]


def test_what_makes_readings_is_kept_as_such_only(sender: Sender, device: Any) -> None:
    converted = "w01018-Avg=12.1,w01018-ZsAvg=13.0,w01018-ZsMin=12.0,w01018-ZsMax=14.0,w01018-Flag=N"
    send(sender, "2061", f"{USUAL};{converted}", 1)
    send(sender, "2011", "w01018-Rtd=12.1,w01018-EFlag=A01,w01018-Flag=N", 2)
    assert not DeviceReport.objects.exists()
    assert Channel.objects.filter(basis="converted").exists()


def test_it_stands_on_the_page_of_the_device_and_leads_to_its_packet(sender: Sender, device: Any, cast: Any) -> None:
    send(sender, "2061", "w01018-Avg=12.1,w01018-RawAvg=10.80,w01018-Flag=N", 1)
    for language, said in (("en", "unconverted mean RawAvg 10.80"), ("zh-hans", "原始平均值 RawAvg 10.80")):
        browser = Client(headers={"accept-language": language})
        browser.force_login(cast.administrator)
        page = browser.get(f"/devices/{device.mn}/")
        assert said in words(page)
        number = RawPacket.objects.get().pk
        assert f'href="{reverse("packet", args=[number])}"' in page.content.decode()
