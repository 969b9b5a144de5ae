"""What enterprises disclosed, beside what the platform knows of the same year."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qingyuan.judging.fact import Asked, Link
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Disclosure, Station, disclosures_of, known_now
from qingyuan.recording.queries import AMOUNT, CARRIERS, day_values
from qingyuan.sensing.queries import Channel
from qingyuan_science.plugins import Text

NOTHING = Text("平台没有登记环境信息披露", "no disclosure on file")


@dataclass(frozen=True)
class Amount:
    """What was declared of a factor and what was measured in the same year, at the same outlet or at all. [kg]

    `of` is the disclosure. `measured` is None where nothing is known; it adds up the days that are known only, so it is
    a lower bound.
    """

    of: Disclosure
    year: int
    factor: str
    station: Station | None
    declared: float
    measured: float | None
    days: int
    outlets: tuple[Station, ...]


def newest(asked: Asked) -> dict[int, Disclosure]:
    """The newest disclosure of each enterprise that was known and whose year had begun by the end of the time."""

    def fetch() -> dict[int, Disclosure]:
        last = asked.end.astimezone(SHANGHAI).year
        rows = known_now(disclosures_of(asked.enterprises)).filter(year__lte=last).order_by("enterprise_id", "-year")
        found = (
            rows.distinct("enterprise_id")
            .select_related("enterprise")
            .prefetch_related("amounts__station", "penalties")
        )
        return {one.enterprise_id: one for one in found}

    held: dict[int, Disclosure] = asked.once("disclosures", fetch)
    return held


def amounts(asked: Asked) -> dict[int, list[Amount]]:
    """Every declared amount of the newest disclosure beside what was measured."""

    def fetch() -> dict[int, list[Amount]]:
        return {one: _beside(row) for one, row in _read(asked).items()}

    held: dict[int, list[Amount]] = asked.once("disclosed amounts", fetch)
    return held


def link_to_disclosure(row: Disclosure) -> Link:
    """The disclosures of its enterprise."""
    return Link.to_papers(row.enterprise, "disclosures", Text(f"{row.year} 年披露", f"disclosure of {row.year}"))


@dataclass(frozen=True)
class _Year:
    row: Disclosure
    channels: list[Channel]
    masses: dict[int, np.ndarray]


def _read(asked: Asked) -> dict[int, _Year]:
    held = newest(asked)
    factors = {each.factor for row in held.values() for each in row.amounts.all()}
    channels: dict[int, list[Channel]] = {one: [] for one in held}
    rows = Channel.objects.filter(
        station__enterprise__in=held, station__kind__in=CARRIERS, factor__in=factors, basis="measured"
    )
    for one in rows.select_related("station").order_by("station__code"):
        channels[one.station.enterprise_id or 0].append(one)
    masses: dict[int, np.ndarray] = {}
    for year in {row.year for row in held.values()}:
        own = [each.pk for one, row in held.items() if row.year == year for each in channels[one]]
        read = day_values(own, date(year, 1, 1), date(year, 12, 31), [AMOUNT])
        masses |= {channel: values for (channel, _statistic), values in read.items()}
    return {one: _Year(row, channels[one], masses) for one, row in held.items()}


def _beside(year: _Year) -> list[Amount]:
    found = []
    for one in year.row.amounts.all():
        own = [
            each for each in year.channels
            if each.factor == one.factor and one.station_id in (None, each.station_id) and each.pk in year.masses
        ]  # fmt: skip
        known = [year.masses[each.pk] for each in own]
        days = max((int(np.isfinite(mass).sum()) for mass in known), default=0)
        measured = float(sum(np.nansum(mass) for mass in known)) if days else None
        outlets = tuple(each.station for each in own)
        found.append(Amount(year.row, year.row.year, one.factor, one.station, one.kilograms, measured, days, outlets))
    return found
