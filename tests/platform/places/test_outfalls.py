"""River outfalls: one identity through every change, codes that nobody has twice, states in their order."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from shapely.geometry import LineString, box

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, NotFound, Refused
from qingyuan.places.api import OutfallFacts, draw_water, end_paper, enter_outfall, move_outfall, withdraw_step
from qingyuan.places.queries import OutfallState, known_now, outfall, outfall_editions, outfall_steps, outfalls

pytestmark = pytest.mark.django_db
SINCE, LATER = date(2024, 5, 1), date(2026, 3, 1)
OFFICIAL = "FXX-420106-0001-GY-00"


@pytest.fixture
def facts(grid: SimpleNamespace) -> OutfallFacts:
    """Into a river that crosses both towns from west to east."""
    main = draw_water("big", title_zh="大江", title_en="Big River", kind="lake", shape=box(100.39, 30.0, 100.4, 30.2))
    river = draw_water(
        "east", title_zh="东江", title_en="East River", kind="river", level="county", into=main,
        shape=LineString([(100.0, 30.1), (100.4, 30.1)]),
    )  # fmt: skip
    return OutfallFacts(title_zh="东江排污口", kind="工业企业排污口", water=river, lon=100.05, lat=30.101, bank="left")


@pytest.mark.mission("S0-01", "S0-02")
def test_an_outfall_keeps_its_identity_when_the_official_code_comes(
    facts: OutfallFacts, cast: SimpleNamespace, station: Any
) -> None:
    first = enter_outfall(None, facts, days=(SINCE, None))
    assert (first.code, first.title_en) == ("T01-P0001", "东江排污口")
    assert first.river_km == pytest.approx(4.82, abs=0.02)  # 0.05 degrees of longitude at 30.1 degrees north
    known = replace(facts, official_code=OFFICIAL.lower(), stations=(station,), enterprises=(station.enterprise,))
    enter_outfall(first.outfall, known, days=(LATER, None), replaces=first, why="赋码")
    for code in ("T01-P0001", OFFICIAL):
        found = outfall(cast.analyst, code)
        assert (found.code, found.outfall, found.dischargers.get().main) == (OFFICIAL, first.outfall, True)
    before = outfalls(cast.analyst, date(2025, 1, 1)).get()
    assert (before.code, before.monitors.count()) == ("T01-P0001", 0)
    acts = [(one.act, one.why) for one in log.about(f"outfall/{first.outfall.pk}")]
    assert acts == [("OutfallEntered", ""), ("OutfallEntered", "赋码")]


def test_no_two_outfalls_have_one_code(facts: OutfallFacts) -> None:
    first = enter_outfall(None, replace(facts, official_code=OFFICIAL), days=(SINCE, None), code="E-1")
    with pytest.raises(BadInput, match=rf"{OFFICIAL}, which 东江排污口 \(E-1\) has") as refused:
        enter_outfall(None, replace(facts, title_zh="另一个", official_code=OFFICIAL), days=(SINCE, None))
    assert refused.value.field == "official_code"
    with pytest.raises(BadInput, match="e-1, which another"):
        enter_outfall(None, replace(facts, title_zh="另一个"), days=(SINCE, None), code="e-1")
    end_paper(first, date(2025, 12, 31), why="取缔")
    with pytest.raises(BadInput, match="has"):  # a code is not given a second time
        enter_outfall(None, replace(facts, title_zh="另一个", official_code=OFFICIAL), days=(LATER, None))


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"kind": "下水道"}, "kind", "下水道"),
        ({"official_code": "FXX-4201-1"}, "official_code", "FXX-4201-1"),
        ({"lon": 90.0}, "lon", "grid cell"),
        ({"lat": 30.19}, "lon", "km from East River"),
        ({"granted_on": LATER, "granted_until": SINCE}, "granted_until", "last day"),
        ({"bank": "north"}, "bank", "left, right"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_expected(
    facts: OutfallFacts, wrong: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        enter_outfall(None, replace(facts, **wrong), days=(SINCE, None))
    assert refused.value.field == field


@pytest.mark.mission("S0-42")
def test_survey_monitoring_tracing_and_rectification_follow_one_another_and_stay_on_file(
    facts: OutfallFacts, cast: SimpleNamespace
) -> None:
    mouth = enter_outfall(None, facts, days=(SINCE, None)).outfall
    with pytest.raises(Refused, match=r"Traced.*Surveyed, Under supervision"):
        move_outfall(mouth, "traced", SINCE)
    for state in ("found", "monitored", "traced", "rectifying", "rectified", "supervised"):
        move_outfall(mouth, state, SINCE, user=cast.analyst, note=f"{state} 记录")
    assert outfalls(cast.analyst).get().state == OutfallState.SUPERVISED
    with pytest.raises(BadInput, match="2024-04-01"):
        move_outfall(mouth, "removed", date(2024, 4, 1))
    withdraw_step(mouth, why="验收未完成")
    assert outfalls(cast.analyst).get().state == OutfallState.RECTIFIED
    steps = list(outfall_steps(mouth))
    assert [one.state for one in steps] == ["found", "monitored", "traced", "rectifying", "rectified", "supervised"]
    assert [bool(one.withdrawn_at) for one in steps] == [False] * 5 + [True]
    assert [one.act for one in log.about(f"outfall/{mouth.pk}")][-2:] == ["OutfallMoved", "OutfallStepWithdrawn"]


def test_outfalls_are_seen_within_the_territory_and_by_who_discharges_through_them(
    facts: OutfallFacts, cast: SimpleNamespace, station: Any
) -> None:
    shared = replace(facts, enterprises=(station.enterprise,), stations=(station,))
    mouth = enter_outfall(None, shared, days=(SINCE, None))
    sees = {name: known_now(outfall_editions(one)).count() for name, one in vars(cast).items()}
    assert {name for name, count in sees.items() if not count} == {"other_grid_worker", "other_enterprise"}
    with pytest.raises(NotFound):
        outfall(cast.other_enterprise, mouth.code)
