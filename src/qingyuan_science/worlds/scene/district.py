"""The district as the platform sees it: a tree of grid cells, watercourses and roads, all in WGS-84.

Cells form three levels: the district, its 12 towns, their 147 communities. A cell's `path` is its chain of codes
("01/03/07"), its `code` the twelve digits of a division code as the statistical offices write them (six for the
district, three for the town, three for the community).
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely import LineString, Point, Polygon, STRtree

from qingyuan_science.plugins import Text
from qingyuan_science.worlds.errors import OutsideDistrict
from qingyuan_science.worlds.scene import geography, reading

_SUBDISTRICTS = 3
_TOWN_CORE = 2


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of the grid tree.

    Parameters
    ----------
    code : str
        Twelve digits.
    path : str
        Chain of codes from the district down, such as "01/03/07".
    level : int
        1 district, 2 town, 3 community.
    title : Text
    shape : Polygon
        WGS-84. [deg]
    label : Point
        Where the name stands; always inside the shape. [deg]
    """

    code: str
    path: str
    level: int
    title: Text
    shape: Polygon
    label: Point

    @property
    def parent(self) -> str:
        """Path of the cell above, empty for the district."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, eq=False)
class Watercourse:
    """A river or brook, drawn in flow direction.

    Parameters
    ----------
    code : str
    title : Text
    line : LineString
        WGS-84. [deg]
    course : LineString
        The same line in kilometres east and north of `geography.ORIGIN`, for lengths. [km]
    into : str
        Code of the watercourse that it joins, empty for the main river.
    flow : float
        Mean discharge. [m3/s]
    speed : float
        Mean velocity. [m/s]
    """

    code: str
    title: Text
    line: LineString
    course: LineString
    into: str
    flow: float
    speed: float

    @property
    def length(self) -> float:
        """Length inside the district. [km]"""
        return float(self.course.length)


@dataclass(frozen=True, eq=False)
class Road:
    """A road for a quiet base map.

    Parameters
    ----------
    title : Text
    line : LineString
        WGS-84. [deg]
    """

    title: Text
    line: LineString


class District:
    """The invented district of one seed.

    Parameters
    ----------
    seed : int
        The world's seed.

    Attributes
    ----------
    code : str
        Six-digit division code that no real division has.
    title : Text
    cells : tuple of Cell
        All 160, parents before children.
    watercourses : tuple of Watercourse
        The main river first, then its two brooks.
    roads : tuple of Road

    Examples
    --------
    >>> district = District(1)
    >>> len(district.cells), len(district.towns), len(district.communities)
    (160, 12, 147)
    """

    def __init__(self, seed: int) -> None:
        land = geography.draw(seed)
        marks = reading.table("towns")
        self.code: str = marks["division"]
        self.title = Text(*marks["district"])
        self.cells = _cells(land, self.code, self.title, seed)
        self.watercourses = _watercourses(land)
        self.roads = _roads(land)
        self._by_path = {cell.path: cell for cell in self.cells}
        self._tree = STRtree([cell.shape for cell in self.communities])

    @property
    def towns(self) -> tuple[Cell, ...]:
        """The twelve cells of level 2."""
        return tuple(cell for cell in self.cells if cell.level == 2)

    @property
    def communities(self) -> tuple[Cell, ...]:
        """The 147 cells of level 3, the leaves."""
        return tuple(cell for cell in self.cells if cell.level == 3)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north edge. [deg]"""
        west, south, east, north = self.cells[0].shape.bounds
        return west, south, east, north

    def cell(self, path: str) -> Cell:
        """Look a cell up.

        Parameters
        ----------
        path : str
            Such as "01/03/07".

        Returns
        -------
        Cell

        Raises
        ------
        KeyError
            No cell has this path.
        """
        return self._by_path[path]

    def children(self, path: str) -> tuple[Cell, ...]:
        """List the cells one level below a cell.

        Parameters
        ----------
        path : str

        Returns
        -------
        tuple of Cell
        """
        return tuple(cell for cell in self.cells if cell.parent == path)

    def community_at(self, point: Point) -> Cell | None:
        """Find the community around a point.

        Parameters
        ----------
        point : Point
            WGS-84. [deg]

        Returns
        -------
        Cell or None
            None outside the district; on a shared border the first in order of path.
        """
        hits = self._tree.query(point, predicate="intersects")
        return self.communities[int(min(hits))] if len(hits) else None

    def community_around(self, point: Point) -> Cell:
        """Find the community around a point that must lie in the district.

        Parameters
        ----------
        point : Point
            WGS-84. [deg]

        Returns
        -------
        Cell

        Raises
        ------
        OutsideDistrict
            No community holds the point.
        """
        cell = self.community_at(point)
        if cell is None:
            raise OutsideDistrict(point.x, point.y)
        return cell

    def watercourse(self, code: str) -> Watercourse:
        """Look a watercourse up.

        Parameters
        ----------
        code : str

        Returns
        -------
        Watercourse

        Raises
        ------
        KeyError
            No watercourse has this code.
        """
        return {course.code: course for course in self.watercourses}[code]


