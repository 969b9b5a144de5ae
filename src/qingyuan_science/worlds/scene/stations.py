"""Twenty registered stations and one device that nobody registered.

Twelve stand at outlets of enterprises, four on the water, four in the air. Two speak the 2005 edition of the protocol,
one stamps its means with the end of the interval; the rest follow HJ 212-2017. Apart from them stand three special
stations of ambient air, which send components by the hour, and five of other kinds around the town.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from shapely import Point

from qingyuan_science.hj212 import EDITION_2005, STANDARD, Dialect
from qingyuan_science.plugins import Text
from qingyuan_science.worlds.errors import NoSuchChannel
from qingyuan_science.worlds.scene import reading
from qingyuan_science.worlds.scene.channels import (
    AMBIENT_AIR,
    DUST,
    FUME,
    NOISE,
    OUTLET_GAS,
    OUTLET_WATER,
    PROFILES,
    SPECIAL,
    SURFACE_WATER,
    WEATHER,
    Profile,
)
from qingyuan_science.worlds.scene.district import District
from qingyuan_science.worlds.scene.enterprises import Enterprise, enterprises, point_at

END_STAMP = Dialect("end-stamp", stamp="end")
"""The habit of one logger: DataTime of its means is the end of the interval, where the standard says the start."""

COMPONENTS = Dialect(
    "components",
    codes={entry.sent_as: entry.factor for several in SPECIAL.values() for entry in several if entry.sent_as},
)
"""The codes under which instruments send ions, carbon and elements of particles, for which HJ 212 has none."""

DIALECTS = {"standard": STANDARD, "2005": EDITION_2005, "end-stamp": END_STAMP, "components": COMPONENTS}

SYSTEMS = {
    OUTLET_WATER: "32", OUTLET_GAS: "31", SURFACE_WATER: "21", AMBIENT_AIR: "22",
    WEATHER: "22", DUST: "39", NOISE: "23", FUME: "31",
}  # fmt: skip
"""System code (ST) by kind of station; HJ 212-2017 table 5."""


class LimitClass(NamedTuple):
    """A class of a standard that binds a station.

    Parameters
    ----------
    standard : str
        For example "GB 18918-2002"; without the year it means the edition in force.
    level : str
        As the limit tables of `qingyuan_science.standards` name it.
    """

    standard: str
    level: str


@dataclass(frozen=True, eq=False)
class Station:
    """A place where something is measured, with its data logger.

    Parameters
    ----------
    code : str
    title : Text
    kind : str
        One of `channels.KINDS`.
    location : Point
        WGS-84. [deg]
    cell : str
        Path of the community it stands in.
    owner : str or None
        Credit code of the enterprise whose outlet it is.
    mn : str
        Identity of the logger: 24 hex figures (2017) or 14 figures (2005).
    st : str
        System code.
    pw : str
        Password.
    dialect : Dialect
        How the logger speaks.
    limits : tuple of LimitClass
        What binds it.
    watercourse : str or None
        Where it drains to or stands in.
    chainage : float
        How far down that watercourse. [km]
    number : int
        Its place in the list of stations, 0 to 20.
    flow_scale : float
        Size of its flow against the profile's level. [1]
    purpose : str
        Of a special station of ambient air, one of `channels.SPECIAL`; such a station sends hours alone.
    network : str
        Who runs a station around the town: "national", "provincial", "municipal", "micro", empty for none of these.
    """

    code: str
    title: Text
    kind: str
    location: Point
    cell: str
    owner: str | None
    mn: str
    st: str
    pw: str
    dialect: Dialect
    limits: tuple[LimitClass, ...]
    watercourse: str | None
    chainage: float
    number: int
    flow_scale: float
    purpose: str = ""
    network: str = ""

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """What it measures."""
        return SPECIAL[self.purpose] if self.purpose else PROFILES[self.kind]

    @property
    def factors(self) -> tuple[str, ...]:
        """Codes of what it measures, in the order in which they are sent."""
        return tuple(entry.factor for entry in self.profiles)

    def index(self, factor: str) -> int:
        """Tell the place of a factor among what the station measures.

        Parameters
        ----------
        factor : str

        Returns
        -------
        int

        Raises
        ------
        NoSuchChannel
            The station does not measure it.
        """
        if factor not in self.factors:
            raise NoSuchChannel(self.code, factor, self.factors)
        return self.factors.index(factor)


@lru_cache(maxsize=8)
def stations(district: District) -> tuple[Station, ...]:
    """Place the twenty registered stations.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Station
        Always in the same order: outlets, waters, air.
    """
    makers = (("outlet", _outlet), ("water", _on_water), ("air", _in_air))
    rows = [(make, row) for section, make in makers for row in reading.rows("stations", section)]
    return tuple(make(district, row, number) for number, (make, row) in enumerate(rows))


@lru_cache(maxsize=8)
def strangers(district: District) -> tuple[Station, ...]:
    """Place the device that sends although nobody registered it.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Station
        One, with no limits and no owner.
    """
    first = len(stations(district))
    made = []
    for number, row in enumerate(reading.rows("stations", "stranger"), start=first):
        location = point_at(district.watercourse(row["watercourse"]), row["share"], row["aside"])
        made.append(_station(district, row, number, kind=OUTLET_WATER, location=location))
    return tuple(made)


@lru_cache(maxsize=8)
def special_stations(district: District) -> tuple[Station, ...]:
    """Place the superstation, the photochemical component station and the transport-channel station.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Station
        Apart from `stations`: no episode comes to them, and none of the schedule depends on them.
    """
    first = len(stations(district)) + len(strangers(district))
    return tuple(
        replace(_in_air(district, row, number), purpose=row["purpose"])
        for number, row in enumerate(reading.rows("stations", "special"), start=first)
    )


@lru_cache(maxsize=8)
def around(district: District) -> tuple[Station, ...]:
    """Place a weather station, a dust site, a noise station, a cooking-fume point and a micro-station.

    Parameters
    ----------
    district : District

    Returns
    -------
    tuple of Station
        Apart from `stations`, as the special ones are, but sending everything.
    """
    first = len(stations(district)) + len(strangers(district)) + len(special_stations(district))
    return tuple(
        replace(_in_air(district, row, number), kind=row["kind"], st=SYSTEMS[row["kind"]], network=row["network"])
        for number, row in enumerate(reading.rows("stations", "around"), start=first)
    )


def hidden_dischargers(district: District) -> dict[str, str]:
    """Tell who discharges in secret above which river station.

    Parameters
    ----------
    district : District

    Returns
    -------
    dict of str to str
        Code of the station to credit code of the enterprise.
    """
    owners = {enterprise.key: enterprise.code for enterprise in enterprises(district)}
    return {row["code"]: owners[row["hidden"]] for row in reading.rows("stations", "water") if row["hidden"]}


def _outlet(district: District, row: dict[str, Any], number: int) -> Station:
    owner = {enterprise.key: enterprise for enterprise in enterprises(district)}[row["enterprise"]]
    if row["kind"] == OUTLET_GAS:
        east, north = row["shift"]
        stack = Point(round(owner.location.x + east, 6), round(owner.location.y + north, 6))
        return _station(district, row, number, kind=OUTLET_GAS, location=stack, owner=owner)
    course = district.watercourse(owner.watercourse)
    outfall = point_at(course, owner.chainage / course.length, 0.03)
    station = _station(district, row, number, kind=OUTLET_WATER, location=outfall, owner=owner)
    return replace(station, watercourse=course.code, chainage=owner.chainage)


def _on_water(district: District, row: dict[str, Any], number: int) -> Station:
    course = district.watercourse(row["watercourse"])
    station = _station(district, row, number, kind=SURFACE_WATER, location=point_at(course, row["share"], 0.01))
    return replace(station, watercourse=course.code, chainage=row["share"] * course.length)


def _in_air(district: District, row: dict[str, Any], number: int) -> Station:
    label = district.cell(row["town"]).label
    east, north = row.get("shift", (0.0, 0.0))
    location = Point(round(label.x + east, 6), round(label.y + north, 6)) if east or north else label
    return _station(district, row, number, kind=AMBIENT_AIR, location=location)


def _station(
    district: District, row: dict[str, Any], number: int, *, kind: str, location: Point, owner: Enterprise | None = None
) -> Station:
    """A station that drains nowhere."""
    dialect = DIALECTS[row.get("dialect", "standard")]
    return Station(
        code=row["code"],
        title=row["title"],
        kind=kind,
        location=location,
        cell=district.community_around(location).path,
        owner=owner.code if owner else None,
        mn=_mn(dialect, number),
        st=SYSTEMS[kind],
        pw=f"{600100 + 37 * number}",
        dialect=dialect,
        limits=(LimitClass(row["standard"], row["level"]),) if "standard" in row else (),
        watercourse=None,
        chainage=0.0,
        number=number,
        flow_scale=row.get("size", 1.0),
    )


def _mn(dialect: Dialect, number: int) -> str:
    """Header, manufacturer, object class, serial number (HJ 212-2017); organisation, serial number (2005 edition)."""
    if dialect.edition == EDITION_2005.edition:
        return f"990101Q{number + 1:07d}"
    return f"01{0x990101F:07X}{0x16F000:06X}{0x990100000 + number + 1:09X}"
