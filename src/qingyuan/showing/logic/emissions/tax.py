"""The environmental tax that the automatic data of an enterprise come to, month by month of a quarter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.queries import Station
from qingyuan.recording.queries import CARRIERS
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.emissions.reductions import Kept as KeptLimits
from qingyuan.showing.logic.emissions.reductions import kept_in, none_exceeds
from qingyuan.showing.logic.emissions.substitutes import PutIn, put_in
from qingyuan.showing.logic.emissions.sums import Kept, Sums, contents_of, flow_beside, medium_of
from qingyuan.showing.logic.environment.asked import Period
from qingyuan_science import calc
from qingyuan_science.plugins import Source
from qingyuan_science.standards.errors import StandardsError
from qingyuan_science.standards.tax.equivalents import pollutant
from qingyuan_science.standards.tax.rates import (
    any_outlet_source,
    automatic_data_source,
    checked_rate,
    in_fen,
    reduction_source,
)

MEDIUMS = ("water", "air")
MEDIUM = {"water": "water", "gas": "air"}
DIGITS = 6  # of a kilogram

calc.load()


@dataclass(frozen=True)
class Rate:
    """A rate of the tax [CNY per equivalent]; `since` when the district set it holds, None where it is tried out."""

    value: float
    since: date | None


@dataclass(frozen=True)
class Item:
    """A pollutant of an outlet in a month: what was measured, what stands in, its equivalents and the tax on it."""

    channel: Channel
    sums: Sums
    put_in: float
    limit: KeptLimits | None
    equivalents: float | None = None
    equivalent_value: float | None = None
    taxed: bool = False
    taxed_share: float | None = None
    tax: float | None = None

    @property
    def medium(self) -> str:
        """As the law calls it: water or air."""
        return MEDIUM[medium_of(self.channel)]

    @property
    def amount(self) -> float | None:
        """What the tax goes by [kg]; None where nothing is known."""
        if self.sums.amount is None and not self.put_in:
            return None
        return round((self.sums.amount or 0.0) + self.put_in, DIGITS)


@dataclass(frozen=True)
class OutletTax:
    """What the pollutants of an outlet come to in a month; `tax` is None where no rate is known."""

    station: Station
    medium: str
    items: list[Item]
    tax: float | None


@dataclass(frozen=True)
class MonthTax:
    """A month: its outlets, the question that was asked of the calculation, and whether every limit was kept."""

    month: date
    until: date
    outlets: list[OutletTax]
    question: dict[str, Any] | None
    kept: bool
    tax: float | None
    sources: list[Source]


@dataclass(frozen=True)
class Statement:
    """A quarter of an enterprise."""

    months: list[MonthTax]
    rates: Mapping[str, Rate]
    filled: dict[int, PutIn]
    untaxed: list[Channel]
    sources: list[Source] = field(default_factory=list)

    @property
    def tax(self) -> float | None:
        """The sum of its months; None as soon as one of them is not known."""
        known = [one.tax for one in self.months]
        return None if not known or None in known else in_fen(math.fsum(one for one in known if one is not None))


def rates_asked(query: QueryDict, on: date) -> dict[str, Rate]:
    """The rates that hold on a day: those that the address tries out, else those that the district has set."""
    found: dict[str, Rate] = {}
    for medium in MEDIUMS:
        tried = query.get(f"{medium}_rate", "").strip()
        rate = Rate(_number(tried, f"{medium}_rate"), None) if tried else _set(medium, on)
        if rate is not None:
            try:
                checked_rate(medium, rate.value)
            except StandardsError as error:
                message = _("Found a rate of %(found)s CNY, expected one inside the band of the law (annex 1).")
                raise BadInput(message % {"found": rate.value}, f"{medium}_rate") from error
            found[medium] = rate
    return found


def _number(text: str, field_name: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not math.isfinite(found):
        raise BadInput(_("Found “%(found)s”, expected a number.") % {"found": text[:20]}, field_name)
    return found


def _set(medium: str, on: date) -> Rate | None:
    """The newest rate that the district set for a day or before."""
    since = max((day for day, rates in settings.TAX_RATES.items() if day <= on and medium in rates), default=None)
    return None if since is None else Rate(settings.TAX_RATES[since][medium], since)


def statement(viewer: User, outlets: Sequence[Station], period: Period, rates: Mapping[str, Rate]) -> Statement:
    """What the outlets of an enterprise come to in a quarter, as far as it is over."""
    contents = contents_of(viewer, outlets)
    named = [one for one in contents if _is_named(one)]
    measured = list(channels(viewer).filter(station__in=outlets, station__kind__in=CARRIERS))
    pairs = [(one, flow_beside(one, measured)) for one in named]
    filled = put_in(pairs, period.first, period.until, period.today)
    quarter = _Quarter(named, measured, Kept.read(named, period.first, period.until), filled, rates)
    months = [quarter.month(days) for days in _months(period)]
    untaxed = [one for one in contents if one not in named]
    return Statement(months, rates, filled, untaxed, _sources(months, filled))


def _is_named(channel: Channel) -> bool:
    """Whether the law gives the factor an equivalent."""
    try:
        pollutant(channel.factor, MEDIUM[medium_of(channel)])
    except StandardsError:
        return False
    return True


def _months(period: Period) -> list[tuple[date, date]]:
    """First and last day of each month that has begun, as far as it is over."""
    found = []
    for number in range(period.months[0], period.months[1] + 1):
        first = date(period.year, number, 1)
        after = date(period.year + number // 12, number % 12 + 1, 1)
        if first <= period.until:
            found.append((first, min(after - timedelta(days=1), period.until)))
    return found


@dataclass(frozen=True)
class _Quarter:
    """What is known of a quarter: pollutants that the law names, everything measured, sums, what is put in, rates."""

    named: Sequence[Channel]
    measured: Sequence[Channel]
    kept: Kept
    filled: dict[int, PutIn]
    rates: Mapping[str, Rate]

    def month(self, days: tuple[date, date]) -> MonthTax:
        """A month, asked of the calculation as far as rates are known."""
        limits = kept_in(self.measured, *days)
        stations = {one.station_id: one.station for one in self.named}
        all_kept = none_exceeds(limits)
        items: dict[int, list[Item]] = {station: [] for station in stations}
        for one in self.named:
            own, beside = limits.get((one.station_id, one.factor)), self.filled[one.pk].between(*days)
            items[one.station_id].append(Item(one, self.kept.between(one, *days), beside, own))
        question = _question(items, self.rates, all_kept=all_kept)
        answer = calc.answer("environmental_tax", question) if question["outlets"] else None
        written = {} if answer is None else {one["outlet"]: one for one in answer.result["outlets"]}
        outlets = [_outlet(stations[station], several, written, self.rates) for station, several in items.items()]
        known = [one.tax for one in outlets]
        total = None if None in known else in_fen(math.fsum(one for one in known if one is not None))
        sources = list(answer.clauses) if answer else []
        return MonthTax(*days, outlets, question if answer else None, all_kept, total, sources)


def _question(items: Mapping[int, Sequence[Item]], rates: Mapping[str, Rate], *, all_kept: bool) -> dict[str, Any]:
    """What the calculation is asked for a month: the outlets of the mediums of which a rate is known."""
    rows = [
        {
            "outlet": one.channel.station.code,
            "medium": one.medium,
            "pollutant": one.channel.factor,
            "amount": one.amount,
            "kept": all_kept,
            **({"below": one.limit.below} if one.limit and one.limit.below is not None else {}),
        }
        for several in items.values()
        for one in several
        if one.amount is not None and one.medium in rates
    ]
    return {"outlets": rows, **{f"{medium}_rate": rate.value for medium, rate in rates.items()}}


def _outlet(
    station: Station, items: Sequence[Item], written: Mapping[str, Any], rates: Mapping[str, Rate]
) -> OutletTax:
    """An outlet with what the calculation said of it; without a rate its equivalents alone."""
    medium = items[0].medium
    amounts = {one.channel.factor: one.amount for one in items if one.amount is not None}
    if station.code in written:
        answered, tax = written[station.code]["items"], written[station.code]["tax"]
    elif amounts:
        asked = {"medium": medium, "amounts": amounts}
        answered, tax = calc.answer("pollutant_equivalents", asked).result["items"], None
    else:
        answered, tax = [], 0.0 if medium in rates else None
    by_name = {one["item"]: one for one in answered}
    told = [_with(one, by_name.get(pollutant(one.channel.factor, medium).name.en)) for one in items]
    return OutletTax(station, medium, sorted(told, key=lambda one: -(one.equivalents or 0.0)), tax)


def _with(item: Item, row: Mapping[str, Any] | None) -> Item:
    if row is None:
        return item
    return replace(
        item,
        equivalents=row["equivalents"],
        equivalent_value=row["equivalent_value"],
        taxed=row["taxed"],
        taxed_share=row.get("taxed_share"),
        tax=row.get("tax"),
    )


def _sources(months: Sequence[MonthTax], filled: Mapping[int, PutIn]) -> list[Source]:
    """Every clause that the statement rests on, each once."""
    found = [source for one in months for source in one.sources]
    found += [automatic_data_source(), *(source for one in filled.values() for source in one.sources)]
    mediums = {outlet.medium for one in months for outlet in one.outlets}
    found += [reduction_source(medium) for medium in MEDIUMS if medium in mediums]
    return list(dict.fromkeys([*found, any_outlet_source()]))
