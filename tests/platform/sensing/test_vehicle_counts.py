"""How many vehicles of each kind a registry holds: kept with each delivery, known as of any day."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from qingyuan.kit import clock
from qingyuan.kit.log import Origin
from qingyuan.places.api import register_enterprise
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list, undo_records
from qingyuan.sensing.api.vehicles import count_vehicles_again
from qingyuan.sensing.queries.vehicles import FACTORS, KILOMETRES, Fleet, fleet, registries, said_of_vehicles

pytestmark = pytest.mark.django_db
FROM = Origin("analyst", "test")
HEAD = (
    "号牌号码,号牌种类,车辆类型,使用性质,燃料种类,排放标准,初次登记日期,"
    "机动车所有人,所有人统一社会信用代码,机动车状态,行政区划代码\n"
)
MILL = "91110000802100433B"  # the code of the worked example of the credit code
FIRST, SECOND, THIRD = (datetime(2026, month, 10, 4, tzinfo=UTC) for month in (3, 4, 5))
TAKE_UP = "sensing.api.vehicles.count_vehicles"


def row(plate: str, stage: str = "国四", registered: str = "2015-06-10", more: str = "张三,,正常,990101") -> str:
    return f"{plate},大型汽车,重型自卸货车,货运,柴油,{stage},{registered},{more}\n"


@pytest.fixture
def registry(cast: Any, taken_up: Callable[[str], None]) -> Any:
    """A registry, and a way to deliver to it at an instant."""
    found = take_over_list("vehicles", cast.handler.organisation)

    def deliver(at: datetime, text: str, code: str = "vehicles") -> Any:
        with clock.wound_to(at):
            file = bring_records(cast.analyst, code, f"{at:%m}.csv", text.encode(), origin=FROM)
            file = enter_records(file.pk, cast.analyst, FROM)
            taken_up(TAKE_UP)
        return file

    found.deliver = deliver
    return found


def seen(cast: Any, found: Any, known: date, on: date = date(2026, 12, 31), **more: Any) -> Fleet:
    return fleet(cast.analyst, found, on=on, known=known, **more)


def stages(told: Fleet) -> dict[str, int]:
    return {one.stage: one.vehicles for one in told.kinds}


@pytest.mark.mission("S1-18")
def test_counts_follow_each_delivery_and_stay_known_as_they_were(cast: Any, registry: Any) -> None:
    registry.deliver(FIRST, HEAD + row("京A1") + row("京A2") + row("京A3", "国三"))
    registry.deliver(SECOND, HEAD + row("京A2", "国六") + row("京A4", "国六", "2026-04-01"))
    assert stages(seen(cast, registry, date(2026, 3, 9))) == {}
    assert stages(seen(cast, registry, date(2026, 3, 10))) == {"国四": 2, "国三": 1}
    assert stages(seen(cast, registry, date(2026, 4, 10))) == {"国四": 1, "国三": 1, "国六": 2}
    assert stages(seen(cast, registry, date(2026, 4, 10), on=date(2025, 12, 31))) == {"国四": 1, "国三": 1, "国六": 1}
    told = seen(cast, registry, date(2026, 4, 10))
    assert (told.vehicles, told.years, told.divisions) == (4, {2015: 3, 2026: 1}, {"990101": 4})


def test_a_delivery_taken_back_no_longer_counts_and_what_it_changed_counts_again(cast: Any, registry: Any,
                                                                                 taken_up: Any) -> None:  # fmt: skip
    registry.deliver(FIRST, HEAD + row("京A1") + row("京A2"))
    second = registry.deliver(SECOND, HEAD + row("京A2", "国六") + row("京A3", "国五"))
    with clock.wound_to(THIRD):
        undo_records(second.pk, cast.analyst, "the wrong file", FROM)
        taken_up(TAKE_UP)
    assert stages(seen(cast, registry, date(2026, 4, 30))) == {"国四": 1, "国六": 1, "国五": 1}
    assert stages(seen(cast, registry, date(2026, 5, 10))) == {"国四": 2}


def test_the_same_file_twice_counts_once(cast: Any, registry: Any) -> None:
    registry.deliver(FIRST, HEAD + row("京A1"))
    registry.deliver(SECOND, HEAD + row("京A1") + row("京A9"))
    assert seen(cast, registry, date(2026, 5, 1)).vehicles == 2


def test_vehicles_that_left_are_told_apart(cast: Any, registry: Any) -> None:
    registry.deliver(FIRST, HEAD + row("京A1") + row("京A2", more="张三,,注销,990101"))
    told = seen(cast, registry, date(2026, 5, 1))
    assert (told.vehicles, told.left, told.years) == (1, 1, {2015: 1})


def test_one_division_can_be_asked_for_and_none_is_a_division_too(cast: Any, registry: Any) -> None:
    registry.deliver(
        FIRST, HEAD + row("京A1") + row("京A2", more="张三,,正常,990102") + row("京A3", more="张三,,正常,")
    )
    assert seen(cast, registry, date(2026, 5, 1)).divisions == {"990101": 1, "990102": 1, "": 1}
    assert seen(cast, registry, date(2026, 5, 1), division="990102").vehicles == 1


def test_counted_anew_it_is_the_same(cast: Any, registry: Any) -> None:
    registry.deliver(FIRST, HEAD + row("京A1") + row("京A2"))
    registry.deliver(SECOND, HEAD + row("京A2", "国六"))
    kept = [seen(cast, registry, day) for day in (date(2026, 3, 31), date(2026, 4, 30))]
    count_vehicles_again(registry)
    assert [seen(cast, registry, day) for day in (date(2026, 3, 31), date(2026, 4, 30))] == kept


def test_another_list_is_not_counted(cast: Any, registry: Any) -> None:
    take_over_list("nonroad_machines", cast.handler.organisation)
    registry.deliver(FIRST, "环保登记号码,机械类型\n1,挖掘机\n", "nonroad_machines")
    assert [one.code for one in registries(cast.analyst)] == ["vehicles"]
    assert seen(cast, registry, date(2026, 5, 1)).vehicles == 0


def test_who_sees_a_part_of_the_district_sees_the_vehicles_of_its_enterprises(cast: Any, registry: Any) -> None:
    register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip
    registry.deliver(FIRST, HEAD + row("京A1") + row("京A2", "国五", more=f"西山纸业有限公司,{MILL},正常,990101"))
    registry.deliver(SECOND, HEAD + row("京A2", "国六", more=f"西山纸业有限公司,{MILL},注销,990101"))
    for viewer, known, expected in (
        (cast.analyst, date(2026, 3, 31), {"国四": 1, "国五": 1}),
        (cast.grid_worker, date(2026, 3, 31), {}),
        (cast.other_grid_worker, date(2026, 3, 31), {"国五": 1}),
        (cast.other_grid_worker, date(2026, 4, 30), {}),
    ):
        assert stages(fleet(viewer, registry, on=date(2026, 12, 31), known=known)) == expected


@pytest.mark.parametrize(
    ("on", "known", "expected"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), ["70000"]),
        (date(2026, 1, 1), date(2026, 4, 30), ["71000"]),
        (date(2025, 12, 31), date(2026, 4, 30), []),
        (date(2027, 1, 1), date(2026, 4, 30), []),
        (date(2026, 1, 1), date(2026, 3, 9), []),
    ],
)
def test_what_the_authority_says_holds_for_its_days_and_as_it_was_known(
    cast: Any, registry: Any, on: date, known: date, expected: list[str]
) -> None:
    take_over_list("vehicle_kilometres", cast.handler.organisation)
    head = "车型,燃料种类,排放阶段,年均行驶里程,来源文件,有效期起,有效期止\n"
    for at, far in ((FIRST, "70000"), (SECOND, "71000")):
        registry.deliver(at, f"{head}重型货车,全部,全部,{far},里程调查,2026-01-01,2026-12-31\n", "vehicle_kilometres")
    assert [one.values["kilometres"] for one in said_of_vehicles(KILOMETRES, on=on, known=known)] == expected
    assert said_of_vehicles(FACTORS, on=on, known=known) == []
