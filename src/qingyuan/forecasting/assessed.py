"""The assessed air quality of areas by day, and what was usual by the days that were known at some day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Q

from qingyuan.places.queries import GridCell, NetworkPart, Station, network_parts
from qingyuan.recording.air_days import STATION_KIND, AirDays, air_factors, in_order_of_items, points_of, read_days
from qingyuan.sensing.queries import Channel

A_DAY = timedelta(days=1)
YEARS, AROUND = 3, 15  # of the season: so many days around the date in so many earlier years
BEFORE = 30  # days before arrival, where the earlier years tell too little
ENOUGH = 10  # days from which something is usual; these four are our own choice


@dataclass(frozen=True)
class AreaDay:
    """The AQI of an area on a day, None where the standard gives none, and its primary pollutants."""

    aqi: float | None
    primary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assessed:
    """The days of one area."""

    first: date
    days: AirDays | None

    def on(self, day: date) -> AreaDay:
        """One day."""
        place = (day - self.first).days
        if self.days is None or not 0 <= place < len(self.days.days) or np.isnan(self.days.index.aqi[place]):
            return AreaDay(None)
        names = tuple(dict.fromkeys(name.partition("_")[0] for name in self.days.primary(place)))
        return AreaDay(float(self.days.index.aqi[place]), names)

    def usual(self, day: date, known: date) -> AreaDay:
        """What is usual on a date, by days before `known`: the median, and the pollutant that is most often primary.

        The same season of earlier years, or where fewer than ten of its days have an AQI, the thirty days before.
        """
        found = [one for _on, one in self.usual_days(day, known)]
        if not found:
            return AreaDay(None)
        often = Counter(name for one in found for name in one.primary)
        primary = (min(often, key=lambda name: (-often[name], name)),) if often else ()
        return AreaDay(float(np.floor(np.median([one.aqi for one in found if one.aqi is not None]) + 0.5)), primary)

    def usual_days(self, day: date, known: date) -> list[tuple[date, AreaDay]]:
        """The days that `usual` is the median of, none where too few have an AQI."""
        season = [
            _earlier(day, years) + A_DAY * off for years in range(1, YEARS + 1) for off in range(-AROUND, AROUND + 1)
        ]
        lately = [known - A_DAY * number for number in range(1, BEFORE + 1)]
        for wanted in (season, lately):
            found = [(on, one) for on, one in zip(wanted, map(self.on, wanted), strict=True) if one.aqi is not None]
            if len(found) >= ENOUGH:
                return found
        return []


def _earlier(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def assessed_areas(areas: Sequence[GridCell], first: date, last: date) -> dict[int, Assessed]:
    """The assessed days of some areas, with as many before as what is usual rests on.

    Parameters
    ----------
    areas : sequence of GridCell
    first, last : date
        In China, both included.

    Returns
    -------
    dict of int to Assessed
        By the number of the area. An area is assessed by all of its points, whoever asks.
    """
    begin = _earlier(first, YEARS) - A_DAY * AROUND
    days = [begin + A_DAY * number for number in range((last - begin).days + 1)]
    inside = Q()
    for area in areas:
        inside |= Q(cell__path=area.path) | Q(cell__path__startswith=f"{area.path}/")
    found = [one for one in Station.objects.filter(inside, kind=STATION_KIND).select_related("cell") if one.is_assessed]
    measured = Channel.objects.filter(station__in=found, factor__in=air_factors(), basis="measured")
    read = read_days(found, in_order_of_items(list(measured.select_related("station"))), days)
    parts = network_parts([one.pk for one in found])
    return {area.pk: Assessed(begin, _whole(area, found, parts, read)) for area in areas}


def _whole(area: GridCell, found: Sequence[Station], parts: dict[int, NetworkPart], read: AirDays) -> AirDays | None:
    own = [
        place
        for place, one in enumerate(found)
        if one.cell is not None and (one.cell.path == area.path or one.cell.path.startswith(f"{area.path}/"))
    ]
    if not own:
        return None
    counted = points_of([found[place] for place in own], parts)
    return read.whole([own[place] for place in counted])
