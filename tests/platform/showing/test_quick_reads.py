"""What a chart asks of the database: few questions, of nobody else's stations, and never by yesterday's rights."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from pages import get

from qingyuan.places.api import post_person, register_station
from qingyuan.sensing.api import define_channel
from qingyuan.sensing.queries import channel_named, channels

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
TODAY = datetime(2026, 11, 22, tzinfo=UTC).date()
COD = {"factor": "w01018", "kind": "r", "from": "2026-11-22T08:00", "to": "2026-11-22T10:00"}


def test_a_day_of_one_channel_takes_three_turns_to_the_database(
    station: Any, channel: Any, readings: Any, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    readings(channel, "r", [(datetime(2026, 11, 22, 1, tzinfo=UTC), 40.0)])
    client = browser("analyst")
    assert get(client, "series", COD, code=station.code).status_code == 200
    with django_assert_max_num_queries(3):
        answer = get(client, "series", COD, code=station.code).json()
    assert answer["series"][0]["points"] == [[1795309200000, 40.0, "N"]]
    assert answer["limits"]


def test_one_channel_is_seen_by_those_who_see_it_among_all(
    cast: SimpleNamespace, grid: SimpleNamespace, station: Any, channel: Any
) -> None:
    west = register_station("free", title_zh="西", title_en="West", kind="surface-water", lon=100.3, lat=30.1)
    there = define_channel(west, factor="w01018", unit="mg/L")
    post_person(cast.handler, grid.community, valid_from=TODAY)
    seen = set()
    for viewer in vars(cast).values():
        listed = set(channels(viewer))
        for one in (channel, there):
            found = channel_named(viewer, one.station.code, "w01018", "measured")
            assert (found == one) is (one in listed)
            assert found is None or found.station == one.station
            seen.add((one in listed, viewer.role == "enterprise"))
    assert seen == {(True, False), (False, False), (True, True), (False, True)}
    assert channel_named(cast.analyst, station.code, "w21003", "measured") is None


def test_a_session_opens_no_more_than_its_person_may_at_the_moment(
    cast: SimpleNamespace, station: Any, channel: Any, browser: Browser
) -> None:
    client = browser("grid_worker")
    assert [get(client, "series", COD, code=station.code).status_code for _ in range(2)] == [200, 200]
    session = client.session
    session[SESSION_KEY] = str(cast.other_grid_worker.pk)  # the same cookie, another person
    session["_auth_user_hash"] = cast.other_grid_worker.get_session_auth_hash()
    session.save()
    assert get(client, "series", COD, code=station.code).status_code == 404
    cast.other_grid_worker.is_active = False
    cast.other_grid_worker.save()
    assert get(client, "series", COD, code=station.code).status_code == 302
    session.flush()
    assert get(client, "series", COD, code=station.code).status_code == 302