@lru_cache(maxsize=8)
def district(seed: int) -> District:
    """Build the district of a seed, once in a process.

    Parameters
    ----------
    seed : int

    Returns
    -------
    District
    """
    return District(seed)


def _watercourses(land: geography.Land) -> tuple[Watercourse, ...]:
    rows = reading.table("waters")["watercourse"]
    return tuple(
        Watercourse(
            row["code"], Text(*row["title"]), geography.to_degrees(line), line, row["into"], row["flow"], row["speed"]
        )
        for row, line in zip(rows, land.waters, strict=True)
    )


def _roads(land: geography.Land) -> tuple[Road, ...]:
    rows = reading.table("waters")["road"]
    return tuple(
        Road(Text(*row["title"]), geography.to_degrees(line)) for row, line in zip(rows, land.roads, strict=True)
    )


def _cells(land: geography.Land, division: str, title: Text, seed: int) -> tuple[Cell, ...]:
    shapes = [geography.to_degrees(shape) for shape in land.communities]
    drawn = _names(len(shapes), seed)
    towns, leaves = [], []
    for number, town in enumerate(reading.rows("towns", key="towns"), start=1):
        members = [index for index, of_town in enumerate(land.towns) if of_town == number - 1]
        prefix, path = f"{division}{number:03d}", f"01/{number:02d}"
        union = shapely.coverage_union_all([shapes[index] for index in members])
        towns.append(_cell(path, prefix + "000", town["title"], union))
        for place, index in enumerate(members, start=1):
            name = _community(drawn[index], urban=number <= _SUBDISTRICTS or place <= _TOWN_CORE)
            leaves.append(_cell(f"{path}/{place:02d}", f"{prefix}{place:03d}", name, shapes[index]))
    return (_cell("01", division + "000000", title, shapely.coverage_union_all(shapes)), *towns, *leaves)


def _names(count: int, seed: int) -> list[tuple[str, str]]:
    """Different two-syllable names in Chinese and English, without the word for village or community."""
    marks = reading.table("towns")
    every = [(zh + end, en + tail) for zh, en in marks["first"] for end, tail in marks["second"]]
    return random.Random(f"names-{seed}").sample(every, count)  # noqa: S311  (a seeded draw, no secret)


def _community(name: tuple[str, str], *, urban: bool) -> Text:
    zh, en = name
    return Text(f"{zh}社区", f"{en} Community") if urban else Text(f"{zh}村", f"{en} Village")


def _cell(path: str, code: str, title: Text, shape: Any) -> Cell:
    label = shape.centroid if shape.contains(shape.centroid) else shape.representative_point()
    return Cell(code, path, path.count("/") + 1, title, shape, Point(round(label.x, 6), round(label.y, 6)))
