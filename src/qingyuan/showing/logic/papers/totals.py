"""What outlets emitted so far in the year, against what their permits allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import PermitTotal, StationKind
from qingyuan.recording.queries import windows
from qingyuan.sensing.queries import Channel
from qingyuan_science.series import Series
from qingyuan_science.standards.emission.loads import load_of
from qingyuan_science.standards.factors import EXHAUST_FLOW, WASTEWATER_FLOW
from qingyuan_science.units import UnitError, convert

FLOW = {StationKind.OUTLET_WATER.value: WASTEWATER_FLOW, StationKind.OUTLET_GAS.value: EXHAUST_FLOW}
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SoFar:
    """Mass since New Year, how many of the days are known wherever it is measured, and the share of the total."""

    kilograms: float | None
    days: int
    of_days: int
    share: float | None


def so_far(totals: Iterable[PermitTotal], now: datetime) -> dict[int, SoFar]:
    """By the number of the total, from day means of concentration (as measured) and flow; two queries for readings."""
    wanted = list(totals)
    owners = {one.permit.enterprise_id for one in wanted}
    local = now.astimezone(SHANGHAI)
    year = local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    needed = {*FLOW.values(), *(one.factor for one in wanted)}
    rows = Channel.objects.filter(
        station__enterprise__in=owners, station__kind__in=FLOW, factor__in=needed, basis="measured"
    ).select_related("station")
    channels = {(one.station_id, one.factor): one for one in rows}
    means = _day_means([one.pk for one in channels.values()], year, now)
    elapsed = (local - year) // A_DAY
    return {one.pk: _of(one, channels, means, elapsed) for one in wanted}


def _of(
    total: PermitTotal, channels: dict[tuple[int, str], Channel], means: dict[int, dict[int, float]], elapsed: int
) -> SoFar:
    at_outlets = [
        (one, channels.get((one.station_id, FLOW[one.station.kind])))
        for (station, factor), one in channels.items()
        if factor == total.factor
        and one.station.enterprise_id == total.permit.enterprise_id
        and total.station_id in (None, station)
    ]
    loads = [_load(content, flow, means) for content, flow in at_outlets if flow is not None]
    if not at_outlets or len(loads) < len(at_outlets):
        return SoFar(None, 0, elapsed, None)
    mass = sum(one for one, _days in loads)
    return SoFar(mass, min(days for _one, days in loads), elapsed, mass / total.kilograms)


def _load(content: Channel, flow: Channel, means: dict[int, dict[int, float]]) -> tuple[float, int]:
    medium: Any = "water" if content.station.kind == StationKind.OUTLET_WATER else "gas"
    unit = "mg/L" if medium == "water" else "mg/m3"
    try:
        by_unit, by_flow = convert(1.0, content.unit, unit), 24.0 * convert(1.0, flow.unit, "m3/h")
    except UnitError:
        return 0.0, 0
    flows = means[flow.pk]
    parts = [(value * by_unit, flows[at] * by_flow) for at, value in means[content.pk].items() if at in flows]
    load = load_of(parts, medium)
    return load.mass, load.measured


def _day_means(ids: list[int], start: datetime, end: datetime) -> dict[int, dict[int, float]]:
    """Valid day means by instant; what was sent goes before what was computed."""
    sent, computed = (windows(ids, kind, start, end) for kind in ("d", "D"))
    return {one: _valid(computed[one]) | _valid(sent[one]) for one in ids}


def _valid(series: Series) -> dict[int, float]:
    kept = series.valid & np.isfinite(series.value)
    return dict(zip(series.at[kept].tolist(), series.value[kept].tolist(), strict=True))
