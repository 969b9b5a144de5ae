"""The class of a point: derived from its enterprise's list, its drinking water, its section, or set for a key area."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from qingyuan.places.api import NetworkPart, end_paper, enter_control, place_in_network, register_station
from qingyuan.places.queries import PointClass, Station, classes_of, of_class

pytestmark = pytest.mark.django_db
SINCE, TODAY = date(2026, 1, 1), date(2026, 11, 22)


def stand(code: str, kind: str = "surface-water", **part: Any) -> Station:
    station = register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.05, lat=30.1)
    place_in_network(station, NetworkPart(**part))
    station.refresh_from_db()
    return station


@pytest.fixture
def points(grid: SimpleNamespace, station: Any, enterprise: Any) -> dict[str, Station]:
    """A point of every class and one of none, and such as two things are said of."""
    enter_control(enterprise, level="municipal", document="名录", days=(SINCE, None))
    return {
        "outlet": station,
        "national": stand("n", section="national"),
        "provincial": stand("p", "ambient-air", level="provincial"),
        "district": stand("d", "ambient-air", key_area=True),
        "drinking": stand("w", section="national", drinking_source=True),
        "both": stand("b", section="provincial", key_area=True),
        "plain": stand("x"),
    }


EXPECTED = {
    "outlet": "municipal", "national": "national", "provincial": "provincial", "district": "district",
    "drinking": "drinking", "both": "provincial",
}  # fmt: skip


@pytest.mark.mission("S4-13")
def test_every_point_has_the_class_that_is_derived_or_set_and_one_alone(points: dict[str, Station]) -> None:
    found = classes_of(points.values(), TODAY)
    assert {name: found.get(one.pk) for name, one in points.items()} == {**EXPECTED, "plain": None}


@pytest.mark.mission("S4-13")
def test_what_a_filter_finds_is_what_the_points_say_of_themselves(points: dict[str, Station]) -> None:
    assert len(PointClass) == 5
    for wanted in PointClass:
        found = set(Station.objects.filter(of_class(wanted, TODAY)).values_list("pk", flat=True))
        assert found == {one.pk for name, one in points.items() if EXPECTED.get(name) == wanted}, wanted


def test_the_class_ends_with_the_list_that_named_the_enterprise(points: dict[str, Station], enterprise: Any) -> None:
    from qingyuan.places.queries import ControlListing

    end_paper(ControlListing.objects.get(), date(2026, 6, 30), why="移出名录")
    outlet = points["outlet"]
    assert classes_of([outlet], date(2026, 6, 30)) == {outlet.pk: "municipal"}
    assert classes_of([outlet], TODAY) == {}
    assert not Station.objects.filter(of_class("municipal", TODAY)).exists()


def test_a_point_of_a_key_area_at_an_enterprise_of_no_list_is_of_the_district(station: Any) -> None:
    place_in_network(station, NetworkPart(key_area=True))
    station.refresh_from_db()
    assert classes_of([station], TODAY) == {station.pk: "district"}
    assert Station.objects.filter(of_class("district", TODAY)).get() == station
