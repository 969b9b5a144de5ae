"""The fixed cast and the small town that platform tests play in."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from certified import certificate  # noqa: F401 a fixture
from database import readings_of_this_test, tables_are_emptied_row_by_row  # noqa: F401 fixtures
from django.db.backends.postgresql.psycopg_any import DateRange
from shapely.geometry import box
from terminal import terminals  # noqa: F401 a fixture

TOWN_DAY = date(2020, 1, 1)
ROLES = {
    "duty_officer": "duty_officer",
    "analyst": "analyst",
    "grid_worker": "grid_worker",
    "other_grid_worker": "grid_worker",
    "handler": "department_handler",
    "supervisor": "supervisor",
    "leader": "leader",
    "officer": "enforcement_officer",
    "administrator": "administrator",
    "enterprise": "enterprise",
    "other_enterprise": "enterprise",
}


@pytest.fixture
def grid(db: None) -> SimpleNamespace:
    """A district of two towns with two communities each."""
    from qingyuan.places import api

    def cell(path: str, shape: Any, zh: str, en: str) -> Any:
        code = f"T{path.replace('/', '')}"
        label = (shape.centroid.x, shape.centroid.y)
        return api.draw_cell(code, path=path, title_zh=zh, title_en=en, shape=shape, label=label)

    return SimpleNamespace(
        district=cell("01", box(100, 30, 100.4, 30.2), "试验区", "Test District"),
        town=cell("01/01", box(100, 30, 100.2, 30.2), "东镇", "East Town"),
        other_town=cell("01/02", box(100.2, 30, 100.4, 30.2), "西镇", "West Town"),
        community=cell("01/01/01", box(100, 30, 100.1, 30.2), "东一村", "East One"),
        next_community=cell("01/01/02", box(100.1, 30, 100.2, 30.2), "东二村", "East Two"),
        other_community=cell("01/02/01", box(100.2, 30, 100.4, 30.2), "西一村", "West One"),
    )


@pytest.fixture
def cast(grid: SimpleNamespace) -> SimpleNamespace:
    """One person of each role; the grid worker answers for East Town, the other one for West Town."""
    from qingyuan.people.api import register_organisation, register_person
    from qingyuan.places.api import post_person

    bureau = register_organisation("bureau", title_zh="试验区生态环境局", title_en="Test Bureau", kind="bureau")
    works = register_organisation("works", title_zh="东江水务", title_en="East Water", kind="enterprise")
    mill = register_organisation("mill", title_zh="西山纸业", title_en="West Paper", kind="enterprise")
    department = register_organisation("department", title_zh="城市管理局", title_en="City Works", kind="department")
    homes = {"enterprise": works, "other_enterprise": mill, "handler": department}
    people = {
        name: register_person(
            name,
            name_zh=f"{name}甲",
            name_en=name.title(),
            role=role,
            organisation=homes.get(name, bureau),
            password="x",
        )
        for name, role in ROLES.items()
    }
    post_person(people["grid_worker"], grid.town, valid_from=TOWN_DAY)
    post_person(people["other_grid_worker"], grid.other_town, valid_from=TOWN_DAY)
    return SimpleNamespace(**people)


@pytest.fixture
def enterprise(cast: SimpleNamespace) -> Any:
    """The water works of East Town."""
    from qingyuan.places.api import register_enterprise

    return register_enterprise(
        "91500000TEST000001", lon=100.05, lat=30.1, organisation=cast.enterprise.organisation,
        title_zh="东江水务有限公司", title_en="East Water Ltd", industry_code="4620",
        industry_zh="污水处理", industry_en="Sewage treatment", management="key",
    )  # fmt: skip


@pytest.fixture
def station(enterprise: Any) -> Any:
    """The works' outlet, bound to class 1A of GB 18918-2002."""
    from qingyuan.places.api import apply_standard, register_station

    station = register_station(
        "outlet-1", title_zh="东江水务总排口", title_en="East Water outlet", kind="outlet-water",
        lon=100.05, lat=30.1, enterprise=enterprise,
    )  # fmt: skip
    apply_standard(station, standard="GB 18918-2002", level="1A", valid_from=TOWN_DAY)
    return station


@pytest.fixture
def device(station: Any) -> Any:
    """The outlet's data logger."""
    from qingyuan.sensing.api import define_dialect, register_device
    from qingyuan_science.hj212 import STANDARD

    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    return register_device("T" * 24, station=station, password="123456")


@pytest.fixture
def channel(station: Any) -> Any:
    """COD at the outlet."""
    from qingyuan.sensing.queries import Channel

    return Channel.objects.create(station=station, factor="w01018", basis="measured", unit="mg/L")


@pytest.fixture
def forecast_rule(db: None) -> Any:
    """Every channel with a limit is forecast, as an installation begins; tests that commit empty that table."""
    from qingyuan.forecasting.api import set_forecast_rule
    from qingyuan.forecasting.models import ForecastRule

    ForecastRule.objects.all().delete()
    return set_forecast_rule("lagged", chance=0.5, within_hours=6, valid_from=TOWN_DAY)


@pytest.fixture
def trace_rules(db: None) -> Any:
    """Sources are sought as an installation begins; tests that commit empty that table."""
    from qingyuan.tracing.models import TraceRule

    TraceRule.objects.all().delete()
    for kind, tracer in (("surface-water", "upstream"), ("ambient-air", "upwind")):
        TraceRule.objects.create(
            station_kind=kind, detector="exceedance", tracer=tracer, valid=DateRange(TOWN_DAY, None)
        )
    return TraceRule.objects.all()


@pytest.fixture
def taken_up() -> Callable[[str], None]:
    """Let a handler of the loop take up the lines that wait for it, as the worker does, whatever time it is."""
    from qingyuan.kit import clock, delivery
    from qingyuan.kit.models import Subscription

    def take_up(handler: str) -> None:
        Subscription.objects.filter(handler=handler).update(retry_at=clock.now())
        while delivery.step(handler) is delivery.Step.SOME:
            pass

    return take_up


@pytest.fixture
def readings() -> Callable[..., Any]:
    """Append readings of a channel by the door that the gateway uses, and keep the newest, as the loop does.

    Answers the event that the rest of the loop would get.
    """
    from qingyuan.recording.api import append, keep_latest
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.sensing.api import Rows
    from qingyuan.sensing.logic.raw import segments

    def put(channel: Any, kind: str, values: Iterable[tuple[datetime, float]], mark: str = "N") -> ReadingsAppended:
        rows = Rows()
        for at, value in values:
            instant = round(at.timestamp() * 1_000_000)
            rows.add((channel.pk, kind, instant), (value, np.nan, np.nan, np.nan), mark, instant)
        segment = segments.append(segments.Body(b"test", 0, datetime(2026, 1, 1, tzinfo=UTC)))
        append(rows, segment)
        spans = [[channel.pk, kind, min(rows.at), max(rows.at)]] if rows.at else []
        event = ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(rows), spans=spans)
        keep_latest(event)
        return event

    return put
