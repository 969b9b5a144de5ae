"""The demo's special stations speak HJ 212 to the gateway, and the pages tell the truth of the world."""

from datetime import datetime, timedelta
from itertools import chain

import pytest
from django.test import Client
from django.urls import reverse
from wire import Sender

from qingyuan.kit import clock
from qingyuan.people.queries import User
from qingyuan_science.hj212 import encode
from qingyuan_science.worlds import World

HOURS = 6


def speak(world: World, port: int, since: datetime) -> None:
    sender = Sender(port)
    for station in world.special:
        for _at, message in world.messages(station, since, since + HOURS * timedelta(hours=1)):
            sender.send(encode(message, station.dialect))
            assert b"CN=9014" in sender.answer()


@pytest.mark.mission("S2-07", "S2-08", "S2-09")
@pytest.mark.django_db(transaction=True)
def test_the_three_special_stations_of_the_demo_are_told_apart_and_add_up(world: World, gateway_port: int) -> None:
    since = world.epoch.replace(minute=30, second=0, microsecond=0) - timedelta(hours=24)
    speak(world, gateway_port, since)
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="duty"))
    pages = {}
    for station in world.special:
        ask = {"period": "week", "last": f"{world.epoch + timedelta(hours=8):%Y-%m-%d}"}
        with clock.wound_to(world.epoch):
            answer = client.get(reverse("component-station", kwargs={"code": station.code}), ask)
        assert answer.status_code == 200
        pages[station.purpose] = answer.context
    families = {purpose: [one["name"] for one in page["families"]] for purpose, page in pages.items()}
    assert families == {"superstation": ["voc", "pm"], "photochemical": ["voc"], "transport": ["pm"]}
    mass = pages["superstation"]["mass"]
    assert (mass["hours"], mass["missing"]) == (HOURS, [])
    assert 0.8 < mass["ratio"] < 1.2
    assert {title["title"] for title in pages["transport"]["mass"]["missing"]} == {"fine soil", "sea salt"}
    every = list(chain.from_iterable(one["groups"] for one in pages["superstation"]["families"]))
    assert all(group["incomplete"] == 0 and group["present"] == group["expected"] for group in every)
    assert pages["transport"]["wind"]["hours"] == HOURS
