"""Where something at an air station came from: the known sources around it, by the wind of the rise."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE, OFFICE

from qingyuan.judging.queries import Finding
from qingyuan.places.api import register_enterprise, register_station
from qingyuan.sensing.queries import Channel
from qingyuan.tracing.api import trace_again

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MEASURED = {"a34002": "μg/m3", "a01007": "m/s", "a01008": "°"}  # PM10, wind speed and direction
EAST, WEST, FAR = "91500000TEST000021", "91500000TEST000022", "91500000TEST000023"


def test_in_an_easterly_wind_the_works_to_the_east_comes_before_the_one_to_the_west(
    cast: SimpleNamespace, readings: Callable[..., Any], trace_rules: Any
) -> None:
    air = register_station("air", title_zh="空气站", title_en="Air", kind="ambient-air", lon=100.06, lat=30.1)
    for code, lon in ((EAST, 100.09), (WEST, 100.03), (FAR, 100.3)):
        firm = register_enterprise(
            code, lon=lon, lat=30.1, title_zh=code, title_en=code, industry_code="3021", industry_zh="水泥制品",
            industry_en="Cement products", management="key",
        )  # fmt: skip
        register_station(f"of-{code}", title_zh=code, title_en=code, kind="outlet-gas", lon=lon, lat=30.1,
                         enterprise=firm)  # fmt: skip
    channels = {
        factor: Channel.objects.create(station=air, factor=factor, basis="measured", unit=unit)
        for factor, unit in MEASURED.items()
    }
    for factor, ordinary, risen in (("a34002", 40.0, 240.0), ("a01007", 3.0, 3.0), ("a01008", 90.0, 90.0)):
        hours = [(NINE + n * HOUR, risen if n >= 0 else ordinary) for n in range(-720, 3)]
        readings(channels[factor], "h", hours)
    found = Finding.objects.create(
        detector="exceedance", cause="over", station=air, channel=channels["a34002"], kind="h", severity=2,
        started_at=NINE, ended_at=NINE + 3 * HOUR, opened_at=NINE, peak=240.0, unit="μg/m3", times_over=0.6,
        confidence=1.0, title_zh="超标", title_en="Over", sentence_zh="超标", sentence_en="Over",
    )  # fmt: skip
    suspects = list(trace_again(found.pk, cast.analyst, OFFICE).suspects.all())
    assert [one.source for one in suspects] == [f"enterprise:{EAST}", f"enterprise:{WEST}"]
    assert suspects[0].probability > 0.5 > suspects[1].probability
    assert "at 90° and the wind came mostly from 90° at 3.0 m/s" in next(
        item["en"] for item in suspects[0].evidence if item["code"] == "wind"
    )
