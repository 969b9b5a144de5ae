"""Permits, orders, plans, warnings, meters and reaches: entered, followed by the next edition, ended, withdrawn."""

from datetime import date, datetime, timedelta
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.db import IntegrityError, connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.places.api import (
    OwnLimit,
    OwnTotal,
    Pledge,
    assign_meter,
    declare_warning,
    end_paper,
    enter_order,
    enter_permit,
    enter_plan,
    enter_reach,
    register_enterprise,
    register_station,
    withdraw_paper,
)
from qingyuan.places.queries import Order, Permit, PermitLimit, known_now, orders, permits, plans, warnings_seen

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CODE = "91110000802100433B"  # HJ 608-2017, annex A
NUMBER = f"{CODE}001P"


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    """A paper mill of East Town with an outlet and a meter, and a river station below it."""
    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation,
        title_zh="东山纸业", title_en="East Paper", industry_code="2221",
        industry_zh="造纸", industry_en="Paper making", management="key",
    )  # fmt: skip

    def stand(code: str, kind: str, enterprise: Any = owner) -> Any:
        return register_station(
            code, title_zh=code, title_en=code, kind=kind, lon=100.06, lat=30.1, enterprise=enterprise
        )

    return SimpleNamespace(
        owner=owner, outlet=stand("DW001", "outlet-water"), meter=stand("meter-1", "power-meter"),
        river=stand("river-1", "surface-water", None),
    )  # fmt: skip


def permit(mill: SimpleNamespace, first: date = LONG_AGO, high: float = 40.0, **more: Any) -> Permit:
    limits = [OwnLimit(mill.outlet, "w01018", "day", high, "mg/L")]
    totals = [OwnTotal("w01018", 12_000.0)]
    return enter_permit(
        mill.owner, number=NUMBER, management="key", days=(first, None), limits=limits, totals=totals, **more
    )


def test_the_next_edition_of_a_permit_leaves_the_days_before_it_alone(mill: SimpleNamespace) -> None:
    with clock.wound_to(NINE):
        first = permit(mill)
    with clock.wound_to(NINE + HOUR):
        permit(mill, date(2026, 12, 1), 30.0, replaces=first, why="换发", origin=OFFICE)
        now = {(row.permit.valid.lower, row.permit.valid.upper): row.high for row in _limits_known(NINE + HOUR)}
    assert now == {(LONG_AGO, date(2026, 12, 1)): 40.0, (date(2026, 12, 1), None): 30.0}
    assert [row.high for row in _limits_known(NINE)] == [40.0], "as known then, nobody knew of the next edition"
    acts = [line.act for line in log.about(f"enterprise/{mill.owner.pk}")]
    assert acts == ["EnterpriseRegistered", "PermitEntered", "PermitEntered"]


def _limits_known(at: Any) -> list[PermitLimit]:
    return list(PermitLimit.objects.filter(permit__known__contains=at).select_related("permit"))


def test_an_edition_that_corrects_from_the_first_day_on_takes_the_whole_place(mill: SimpleNamespace) -> None:
    with clock.wound_to(NINE):
        first = permit(mill)
    with clock.wound_to(NINE + HOUR):
        permit(mill, LONG_AGO, 35.0, replaces=first, why="录入有误", origin=OFFICE)
        assert [row.high for row in _limits_known(NINE + HOUR)] == [35.0]
        with pytest.raises(Refused, match="no longer current"):
            permit(mill, LONG_AGO, 34.0, replaces=first, why="又错", origin=OFFICE)


def test_a_permit_of_the_same_number_and_days_is_refused(mill: SimpleNamespace) -> None:
    permit(mill)
    with pytest.raises(Refused, match="holds at the same time"):
        permit(mill)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("91110000802100433C001P", "91110000802100433C"),
        ("91350200MA31PXG48A001P", "expected one of 91110000802100433B"),
    ],
)
def test_a_number_that_is_not_this_enterprises_permit_is_refused(mill: SimpleNamespace, number: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        enter_permit(mill.owner, number=number, management="key", days=(LONG_AGO, None))
    assert not Permit.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"factor": "w99"}, "w99"),
        ({"unit": "furlong"}, "furlong"),
        ({"averaging": "month"}, "hour, day"),
        ({"high": None}, "no figure"),
        ({"low": 50.0}, "wrong order"),
    ],
)
def test_a_limit_that_says_nothing_sensible_is_refused(
    mill: SimpleNamespace, change: dict[str, Any], said: str
) -> None:
    values = {"factor": "w01018", "averaging": "day", "high": 40.0, "unit": "mg/L", **change}
    with pytest.raises(BadInput, match=said):
        enter_permit(
            mill.owner, number=NUMBER, management="key", days=(LONG_AGO, None), limits=[OwnLimit(mill.outlet, **values)]
        )


