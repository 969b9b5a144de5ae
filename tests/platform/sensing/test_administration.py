"""An administrator enters a device that departs from the standard, and the gateway understands it at once."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from wire import Sender, frame, running_gateway, wait_until

from qingyuan.sensing.api import define_dialect
from qingyuan.sensing.queries import Channel, Device, DialectProfile, FaultCount
from qingyuan_science.hj212 import STANDARD

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_device_of_an_odd_dialect_entered_by_hand_is_understood(station: Any, device: Any, cast: Any) -> None:
    client = Client()
    client.force_login(cast.administrator)
    with running_gateway() as (gateway, port):
        profile = {
            "code": "long",
            "title_zh": "长度多6",
            "title_en": "Length plus 6",
            "settings": json.dumps({"length_excess": 6}),
        }
        assert client.post("/admin/sensing/dialectprofile/add/", profile).status_code == 302
        entered = {
            "mn": "ODD00000000001", "station": station.pk, "state": "active", "password": "123456",
            "dialect": DialectProfile.objects.get(code="long").pk,
        }  # fmt: skip
        assert client.post("/admin/sensing/device/add/", entered).status_code == 302
        usual = Sender(port)
        usual.send(frame(f"QN=1;ST=32;CN=2061;PW=123456;MN={device.mn};Flag=5;CP=&&DataTime=20261122090000&&"))
        assert b"CN=9014" in usual.answer()
        assert wait_until(lambda: "ODD00000000001" in gateway.dialects)
        odd = Sender(port)
        packet = frame(
            "QN=2;ST=32;CN=2061;PW=123456;MN=ODD00000000001;Flag=5;CP=&&DataTime=20261122090000;w01018-Avg=41.5&&"
        )
        longer = b"##%04d" % (int(packet[2:6]) + 6) + packet[6:]
        odd.send(longer)
        assert b"CN=9014" in odd.answer()
    assert Device.objects.get(mn="ODD00000000001").packets == 1
    assert Channel.objects.filter(factor="w01018").exists()


def test_a_device_that_stays_connected_is_read_by_its_new_dialect_from_the_next_frame_on(
    station: Any, device: Any, cast: Any
) -> None:
    client = Client()
    client.force_login(cast.administrator)
    long = define_dialect(replace(STANDARD, code="long", length_excess=6), title_zh="长", title_en="Long")
    packet = frame(f"QN=1;ST=32;CN=2061;PW=123456;MN={device.mn};Flag=5;CP=&&DataTime=20261122090000;w01018-Avg=41.5&&")
    longer = b"##%04d" % (int(packet[2:6]) + 6) + packet[6:]
    with running_gateway() as (gateway, port):
        sender = Sender(port)
        sender.send(packet)
        assert b"CN=9014" in sender.answer()
        entered = {"mn": device.mn, "station": station.pk, "state": "active", "password": "123456", "dialect": long.pk}
        assert client.post(f"/admin/sensing/device/{device.pk}/change/", entered).status_code == 302
        assert wait_until(lambda: device.mn in gateway.dialects)
        sender.send(longer)
        assert b"CN=9014" in sender.answer()
    assert not FaultCount.objects.exists()
