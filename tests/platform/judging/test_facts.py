"""Every registered fact keeps what a fact promises, whoever wrote it."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qingyuan.judging.fact import FACTS, Asked, Fact, Told
from qingyuan.judging.queries import Subject
from qingyuan.kit import clock
from qingyuan.project.plugins import registries
from qingyuan_science.plugins import parameters_of, with_parameters

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = NINE + 3 * HOUR
COUNTS_WHAT_IS_MISSING = {"documents_lacking"}
LINKS = {"finding", "case", "station", "problem", "records", "papers"}


@pytest.fixture(params=[one for one in FACTS if one.subject == Subject.ENTERPRISE], ids=lambda one: one.code)
def fact(request: pytest.FixtureRequest) -> Fact:
    kind: type[Fact] = request.param
    return kind()


@pytest.fixture
def town(cast: SimpleNamespace, readings: Callable[..., Any]) -> Callable[[int], list[Any]]:
    """Makes enterprises, each with an outlet that sent two days of COD and flow, a device, a case and two meters."""
    from qingyuan.dispatching.api import open_case_by_hand
    from qingyuan.judging.api import report_clue
    from qingyuan.places.api import apply_standard, register_enterprise, register_station
    from qingyuan.sensing.api import define_dialect, register_device
    from qingyuan.sensing.queries import Channel
    from qingyuan_science.hj212 import STANDARD

    define_dialect(STANDARD, title_zh="标准", title_en="Standard")

    def one(number: int) -> Any:
        place = {"lon": 100.05, "lat": 30.1}
        owner = register_enterprise(
            f"91500000TEST{number:06d}", title_zh=f"厂{number}", title_en=f"Works {number}", industry_code="4620",
            industry_zh="污水处理", industry_en="Sewage", management="key", organisation=None, **place,
        )  # fmt: skip
        outlet = register_station(
            f"outlet-{number}", title_zh=f"厂{number}排口", title_en=f"outlet {number}", kind="outlet-water",
            enterprise=owner, **place,
        )  # fmt: skip
        apply_standard(outlet, standard="GB 18918-2002", level="1A", valid_from=LONG_AGO)
        register_device(f"T{number:023d}", station=outlet, password="123456")
        for factor, unit, base in (("w01018", "mg/L", 45.0 + number), ("w00000", "L/s", 60.0)):
            channel = Channel.objects.create(station=outlet, factor=factor, basis="measured", unit=unit)
            hours = [(END - (48 - place) * HOUR, base + place % 5) for place in range(48)]
            readings(channel, "h", hours)
            readings(channel, "d", [(NINE - 33 * HOUR, base + 2)])
        for role in ("d20001", "d30001"):  # HJ 212: production, treatment
            meter = register_station(
                f"meter-{role}-{number}", title_zh=f"厂{number}{role}电表", title_en="meter", kind="power-meter",
                enterprise=owner, **place,
            )  # fmt: skip
            power = Channel.objects.create(station=meter, factor=role, basis="measured", unit="kW")
            readings(power, "h", [(END - back * HOUR, 100.0) for back in range(24 * 6, 0, -1)])
        clue = report_clue(outlet.code, cast.analyst, OFFICE, what="有异味", span=(NINE, NINE))
        open_case_by_hand(clue.pk, cast.duty_officer, OFFICE)
        return owner

    return lambda many: [one(number) for number in range(1, many + 1)]


@pytest.fixture
def asks(fact: Fact) -> Callable[..., dict[int, Told]]:
    def ask(owners: list[Any], end: datetime = END) -> dict[int, Told]:
        factor = "w01018" if fact.needs_factor else ""
        return fact.measure(Asked(tuple(one.pk for one in owners), end - timedelta(days=3), end, factor))

    return ask


def test_the_registry_holds_facts_of_every_stage_and_is_in_the_catalogue() -> None:
    stages = {one.__module__.split(".")[1] for one in FACTS}
    assert stages >= {"judging", "dispatching", "inspecting"}
    assert FACTS in registries()


def test_a_fact_answers_for_everybody_asked_and_says_why_where_it_does_not_know(
    town: Callable[[int], list[Any]], asks: Callable[..., dict[int, Told]], fact: Fact
) -> None:
    owners = town(2)
    told = asks(owners)
    assert set(told) == {one.pk for one in owners}
    for one in told.values():
        assert one.sentence.zh.strip()
        assert one.sentence.en.strip()
        assert one.value is None or (one.value == one.value and abs(one.value) < 1e9)
        assert {link.kind for link in one.evidence} <= LINKS
        assert all(link.title.zh and link.title.en for link in one.evidence)
    assert all(spec.low <= spec.default <= spec.high for spec in parameters_of(type(fact)))


def test_a_fact_takes_as_many_queries_for_five_as_for_two(
    town: Callable[[int], list[Any]], asks: Callable[..., dict[int, Told]]
) -> None:
    owners = town(5)
    counts = []
    for several in (owners[:2], owners):
        with CaptureQueriesContext(connection) as asked:
            asks(several)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_a_fact_does_not_depend_on_order_company_or_how_often_it_is_asked(
    town: Callable[[int], list[Any]], asks: Callable[..., dict[int, Told]]
) -> None:
    owners = town(3)
    whole = asks(owners)
    assert asks(owners) == whole
    assert asks(owners[::-1]) == whole
    assert asks(owners[1:2]) == {owners[1].pk: whole[owners[1].pk]}


def test_a_fact_shows_only_what_belongs_to_the_enterprise(
    town: Callable[[int], list[Any]], asks: Callable[..., dict[int, Told]]
) -> None:
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.queries import Finding
    from qingyuan.places.queries import Enterprise, Station

    def owner(link: Any) -> int | None:
        if link.kind == "papers":
            return Enterprise.objects.get(code=link.key.partition("/")[0]).pk
        if link.kind == "station":
            return Station.objects.get(code=link.key).enterprise_id
        return {"finding": Finding, "case": Case}[link.kind].objects.get(pk=int(link.key)).station.enterprise_id

    for pk, told in asks(town(2)).items():
        for link in told.evidence:
            assert owner(link) == pk, link


def test_a_fact_bears_enterprises_of_which_nothing_is_known(
    fact: Fact, grid: Any, asks: Callable[..., dict[int, Told]]
) -> None:
    from qingyuan.places.api import register_enterprise

    bare = register_enterprise(
        "91500000TEST999999", lon=100.05, lat=30.1, organisation=None, title_zh="空厂", title_en="Bare",
        industry_code="4620", industry_zh="污水处理", industry_en="Sewage", management="key",
    )  # fmt: skip
    what_is_not_there = asks([bare])[bare.pk].value
    assert what_is_not_there in {None, 0.0} or fact.code in COUNTS_WHAT_IS_MISSING
    assert asks([]) == {}


@pytest.fixture
def outlet(station: Any, readings: Callable[..., Any]) -> Callable[..., None]:
    """Sends hour means of a factor of the works' outlet, or of a meter, that end at `END`."""
    from qingyuan.places.api import register_station
    from qingyuan.sensing.queries import Channel

    def send(factor: str, unit: str, values: list[float]) -> None:
        place = station
        if unit == "kW":
            place = register_station(
                factor, title_zh=f"{factor}电表", title_en=factor, kind="power-meter", lon=100.05, lat=30.1,
                enterprise=station.enterprise,
            )  # fmt: skip
        channel = Channel.objects.create(station=place, factor=factor, basis="measured", unit=unit)
        first = END - len(values) * HOUR
        readings(channel, "h", [(first + hour * HOUR, value) for hour, value in enumerate(values)])

    return send


