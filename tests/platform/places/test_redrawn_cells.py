"""A grid that is drawn anew: what lay where, and who answered for it, on a day and as known then."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from shapely.geometry import Polygon, box

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.places.api import draw_cell, redraw_cell
from qingyuan.places.queries import cell_at, person_answering_for

pytestmark = pytest.mark.django_db
WHERE = (100.15, 30.1)


def shrink(grid: SimpleNamespace, since: date) -> None:
    """East Town gives its eastern half to West Town, with the community there."""
    redraw_cell(grid.town, box(100, 30, 100.1, 30.2), since=since, why="区划调整", origin=OFFICE)
    redraw_cell(grid.next_community, box(100.09, 30, 100.1, 30.2), since=since, why="区划调整", origin=OFFICE)
    redraw_cell(grid.other_town, box(100.1, 30, 100.4, 30.2), since=since, why="区划调整", origin=OFFICE)
    redraw_cell(grid.other_community, box(100.1, 30, 100.4, 30.2), since=since, why="区划调整", origin=OFFICE)


def test_what_lay_where_is_answered_by_the_day_and_by_what_was_known(grid: SimpleNamespace, cast: Any) -> None:
    before = clock.now()
    today = before.astimezone(clock.SHANGHAI).date()
    since = today - timedelta(days=3)
    shrink(grid, since)
    cell = cell_at(*WHERE)
    assert cell == grid.other_community
    assert cell_at(*WHERE, since) == grid.other_community
    assert cell_at(*WHERE, since - timedelta(days=1)) == grid.next_community
    assert cell_at(*WHERE, today, before) == grid.next_community
    assert person_answering_for(cell, "grid_worker") == cast.other_grid_worker
    then = cell_at(*WHERE, today, before)
    assert then is not None
    assert person_answering_for(then, "grid_worker", today) == cast.grid_worker


def test_stations_and_enterprises_belong_to_the_cell_in_which_they_lie_now(
    grid: SimpleNamespace, cast: Any, station: Any
) -> None:
    assert station.cell == grid.community
    today = clock.now().astimezone(clock.SHANGHAI).date()
    redraw_cell(grid.next_community, box(100.04, 30, 100.2, 30.2), since=today, why="调整", origin=OFFICE)
    redraw_cell(grid.community, box(100, 30, 100.04, 30.2), since=today, why="调整", origin=OFFICE)
    station.refresh_from_db()
    station.enterprise.refresh_from_db()
    assert (station.cell, station.enterprise.cell) == (grid.next_community, grid.next_community)
    line = list(log.about(f"cell/{grid.community.pk}"))[-1]
    assert (line.detail["stations"], line.why) == ([station.code], "调整")


@pytest.mark.parametrize(
    ("days", "why", "shape"),
    [
        (1, "调整", box(100, 30, 100.1, 30.2)),
        (0, " ", box(100, 30, 100.1, 30.2)),
        (0, "调整", Polygon([(0, 0), (1, 1), (0, 1), (1, 0)])),
    ],
)
def test_a_day_to_come_no_reason_and_a_crossed_shape_are_refused(
    grid: SimpleNamespace, days: int, why: str, shape: Any
) -> None:
    since = clock.now().astimezone(clock.SHANGHAI).date() + timedelta(days=days)
    with pytest.raises(BadInput):
        redraw_cell(grid.town, shape, since=since, why=why)
    assert cell_at(*WHERE) == grid.next_community


def test_a_cell_is_not_drawn_anew_before_its_last_drawing(grid: SimpleNamespace) -> None:
    today = clock.now().astimezone(clock.SHANGHAI).date()
    redraw_cell(grid.town, box(100, 30, 100.2, 30.1), since=today, why="调整")
    with pytest.raises(BadInput):
        redraw_cell(grid.town, box(100, 30, 100.2, 30.2), since=today, why="再调整")


def test_a_new_cell_holds_since_ever(grid: SimpleNamespace) -> None:
    shape = box(100.5, 30, 100.6, 30.1)
    made = draw_cell("T9", path="01/02/09", title_zh="新村", title_en="New", shape=shape, label=(100.55, 30.05))
    assert cell_at(100.55, 30.05, date(2001, 1, 1)) == made
