"""Two people of one organisation who import tables with the same titles at once: each has the own stations."""

from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import connection

from qingyuan.places.api import register_station
from qingyuan.recording.api import confirm_import, lay_out_import, start_import, undo_import
from qingyuan.recording.logic import imports
from qingyuan.recording.queries import Import
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db(transaction=True)
TABLE = "时间,COD\n2026-11-22 08:00,{value}\n"
LAYOUT = {"time": "时间", "period": "h", "columns": '{"COD": {"name": "w01018", "unit": "mg/L"}}'}


def test_each_import_has_its_own_stations(
    station: Any, enterprise: Any, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_station(
        "outlet-2", title_zh="二号排口", title_en="Second outlet", kind="outlet-water", lon=100.05, lat=30.1,
        enterprise=enterprise,
    )  # fmt: skip
    drafts = {}
    for code, value in ((station.code, 41), ("outlet-2", 42)):
        drafts[code] = start_import(cast.analyst, "月报.csv", TABLE.format(value=value).encode())
        lay_out_import(drafts[code].pk, cast.analyst, {**LAYOUT, "at": code})
    reached, done, take_in, made = Event(), Event(), imports.take_in, {}

    def waits(*given: Any, **named: Any) -> Import:
        if not reached.is_set():  # the first one waits until the second is through, or cannot be
            reached.set()
            done.wait(1.0)
        return take_in(*given, **named)

    def second() -> None:
        reached.wait(10)
        try:
            made["outlet-2"] = confirm_import(drafts["outlet-2"].pk, cast.analyst, OFFICE)
        finally:
            done.set()
            connection.close()

    monkeypatch.setattr(imports, "take_in", waits)
    other = Thread(target=second)
    other.start()
    made[station.code] = confirm_import(drafts[station.code].pk, cast.analyst, OFFICE)
    other.join(20)
    assert {code: (one.new, one.fault_counts) for code, one in made.items()} == {
        station.code: (1, {}), "outlet-2": (1, {}),
    }  # fmt: skip
    assert {one.station.code for one in Channel.objects.select_related("station")} == {station.code, "outlet-2"}
    assert undo_import(made[station.code].pk, cast.analyst, "wrong", OFFICE).removed == 1
    assert undo_import(made["outlet-2"].pk, cast.analyst, "wrong", OFFICE).removed == 1