@pytest.mark.parametrize(
    ("code", "sent", "settings", "expected"),
    [
        # 50 g/m3 in 36 m3/h over 48 hours
        ("load", {"w01018 mg/L": [50.0] * 48, "w00000 L/s": [10.0] * 48}, {}, 86.4),
        # the second two days have half as much in the same water
        ("load_change", {"w01018 mg/L": [40.0] * 48 + [20.0] * 48, "w00000 L/s": [10.0] * 96}, {}, -50.0),
        # 8 of 24 hours of a steady flow; 22:00 to 06:00
        ("night_flow_share", {"w00000 L/s": [10.0] * 48}, {}, 100.0 / 3.0),
        ("night_flow_share", {"w00000 L/s": [10.0] * 48}, {"begins": 24}, 25.0),
        # 0.3 kWh for each kWh of production in the week before, 0.12 now
        ("treatment_electricity", {"d20001 kW": [100.0] * 216, "d30001 kW": [30.0] * 168 + [12.0] * 48}, {}, 40.0),
        # against 50 mg/L: 48 and 49 are within 5 per cent below, 40 and 51 are not
        ("hours_near_limit", {"w01018 mg/L": [48.0, 49.0, 40.0, 51.0] * 12}, {}, 50.0),
        ("hours_near_limit", {"w01018 mg/L": [48.0, 49.0, 40.0, 51.0] * 12}, {"strip_percent": 3.0}, 25.0),
        ("share_over_limit", {"w01018 mg/L": [48.0, 49.0, 40.0, 51.0] * 12}, {}, 25.0),
        ("largest_multiple", {"w01018 mg/L": [48.0] * 47 + [75.0]}, {}, 0.5),
        ("hours_over_limit", {"w01018 mg/L": [60.0] * 48, "w21003 mg/L": [9.0] * 48}, {"days": 1}, 24.0),
    ],
)
def test_a_number_is_what_a_person_would_work_out(
    station: Any,
    outlet: Callable[..., None],
    code: str,
    sent: dict[str, list[float]],
    settings: dict[str, float],
    expected: float,
) -> None:
    for name, values in sent.items():
        outlet(*name.split(), values)
    kind = FACTS.get(code)
    factor = "w01018" if kind.needs_factor else ""
    told = with_parameters(kind, settings).measure(Asked((station.enterprise.pk,), END - 48 * HOUR, END, factor))
    assert told[station.enterprise.pk].value == pytest.approx(expected)


