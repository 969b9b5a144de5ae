"""Where a point lies, who answers for it, and who may see it, by date and by what was known."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.queries import lines
from qingyuan.places import api, queries
from qingyuan.places.api import apply_standard, end_posting, end_standard
from qingyuan.places.queries import (
    AppliedStandard,
    Posting,
    person_answering_for,
    standards_binding,
    territories_remembered,
    territory_of,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def test_a_point_lies_in_the_smallest_cell_that_holds_it(grid: SimpleNamespace) -> None:
    assert queries.cell_at(100.05, 30.1) == grid.community
    assert queries.cell_at(100.15, 30.1) == grid.next_community
    assert queries.cell_at(99.0, 30.1) is None


def test_a_station_outside_every_cell_is_refused_with_its_coordinates(grid: SimpleNamespace) -> None:
    with pytest.raises(BadInput, match=r"99\.5, 30\.1 lies in no grid cell"):
        api.register_station("x", title_zh="x", title_en="x", kind="ambient-air", lon=99.5, lat=30.1)


def test_a_cell_needs_its_parent_first(grid: SimpleNamespace) -> None:
    from shapely.geometry import box

    with pytest.raises(BadInput, match="09"):
        api.draw_cell("T0901", path="09/01", title_zh="x", title_en="x", shape=box(0, 0, 1, 1), label=(0.5, 0.5))


def test_the_person_posted_nearest_above_answers_for_a_cell(cast: SimpleNamespace, grid: SimpleNamespace) -> None:
    assert queries.person_answering_for(grid.community, "grid_worker", TODAY) == cast.grid_worker
    assert queries.person_answering_for(grid.other_community, "grid_worker", TODAY) == cast.other_grid_worker
    assert queries.person_answering_for(grid.district, "grid_worker", TODAY) is None


def test_a_posting_counts_from_its_day_and_from_when_it_was_known(cast: SimpleNamespace, grid: SimpleNamespace) -> None:
    with clock.wound_to(datetime(2026, 11, 22, tzinfo=UTC)):
        api.post_person(cast.other_grid_worker, grid.next_community, valid_from=date(2026, 11, 1))
    before = {"known_at": datetime(2026, 11, 21, tzinfo=UTC)}
    after = {"known_at": datetime(2026, 11, 23, tzinfo=UTC)}
    assert queries.person_answering_for(grid.next_community, "grid_worker", TODAY, **after) == cast.other_grid_worker
    assert (
        queries.person_answering_for(grid.next_community, "grid_worker", date(2026, 10, 1), **after)
        != cast.other_grid_worker
    )
    assert queries.person_answering_for(grid.next_community, "grid_worker", TODAY, **before) != cast.other_grid_worker


def test_a_grid_worker_sees_the_own_town_and_an_enterprise_its_own_stations(
    station: Any, cast: SimpleNamespace
) -> None:
    assert list(queries.stations(cast.grid_worker)) == [station]
    assert list(queries.stations(cast.other_grid_worker)) == []
    assert list(queries.stations(cast.enterprise)) == [station]
    assert list(queries.stations(cast.other_enterprise)) == []
    assert list(queries.stations(cast.duty_officer)) == [station]


def test_a_standard_binds_from_its_day(station: Any) -> None:
    api.apply_standard(station, standard="DB 51/2311-2016", level="1", valid_from=TODAY)
    known = {"known_at": clock.now() + timedelta(seconds=1)}
    assert ("DB 51/2311-2016", "1") in queries.standards_binding(station.pk, TODAY, **known)
    assert ("DB 51/2311-2016", "1") not in queries.standards_binding(station.pk, TODAY - timedelta(days=1), **known)


def test_an_ended_posting_stops_at_its_day_and_what_was_known_before_stays(
    cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    posting = Posting.objects.get(user=cast.grid_worker)
    before = clock.now()
    end_posting(posting, date(2026, 10, 31), why="moved to another town")
    assert person_answering_for(grid.community, "grid_worker", on=date(2026, 10, 31)) == cast.grid_worker
    assert person_answering_for(grid.community, "grid_worker", on=date(2026, 11, 1)) is None
    then = person_answering_for(grid.community, "grid_worker", on=date(2026, 11, 1), known_at=before)
    assert then == cast.grid_worker
    with pytest.raises(Refused, match="no longer current"):
        end_posting(posting, date(2026, 10, 30))
    with pytest.raises(BadInput, match="2020-01-01 or later"):
        end_posting(Posting.objects.get(user=cast.other_grid_worker), date(2019, 1, 1))


def test_an_ended_standard_binds_up_to_its_day(station: Any) -> None:
    apply_standard(station, standard="GB 8978-1996", level="x", valid_from=date(2026, 1, 1))
    end_standard(AppliedStandard.objects.get(standard="GB 8978-1996"), date(2026, 6, 30))
    binding = [standards_binding(station.pk, day) for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert [("GB 8978-1996", "x") in found for found in binding] == [True, False]


def test_an_administrator_ends_a_posting_in_the_administration_pages(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.administrator)
    posting = Posting.objects.get(user=cast.grid_worker)
    page = f"/admin/places/posting/{posting.pk}/change/"
    assert "2020" in client.post(page, {"last_day": "2019-12-31", "why": "moved"}).content.decode()
    assert client.post(page, {"last_day": "2026-10-31", "why": "moved"}).status_code == 302
    last = lines(f"person/{cast.grid_worker.pk}").first()
    assert last is not None
    assert (last.act, last.actor, last.why) == ("PostingEnded", "administrator", "moved")


def test_an_administrator_chooses_a_class_of_a_standard_and_not_a_second_one(
    cast: SimpleNamespace, station: Any, client: Client
) -> None:
    client.force_login(cast.administrator)
    page = "/admin/places/appliedstandard/add/"
    shown = client.get(page).content.decode()
    assert "GB 3095|2" in shown, "of a standard with two editions the day of the data decides"
    assert "GB 3095-2012|2" not in shown
    given = {"station": station.pk, "binds": "GB 8978-1996|1", "valid_from": "2026-01-01"}
    assert client.post(page, given).status_code == 302
    assert ("GB 8978-1996", "1") in standards_binding(station.pk, date(2026, 1, 1))
    refused = client.post(page, {**given, "binds": "GB 8978-1996|2", "valid_from": "2026-03-01"})
    assert "请先终止后再新增" in refused.content.decode()
    assert "binds" in client.post(page, {**given, "binds": "GB 8978-1996|9"}).context["adminform"].form.errors


def test_an_administrator_posts_nobody_twice_to_the_same_cell(
    cast: SimpleNamespace, grid: SimpleNamespace, client: Client
) -> None:
    client.force_login(cast.administrator)
    given = {"user": cast.grid_worker.pk, "cell": grid.town.pk, "valid_from": "2026-01-01"}
    refused = client.post("/admin/places/posting/add/", given)
    assert "请先终止后再新增" in refused.content.decode()
    other = client.post("/admin/places/posting/add/", {**given, "cell": grid.other_town.pk})
    assert other.status_code == 302


def test_a_territory_is_looked_up_once_a_request(cast: SimpleNamespace, django_assert_num_queries: Any) -> None:
    with territories_remembered(), django_assert_num_queries(1):
        assert territory_of(cast.grid_worker) == territory_of(cast.grid_worker)
    with django_assert_num_queries(2):
        assert territory_of(cast.grid_worker) == territory_of(cast.grid_worker)
