"""What is written down of the district: permits, plans, meters, an order, a warning; with what each leads to.

The past before the stream begins comes as means by the hour and by the day, as an authority would bring them along from
what it had before. It ends a day before the world's epoch, where the stream takes over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.plugins import Text
from qingyuan_science.series import Mark, Series, microseconds
from qingyuan_science.units import convert
from qingyuan_science.worlds.scene import reading
from qingyuan_science.worlds.scene.channels import FLOW, OUTLET_WATER
from qingyuan_science.worlds.scene.enterprises import Enterprise
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals.truth import travel_time
from qingyuan_science.worlds.world import World

PAST_DAYS = 60
_CHINA = timezone(timedelta(hours=8))
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_WORK_BEGINS, _WORK_ENDS = 6, 20  # o'clock


@dataclass(frozen=True)
class PowerMeter:
    """An electricity meter of an enterprise.

    Parameters
    ----------
    code : str
    title, equipment : Text
        The meter, and what it feeds.
    enterprise : Enterprise
    use : {"production", "treatment"}
    full, idle : float
        Mean power at work and at stand-by. [kW]
    obeys : bool
        Whether it rests during a warning.
    number : int
        Its place in the list.
    """

    code: str
    title: Text
    equipment: Text
    enterprise: Enterprise
    use: str
    full: float
    idle: float
    obeys: bool
    number: int


class Papers:
    """The papers of a world.

    Parameters
    ----------
    world : World

    Attributes
    ----------
    stream_begins : datetime
        Where the past ends: a day before the epoch, on the hour.
    warning : (datetime, datetime)
        When the heavy-pollution warning holds: the day before the one on which the stream begins.
    ordered : datetime
        From when on the dairy must not discharge: the midnight before the stream begins.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.stream_begins = (world.epoch - _DAY).replace(minute=0, second=0, microsecond=0)
        midnight = self.stream_begins.astimezone(_CHINA).replace(hour=0)
        self.ordered = midnight
        self.warning = (midnight - _DAY, midnight)
        self.year_begins = midnight.replace(month=1, day=1)
        self.last_year_begins = self.year_begins.replace(year=midnight.year - 1)
        self._owners = {one.key: one for one in world.enterprises}
        self._computed: dict[tuple[str, str, datetime], Series] = {}

    @cached_property
    def meters(self) -> tuple[PowerMeter, ...]:
        """The electricity meters, always in the same order."""
        rows = reading.rows("papers", "meters")
        return tuple(
            PowerMeter(
                code=row["code"], title=row["title"], equipment=Text(row["equipment_zh"], row["equipment_en"]),
                enterprise=self._owners[row["enterprise"]], use=row["use"], full=row["full"], idle=row["idle"],
                obeys=row["obeys"], number=number,
            )
            for number, row in enumerate(rows)
        )  # fmt: skip

    def rows(self, section: str) -> Iterator[tuple[Enterprise, dict[str, Any]]]:
        """List the permits, limits, plans, orders, disclosures, documents or signs of credit, each with its enterprise.

        Parameters
        ----------
        section : {"permits", "limits", "plans", "orders", "disclosures", "documents", "signs"}

        Yields
        ------
        tuple of Enterprise and dict
        """
        block = reading.table("papers")[section]
        for row in block["rows"]:
            values = dict(zip(block["columns"], row, strict=True))
            yield self._owners[values["enterprise"]], values

    def scan(self, row: dict[str, Any]) -> bytes:
        """Make what somebody would bring of a document: one page as PDF, that says it is a demonstration.

        Parameters
        ----------
        row : dict
            Of the documents.

        Returns
        -------
        bytes
            The same for the same row.
        """
        said = ("Demonstration, invented", row["en"], row["kind"])
        text = " ".join(f"({one}) Tj 0 -24 Td" for one in said).encode("ascii")
        drawn = b"BT /F 14 Tf 72 760 Td " + text + b" ET"
        parts = [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
        body, begins = b"%PDF-1.4\n", []
        for number, part in enumerate(parts, start=1):
            begins.append(len(body))
            body += b"%d 0 obj%s endobj\n" % (number, part)
        table = b"".join(b"%010d 00000 n \n" % at for at in begins)
        head = b"xref\n0 6\n0000000000 65535 f \n"
        return body + head + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)

    def of_sites(self, section: str) -> list[dict[str, Any]]:
        """List what is built at sites, or what the bureau set for itself there.

        Parameters
        ----------
        section : {"projects", "thresholds"}

        Returns
        -------
        list of dict
        """
        return reading.rows("papers", section)

    def total(self, station: Station, factor: str, room: float) -> float:
        """Tell the yearly total of a permit.

        Parameters
        ----------
        station : Station
            The outlet.
        factor : str
        room : float
            The total against what the outlet emits in 365 days at its pace of this year [1]; nought for just as much
            as it had emitted five days before the stream began.

        Returns
        -------
        float
            [kg]
        """
        mass = self.daily_mass(station, factor)
        return float(mass[:-5].sum() if not room else room * mass.mean() * 365.0)

    def daily_mass(self, station: Station, factor: str) -> NDArray[np.float64]:
        """Tell what an outlet emitted on each day from New Year on up to the day before the stream begins.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        float array, shape (days,)
            [kg]
        """
        content, flow = (self.days(station, one) for one in (factor, FLOW[station.kind]))
        return _mass(content, flow, station)

    def days(self, station: Station, factor: str) -> Series:
        """Give day means from New Year on up to the day before the stream begins, as reported.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        Series
            Means of six values a day.
        """
        return self._days(station, factor, self.year_begins)

    def two_years(self, station: Station, factor: str) -> Series:
        """Give the same from New Year of the year before on, none beyond nine tenths of the limit that binds.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        Series
        """
        return self._orderly(self._days(station, factor, self.last_year_begins), station, factor)

    def emitted_last_year(self, station: Station, factor: str) -> float:
        """Tell what an outlet emitted in the year before, as its day means say.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        float
            [kg]
        """
        content, flow = (self.two_years(station, one) for one in (factor, FLOW[station.kind]))
        before = content.at < microseconds(self.year_begins)
        return float(_mass(content, flow, station)[before].sum())

    def _days(self, station: Station, factor: str, begins: datetime) -> Series:
        key = station.code, factor, begins
        if key not in self._computed:
            self._computed[key] = self._day_means(station, factor, begins)
        return self._computed[key]

    def _day_means(self, station: Station, factor: str, begins: datetime) -> Series:
        count = (self.ordered - begins) // _DAY
        at = microseconds(begins) + np.arange(count * 6, dtype=np.int64) * 4 * 3_600_000_000
        profile = station.profiles[station.index(factor)]
        value = np.round(self.world.value(station, factor, at).reshape(count, 6).mean(axis=1), profile.decimals)
        return Series(at[::6], value, np.full(count, Mark.NORMAL.value), profile.unit, 86_400.0)

    def hours(self, station: Station, factor: str) -> Series:
        """Give hour means of the past days, as reported, up to where the stream begins.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        Series
        """
        at = self._hours()
        profile = station.profiles[station.index(factor)]
        value = np.round(self.world.value(station, factor, at + 1_800_000_000), profile.decimals)
        return Series(at, value, np.full(at.size, Mark.NORMAL.value), profile.unit, 3600.0)

    def orderly_hours(self, station: Station, factor: str) -> Series:
        """Give hour means of the past days as `hours` does, none beyond nine tenths of the limit that binds.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        Series
        """
        return self._orderly(self.hours(station, factor), station, factor)

    def _orderly(self, series: Series, station: Station, factor: str) -> Series:
        limit = self.world.limit(station, factor)
        if limit is None or limit.high is None:
            return series
        most = limit.in_unit(series.unit).high
        decimals = station.profiles[station.index(factor)].decimals
        value = np.minimum(series.value, 0.9 * (most or np.inf)).round(decimals)
        return Series(series.at, value, series.mark, series.unit, series.step)

    def power(self, meter: PowerMeter) -> Series:
        """Give hourly mean power of a meter over the past days: full at work, stand-by at night, half at weekends.

        Parameters
        ----------
        meter : PowerMeter

        Returns
        -------
        Series
            [kW]
        """
        at = self._hours()
        local = [datetime.fromtimestamp(one / 1e6, _CHINA) for one in at.tolist()]
        works = np.array([_WORK_BEGINS <= one.hour < _WORK_ENDS for one in local])
        weekend = np.array([one.weekday() >= 5 for one in local])
        if meter.obeys:
            start, end = (microseconds(one) for one in self.warning)
            works &= (at < start) | (at >= end)
        noise = np.random.default_rng([self.world.seed, meter.number]).normal(1.0, 0.03, at.size)
        load = np.where(weekend, 0.5, 1.0) * (meter.full - meter.idle) * works + meter.idle
        return Series(at, np.round(load * noise, 1), np.full(at.size, Mark.NORMAL.value), "kW", 3600.0)

    def reaches(self) -> Iterator[tuple[Station, Station, float]]:
        """List which river station lies above which, and how long water takes.

        Yields
        ------
        tuple of Station, Station and float
            The lower and the upper one, and the time. [h]
        """
        rivers = [one for one in self.world.stations if one.kind == "surface-water"]
        for upper in rivers:
            for lower in rivers:
                seconds = travel_time(upper, lower, self.world.district)
                if seconds is not None:
                    yield lower, upper, round(seconds / 3600.0, 1)

    def _hours(self) -> NDArray[np.int64]:
        start = microseconds(self.ordered - PAST_DAYS * _DAY)
        return np.arange(start, microseconds(self.stream_begins), 3_600_000_000, dtype=np.int64)


def _mass(content: Series, flow: Series, station: Station) -> NDArray[np.float64]:
    """What an outlet emitted on each day, out of day means. [kg]"""
    unit = "mg/L" if station.kind == OUTLET_WATER else "mg/m3"
    grams = convert(content.value, content.unit, unit) * (1.0 if unit == "mg/L" else 1e-3)
    return np.asarray(grams * convert(flow.value, flow.unit, "m3/h") * 24.0 / 1000.0)
