"""A dozen invented river outfalls of all classes: seven behind the waste-water outlets, five that nothing watches."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shapely import Point

from qingyuan_science.plugins import Text
from qingyuan_science.worlds.scene import reading
from qingyuan_science.worlds.scene.district import District
from qingyuan_science.worlds.scene.enterprises import point_at
from qingyuan_science.worlds.scene.stations import stations


@dataclass(frozen=True, eq=False)
class Outfall:
    """One outfall.

    Parameters
    ----------
    title : Text
    kind : str
        Narrowest name of its class, in Chinese (HJ 1312-2023).
    location : Point
        WGS-84. [deg]
    watercourse : str
        Code of the water that it flows into.
    bank : str
        "left" or "right", as one looks downstream.
    outlet : str
        Code of the station that watches it, empty where none does.
    owner : str
        Credit code of the enterprise that discharges through it, empty where it is none.
    section : str
        Code of the station on the water below it.
    rhythm, entry, responsible : str
        How it discharges, how the water gets in, and who answers for it where no enterprise does.
    granted, until, board : int
        Days before the epoch of its approval, after the epoch of its end, and before it of its sign board; 0 for none.
    steps : tuple of (str, int)
        States, and how many days before the epoch they came.
    """

    title: Text
    kind: str
    location: Point
    watercourse: str
    bank: str
    outlet: str
    owner: str
    section: str
    rhythm: str
    entry: str
    responsible: str
    granted: int
    until: int
    board: int
    steps: tuple[tuple[str, int], ...]


@lru_cache(maxsize=8)
def outfalls(district: District) -> tuple[Outfall, ...]:
    """Place the outfalls of a district.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Outfall
        Always in the same order.
    """
    return tuple(_outfall(district, row) for row in reading.rows("outfalls"))


def _outfall(district: District, row: dict[str, Any]) -> Outfall:
    watched = next((one for one in stations(district) if one.code == row["outlet"]), None)
    if watched is None:
        water, aside = row["watercourse"], row["aside"]
        location = point_at(district.watercourse(water), row["share"], aside)
    else:
        water, aside, location = watched.watercourse or "", 0.03, watched.location
    same = ("title", "kind", "rhythm", "entry", "responsible", "outlet", "granted", "until", "board")
    return Outfall(
        **{name: row[name] for name in same},
        location=location,
        watercourse=water,
        bank="left" if aside > 0 else "right",
        owner=(watched.owner or "") if watched else "",
        section=reading.table("outfalls")["sections"][water],
        steps=tuple((state, days) for state, days in row["steps"]),
    )
