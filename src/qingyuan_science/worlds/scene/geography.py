"""The invented land: outline, rivers, roads and a three-level tiling, drawn in kilometres, sent to WGS-84 at the end.

The order matters. Cells start as Voronoi cells of seeded points, cut by the outline. Their edges are then divided into
short pieces and every point is moved by one smooth, invertible displacement of the plane (`Warp`): straight edges turn
into natural-looking ones, and because neighbours share each moved point exactly, no gap or overlap can appear. Towns
and the district are unions of their communities, so every level tiles the one above by construction.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, Point, Polygon

from qingyuan_science.worlds.errors import NoDistrict
from qingyuan_science.worlds.scene import reading

Coordinates = NDArray[np.float64]

ORIGIN = (106.6, 29.7)
_KILOMETRES_PER_DEGREE = 6371.0088 * np.pi / 180
_PIECE = 0.25
_TRIES = 40
_SHORTEST_BROOK = 9.0

_EDGES = ((6.0, 0.26), (1.9, 0.075), (0.7, 0.022))
_MEANDERS = ((4.6, 0.5), (2.3, 0.16))


@dataclass(frozen=True)
class Warp:
    """A smooth displacement of the plane that never folds it.

    Parameters
    ----------
    waves : float array, shape (2, m, 4)
        For each axis and wave: wave numbers east and north, phase, amplitude. [1/km, 1/km, rad, km]

    Notes
    -----
    Where amplitude times wave number, summed over the waves, stays below 1 (as in `_EDGES`), neighbouring points keep
    their order.
    """

    waves: Coordinates

    @classmethod
    def drawn(cls, random: np.random.Generator, scales: tuple[tuple[float, float], ...]) -> "Warp":
        """Draw a displacement with given wavelengths.

        Parameters
        ----------
        random : numpy Generator
        scales : tuple of (float, float)
            Wavelength and amplitude of each wave. [km, km]

        Returns
        -------
        Warp
        """
        waves = []
        for _ in range(2):
            for length, amplitude in scales:
                direction, phase = random.uniform(0, 2 * np.pi, 2)
                number = 2 * np.pi / length
                waves.append((number * np.cos(direction), number * np.sin(direction), phase, amplitude))
        return cls(np.array(waves).reshape(2, len(scales), 4))

    def __call__(self, points: Coordinates) -> Coordinates:
        """Move points.

        Parameters
        ----------
        points : float array, shape (n, 2)
            East and north. [km]

        Returns
        -------
        float array, shape (n, 2)
            [km]
        """
        angle = points[:, 0, None] * self.waves[:, None, :, 0] + points[:, 1, None] * self.waves[:, None, :, 1]
        shift = (np.sin(angle + self.waves[:, None, :, 2]) * self.waves[:, None, :, 3]).sum(axis=2)
        return np.asarray(points + shift.T)


@dataclass(frozen=True, eq=False)
class Land:
    """The finished drawing, in kilometres east and north of `ORIGIN`.

    Parameters
    ----------
    communities : tuple of Polygon
        The leaves, town by town, the one nearest the town's centre first.
    towns : tuple of int
        For each community the index of its town, 0 to 11.
    waters : tuple of LineString
        The watercourses in the order of their table, in flow direction; each brook ends on a vertex of the main river.
    roads : tuple of LineString
        In the order of their table.
    """

    communities: tuple[Polygon, ...]
    towns: tuple[int, ...]
    waters: tuple[LineString, ...]
    roads: tuple[LineString, ...]


def to_degrees(geometry: Any) -> Any:
    """Send a geometry from kilometres to WGS-84.

    Parameters
    ----------
    geometry : shapely geometry
        East and north of `ORIGIN`. [km]

    Returns
    -------
    shapely geometry
        Longitude and latitude, rounded to six places, about 0.1 m. [deg]

    Notes
    -----
    Equirectangular about `ORIGIN`; within 20 km the error against a true projection is below 0.3 %, which an invented
    land bears.
    """
    east = _KILOMETRES_PER_DEGREE * np.cos(np.radians(ORIGIN[1]))
    scale = np.array([east, _KILOMETRES_PER_DEGREE])
    return shapely.transform(geometry, lambda points: np.round(points / scale + ORIGIN, 6))


def draw(seed: int) -> Land:
    """Draw the land that belongs to a seed.

    Parameters
    ----------
    seed : int
        The world's seed.

    Returns
    -------
    Land

    Raises
    ------
    NoDistrict
        No draw of this seed gave 147 whole communities, 12 whole towns and two brooks; has not been seen.
    """
    random = np.random.default_rng([seed, 20260101])
    for _ in range(_TRIES):
        warp = Warp.drawn(random, _EDGES)
        tiles = _tiles(random)
        land = _finish(tiles, warp, random) if tiles is not None else None
        if land is not None and min(water.length for water in land.waters) > _SHORTEST_BROOK:
            return land
    raise NoDistrict(seed, _TRIES)


def _finish(tiles: tuple[list[Polygon], list[int]], warp: Warp, random: np.random.Generator) -> Land:
    cells = [_bend(cell, warp) for cell in tiles[0]]
    area = shapely.coverage_union_all(cells)
    meander = Warp.drawn(random, _MEANDERS)
    marks = reading.table("waters")
    main, *brooks = ((_course(one["marks"], meander, random), one) for one in marks["watercourse"])
    river = _longest(main[0].intersection(area))
    joined = [_reaching(_brook(line, river, one["mouth"]), area) for line, one in brooks]
    roads = tuple(_longest(_course(one["marks"], warp, random).intersection(area)) for one in marks["road"])
    return Land(tuple(cells), tuple(tiles[1]), (river, *joined), roads)


def _tiles(random: np.random.Generator) -> tuple[list[Polygon], list[int]] | None:
    """One draw of the tiling, or nothing where a community or a town falls apart."""
    outline = _outline(random)
    drawn = reading.rows("towns", key="towns")
    centres = np.array([(town["east"], town["north"]) for town in drawn]) + random.uniform(-0.4, 0.4, (len(drawn), 2))
    points = _settlements(random, outline, centres)
    cells = _voronoi(points, outline)
    towns = np.argmin(((points[:, None] - centres[None]) ** 2).sum(axis=2), axis=1)
    whole = all(isinstance(cell, Polygon) for cell in cells) and len(set(towns.tolist())) == len(centres)
    if not whole or not all(_is_whole(cells, towns == town) for town in range(len(centres))):
        return None
    order = np.lexsort((((points - centres[towns]) ** 2).sum(axis=1), towns))
    return [cells[index] for index in order], towns[order].tolist()


def _is_whole(cells: list[Any], members: NDArray[np.bool_]) -> bool:
    chosen = [cell for cell, member in zip(cells, members, strict=True) if member]
    return len(chosen) >= 5 and isinstance(shapely.union_all(chosen, grid_size=1e-6), Polygon)


def _outline(random: np.random.Generator) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.ones_like(angle)
    for waves, strength in ((2, 0.07), (3, 0.075), (5, 0.045), (7, 0.03), (11, 0.015)):
        radius += strength * np.cos(waves * angle + random.uniform(0, 2 * np.pi))
    return Polygon(np.column_stack([15.6 * radius * np.cos(angle), 12.2 * radius * np.sin(angle)]))


def _settlements(random: np.random.Generator, outline: Polygon, centres: Coordinates) -> Coordinates:
    """Points dense in the towns and sparse in the hills, evened out by two rounds of Lloyd's relaxation."""
    points: list[tuple[float, float]] = []
    for centre, town in zip(centres, reading.rows("towns", key="towns"), strict=True):
        placed = 0
        while placed < town["share"]:
            east, north = random.normal(centre, town["spread"])
            if outline.contains(Point(east, north)):
                points.append((east, north))
                placed += 1
    settled = np.array(points)
    for _ in range(2):
        middles = np.array([cell.centroid.coords[0] for cell in _voronoi(settled, outline)])
        settled = settled + 0.8 * (middles - settled)
    return settled