def test_a_limit_at_another_enterprises_outlet_is_refused(mill: SimpleNamespace, station: Any) -> None:
    with pytest.raises(BadInput, match="outlet-1"):
        permit(SimpleNamespace(owner=mill.owner, outlet=station))


def test_an_order_ends_at_an_instant_and_only_with_a_reason(mill: SimpleNamespace) -> None:
    with clock.wound_to(NINE):
        order = enter_order(
            mill.owner, kind="stop-discharge", number="责停 3 号", issued_by="生态环境局", span=(NINE, None)
        )
    with clock.wound_to(NINE + 5 * HOUR):
        with pytest.raises(BadInput, match="why"):
            end_paper(order, NINE + 4 * HOUR, why=" ", origin=OFFICE)
        ended = end_paper(order, NINE + 4 * HOUR, why="整改完成", origin=OFFICE)
        assert (ended.valid.upper, ended.number) == (NINE + 4 * HOUR, "责停 3 号")
        assert [one.valid.upper for one in known_now(Order.objects.all())] == [NINE + 4 * HOUR]
    assert [one.valid.upper for one in known_now(Order.objects.all(), NINE + HOUR)] == [None]
    line = list(log.about(f"enterprise/{mill.owner.pk}"))[-1]
    assert (line.act, line.why, line.detail["values"]["valid"][1]) == (
        "OrderEnded", "整改完成", (NINE + 4 * HOUR).isoformat(),
    )  # fmt: skip


def test_what_was_withdrawn_never_held_but_stays_on_file(mill: SimpleNamespace) -> None:
    with clock.wound_to(NINE):
        order = enter_order(
            mill.owner, kind="cut-production", number="限 1 号", issued_by="局", span=(NINE, None), cut=0.3
        )
    with clock.wound_to(NINE + HOUR):
        withdraw_paper(order, why="录错企业", origin=OFFICE)
        assert not known_now(Order.objects.all()).exists()
        with pytest.raises(Refused):
            withdraw_paper(order, why="再撤", origin=OFFICE)
    assert Order.objects.get().number == "限 1 号"


def test_a_plan_pledges_something_or_says_why_it_need_not(mill: SimpleNamespace) -> None:
    days = (LONG_AGO, None)
    with pytest.raises(BadInput, match="no pledge"):
        enter_plan(mill.owner, days=days)
    with pytest.raises(BadInput, match="exempt"):
        enter_plan(mill.owner, days=days, exempt=True)
    with pytest.raises(BadInput, match=r"1\.3"):
        enter_plan(mill.owner, days=days, pledges=[Pledge("red", 1.3)])
    plan = enter_plan(mill.owner, days=days, pledges=[Pledge("orange", 0.5, "停用 2 号线"), Pledge("red", 1.0)])
    assert {one.level: one.cut for one in plan.cuts.all()} == {"orange": 0.5, "red": 1.0}


def test_only_a_meter_has_a_use_and_a_reach_two_ends(mill: SimpleNamespace) -> None:
    days = (LONG_AGO, None)
    with pytest.raises(BadInput, match="DW001"):
        assign_meter(mill.outlet, use="production", title_zh="浆机", title_en="Pulper", days=days)
    assert assign_meter(mill.meter, use="production", title_zh="浆机", title_en="Pulper", days=days).use == "production"
    with pytest.raises(BadInput, match="twice"):
        enter_reach(mill.river, mill.river, travel_hours=2.0, days=days)
    with pytest.raises(BadInput, match="90"):
        enter_reach(mill.river, mill.outlet, travel_hours=90.0, days=days)