@pytest.mark.parametrize(
    "code", ["share_over_limit", "hours_over_limit", "hours_near_limit", "largest_multiple", "load", "night_flow_share"]
)
@pytest.mark.parametrize("value", [10.0, 60.0])
def test_a_number_that_rests_on_readings_leads_to_them_whether_anything_was_over_a_limit_or_not(
    station: Any, outlet: Callable[..., None], code: str, value: float
) -> None:
    outlet("w01018", "mg/L", [value] * 48)
    outlet("w00000", "L/s", [1.0] * 48)
    kind = FACTS.get(code)
    asked = Asked((station.enterprise.pk,), END - 48 * HOUR, END, "w01018" if kind.needs_factor else "")
    told = kind().measure(asked)[station.enterprise.pk]
    assert told.value is not None
    assert told.evidence
    assert all((one.kind, one.key) == ("station", station.code) for one in told.evidence)


def test_meters_in_other_units_of_power_add_up_and_others_do_not(station: Any, readings: Callable[..., Any]) -> None:
    from qingyuan.places.api import assign_meter, register_station
    from qingyuan.sensing.queries import Channel

    # production 100 + 100 kW and then 100 + 50 kW, treatment 40 and then 30 kW: a fifth both times
    meters = [("production", "kW", 100.0, 100.0), ("production", "W", 100_000.0, 50_000.0),
              ("production", "A", 900.0, 10.0), ("treatment", "kW", 40.0, 30.0)]  # fmt: skip
    for number, (use, unit, before, now) in enumerate(meters):
        meter = register_station(
            f"meter-{number}", title_zh=f"电表{number}", title_en=f"meter {number}", kind="power-meter", lon=100.05,
            lat=30.1, enterprise=station.enterprise,
        )  # fmt: skip
        channel = Channel.objects.create(station=meter, factor="x1", basis="measured", unit=unit)
        assign_meter(meter, use=use, title_zh="设备", title_en="plant", factor="x1", days=(LONG_AGO, None))
        values = [before] * 168 + [now] * 48
        readings(channel, "h", [(END - (216 - hour) * HOUR, value) for hour, value in enumerate(values)])
    told = FACTS.get("treatment_electricity")().measure(Asked((station.enterprise.pk,), END - 48 * HOUR, END))
    assert told[station.enterprise.pk].value == pytest.approx(100.0)
    assert "0.200 kWh of treatment for each kWh of production" in told[station.enterprise.pk].sentence.en


