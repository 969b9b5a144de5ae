"""What satellites see: a file in, spots, suspected problems, clues or why not, and the grid worker's case."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from django.utils import translation
from loop_runner import run_waiting_jobs

from qingyuan.dispatching.api import add_rule
from qingyuan.dispatching.queries import Case, cases, tasks_of
from qingyuan.judging.api import enter_problem, report_clue, set_excluded_place, set_spot_rule
from qingyuan.judging.queries import (
    REPORTED,
    Finding,
    ProblemState,
    SuspectedProblem,
    findings,
    problems,
    spots_of_problem,
)
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.sensing.api import bring_spots, enter_spots, prove_packets, undo_spots
from qingyuan.sensing.queries import Spot, SpotFile, spots

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.mission("S2-05")]
HEAD = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,confidence,version,bright_ti5,frp,"
    "daynight"
)
FIELD = (30.05, 100.15)  # in East Two


def row(
    lat: float, lon: float, *, time: str = "0542", day: str = "2026-11-22", sat: str = "N20", sure: str = "n"
) -> str:
    return f"{lat},{lon},334.5,0.39,0.36,{day},{time},{sat},VIIRS,{sure},2.0NRT,290.1,6.4,D"


def run_the_loop() -> None:
    with clock.wound_to(max(datetime.now(UTC), clock.now())):  # handlers begin when the platform was set up
        run_waiting_jobs()


def fires(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows, "")).encode()


@pytest.fixture(autouse=True)
def in_the_afternoon() -> Iterator[None]:
    with clock.wound_to(NINE + timedelta(hours=6)):  # 15:00 in Shanghai, 07:00 in UTC
        yield


@pytest.fixture
def rules(cast: SimpleNamespace) -> None:
    """Heat anomalies from nominal on are clues; what people and satellites report becomes a case."""
    set_spot_rule(
        title_zh="火点", title_en="Fires", kind="fire", reason_zh="VIIRS 375 米", reason_en="VIIRS 375 m",
        valid_from=LONG_AGO, near_m=1000.0,
        within_hours=24.0,
    )  # fmt: skip
    add_rule(
        title_zh="线索交城市管理局", title_en="Clues go to City Works", case_type="exceedance", detector=REPORTED,
        organisation=cast.handler.organisation, valid_from=LONG_AGO,
    )  # fmt: skip


@pytest.fixture
def bring(cast: SimpleNamespace) -> Callable[..., SpotFile]:
    """Bring a file by hand, enter it, and let the loop run."""

    def one(raw: bytes, name: str = "fires.csv", **settings: str) -> SpotFile:
        waiting = bring_spots(cast.analyst, name, raw, settings=settings, origin=OFFICE)
        file = enter_spots(waiting.pk, cast.analyst, OFFICE)
        run_the_loop()
        return file

    return one


def test_a_fire_in_a_field_becomes_a_clue_and_the_case_of_the_grid_worker_of_the_cell(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    file = bring(fires(row(*FIELD)))
    (spot,) = spots(cast.analyst)
    assert (spot.file, spot.where, spot.satellite, spot.instrument) == (file, "row 2", "NOAA-20", "VIIRS")
    assert spot.observed_at == datetime(2026, 11, 22, 5, 42, tzinfo=UTC)
    assert spot.cell == grid.next_community
    (problem,) = problems(cast.analyst)
    assert problem.state == ProblemState.CLUE
    found = Finding.objects.get()
    assert (found.station, found.place.cell, found.place.lon) == (None, grid.next_community, 100.15)
    for piece in ("东二村", "2026-11-22 13:42", "NOAA-20", "VIIRS", "中", "列为线索", "VIIRS 375 米"):
        assert piece in found.sentence_zh
    for piece in ("East Two", "2026-11-22 13:42 Beijing time", "NOAA-20", "nominal", "Made a clue"):
        assert piece in found.sentence_en
    case = Case.objects.get()
    assert (case.finding, case.station, case.cell) == (found, None, grid.next_community)
    (task,) = tasks_of(cast.grid_worker)
    assert task.case == case
    assert not tasks_of(cast.other_grid_worker).exists()
    (filed,) = case.evidence.filter(kind="finding")
    assert filed.record["spots"][0] | {"file": "fires.csv", "row": "row 2"} == filed.record["spots"][0]


def test_the_bytes_of_a_file_are_kept_as_evidence_with_their_hash(bring: Callable[..., SpotFile]) -> None:
    import hashlib

    from qingyuan.sensing.queries import RawPacket, packet_bytes

    raw = fires(row(*FIELD))
    file = bring(raw)
    assert file.sha256 == hashlib.sha256(raw).hexdigest()
    packet = RawPacket.objects.get(segment=file.segment)
    assert packet_bytes(packet).raw == raw
    assert list(prove_packets([packet])) != []
    (line,) = [one for one in log.about(f"spot-file/{file.pk}") if one.act == "SpotsStored"]
    assert line.detail["sha256"] == file.sha256


def test_spots_near_in_space_and_time_are_one_problem_and_one_clue(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    bring(fires(row(*FIELD), row(30.053, 100.151)))  # some 350 m apart, one overpass
    bring(fires(row(30.052, 100.153, time="0630", sat="N")), "later.csv")
    assert SuspectedProblem.objects.get().count == 3
    found = Finding.objects.get()
    assert len(found.edition["spots"]) == 3
    assert found.ended_at == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert "Suomi NPP" in found.sentence_en
    assert Case.objects.count() == 1
    bring(fires(row(30.15, 100.15, time="0631")), "elsewhere.csv")  # eleven kilometres north
    assert SuspectedProblem.objects.count() == Finding.objects.count() == Case.objects.count() == 2


def test_the_same_spot_in_whatever_file_is_one_row(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    bring(fires(row(*FIELD)))
    again = bring_spots(cast.analyst, "fires.csv", fires(row(*FIELD)), origin=OFFICE)
    with translation.override("en"), pytest.raises(Refused, match="Nothing in this file is new"):
        enter_spots(again.pk, cast.analyst, OFFICE)
    rolling = bring(fires(row(*FIELD), row(30.15, 100.15)), "24h.csv")  # products of 24 hours overlap
    assert (rolling.new, rolling.known) == (1, 1)
    assert Spot.objects.count() == 2


def test_bad_rows_are_told_counted_and_take_no_good_ones_with_them(bring: Callable[..., SpotFile]) -> None:
    file = bring(
        fires(
            row(*FIELD),
            row(95.0, 100.15),
            row(*FIELD, time="2575"),
            row(*FIELD, sure="maybe"),
            row(*FIELD, day="2026-11-23"),
            "30.05,100.15",
            row(10.0, 20.0),
        )
    )
    assert (file.new, file.outside, file.faulty) == (1, 1, 5)
    told = dict(enumerate(detail for _fault, detail in file.faults))
    assert "row 3: found latitude '95.0', expected -90 to 90 degrees" in told[0]
    assert "row 4: found time '2026-11-22 2575', expected a day such as" in told[1]
    assert "row 5: found confidence 'maybe', expected low, nominal, high, or 0 to 100" in told[2]
    assert "expected none in the future" in told[3]
    assert "row 7: found more or fewer cells" in told[4]


def test_a_file_that_is_no_product_is_refused_with_what_was_found_and_expected(cast: SimpleNamespace) -> None:
    from qingyuan.sensing.api import preview_spots
    from qingyuan.sensing.queries import BadPayload

    waiting = bring_spots(cast.analyst, "x.csv", b"name,value\na,1\n", origin=OFFICE)
    with pytest.raises(BadPayload, match=r"found the columns .*name.*expected among them latitude"):
        preview_spots(waiting)


def test_modis_rows_say_their_confidence_in_per_cent(bring: Callable[..., SpotFile], cast: SimpleNamespace) -> None:
    head = HEAD.replace("bright_ti4", "brightness").replace("bright_ti5", "bright_t31").replace(",instrument", "")
    lines = [
        f"30.05,{100.1 + place / 50},320.1,1,1,2026-11-22,312,T,{sure},6.1NRT,290,9.1,D"
        for place, sure in enumerate((29, 30, 79, 80))
    ]
    bring("\n".join((head, *lines)).encode())
    told = {spot.told: spot.sureness for spot in spots(cast.analyst)}
    assert told == {"29": 1, "30": 2, "79": 2, "80": 3}
    (spot, *_others) = spots(cast.analyst)
    assert (spot.instrument, spot.satellite, f"{spot.observed_at:%H:%M}") == ("MODIS", "Terra", "03:12")


def test_a_spot_at_an_enterprise_that_gives_off_heat_is_no_clue_and_says_why(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace, enterprise: Any
) -> None:
    set_excluded_place(
        title_zh="持证热源", title_en="Licensed source of heat", kind="fire", enterprise=enterprise, within_m=800.0,
        reason_zh="污泥焚烧炉", reason_en="sludge incinerator", valid_from=LONG_AGO,
    )  # fmt: skip
    bring(fires(row(30.101, 100.051, sure="h")))
    (problem,) = problems(cast.analyst)
    assert problem.state == ProblemState.EXCLUDED
    assert not Finding.objects.exists()
    with translation.override("zh-hans"):
        for piece in ("东江水务有限公司", "800 米", "持证热源", "污泥焚烧炉", "未列为线索"):
            assert piece in problem.why
    bring(fires(row(30.106, 100.056, time="0550", sure="h")), "spreads.csv")  # 880 m off: it has left the premises
    problem.refresh_from_db()
    assert (problem.state, problem.count, Finding.objects.count()) == (ProblemState.CLUE, 2, 1)


def test_what_is_not_sure_enough_is_no_clue_until_a_surer_spot_comes_or_a_person_says_so(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    bring(fires(row(*FIELD, sure="l"), row(30.15, 100.15, sure="l")))
    first, second = problems(cast.analyst).order_by("pk")
    assert {first.state, second.state} == {ProblemState.UNSURE}
    assert "below the nominal" in first.why_en
    bring(fires(row(*FIELD, time="0630", sure="h")), "later.csv")
    first.refresh_from_db()
    assert first.state == ProblemState.CLUE
    with pytest.raises(BadInput):
        enter_problem(second.pk, cast.analyst, " ", OFFICE)
    with pytest.raises(Forbidden):
        enter_problem(second.pk, cast.leader, "有人举报", OFFICE)
    clue = enter_problem(second.pk, cast.analyst, "有人举报", OFFICE)
    assert "有人举报" in clue.sentence_zh
    with pytest.raises(Refused):
        enter_problem(second.pk, cast.analyst, "再次", OFFICE)


def test_without_a_rule_nothing_is_a_clue_and_that_is_said(
    bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    bring(fires(row(*FIELD)))
    assert problems(cast.analyst).get().state == ProblemState.NO_RULE


def test_interpreted_polygons_come_with_their_own_names_and_datum(
    bring: Callable[..., SpotFile], cast: SimpleNamespace, grid: SimpleNamespace
) -> None:
    square = [[100.12, 30.05], [100.121, 30.05], [100.121, 30.051], [100.12, 30.051], [100.12, 30.05]]
    told = {"类型": "裸土", "影像时间": "2026-11-20 10:30", "置信度": 0.0, "备注": "未苫盖", "卫星": "GF-2"}
    good = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]}, "properties": told}
    odd = {**good, "properties": {**told, "类型": "飞碟"}}
    named = "kind=类型, observed_at=影像时间, confidence=置信度, satellite=卫星, remark=备注"
    raw = json.dumps({"type": "FeatureCollection", "features": [good, odd]}).encode()
    file = bring(raw, "spots.geojson", properties=named)
    assert (file.new, file.faulty) == (1, 1)
    assert "found kind '飞碟', expected one of: fire, straw" in file.faults[0][1]
    (spot,) = spots(cast.analyst)
    assert (spot.kind, spot.satellite, spot.cell) == ("bare-soil", "GF-2", grid.next_community)
    assert spot.observed_at == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)  # a time without a zone is Beijing's
    assert spot.bounds == (100.12, 30.05, 100.121, 30.051)
    shifted = bring(raw, "gcj.geojson", properties=named, datum="GCJ-02")
    moved = Spot.objects.get(file=shifted)
    assert (spot.lon - moved.lon) * 96_000 + 0 > 100 or abs(spot.lat - moved.lat) * 111_000 > 100  # [m]


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [  # places that public implementations of GCJ-02 are tested with
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj_02_becomes_wgs_84_within_half_a_metre(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    from shapely import Point

    from qingyuan.places.geometry import from_gcj02

    found = from_gcj02(Point(*gcj))
    assert abs(found.x - wgs[0]) * 96_000 < 0.5
    assert abs(found.y - wgs[1]) * 111_000 < 0.5


def test_a_file_taken_back_takes_its_spots_and_its_open_clue_with_it_and_can_come_again(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    file = bring(fires(row(*FIELD)))
    with pytest.raises(Forbidden):
        undo_spots(file.pk, cast.duty_officer, "错了", OFFICE)
    with pytest.raises(BadInput):
        undo_spots(file.pk, cast.analyst, "", OFFICE)
    assert undo_spots(file.pk, cast.analyst, "日期错误", OFFICE) == 1
    run_the_loop()
    assert not spots(cast.analyst).exists()
    problem, clue = problems(cast.analyst).get(), Finding.objects.get()
    assert problem.state == ProblemState.WITHDRAWN
    assert (clue.state, clue.dismissed_why, clue.dismissed_by) == ("dismissed", "日期错误", cast.analyst)
    assert [spot.where for spot in spots_of_problem(problem)] == ["row 2"]
    bring(fires(row(*FIELD)))
    assert spots(cast.analyst).count() == 1
    assert problems(cast.analyst).exclude(pk=problem.pk).get().state == ProblemState.CLUE


def test_each_sees_what_lies_in_the_own_territory_and_an_enterprise_nothing(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace
) -> None:
    bring(fires(row(*FIELD), row(30.05, 100.3)))

    def seen(person: Any) -> tuple[int, int, int, int]:
        return (
            spots(person).count(), problems(person).count(), findings(person).count(), cases(person).count(),
        )  # fmt: skip

    assert seen(cast.duty_officer) == (2, 2, 2, 2)
    assert seen(cast.grid_worker) == seen(cast.other_grid_worker) == (1, 1, 1, 1)
    assert seen(cast.enterprise) == (0, 0, 0, 0)
    with pytest.raises(Forbidden):
        bring_spots(cast.grid_worker, "x.csv", fires(row(*FIELD)), origin=OFFICE)


def test_what_a_satellite_saw_is_no_complaint_of_a_person(
    rules: None, bring: Callable[..., SpotFile], cast: SimpleNamespace, station: Any
) -> None:
    from qingyuan.judging.fact import FACTS, Asked

    bring(fires(row(30.1001, 100.0501)))
    report_clue(station.code, cast.analyst, OFFICE, what="有异味", span=(NINE, NINE))
    asked = Asked((station.enterprise_id,), NINE - timedelta(days=1), NINE + timedelta(days=1))
    assert FACTS.get("clues_reported")().measure(asked)[station.enterprise_id].value == 1