def test_papers_are_seen_where_their_enterprise_is(mill: SimpleNamespace, cast: SimpleNamespace, grid: Any) -> None:
    permit(mill)
    enter_plan(mill.owner, days=(LONG_AGO, None), pledges=[Pledge("red", 1.0)])
    enter_order(mill.owner, kind="stop-production", number="停 1", issued_by="局", span=(NINE, None))
    declare_warning(grid.district, level="red", number="预警 1", span=(NINE, None))
    declare_warning(grid.town, level="orange", number="预警 2", span=(NINE, None))
    for read, others in ((permits, 0), (plans, 0), (orders, 0), (warnings_seen, 1)):
        assert read(cast.grid_worker).count() == 2 if read is warnings_seen else 1
        assert read(cast.other_grid_worker).count() == others
        assert read(cast.enterprise).count() or read is warnings_seen
    assert permits(cast.other_enterprise).count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "kg"}, "converts to"),
        ({"high": float("nan")}, "nan"),
        ({"high": float("inf")}, "inf"),
        ({"high": -40.0}, "-40"),
    ],
)
def test_a_limit_that_could_not_be_judged_by_is_refused(
    mill: SimpleNamespace, change: dict[str, Any], said: str
) -> None:
    values = {"factor": "w01018", "averaging": "day", "high": 40.0, "unit": "mg/L", **change}
    with pytest.raises(BadInput, match=said):
        enter_permit(
            mill.owner, number=NUMBER, management="key", days=(LONG_AGO, None), limits=[OwnLimit(mill.outlet, **values)]
        )


def test_a_total_without_bound_is_refused(mill: SimpleNamespace) -> None:
    totals = [OwnTotal("w01018", float("inf"))]
    with pytest.raises(BadInput, match="above nought"):
        enter_permit(mill.owner, number=NUMBER, management="key", days=(LONG_AGO, None), totals=totals)


@pytest.mark.parametrize("days", [(date(1, 1, 1), None), (LONG_AGO, date(9999, 12, 31))])
def test_days_that_no_paper_can_be_of_are_refused(mill: SimpleNamespace, days: Any) -> None:
    with pytest.raises(BadInput, match="expected one from 1990"):
        enter_permit(mill.owner, number=NUMBER, management="key", days=days)
    at, until = (day and datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI) for day in days)
    with pytest.raises(BadInput, match="expected one from 1990"):
        enter_order(mill.owner, kind="stop-production", number="停 1", issued_by="局", span=(at, until))
    with pytest.raises(BadInput, match="expected one from 1990"):
        end_paper(permit(mill), date(9999, 12, 31), why="长期", origin=OFFICE)


def test_an_edition_is_not_ended_into_the_days_of_the_one_that_follows_it(mill: SimpleNamespace) -> None:
    with clock.wound_to(NINE):
        first = permit(mill)
    with clock.wound_to(NINE + HOUR):
        permit(mill, date(2026, 12, 1), 30.0, replaces=first, why="换发", origin=OFFICE)
        former = known_now(Permit.objects.all()).get(valid__startswith=LONG_AGO)
    with clock.wound_to(NINE + 2 * HOUR):
        with pytest.raises(Refused, match="holds at the same time"):
            end_paper(former, date(2027, 6, 30), why="延期", origin=OFFICE)
        assert {row.high: row.permit.valid.upper for row in _limits_known(NINE + 2 * HOUR)} == {
            40.0: date(2026, 12, 1), 30.0: None,
        }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_enter_the_same_at_once_the_second_is_told(mill: SimpleNamespace) -> None:
    """The first has looked and not yet stored when the second looks."""
    told: list[Any] = []

    def enter() -> None:
        try:
            permit(mill)
        except (Refused, IntegrityError) as error:
            told.append(type(error))
        finally:
            connection.close()

    second = Thread(target=enter)
    with transaction.atomic():
        permit(mill)
        second.start()
        second.join(1.0)
        assert second.is_alive(), "it waits for the first"
    second.join()
    assert told == [Refused]


def test_a_warning_keeps_its_area(mill: SimpleNamespace, grid: Any) -> None:
    """Whoever the former area bound would not be judged again."""
    first = declare_warning(grid.district, level="red", number="预警 1", span=(NINE, None))
    with pytest.raises(BadInput, match="keeps its area"):
        declare_warning(grid.town, level="red", number="预警 1", span=(NINE, None), replaces=first, why="缩小")
    assert known_now(type(first)._default_manager.all()).get().cell == grid.district
