"""Where something at a river section came from: the known sources above it, ranked, named, and learned from."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE
from river import HOUR, rise

from qingyuan.judging.events import FindingCleared, FindingOpened
from qingyuan.judging.queries import Finding
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.places.api import (
    OutfallFacts,
    OwnLimit,
    draw_water,
    end_paper,
    enter_outfall,
    enter_permit,
    enter_reach,
    register_enterprise,
    register_station,
)
from qingyuan.places.queries import Reach
from qingyuan.sensing.queries import Channel
from qingyuan.tracing.api import name_source, settle_source, trace_again, trace_finding
from qingyuan.tracing.events import SourceSettled
from qingyuan.tracing.queries import UNKNOWN, NamedSource, Suspect, Trace, TraceRule, newest_trace, traces, worth

pytestmark = pytest.mark.django_db
UPPER, LOWER = "enterprise:91110000802100433B", "enterprise:91110108551385082Q"


def traced(event: Any) -> tuple[Trace, list[Suspect]]:
    trace_finding(event)
    trace = newest_trace(event.id)
    assert trace is not None
    return trace, list(trace.suspects.order_by("rank"))


def test_the_enterprise_whose_monitor_rose_when_the_water_passed_is_named_first(risen: Any) -> None:
    trace, suspects = traced(risen)
    assert [one.source for one in suspects] == [UPPER, LOWER]
    assert suspects[0].probability > 0.5 > suspects[1].probability
    assert sum(one.probability for one in suspects) + trace.unknown == pytest.approx(1.0)
    assert "上坝化工" in trace.sentence_zh
    assert "Upper Works" in trace.sentence_en
    own = {one["code"]: one["log_likelihood"] for one in suspects[0].evidence}
    assert own["own"] > 0.0
    assert suspects[0].travel_hours == 6.0


def test_what_is_said_stands_in_the_log_before_anybody_goes(risen: Any) -> None:
    trace, suspects = traced(risen)
    line = list(log.about(f"finding/{risen.id}"))[-1]
    assert line.act == "SuspectsRanked"
    assert line.detail["suspects"][0] == [UPPER, round(suspects[0].probability, 4)]
    assert line.detail["trace"] == trace.pk


def test_a_finding_that_clears_without_having_grown_is_not_traced_twice(risen: Any) -> None:
    traced(risen)
    trace_finding(risen)
    assert Trace.objects.count() == 1
    found = Finding.objects.get(pk=risen.id)
    found.ended_at += HOUR
    found.save()
    trace_finding(FindingCleared(id=found.pk, ended_at=found.ended_at.isoformat(), corrected=False))
    assert Trace.objects.count() == 2
    found.sentence_zh = "数值已更正"
    found.save()
    trace_finding(FindingCleared(id=found.pk, ended_at=found.ended_at.isoformat(), corrected=False))
    assert Trace.objects.count() == 3


def test_a_source_many_reaches_away_is_looked_at_too(at: SimpleNamespace, readings: Callable[..., Any]) -> None:
    far = register_enterprise(
        "91110000MA00000000", lon=100.05, lat=30.1, title_zh="源头化工", title_en="Head Works", industry_code="2614",
        industry_zh="有机化学原料", industry_en="Organic chemicals", management="key",
    )  # fmt: skip
    below = at.section
    for step in range(60):
        owner = {"kind": "outlet-water", "enterprise": far} if step == 59 else {"kind": "surface-water"}
        code = f"reach-{step}"
        above = register_station(code, title_zh=code, title_en=code, lon=100.06, lat=30.1, **owner)
        enter_reach(below, above, travel_hours=0.1, days=(LONG_AGO, None))
        below = above
    _trace, suspects = traced(rise(at, readings))
    head = next(one for one in suspects if one.name_en == "Head Works")
    assert head.travel_hours == pytest.approx(6.0)


def test_a_permit_with_few_substances_says_nothing_of_one_that_it_does_not_name(
    at: SimpleNamespace, readings: Callable[..., Any]
) -> None:
    outlet = at.outlets[0][0]
    own = [OwnLimit(outlet, factor, "day", high=1.0, unit="mg/L") for factor in ("w01018", "w21011", "w01017")]
    permit: Any = {"management": "key", "days": (LONG_AGO, None)}
    enter_permit(at.owners[0], number="91110000802100433B001P", limits=own[:1], **permit)
    _trace, suspects = traced(rise(at, readings))
    assert weights(suspects[0])["permit"] == 0.0
    enter_permit(at.owners[0], number="91110000802100433B002P", limits=own[1:], **permit)
    Trace.objects.all().delete()
    _trace, suspects = traced(_opened(at))
    assert next(weights(one)["permit"] for one in suspects if one.source == UPPER) < 0.0


def weights(one: Suspect) -> dict[str, float]:
    return {item["code"]: item["log_likelihood"] for item in one.evidence}


def _opened(at: SimpleNamespace) -> Any:
    return FindingOpened.from_detail(next(
        one.detail for one in log.about(f"finding/{Finding.objects.get(channel=at.channel).pk}")
        if one.act == "FindingOpened"
    ))  # fmt: skip


def test_a_reach_that_has_ended_leads_nowhere(at: SimpleNamespace, readings: Callable[..., Any]) -> None:
    reach = Reach.objects.get(upstream=at.outlets[0][0])
    end_paper(reach, (NINE - timedelta(days=3)).date(), why="改道", origin=OFFICE)
    _trace, suspects = traced(rise(at, readings))
    assert [one.source for one in suspects] == [LOWER]


def test_reaches_that_turn_back_make_no_section_lie_between(at: SimpleNamespace, readings: Callable[..., Any]) -> None:
    days = (LONG_AGO, None)
    below, above = (
        register_station(code, title_zh=code, title_en=code, kind="surface-water", lon=100.08, lat=30.1)
        for code in ("below", "above")
    )
    for one in (below, above):
        Channel.objects.create(station=one, factor="w21003", basis="measured", unit="mg/L")
    enter_reach(below, at.section, travel_hours=1.0, days=days)
    enter_reach(at.section, below, travel_hours=1.0, days=days)  # a tidal river runs both ways
    enter_reach(at.outlets[0][0], above, travel_hours=1.0, days=days)
    enter_reach(above, at.outlets[0][0], travel_hours=1.0, days=days)
    _trace, suspects = traced(rise(at, readings))
    upper = next(one for one in suspects if one.source == UPPER)
    assert [item["en"] for item in upper.evidence if item["code"] == "passed"] == [
        "it passes no monitored section on the way"
    ]


def test_who_discharges_through_an_outfall_is_looked_at_too(
    at: SimpleNamespace, readings: Callable[..., Any], cast: SimpleNamespace, client: Any
) -> None:
    farm = register_enterprise(
        "91310000739759459X", lon=100.07, lat=30.1, title_zh="江边养殖", title_en="River Farm", industry_code="0313",
        industry_zh="猪的饲养", industry_en="Pig farming", management="simplified",
    )  # fmt: skip
    water = draw_water("R1", title_zh="试河", title_en="Test River", kind="river", shape=_line())
    facts = OutfallFacts(
        title_zh="养殖排口", title_en="Farm outfall", kind="规模化畜禽养殖排污口", water=water, lon=100.07, lat=30.1,
        section=at.section, enterprises=(farm, at.owners[0]), stations=(at.outlets[0][0],),
    )  # fmt: skip
    enter_outfall(None, facts, days=(LONG_AGO, None))
    trace, suspects = traced(rise(at, readings))
    found = next(one for one in suspects if one.enterprise == farm)
    assert all(abs(one["log_likelihood"]) < 1e-9 for one in found.evidence if one["code"] in ("own", "passed"))
    assert found.probability < suspects[0].probability
    assert (suspects[0].source, suspects[0].travel_hours) == (UPPER, 6.0)
    client.force_login(cast.analyst)
    page = client.get(f"/findings/{trace.finding_id}/", headers={"accept-language": "en"}).content.decode()
    assert page.count("estimated by the distance") == 1  # that of the farm; the works' was entered
    assert "water takes about 6.0 h" in page


def _line() -> Any:
    from shapely.geometry import LineString

    return LineString([(100.0, 30.1), (100.3, 30.1)])


def test_without_a_rule_nothing_is_sought(risen: Any, cast: SimpleNamespace) -> None:
    TraceRule.objects.filter(detector="exceedance").update(enabled=False)
    trace_finding(risen)
    assert newest_trace(risen.id) is None
    with pytest.raises(Refused):
        trace_again(risen.id, cast.analyst, OFFICE)


@pytest.mark.parametrize("broken", [{"tracer": "gone"}, {"parameters": {"gone": 1}}])
def test_a_rule_that_no_longer_works_says_so_to_who_asks(
    risen: Any, cast: SimpleNamespace, broken: dict[str, Any]
) -> None:
    TraceRule.objects.filter(detector="exceedance").update(**broken)
    with pytest.raises(Refused, match="gone"):
        trace_again(risen.id, cast.analyst, OFFICE)


def test_a_later_trace_stands_before_the_earlier_one_which_stays(risen: Any, cast: SimpleNamespace) -> None:
    first, _suspects = traced(risen)
    again = trace_again(risen.id, cast.analyst, OFFICE)
    assert newest_trace(risen.id) == again
    assert Trace.objects.filter(pk=first.pk).exists()
    assert [one.pk for one in traces(cast.analyst)] == [again.pk]
    assert list(log.about(f"finding/{risen.id}"))[-1].actor == cast.analyst.username


def test_a_handler_does_not_seek_and_an_enterprise_sees_nothing(risen: Any, cast: SimpleNamespace) -> None:
    traced(risen)
    with pytest.raises(Forbidden):
        trace_again(risen.id, cast.handler, OFFICE)
    with pytest.raises(NotFound):
        trace_again(risen.id, cast.enterprise, OFFICE)
    assert not traces(cast.enterprise).exists()
    assert not traces(cast.other_grid_worker).exists()


def test_what_people_find_moves_the_next_ranking(
    at: SimpleNamespace, risen: Any, cast: SimpleNamespace, readings: Callable[..., Any]
) -> None:
    _trace, suspects = traced(risen)
    before = {one.source: one.probability for one in suspects}
    for number in range(3):
        name_source(risen.id, UPPER if number == 0 else LOWER, cast.analyst, OFFICE)
        outcome = "refuted" if number == 0 else "confirmed"
        assert settle_source(risen.id, outcome, cast.officer, OFFICE) is not None
    other = Finding.objects.get(pk=risen.id)
    other.pk, other.state = None, "cleared"
    other.started_at, other.ended_at = NINE, NINE + 2 * HOUR
    other.save()
    after = {one.source: one.probability for one in trace_again(other.pk, cast.analyst, OFFICE).suspects.all()}
    assert after[UPPER] < before[UPPER]
    assert after[LOWER] > before[LOWER]
    told = worth(cast.analyst)
    assert (told.settled, told.confirmed, told.first, told.of_three) == (3, 2, 0, 2)


def test_only_a_source_that_was_looked_at_can_be_named(risen: Any, cast: SimpleNamespace) -> None:
    traced(risen)
    with pytest.raises(BadInput, match=UPPER):
        name_source(risen.id, "enterprise:nobody", cast.analyst, OFFICE)
    named = name_source(risen.id, UNKNOWN, cast.analyst, OFFICE, why="上游无监控")
    assert named.probability == newest_trace(risen.id).unknown  # type: ignore[union-attr]
    settle_source(risen.id, "confirmed", cast.officer, OFFICE)
    assert worth(cast.analyst).settled == 0


def test_that_it_was_none_of_the_known_reads_as_such(risen: Any, cast: SimpleNamespace) -> None:
    traced(risen)
    name_source(risen.id, UNKNOWN, cast.analyst, OFFICE)
    settle_source(risen.id, "confirmed", cast.officer, OFFICE)
    line = list(log.about(f"finding/{risen.id}"))[-1]
    assert SourceSettled.from_detail(line.detail).words().en == "Looked into: it was none of the known sources"


def test_a_source_is_settled_once(risen: Any, cast: SimpleNamespace) -> None:
    assert settle_source(risen.id, "confirmed", cast.officer, OFFICE) is None
    traced(risen)
    name_source(risen.id, UPPER, cast.analyst, OFFICE)
    with pytest.raises(BadInput):
        settle_source(risen.id, "perhaps", cast.officer, OFFICE)
    assert settle_source(risen.id, "confirmed", cast.officer, OFFICE) is not None
    assert settle_source(risen.id, "refuted", cast.officer, OFFICE) is None
    assert NamedSource.objects.get().outcome == "confirmed"


def test_a_rule_that_is_edited_stands_in_the_log_and_checks_its_settings(
    trace_rules: Any, cast: SimpleNamespace, client: Any
) -> None:
    cast.administrator.is_staff = cast.administrator.is_superuser = True
    cast.administrator.save()
    client.force_login(cast.administrator)
    rule = TraceRule.objects.filter(tracer="upstream").first()
    assert rule is not None
    address = f"/admin/tracing/tracerule/{rule.pk}/change/"
    form = {
        "tracer": "upstream", "detector": "exceedance", "station_kind": "surface-water", "station": "",
        "parameters": '{"name_from": 0.7}', "enabled": "on", "valid_0": "2020-01-01", "valid_1": "",
    }  # fmt: skip
    for wrong in ('{"name_from": 7}', "5", "[1]", '"name_from"', "true"):
        assert client.post(address, {**form, "parameters": wrong}).status_code == 200
    for nothing in ("", "[]", "null"):
        assert client.post(address, {**form, "parameters": nothing}).status_code == 302
        rule.refresh_from_db()
        assert rule.parameters == {}
    assert client.post(address, form).status_code == 302
    line = list(log.about(f"trace-rule/{rule.pk}"))[-1]
    assert line.detail["parameters"] == {"name_from": 0.7}
