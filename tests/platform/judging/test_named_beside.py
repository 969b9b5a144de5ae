"""A finding that rests on another channel names it by station and owner, and its page shows the bound as it counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO

from qingyuan.judging.api import judge_span, set_watch
from qingyuan.judging.queries import Finding
from qingyuan.places.api import register_station
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
MIDNIGHT = datetime(2026, 7, 31, 16, tzinfo=UTC)  # in Shanghai
HOUR = timedelta(hours=1)
PAST_DAYS = 61


def test_a_copy_names_the_station_and_the_enterprise_that_it_follows(
    channel: Any, enterprise: Any, readings: Callable[..., Any]
) -> None:
    second = register_station(
        "outlet-2", title_zh="东江水务二期排口", title_en="East Water outlet, phase 2", kind="outlet-water",
        lon=100.06, lat=30.1, enterprise=enterprise,
    )  # fmt: skip
    other = Channel.objects.create(station=second, factor="w01018", basis="measured", unit="mg/L")
    random, size = np.random.default_rng(3), 24 * (PAST_DAYS + 1)
    first, copied = (np.round(30.0 + random.normal(0.0, 3.0, size), 2) for _ in range(2))
    first[-24:] = np.round(0.6 * copied[-24:] + 5.0, 2)
    for one, values in ((channel, first), (other, copied)):
        times = (MIDNIGHT + HOUR * (hour - 24 * PAST_DAYS) for hour in range(size))
        readings(one, "h", list(zip(times, values.tolist(), strict=True)))
    set_watch("copied_channel", kind="h", valid_from=LONG_AGO)
    judge_span(MIDNIGHT, MIDNIGHT + 24 * HOUR)
    found = Finding.objects.get(channel=channel)
    assert "数据与东江水务二期排口（东江水务有限公司）COD 亦步亦趋" in found.sentence_zh
    assert "follow those of COD at East Water outlet, phase 2 (East Water Ltd) step by step" in found.sentence_en
