"""The type of pollution of a finding: named from the station's readings, settled by people, learned from."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE

from qingyuan.judging.api import (
    dismiss,
    judge_readings,
    pollution_verdict,
    report_clue,
    set_watch,
    settle_pollution_type,
    type_scores,
)
from qingyuan.judging.queries import Finding, settled_types
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
USUAL = {"w01018": 30.0, "w21003": 2.0, "w21011": 0.2, "w01001": 7.3, "w01014": 900.0, "w00000": 60.0}
UNITS = {"w01001": "dimensionless", "w01014": "µS/cm", "w00000": "L/s"}


@pytest.fixture(autouse=True)
def in_the_afternoon() -> Iterator[None]:
    with clock.wound_to(NINE + 6 * HOUR):
        yield


@pytest.fixture
def week(channel: Any, station: Any, readings: Callable[..., Any]) -> Callable[..., Finding]:
    """A week of an outlet and three hours of something else; answers what was found of COD."""

    def put(*, without: str = "", **during: float) -> Finding:
        set_watch("exceedance", kind="h", valid_from=LONG_AGO)
        for number, (factor, usual) in enumerate(USUAL.items()):
            at, _made = Channel.objects.get_or_create(
                station=station, factor=factor, basis="measured", defaults={"unit": UNITS.get(factor, "mg/L")}
            )
            past = [(NINE - hour * HOUR, usual * (1 + 0.02 * ((hour + number) % 3))) for hour in range(1, 169)]
            now = [(NINE + hour * HOUR, during.get(factor, usual)) for hour in range(0 if factor == without else 3)]
            judge_readings(readings(at, "h", sorted([*past, *([] if factor == without else now)])))
        return Finding.objects.get(channel__factor="w01018")

    return put


ORGANIC = {"w01018": 160.0}
SEWAGE = {"w01018": 260.0, "w21003": 22.0, "w21011": 4.0, "w01014": 1300.0}


def test_what_moves_beside_the_found_factor_decides_the_type(week: Callable[..., Finding]) -> None:
    verdict = pollution_verdict(week(**SEWAGE))
    assert verdict is not None
    assert verdict.told is not None
    assert verdict.told.code == "sewage"
    ammonia = next(term for term in verdict.terms if term.rule == "ammonia")
    assert "22.00 mg/L" in ammonia.said.zh
    assert ammonia.for_leader > 0


def test_organic_matter_alone_is_industrial(week: Callable[..., Finding]) -> None:
    verdict = pollution_verdict(week(**ORGANIC))
    assert verdict is not None
    assert verdict.told is not None
    assert verdict.told.code == "organic"


def test_an_instrument_that_is_silent_in_those_hours_lowers_the_confidence(week: Callable[..., Finding]) -> None:
    verdict = pollution_verdict(week(without="w21003", **SEWAGE))
    assert verdict is not None
    assert "ammonia nitrogen" in [one.en for one in verdict.silent]
    assert verdict.confidence < verdict.ranked[0].probability


def test_rain_of_a_gauge_nearby_counts_and_of_one_far_away_does_not(
    week: Callable[..., Finding], readings: Callable[..., Any]
) -> None:
    from qingyuan.places.api import register_station

    found = week(**ORGANIC)
    for code, lon in (("near", 100.08), ("far", 100.39)):
        place = register_station(code, title_zh=code, title_en=code, kind="ambient-air", lon=lon, lat=30.1)
        gauge = Channel.objects.create(station=place, factor="rain", basis="measured", unit="mm")
        readings(gauge, "h", [(NINE - HOUR, 14.0 if code == "near" else 99.0)])
    verdict = pollution_verdict(found)
    assert verdict is not None
    (rain,) = (term for term in verdict.terms if term.rule == "rain")
    assert (rain.state, rain.said.en) == ("moderate", "14.0 mm of rain in 24 hours")


def test_what_people_report_without_a_measurement_has_no_type(station: Any, cast: SimpleNamespace) -> None:
    found = report_clue(station.code, cast.analyst, OFFICE, what="水面有泡沫", span=(NINE, NINE + HOUR))
    assert pollution_verdict(found) is None
    with pytest.raises(Refused, match=r"不涉及水质|not of water"):
        settle_pollution_type(found.pk, cast.analyst, OFFICE, code="organic", why="看过")


def test_what_people_settle_is_kept_with_the_signs_and_the_name_given_before(
    week: Callable[..., Finding], cast: SimpleNamespace
) -> None:
    found = week(**SEWAGE)
    settled = settle_pollution_type(found.pk, cast.grid_worker, OFFICE, code="organic", why=" 现场查到印染车间偷排 ")
    assert (settled.code, settled.told, settled.why) == ("organic", "sewage", "现场查到印染车间偷排")
    assert settled.states["ammonia"] == "up"
    (line,) = (line for line in log.about(f"finding/{found.pk}") if line.act == "PollutionTypeSettled")
    assert (line.detail["type"], line.detail["told"], line.why) == ("organic", "sewage", "现场查到印染车间偷排")
    settle_pollution_type(found.pk, cast.analyst, OFFICE, code="sewage", why="化验更正")
    assert [one.code for one in settled_types()] == ["sewage"], "the newest stands; the log keeps both"


def test_settled_cases_move_the_verdict_on_others_but_never_on_their_own(
    week: Callable[..., Finding], cast: SimpleNamespace
) -> None:
    found = week(**SEWAGE)
    before = pollution_verdict(found)
    settle_pollution_type(found.pk, cast.analyst, OFFICE, code="organic", why="查实")
    after = pollution_verdict(found)
    assert before is not None
    assert after is not None
    assert after.ranked == before.ranked
    weights, alone, learned = type_scores()
    assert (weights.of_types, alone.cases, learned.cases) == ({"organic": 1}, 1, 1)


def test_a_finding_dismissed_as_a_fault_of_the_instrument_is_settled_as_one(
    week: Callable[..., Finding], cast: SimpleNamespace
) -> None:
    found = week(**ORGANIC)
    dismiss(found.pk, cast.analyst, "标样核查不合格", OFFICE, code="instrument")
    (settled,) = settled_types()
    assert (settled.code, settled.why, settled.set_by) == ("fault", "标样核查不合格", cast.analyst)


def test_settling_asks_for_a_type_a_proof_a_role_and_a_territory(
    week: Callable[..., Finding], cast: SimpleNamespace
) -> None:
    found = week(**SEWAGE)
    with pytest.raises(BadInput, match="runoff"):
        settle_pollution_type(found.pk, cast.analyst, OFFICE, code="soup", why="看过")
    with pytest.raises(BadInput, match=r"依据|Say what shows"):
        settle_pollution_type(found.pk, cast.analyst, OFFICE, code="sewage", why=" ")
    with pytest.raises(Forbidden):
        settle_pollution_type(found.pk, cast.enterprise, OFFICE, code="sewage", why="看过")
    with pytest.raises(NotFound):
        settle_pollution_type(found.pk, cast.other_grid_worker, OFFICE, code="sewage", why="看过")
    assert not settled_types().exists()