def test_marked_time_that_overlaps_counts_once(station: Any, channel: Any, cast: SimpleNamespace) -> None:
    from qingyuan.recording.api import mark_span

    for first, hours in ((0, 2), (1, 2)):
        begins = NINE + first * HOUR
        with clock.wound_to(END):
            mark_span(
                station.code, cast.enterprise, OFFICE, code="maintenance", starts_at=begins,
                ends_at=begins + hours * HOUR, reason="检修",
            )  # fmt: skip
    told = FACTS.get("hours_marked")().measure(Asked((station.enterprise.pk,), END - 48 * HOUR, END))
    assert told[station.enterprise.pk].value == pytest.approx(3.0)


def test_missing_hours_are_counted_as_the_page_of_data_quality_counts_them(
    station: Any, channel: Any, readings: Callable[..., Any]
) -> None:
    from datetime import UTC

    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # in Shanghai
    readings(channel, "h", [(midnight + place * HOUR, 40.0) for place in range(24) if place not in {3, 4, 5}])
    asked = Asked((station.enterprise.pk,), midnight, midnight + 24 * HOUR)
    values = {code: FACTS.get(code)().measure(asked)[station.enterprise.pk].value
              for code in ("hours_missing", "transmission_rate", "effective_rate")}  # fmt: skip
    assert values == {
        "hours_missing": 3.0, "transmission_rate": pytest.approx(87.5), "effective_rate": pytest.approx(87.5)
    }  # fmt: skip


def test_a_day_that_is_counted_whole_is_named_though_the_time_begins_within_it(
    station: Any, channel: Any, readings: Callable[..., Any]
) -> None:
    from datetime import UTC

    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # of the 21st in Shanghai
    readings(channel, "h", [(midnight + place * HOUR, 40.0) for place in range(30) if place != 3])
    asked = Asked((station.enterprise.pk,), midnight + 6 * HOUR, midnight + 30 * HOUR)
    missing, rate = (FACTS.get(code)().measure(asked)[station.enterprise.pk]
                     for code in ("hours_missing", "transmission_rate"))  # fmt: skip
    assert missing.value == 1.0
    assert missing.sentence.en.endswith("1 of 30 hours due from 2026-11-21 to 2026-11-22 are missing")
    assert rate.sentence.en == "29 of 30 hour means due from 2026-11-21 to 2026-11-22 came, 96.7%"


@pytest.fixture
def evening() -> Iterator[datetime]:
    """Seven o'clock in Shanghai, for all that is made from here on."""
    at = NINE + 10 * HOUR
    with clock.wound_to(at):
        yield at


def test_days_since_an_inspection_are_days_of_the_calendar(
    evening: datetime, cast: SimpleNamespace, station: Any
) -> None:
    from qingyuan.dispatching.api import act, open_case_by_hand
    from qingyuan.judging.api import report_clue

    clue = report_clue(station.code, cast.analyst, OFFICE, what="有异味", span=(NINE, NINE))
    case = open_case_by_hand(clue.pk, cast.duty_officer, OFFICE)
    if case.state == "unassigned":
        act(case.pk, "assign", cast.duty_officer, OFFICE, fields={"assignee": cast.grid_worker.username})
    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    fact, owner = FACTS.get("days_since_inspection")(), station.enterprise.pk
    answers = [fact.measure(Asked((owner,), NINE - 48 * HOUR, evening + later * HOUR))[owner] for later in (1, 11, 35)]
    assert [one.value for one in answers] == [0.0, 1.0, 2.0]
    assert answers[1].sentence.en == "last inspected on 2026-11-22, 1 days ago"