def _voronoi(points: Coordinates, outline: Polygon) -> list[Any]:
    cells = shapely.voronoi_polygons(MultiPoint(points), extend_to=outline.buffer(5), ordered=True)
    return [cell.intersection(outline) for cell in cells.geoms]


def _bend(cell: Polygon, warp: Warp) -> Polygon:
    """Divide the edges, then move every point.

    Two neighbours divide their shared edge from opposite ends and differ in the last bits; rounding makes their points
    equal. The second rounding keeps three places more than the first, since halves of rounded numbers would fall
    between two steps.
    """

    def move(points: Coordinates) -> Coordinates:
        shared: Coordinates = np.round(points, 9)
        return np.asarray(np.round(warp(shared), 4))

    rounded = shapely.transform(cell, lambda points: np.round(points, 6))
    moved: Polygon = shapely.transform(shapely.segmentize(rounded, _PIECE), move)
    return moved


def _course(points: list[list[float]], warp: Warp, random: np.random.Generator) -> LineString:
    """A river or road: shake the marks, cut the corners four times (Chaikin), then bend."""
    marks = np.array(points) + random.uniform(-0.35, 0.35, (len(points), 2))
    for _ in range(4):
        inner = np.stack([0.75 * marks[:-1] + 0.25 * marks[1:], 0.25 * marks[:-1] + 0.75 * marks[1:]], axis=1)
        marks = np.vstack([marks[:1], inner.reshape(-1, 2), marks[-1:]])
    line = shapely.segmentize(LineString(marks), _PIECE)
    bent: LineString = shapely.transform(line, lambda moving: np.round(warp(moving), 4))
    return bent


def _brook(line: LineString, main: LineString, mouth: float) -> LineString:
    """Lead a tributary to the river's vertex nearest to a share of its length, gliding there over its lower half."""
    vertices = np.array(main.coords)
    target = main.interpolate(mouth, normalized=True)
    end = vertices[np.argmin(((vertices - target.coords[0]) ** 2).sum(axis=1))]
    points = np.array(line.coords)
    pull = np.clip(np.linspace(-1, 1, len(points)), 0, 1) ** 1.5
    return LineString(np.round(points + pull[:, None] * (end - points[-1]), 4))


def _longest(line: Any) -> LineString:
    parts = getattr(line, "geoms", [line])
    longest: LineString = max(parts, key=lambda part: part.length)
    return longest


def _reaching(line: LineString, area: Any) -> LineString:
    """The part inside the area that reaches the mouth."""
    inside = line.intersection(area)
    parts = list(getattr(inside, "geoms", [inside]))
    mouth = Point(line.coords[-1])
    part: LineString = min(parts, key=lambda piece: piece.distance(mouth))
    return part
