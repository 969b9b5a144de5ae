"""The land tiles, everything stands in it, and every name and number of a place is in form."""

import random

import pytest
import shapely
from shapely import Point

from qingyuan_science.hj212 import EDITION_2005
from qingyuan_science.standards import editions, factor
from qingyuan_science.units import canonical
from qingyuan_science.worlds import OUTLET_GAS, OUTLET_WATER, Cell, District, NoSuchChannel, NoSuchStation, World
from qingyuan_science.worlds.errors import OutsideDistrict

SEEDS = [0, 1, 2, 7, 24]


@pytest.mark.parametrize("seed", SEEDS)
def test_communities_tile_the_district_without_gap_or_overlap(seed: int) -> None:
    district = District(seed)
    leaves = [cell.shape for cell in district.communities]
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in leaves)
    assert shapely.coverage_is_valid(leaves)
    whole = district.cells[0].shape
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert sum(shape.area for shape in leaves) == pytest.approx(whole.area, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_town_is_one_piece_and_is_tiled_by_its_communities(seed: int) -> None:
    district = District(seed)
    assert shapely.coverage_is_valid([town.shape for town in district.towns])
    for town in district.towns:
        children = [cell.shape for cell in district.children(town.path)]
        assert town.shape.geom_type == "Polygon"
        assert len(children) >= 5
        assert shapely.coverage_union_all(children).equals(town.shape)


def test_the_tree_has_one_district_twelve_towns_and_147_communities(world: World) -> None:
    levels = [cell.level for cell in world.district.cells]
    assert (levels.count(1), levels.count(2), levels.count(3), len(levels)) == (1, 12, 147, 160)


def test_paths_codes_and_titles_are_unique_and_agree(world: World) -> None:
    cells = world.district.cells
    for name in ("path", "code", "title"):
        assert len({getattr(cell, name) for cell in cells}) == 160
    assert len({cell.title.en for cell in cells}) == 160
    for cell in cells:
        assert cell.code == expected_code(world.district, cell)
        assert cell.parent == "" or world.district.cell(cell.parent).level == cell.level - 1


def expected_code(district: District, cell: Cell) -> str:
    town, community = ([*cell.path.split("/"), "0", "0"])[1:3]
    return f"{district.code}{int(town):03d}{int(community):03d}"


def test_parents_come_before_their_children(world: World) -> None:
    seen = {""}
    for cell in world.district.cells:
        assert cell.parent in seen
        seen.add(cell.path)


def test_a_label_stands_inside_its_cell(world: World) -> None:
    assert all(cell.shape.contains(cell.label) for cell in world.district.cells)


def test_any_point_of_the_district_lies_in_the_community_that_is_found_for_it(world: World) -> None:
    west, south, east, north = world.district.bounds
    draw = random.Random(5)
    inside = 0
    for _ in range(400):
        point = Point(draw.uniform(west, east), draw.uniform(south, north))
        cell = world.district.community_at(point)
        assert (cell is not None) == world.district.cells[0].shape.intersects(point)
        if cell is not None:
            inside += 1
            assert cell.shape.intersects(point)
    assert inside > 200


def test_a_point_outside_is_in_no_community(world: World) -> None:
    west, south, _, _ = world.district.bounds
    assert world.district.community_at(Point(west - 1, south)) is None
    with pytest.raises(OutsideDistrict, match="outside the district"):
        world.district.community_around(Point(west - 1, south))


@pytest.mark.parametrize("seed", SEEDS)
def test_brooks_end_on_the_river_and_all_water_lies_in_the_district(seed: int) -> None:
    district = District(seed)
    river, *brooks = district.watercourses
    assert len(brooks) == 2
    for brook in brooks:
        assert brook.into == river.code
        assert brook.course.coords[-1] in list(river.course.coords)
    around = district.cells[0].shape.buffer(1e-5)
    assert all(around.covers(course.line) for course in district.watercourses)
    assert river.length > 20


@pytest.mark.parametrize("seed", SEEDS)
def test_each_station_and_enterprise_stands_in_exactly_one_community(seed: int, world: World) -> None:
    other = World(epoch=world.epoch, seed=seed)
    placed = [(one.location, one.cell) for one in (*other.stations, *other.strangers)]
    placed += [(one.location, one.cell) for one in other.enterprises]
    assert len(placed) == 31
    for location, path in placed:
        holders = [cell.path for cell in other.district.communities if cell.shape.intersects(location)]
        assert holders == [path]


def test_twenty_stations_of_four_kinds(world: World) -> None:
    kinds = [station.kind for station in world.stations]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "outlet-water": 7,
        "outlet-gas": 5,
        "surface-water": 4,
        "ambient-air": 4,
    }
    everyone = (*world.stations, *world.strangers)
    assert len({station.mn for station in everyone}) == len({station.code for station in everyone}) == 21


