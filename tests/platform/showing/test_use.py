"""How many people use the platform, counted from the pages that they open."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan.kit import clock
from qingyuan.people.api import note_presence
from qingyuan.people.queries import use_of_platform

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


def today() -> Any:
    return clock.now().astimezone(clock.SHANGHAI).date()


@pytest.mark.mission("S2-22")
def test_a_person_counts_once_a_day_however_many_pages_are_opened(cast: Any, browser: Browser) -> None:
    for name in ("analyst", "grid_worker", "analyst"):
        for _page in range(2):
            assert browser(name).get(reverse("findings")).status_code == 200
    found = use_of_platform(today())
    assert found.daily[-1] == (today(), 2)
    assert found.whole.on_the_day == 2
    assert found.whole.never == found.whole.people - 2
    page = browser("leader").get(reverse("use")).content.decode()
    assert "here today" in page
    assert use_of_platform(today()).whole.on_the_day == 3, "the leader who looks is one of them"


def test_who_could_not_be_noted_once_is_noted_by_the_next_page(cast: Any, monkeypatch: Any) -> None:
    from qingyuan.showing.middleware import presence

    def fails(*_here: Any) -> None:
        raise ConnectionError("the database is restarting")

    answer = presence.note_presences(lambda request: request)
    request: Any = SimpleNamespace(user=cast.analyst, headers={})
    with monkeypatch.context() as broken:
        broken.setattr(presence, "note_presence", fails)
        with pytest.raises(ConnectionError):
            answer(request)
    assert use_of_platform(today()).whole.on_the_day == 0
    answer(request)
    assert use_of_platform(today()).whole.on_the_day == 1


def test_use_is_told_by_role_and_organisation_and_span(cast: Any) -> None:
    day = today()
    note_presence(cast.analyst.pk, day - timedelta(days=6))
    note_presence(cast.handler.pk, day - timedelta(days=7))
    note_presence(cast.leader.pk, day - timedelta(days=30))
    found = use_of_platform(day)
    assert (found.whole.on_the_day, found.whole.in_a_week, found.whole.in_the_span) == (0, 1, 2)
    workers = next(one for one in found.by_role if one.group == "grid_worker")
    assert (workers.people, workers.never) == (2, 2)
    works = next(one for one in found.by_organisation if one.group == cast.handler.organisation.title)
    assert (works.people, works.in_the_span, works.in_a_week) == (1, 1, 0)
    assert dict(found.daily)[day - timedelta(days=7)] == 1


def test_who_may_not_log_in_any_more_is_not_counted(cast: Any) -> None:
    note_presence(cast.analyst.pk, today())
    before = use_of_platform(today()).whole
    cast.analyst.is_active = False
    cast.analyst.save()
    after = use_of_platform(today()).whole
    assert (after.people, after.on_the_day) == (before.people - 1, 0)


def test_a_stranger_at_the_log_in_page_is_nobody(db: None, client: Client) -> None:
    assert client.get("/login/").status_code == 200
    assert use_of_platform(today()).daily[-1][1] == 0
