"""What outlets emitted so far in the year, against what their permits allow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import PermitTotal
from qingyuan.recording.queries import AMOUNT, CARRIERS
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.emissions.sums import Kept, makes_mass


@dataclass(frozen=True)
class SoFar:
    """Mass since New Year, how many of the days are known wherever it is measured, and the share of the total."""

    kilograms: float | None
    days: int
    of_days: int
    share: float | None


def so_far(totals: Iterable[PermitTotal], now: datetime) -> dict[int, SoFar]:
    """By the number of the total, from the kept sums of days; two queries."""
    wanted = list(totals)
    owners, factors = {one.permit.enterprise_id for one in wanted}, {one.factor for one in wanted}
    rows = Channel.objects.filter(
        station__enterprise__in=owners, station__kind__in=CARRIERS, factor__in=factors, basis="measured"
    ).select_related("station")
    measured = [one for one in rows if makes_mass(one)]
    today = now.astimezone(SHANGHAI).date()
    kept = Kept.read(measured, date(today.year, 1, 1), today - timedelta(days=1))
    return {one.pk: _of(one, measured, kept) for one in wanted}


def _of(total: PermitTotal, measured: Sequence[Channel], kept: Kept) -> SoFar:
    outlets = [
        one
        for one in measured
        if one.factor == total.factor
        and one.station.enterprise_id == total.permit.enterprise_id
        and total.station_id in (None, one.station_id)
    ]
    masses = [kept.of(one, AMOUNT) for one in outlets]
    days = min((int((~np.isnan(mass)).sum()) for mass in masses), default=0)
    if not days:
        return SoFar(None, 0, kept.count, None)
    kilograms = float(sum(np.nansum(mass) for mass in masses))
    return SoFar(kilograms, days, kept.count, kilograms / total.kilograms)