def test_every_outlet_has_an_owner_and_every_enterprise_an_outlet(world: World) -> None:
    owners = {station.owner for station in world.stations if station.kind in (OUTLET_WATER, OUTLET_GAS)}
    assert owners == {enterprise.code for enterprise in world.enterprises}
    assert len(owners) == 10


def test_device_identities_have_the_form_of_their_edition(world: World) -> None:
    old = [station for station in world.stations if station.dialect.edition == EDITION_2005.edition]
    assert {station.kind for station in old} == {OUTLET_WATER, OUTLET_GAS}
    for station in world.stations:
        assert len(station.mn) == (14 if station in old else 24)
        assert station in old or int(station.mn, 16)
        assert len(station.pw) == 6


def test_one_logger_stamps_the_end_of_an_interval(world: World) -> None:
    assert [station.code for station in world.stations if station.dialect.stamp == "end"] == ["QJ-W02"]


def test_every_factor_unit_and_limit_class_is_known_to_the_standards(world: World) -> None:
    levels = {(edition.document, level) for edition in editions() for level in edition.levels}
    levels |= {(document.rpartition("-")[0], level) for document, level in levels}
    for station in world.stations:
        assert all(tuple(applied) in levels for applied in station.limits)
        for profile in station.profiles:
            assert factor(profile.factor).code == profile.factor
            assert canonical(profile.unit) == profile.unit


def test_what_a_2005_logger_measures_has_a_code_in_that_edition(world: World) -> None:
    for station in world.stations:
        if station.dialect.edition == "2005":
            assert all(factor(code).code_2005 for code in station.factors)


def test_credit_codes_satisfy_both_check_digits(world: World) -> None:
    """GB 32100-2015: the weighted sum with its check digit is 0 modulo 31; GB 11714-1997: likewise modulo 11."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for enterprise in world.enterprises:
        code = enterprise.code
        assert code.startswith("91990101")
        assert len(code) == 18
        total = sum(letters.index(letter) * 3**place for place, letter in enumerate(code[:17]))
        assert (total + letters.index(code[17])) % 31 == 0
        body = [int(letter, 36) for letter in code[8:16]]
        check = 10 if code[16] == "X" else int(code[16])
        weighted = sum(value * weight for value, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
        assert (weighted + check) % 11 == 0


def test_no_real_division_begins_like_the_codes_here(world: World) -> None:
    assert world.district.code.startswith("99")


def test_every_role_is_filled_and_every_town_has_its_grid_worker(world: World) -> None:
    roles = [person.role for person in world.people]
    assert {role: roles.count(role) for role in roles} == {
        "duty_officer": 1,
        "analyst": 1,
        "enforcement_officer": 2,
        "department_handler": 1,
        "supervisor": 1,
        "leader": 1,
        "administrator": 1,
        "grid_worker": 12,
        "enterprise": 10,
    }
    workers = {person.cell for person in world.people if person.role == "grid_worker"}
    assert workers == {town.path for town in world.district.towns}


def test_people_belong_to_organisations_that_exist(world: World) -> None:
    codes = {organisation.code for organisation in world.organisations}
    assert len(codes) == len(world.organisations) == 5 + 12 + 10
    assert {person.organisation for person in world.people} <= codes
    assert len({person.username for person in world.people}) == len(world.people)
    assert len({person.name.zh for person in world.people}) == len(world.people)


def test_a_wrong_station_or_factor_is_named(world: World) -> None:
    with pytest.raises(NoSuchStation, match="'QJ-W99'"):
        world.station("QJ-W99")
    with pytest.raises(NoSuchChannel, match="QJ-W01: found factor 'a21026'"):
        world.limit(world.station("QJ-W01"), "a21026")
