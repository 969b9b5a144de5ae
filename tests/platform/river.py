"""A small river for tests of tracing: two enterprises with outlets above a section, one of which discharges."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
from casefile import LONG_AGO, NINE

HOUR = timedelta(hours=1)
DAYS = 30
CODES = ("91110000802100433B", "91110108551385082Q")


def river(cast: SimpleNamespace, readings: Callable[..., Any]) -> SimpleNamespace:
    """Upper works and lower works, their outlets, the section below both; ammonia of thirty ordinary days."""
    from qingyuan.places.api import apply_standard, enter_reach, register_enterprise, register_station
    from qingyuan.sensing.queries import Channel

    def stand(code: str, kind: str, owner: Any = None) -> tuple[Any, Any]:
        at = register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.06, lat=30.1, enterprise=owner)
        return at, Channel.objects.create(station=at, factor="w21003", basis="measured", unit="mg/L")

    owners = [
        register_enterprise(
            code, lon=100.05, lat=30.1, title_zh=zh, title_en=en, industry_code="2614",
            industry_zh="有机化学原料", industry_en="Organic chemicals", management="key",
        )
        for code, zh, en in zip(CODES, ("上坝化工", "下坝化工"), ("Upper Works", "Lower Works"), strict=True)
    ]  # fmt: skip
    outlets = [stand(code, "outlet-water", owner) for code, owner in zip(("up", "low"), owners, strict=True)]
    section, at_section = stand("section", "surface-water")
    apply_standard(section, standard="GB 3838-2002", level="III", valid_from=LONG_AGO)
    for (outlet, _channel), hours in zip(outlets, (6.0, 2.0), strict=True):
        enter_reach(section, outlet, travel_hours=hours, days=(LONG_AGO, None))
    random = np.random.default_rng(7)

    def ordinary(level: float) -> list[tuple[Any, float]]:
        rows = range(-24 * DAYS, 0)
        return [(NINE + hour * HOUR, float(level * np.exp(0.1 * random.standard_normal()))) for hour in rows]

    for (_outlet, channel), risen in zip(outlets, (range(-8, -3), range(0)), strict=True):
        rows = dict(ordinary(2.0))
        readings(channel, "h", [(at, 12.0 if at in {NINE + n * HOUR for n in risen} else v) for at, v in rows.items()])
    readings(at_section, "h", ordinary(0.4))
    return SimpleNamespace(owners=owners, outlets=outlets, section=section, channel=at_section)


def rise(at: Any, readings: Callable[..., Any]) -> Any:
    """The section exceeds its limit for three hours; answers the fact that a finding opened."""
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.judging.queries import Finding
    from qingyuan.kit import log

    set_watch("exceedance", kind="h", valid_from=LONG_AGO, station_kind="surface-water")
    judge_readings(readings(at.channel, "h", [(NINE + n * HOUR, 1.8) for n in range(3)]))
    found = Finding.objects.get(channel=at.channel)
    line = next(one for one in log.about(f"finding/{found.pk}") if one.act == "FindingOpened")
    return FindingOpened.from_detail(line.detail)
