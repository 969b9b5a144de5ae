"""What every enterprise emitted of each pollutant, beside its permit and the year before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from qingyuan.places.queries import Enterprise, PermitTotal, Station, permit_totals, stations
from qingyuan.recording.queries import CARRIERS
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.sums import Kept, Sums, contents_of, medium_of, total_of
from qingyuan.showing.logic.environment.asked import Look
from qingyuan_science.calc.topics.emission_load import EmissionLoad
from qingyuan_science.standards.emission.loads import Medium

ENOUGH_KNOWN = 0.5  # share of the hours that two times must both have before they are compared
LOAD_SOURCE = EmissionLoad.source


@dataclass(frozen=True)
class Emitted:
    """One pollutant of an enterprise, of one outlet, or of an outlet that belongs to nobody.

    `year` is the calendar year up to the end of the period, `total` what the permit allows in it [kg].
    """

    place: Enterprise | Station
    contents: list[Channel]
    now: Sums
    before: Sums
    year: Sums
    total: float | None

    @property
    def factor(self) -> str:
        return self.contents[0].factor

    @property
    def medium(self) -> Medium:
        return medium_of(self.contents[0])

    @property
    def used(self) -> float | None:
        """Share of the permit's total of the year that is used [1]."""
        return None if not self.total or self.year.amount is None else self.year.amount / self.total

    @property
    def change(self) -> float | None:
        """Change of the mean load against the same days of the year before [1]; None where too little is known."""
        shares = (self.now.share, self.before.share)
        if (
            not self.before.a_day
            or self.now.a_day is None
            or any(one is not None and one < ENOUGH_KNOWN for one in shares)
        ):
            return None
        return self.now.a_day / self.before.a_day - 1.0


def outlets_in(look: Look) -> list[Station]:
    """Outlets of the area: those whose enterprise stands in it, so that no enterprise is cut in two."""
    found = stations(look.viewer).filter(kind__in=CARRIERS).select_related("enterprise")
    if look.area:
        path = look.area.path
        inside = Q(enterprise__cell__path=path) | Q(enterprise__cell__path__startswith=f"{path}/")
        alone = Q(cell__path=path) | Q(cell__path__startswith=f"{path}/")
        found = found.filter(inside | (Q(enterprise=None) & alone))
    return list(found)


def by_enterprise(look: Look, found: Sequence[Station]) -> list[Emitted]:
    """One row for each enterprise, pollutant and medium; outlets that belong to nobody stand for themselves."""
    return _rows(look, contents_of(look.viewer, found), whole=True)


def by_outlet(look: Look, found: Sequence[Station]) -> list[Emitted]:
    """One row for each outlet and pollutant."""
    return _rows(look, contents_of(look.viewer, found), whole=False)


def _rows(look: Look, contents: Sequence[Channel], *, whole: bool) -> list[Emitted]:
    period, before = look.period, look.period.year_before
    new_year = date(period.year, 1, 1)
    kept = Kept.read(contents, before.first, period.until)
    grouped: dict[tuple[bool, int, str], list[Channel]] = defaultdict(list)
    for one in contents:
        owner = one.station.enterprise if whole else None
        grouped[owner is not None, one.station_id if owner is None else owner.pk, one.factor].append(one)
    totals = _totals(look, contents)
    return [
        Emitted(
            (several[0].station.enterprise if owned else None) or several[0].station,
            several,
            total_of(kept.over(one, period) for one in several),
            total_of(kept.over(one, before) for one in several),
            total_of(kept.between(one, new_year, period.until) for one in several),
            _total(totals, several, whole=owned),
        )
        for (owned, _number, _factor), several in grouped.items()
    ]


def _totals(look: Look, contents: Iterable[Channel]) -> dict[tuple[int, str], list[PermitTotal]]:
    """Totals of the permits in force at the end of the period, by enterprise and factor."""
    owners = {one.station.enterprise_id for one in contents if one.station.enterprise_id}
    on = max(look.period.until, look.period.first)
    found: dict[tuple[int, str], list[PermitTotal]] = defaultdict(list)
    for one in permit_totals(owners):
        if one.permit.holds(on, look.now):
            found[one.permit.enterprise_id, one.factor].append(one)
    return found


def _total(
    totals: dict[tuple[int, str], list[PermitTotal]], several: Collection[Channel], *, whole: bool
) -> float | None:
    """What the permit allows these outlets in a year [kg]: of all of the enterprise, or of every one of them."""
    first = next(iter(several))
    held = totals.get((first.station.enterprise_id or 0, first.factor), [])
    of_all = [one.kilograms for one in held if one.station_id is None]
    if whole and of_all:
        return of_all[0]
    own = {one.station_id: one.kilograms for one in held if one.station_id is not None}
    here = [own.get(one.station_id) for one in several]
    return sum(one for one in here if one is not None) if here and None not in here else None
