"""The demo's special stations speak HJ 212 to the gateway, and the pages tell the truth of the world."""

from itertools import chain

import pytest
from django.test import Client
from django.urls import reverse
from past import send_the_past_of

from qingyuan.people.queries import User
from qingyuan_science.worlds import World

HOURS = 6


@pytest.mark.mission("S2-07", "S2-08", "S2-09")
@pytest.mark.django_db(transaction=True)
def test_the_three_special_stations_of_the_demo_are_told_apart_and_add_up(world: World, gateway_port: int) -> None:
    for station in world.special:
        assert send_the_past_of(world, station.code, gateway_port, HOURS).answered
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="duty"))
    pages = {}
    for station in world.special:
        answer = client.get(reverse("component-station", kwargs={"code": station.code}))
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
