"""Instants at the ends of the calendar, at every door: refused in a sentence."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from casefile import OFFICE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from film import mp4

from qingyuan.kit import clock
from qingyuan.places.models import Order
from qingyuan.sensing.api import Payload, define_feed, issue_token, register_camera, take_in_payloads
from qingyuan.sensing.queries import Footage, PacketState

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 10, tzinfo=UTC)
ODD = (
    "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00",
    "9999-12-31T23:59:59-12:00", "1999-12-31T00:00:00+00:00",
)  # fmt: skip
FILMED = {"title_zh": "总排口摄像头", "title_en": "Outlet camera", "looks_at": "outlet", "owner": "区生态环境局"}


@pytest.fixture(autouse=True)
def camera(station: Any, settings: Any, tmp_path: Path) -> Any:
    settings.MEDIA_ROOT = tmp_path
    with clock.wound_to(NOW):
        yield register_camera("C-1", station, FILMED, valid_from=date(2020, 1, 1))


@pytest.mark.parametrize("odd", ODD)
def test_footage_of_an_odd_instant_is_refused(station: Any, odd: str) -> None:
    nvr = define_feed("nvr", connector="footage", title_zh="录像机", title_en="NVR", stations=[station])
    form = {"camera": "C-1", "begins_at": odd, "file": SimpleUploadedFile("x.bin", mp4())}
    headers = {"authorization": f"Bearer {issue_token(nvr, OFFICE)}"}
    answer = Client().post("/api/v1/footage", form, headers=headers)
    assert answer.status_code in {400, 422}
    assert "expected" in answer.content.decode()
    assert not Footage.objects.exists()


@pytest.mark.parametrize("odd", ODD)
def test_readings_of_an_odd_instant_are_refused(station: Any, odd: str) -> None:
    meters = define_feed("meters", connector="push", title_zh="电表", title_en="Meters", stations=[station])
    body = json.dumps({"readings": [{"name": "outlet-1/w01018", "at": odd, "value": 43.5}]})
    headers = {"authorization": f"Bearer {issue_token(meters, OFFICE)}"}
    answer = Client().post("/api/v1/readings", body, content_type="application/json", headers=headers)
    assert answer.status_code in {202, 422}  # the channel is not known before its first reading that can be
    assert [fault["error"] for fault in answer.json()["faults"]] == ["BadTime"]


COLUMNS = '{"COD": {"name": "w01018", "unit": "mg/L"}}'
FEEDS = {
    "a folder of footage": (
        {"connector": "folder", "settings": {"path": "a", "form": "footage"}}, "", "C-1_{name}.mp4",
    ),
    "a table": (
        {"connector": "table", "settings": {"time": "t", "at": "outlet-1", "period": "h", "columns": COLUMNS}},
        "t,COD\n{at},48.2\n", "a.csv",
    ),
    "a table that says when hours end": (
        {"connector": "table", "settings": {
            "time": "t", "at": "outlet-1", "period": "h", "columns": COLUMNS, "stamp": "end", "zone": "Etc/GMT+12"}},
        "t,COD\n{local},48.2\n", "a.csv",
    ),
    "bulletins": ({"connector": "bulletins"}, "city,day,aqi,issued_at\n清源,2026-11-23,50,{at}\n", "a.csv"),
    "records": (
        {"connector": "records", "settings": {"records": "electricity_hours"}},
        "account,customer,begins_at,energy\n1,清源纸业,{at},5\n", "a.csv",
    ),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD[:4])
@pytest.mark.parametrize("kind", FEEDS)
def test_a_payload_with_an_odd_instant_is_a_fault_of_its_own(station: Any, kind: str, odd: str) -> None:
    values, text, address = FEEDS[kind]
    feed = define_feed("x", title_zh="x", title_en="x", stations=[station], **values)  # type: ignore[arg-type]
    at = datetime.fromisoformat(odd)
    name = address.format(name=f"{at.year:04d}{at:%m%d%H%M%S}{odd[-6:]}")
    raw = text.format(at=odd, local=odd[:19].replace("T", " ")).encode() or mp4()
    (delivery,) = take_in_payloads(feed, [Payload(raw, name, round(NOW.timestamp() * 1e6))], lambda *_: 0)
    assert delivery.state in {PacketState.REJECTED, PacketState.DECODED}
    assert delivery.faults
    assert "ConnectorFailed" not in dict(delivery.faults)


@pytest.mark.parametrize("odd", ["0001-01-01T00:00", "9999-12-31T23:59:59", "1989-12-31T23:59"])
def test_a_form_takes_no_odd_instant(browser: Any, station: Any, odd: str) -> None:
    """Orders to stop or cut, as one form of those that ask for an instant."""
    page = reverse("paper-new", kwargs={"kind": "order", "code": station.enterprise.code})
    given = {"kind": "cut-production", "number": "限 1", "issued_by": "局", "since": odd, "cut": "30"}
    answer = browser("officer").post(page, given)
    assert answer.status_code == 422
    assert odd[:10] in answer.content.decode()
    assert not Order.objects.exists()
