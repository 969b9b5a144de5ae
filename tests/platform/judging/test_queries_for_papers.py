"""What is read of papers and weather for many channels at once."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from dataclasses import replace
from types import SimpleNamespace

import pytest
from casefile import LONG_AGO
from django.db import connection
from django.test.utils import CaptureQueriesContext
from paper_mill import MIDNIGHT, THAT_DAY, Readings, _joined, hours, later, mill, permit, warned  # noqa: F401 fixtures

from qingyuan.judging.api import (
    set_watch,
    try_out,
)
from qingyuan.judging.logic.passes import passes
from qingyuan.judging.logic.seeing import context
from qingyuan.judging.logic.surroundings import fetch
from qingyuan.judging.logic.watching import over
from qingyuan.judging.rules import Rulebook
from qingyuan.places.api import (
    OwnLimit,
    OwnTotal,
    Pledge,
    enter_plan,
    register_station,
)
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db


def test_more_channels_take_no_more_queries_for_papers(warned: SimpleNamespace, readings: Readings) -> None:
    enter_plan(warned.owner, days=(LONG_AGO, None), pledges=[Pledge("orange", 1.0)])
    permit(warned, totals=[OwnTotal("w01018", 1.0)], limits=[OwnLimit(warned.outlet, "w01018", "hour", 40.0, "mg/L")])
    for detector in ("ordered_stop", "annual_total", "upstream_balance", "complaint_cluster", "exceedance"):
        set_watch(detector, kind="h", valid_from=LONG_AGO)
    every = [warned.cod, warned.flow, warned.power, warned.fan_power]
    for one in every:
        readings(one, "h", hours(lambda hour: 10.0 + hour % 5))
    spent = []
    for count in (2, 4):
        with CaptureQueriesContext(connection) as asked:
            for detector in ("emergency_cut", "ordered_stop", "annual_total", "exceedance"):
                try_out(detector, {}, kind="h", channels=_joined(every[:count]), span=THAT_DAY)
        spent.append(len(asked) - 1)
    assert spent[0] == spent[1]


def test_the_weather_comes_from_the_nearest_station_that_has_any(mill: SimpleNamespace, readings: Readings) -> None:
    near, far, away = (
        register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=lon, lat=30.1)
        for code, lon in (("near", 100.1), ("far", 100.15), ("away", 100.39))
    )
    for station, value in ((near, 3.0), (far, 5.0), (away, 7.0)):
        wind = Channel.objects.create(station=station, factor="a01007", unit="m/s")
        readings(wind, "h", [(MIDNIGHT, value)])
    (look,) = over([mill.cod.pk], *THAT_DAY, _book("missing_data"))
    taking = [replace(one, takes=frozenset({"weather"})) for one in passes(look)]
    seen = context(taking[0], fetch(taking))
    assert {code: list(series.value) for code, series in seen.weather.items()} == {"a01007": [3.0]}
    Channel.objects.exclude(station=away).filter(factor="a01007").delete()
    assert not context(taking[0], fetch(taking)).weather, "30 km away is too far"


def _book(detector: str) -> Rulebook:
    return Rulebook([set_watch(detector, kind="h", valid_from=LONG_AGO)], [])
