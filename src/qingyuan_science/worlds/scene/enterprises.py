"""Ten invented enterprises: who they are, where they stand, and which water they discharge into."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from shapely import LineString, Point

from qingyuan_science.plugins import Text
from qingyuan_science.worlds.scene import geography, reading
from qingyuan_science.worlds.scene.credit_code import credit_code
from qingyuan_science.worlds.scene.district import District, Watercourse


@dataclass(frozen=True, eq=False)
class Enterprise:
    """One enterprise.

    Parameters
    ----------
    code : str
        Unified social credit code.
    key : str
        Short English name by which this package's tables refer to it.
    title : Text
    industry_code : str
        Four figures of GB/T 4754-2017.
    industry : Text
    management : str
        Class of its discharge permit: "key" (重点管理) or "simplified" (简化管理).
    address : Text
    location : Point
        WGS-84. [deg]
    cell : str
        Path of the community it stands in.
    watercourse : str
        Code of the water that it stands beside; waste water goes there.
    chainage : float
        How far down that water. [km]
    """

    code: str
    key: str
    title: Text
    industry_code: str
    industry: Text
    management: str
    address: Text
    location: Point
    cell: str
    watercourse: str
    chainage: float


def point_at(course: Watercourse, share: float, aside: float) -> Point:
    """Find the point beside a watercourse.

    Parameters
    ----------
    course : Watercourse
    share : float
        How far down, 0 to 1. [1]
    aside : float
        Distance from the water, positive on the left bank. [km]

    Returns
    -------
    Point
        WGS-84. [deg]
    """
    line: LineString = course.course
    here = np.array(line.interpolate(share, normalized=True).coords[0])
    around = (line.interpolate(place, normalized=True) for place in (share - 0.02, share + 0.02))
    before, after = (np.array(place.coords[0]) for place in around)
    along = (after - before) / np.hypot(*(after - before))
    point: Point = geography.to_degrees(Point(here + aside * np.array([-along[1], along[0]])))
    return point


@lru_cache(maxsize=8)
def enterprises(district: District) -> tuple[Enterprise, ...]:
    """Place the ten enterprises in a district.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Enterprise
        Always in the same order.
    """
    rows = reading.rows("enterprises")
    return tuple(_enterprise(district, number, row) for number, row in enumerate(rows, start=1))


def _enterprise(district: District, number: int, row: dict[str, Any]) -> Enterprise:
    course = district.watercourse(row["watercourse"])
    location = point_at(course, row["share"], row["aside"])
    community = district.community_around(location)
    town = district.cell(community.parent)
    address = Text(
        f"{district.title.zh}{town.title.zh}{community.title.zh}{number * 7}号",
        f"No. {number * 7}, {community.title.en}, {town.title.en}, {district.title.en}",
    )
    return Enterprise(
        code=credit_code(district.code, number),
        key=row["key"],
        title=row["title"],
        industry_code=row["industry_code"],
        industry=Text(row["industry_zh"], row["industry_en"]),
        management=row["management"],
        address=address,
        location=location,
        cell=community.path,
        watercourse=course.code,
        chainage=row["share"] * course.length,
    )
