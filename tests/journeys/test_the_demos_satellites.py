"""The demo's satellites: files in a folder, and each of the three known truths ends where it belongs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pages import words

from qingyuan.dispatching.queries import Case, open_task
from qingyuan.judging.queries import SuspectedProblem
from qingyuan.kit.delivery import run_until_quiet
from qingyuan.people.queries import person
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, take_in_payloads
from qingyuan.sensing.queries import feed_by_code
from qingyuan_science.series import microseconds
from qingyuan_science.worlds import World
from qingyuan_science.worlds.overpasses import Overpasses


@pytest.mark.mission("S2-05")
def test_burning_straw_becomes_a_case_and_neither_the_plant_nor_the_glint_does(world: World) -> None:
    sky = Overpasses(world)
    passes = list(sky.between(world.epoch - timedelta(days=3), world.epoch))
    truth = {pixel.truth for one in passes for pixel in one.pixels}
    assert truth == {"straw", "plant", "glint"}
    feed = feed_by_code("satellite-fires")
    assert feed is not None
    payloads = [Payload(one.csv, one.name, microseconds(world.epoch)) for one in passes]
    take_in_payloads(feed, payloads, append)
    run_until_quiet()
    states = {(round(one.lon, 2), round(one.lat, 2)): one.state for one in SuspectedProblem.objects.all()}
    straw, plant, glint = ((round(at.x, 2), round(at.y, 2)) for at in (sky.field, sky.plant, sky.roof))
    assert states.pop(plant) == "excluded"
    assert states.pop(glint) == "unsure"
    assert set(states.values()) == {"clue"}
    assert all(abs(lon - straw[0]) < 0.02 and abs(lat - straw[1]) < 0.02 for lon, lat in states)
    case = Case.objects.get(finding__edition__has_key="suspected_problem")
    task = open_task(case)
    assert task is not None
    assert task.assignee is not None
    assert task.assignee.role == "grid_worker"
    hub = words(_opened_by("duty", "hub"))
    assert "Qingjiang Meteorological Bureau Watched folder" in hub  # whose feed brought it
    assert "Meteorological" in words(_opened_by("duty", "hub-lines"))
    assert all(f"Qingjiang {one}" in hub for one in ("Ecology", "Water Authority Device", "Urban Management"))


def _opened_by(username: str, page: str) -> Any:
    user = person(username)
    assert user is not None
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    return browser.get(reverse(page))
