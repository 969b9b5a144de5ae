"""Surface water: the class of sections by month, quarter or year, the shares of an area, and the change in a year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan.places.queries import NetworkPart, Station, classes_binding
from qingyuan.recording.air_days import in_unit
from qingyuan.recording.queries import day_values
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.environment.asked import WHOLE_YEAR, Look, Period
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air import MEAN
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water import (
    TARGETS,
    TEMPERATURE,
    Body,
    Judged,
    change_between,
    classes_of,
    judge,
    mean_of_months,
    month_means,
    months_within,
    river_status,
    saturation_of,
    section_factors,
    shares_of,
    trophic_index,
    trophic_state,
    water_items,
)
from qingyuan_science.standards.water.items import class_source, item_table, water_class
from qingyuan_science.standards.water.sections import (
    Shares,
    main_pollutants_of_river,
    means_by_item,
    sections_for_shares,
)

Values = NDArray[np.float64]
STATION_KIND = "surface-water"
USUAL_TARGET = "III"
MONTHS_OF_A_YEAR_NEEDED = 8  # how many months make a year, by practice; no clause at hand
_UNITS = {"pH": "", TEMPERATURE: "°C", "chla": "mg/m3", "SD": "m", "coliforms": "count/L"}
_TROPHIC = ("chla", "TP", "TN", "SD", "CODMn")


def unit_of_item(item: str) -> str:
    """The unit in which the standards write an item."""
    return _UNITS.get(item, "mg/L")


@dataclass(frozen=True)
class Months:
    """A section in a period: means of its months and of the whole, and what they are judged as.

    By item, `values` holds one number a day and `means` one a month; `classes` are places in `CLASSES`, -1 without one.
    """

    days: list[date]
    months: list[date]
    values: dict[str, Values]
    means: dict[str, Values]
    classes: list[int]
    body: Body
    target: str

    @cached_property
    def counts(self) -> dict[str, int]:
        """By item, days with a value."""
        return {item: int((~np.isnan(values)).sum()) for item, values in self.values.items()}

    @cached_property
    def whole(self) -> dict[str, float]:
        """By item, the mean of the period: of its month, or of the means of its months."""
        found = {item: float(mean_of_months(item, months)) for item, months in self.means.items()}
        return {item: value for item, value in found.items() if not np.isnan(value)}

    @cached_property
    def judged(self) -> Judged:
        known = {item: value for item, value in self.whole.items() if item in water_items("basic")}
        arrays = {item: np.array(value) for item, value in self.whole.items()}
        saturation = float(saturation_of(arrays)) if "DO" in known else float("nan")
        return judge(known, self.body, self.target, saturation=saturation)

    @property
    def months_with_values(self) -> int:
        return sum(one >= 0 for one in self.classes)

    @cached_property
    def trophic(self) -> tuple[float, Text, Source] | None:
        """The trophic state of a lake whose five items are measured."""
        if self.body != "lake" or not all(self.whole.get(item, 0.0) > 0.0 for item in _TROPHIC):
            return None
        _parts, index, source = trophic_index({item: self.whole[item] for item in _TROPHIC})
        return index, trophic_state(index)[0], source


@dataclass(frozen=True)
class Section:
    """A station of surface water in a period and in the same days of the year before."""

    station: Station
    part: NetworkPart
    bound: bool
    now: Months
    before: Months

    @property
    def attained(self) -> bool | None:
        """Whether no item misses the target; None without a class."""
        return None if self.now.judged.code is None else not self.now.judged.over


@dataclass(frozen=True)
class WaterArea:
    """The sections of an area."""

    look: Look
    sections: list[Section]

    @classmethod
    def asked(cls, look: Look) -> "WaterArea":
        return cls(look, sections_of(look, look.stations(STATION_KIND)))

    @cached_property
    def shares(self) -> Shares:
        return shares_of(one.now.judged.code for one in self.sections if one.now.judged.code)

    @cached_property
    def shares_before(self) -> Shares:
        return shares_of(one.before.judged.code for one in self.sections if one.before.judged.code)

    @property
    def status(self) -> tuple[Text, Source] | None:
        """The status of the whole: by shares from five sections on, below that by the means of its items."""
        judged = [one for one in self.sections if one.now.judged.code]
        if not judged:
            return None
        if len(judged) >= sections_for_shares():
            return river_status(self.shares)
        rivers = [one.now.whole for one in judged if one.now.body == "river"]
        known = means_by_item([_basic(one) for one in rivers])
        code = judge(known).code
        return (water_class(code).status, class_source()) if code else None

    @property
    def change(self) -> tuple[float, Text, Source] | None:
        """The change of the sections that have a class in both years."""
        both = [
            (one.before.judged.code, one.now.judged.code)
            for one in self.sections
            if one.before.judged.code and one.now.judged.code
        ]
        if not both:
            return None
        before, now = zip(*both, strict=True)
        return change_between(shares_of(before), shares_of(now))

    @property
    def compared(self) -> int:
        """Sections with a class in both years."""
        return sum(bool(one.before.judged.code and one.now.judged.code) for one in self.sections)

    @property
    def main_pollutants(self) -> list[tuple[Text, float]]:
        return main_pollutants_of_river([one.now.judged for one in self.sections if one.now.judged.code])


def sections_of(look: Look, found: Sequence[Station]) -> list[Section]:
    """Stations with their values of a period and of the year before, judged."""
    ids = [one.pk for one in found]
    parts = look.parts(list(found))
    targets = classes_binding(ids, "GB 3838", look.period.last)
    measured = list(
        channels(look.viewer).filter(station__in=ids, factor__in=list(section_factors().values()), basis="measured")
    )
    bodies: list[Body] = ["lake" if parts[pk].body == "lake" else "river" for pk in ids]
    aims = [targets.get(pk, USUAL_TARGET) for pk in ids]
    aims = [aim if aim in TARGETS else USUAL_TARGET for aim in aims]
    now, before = (
        _months(_values(measured, ids, period), period, bodies, aims)
        for period in (look.period, look.period.year_before)
    )
    return [
        Section(one, parts[one.pk], one.pk in targets, now[place], before[place]) for place, one in enumerate(found)
    ]


def _values(measured: Sequence[Channel], ids: Sequence[int], period: Period) -> dict[str, Values]:
    """By item, the values of stations (first axis) and days in the units of the standards."""
    if not period.days:
        return {}
    items = {factor: item for item, factor in section_factors().items()}
    places = {pk: place for place, pk in enumerate(ids)}
    kept = day_values([one.pk for one in measured], period.days[0], period.days[-1])
    found: dict[str, Values] = {}
    for one in measured:
        values = kept.get((one.pk, MEAN))
        if values is not None:
            item = items[one.factor]
            several = found.setdefault(item, np.full((len(ids), len(period.days)), np.nan))
            several[places[one.station_id]] = in_unit(values, one, unit_of_item(item))
    return found


def _months(values: dict[str, Values], period: Period, bodies: Sequence[Body], aims: Sequence[str]) -> list[Months]:
    """The months of each station, computed for all of them at once."""
    months = months_within(period.days)
    means = {item: month_means(item, period.days, several)[0] for item, several in values.items()}
    classes = np.full((len(bodies), len(months)), -1, dtype=np.int64)
    for body in set(bodies) if means else ():
        places = [place for place, one in enumerate(bodies) if one == body]
        classes[places] = classes_of({item: several[places] for item, several in means.items()}, body)[0]
    return [
        Months(
            period.days,
            months,
            {item: several[place] for item, several in values.items() if not np.isnan(several[place]).all()},
            {item: several[place] for item, several in means.items() if not np.isnan(several[place]).all()},
            classes[place].tolist(),
            body,
            aims[place],
        )
        for place, body in enumerate(bodies)
    ]


def _basic(values: Mapping[str, float]) -> dict[str, float | None]:
    return {item: value for item, value in values.items() if item in water_items("basic")}


def water_clauses(area: Sequence[Section], period: Period) -> list[Source]:
    """The clauses that the classes of a period apply."""
    found = [
        item_table("basic").source,
        Source("GB 3838-2002", "5.1", Text("单因子评价", "by the worst item")),
        class_source(),
    ]
    (statistics,) = tables_of("water/assessment", "not_detected")
    means = Source(
        statistics.document,
        Text("月均值；pH 按氢离子浓度", "monthly means; pH by hydrogen ions"),
        Text("未核对原文", "not checked against the text"),
    )
    found.append(means)
    if period.part == WHOLE_YEAR:
        found.append(Source("环办〔2011〕22号", Text("年均值为各月均值的平均", "a year is the mean of its months")))
    found += [one.now.trophic[2] for one in area if one.now.trophic]
    return list(dict.fromkeys(found))
