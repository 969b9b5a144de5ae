"""Files brought by hand: whatever they hold, the pages ask, refuse and show in one way."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pages import get, words

from qingyuan.sensing.api.records import take_over_list

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
DOORS = [
    ("imports", {}), ("permit-sheets", {}), ("spot-files", {}), ("air-bulletins", {}),
    ("record-files", {"code": "electricity"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def electricity(cast: SimpleNamespace, station: Any) -> Any:
    return take_over_list("electricity", cast.handler.organisation)


@pytest.mark.parametrize(("door", "of"), DOORS)
def test_every_door_for_files_says_at_the_field_that_none_was_chosen(
    door: str, of: dict[str, str], browser: Browser
) -> None:
    answer = browser("analyst").post(reverse(door, kwargs=of))
    assert answer.status_code == 422
    assert "Choose a file: CSV" in words(answer)
    page = answer.content.decode()
    assert 'id="file-error"' in page
    assert 'aria-describedby="file-help file-error"' in page


def test_what_was_said_of_a_file_stays_in_sight_when_the_file_is_refused(browser: Browser) -> None:
    empty = SimpleUploadedFile("x.geojson", b"")
    given = {"file": empty, "properties": '{"kind": "类型"}'}
    page = browser("analyst").post(reverse("spot-files"), given).content.decode()
    assert "Found a file of 0 bytes, expected 1 to 67,108,864." in page
    assert '<details class="qy-detail" open>' in page
    assert "类型" in page


def test_the_list_of_spots_bears_the_name_of_its_tab(browser: Browser) -> None:
    page = get(browser("analyst"), "spots").content.decode()
    assert '<a href="/satellite/spots/" aria-current="page">Satellite spots</a>' in page
    assert "<h1>Satellite spots</h1>" in page
