"""River outfalls on pages: entered by form and by table, and watched while things happen to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import NINE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from shapely.geometry import LineString

from qingyuan.dispatching.queries import Case
from qingyuan.kit import clock
from qingyuan.places.api import OutfallFacts, draw_water, enter_outfall, register_station
from qingyuan.places.queries import outfalls
from qingyuan.sensing.queries import Device

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
HEAD = "临时编码,排污口名称,排污口类型,受纳水体,经度,纬度,岸别,排放方式,排污单位,监测点位\n"
OFFICIAL = "FXX-420106-0001-GY-00"


@pytest.fixture
def facts(station: Any) -> OutfallFacts:
    """The mouth of the works' outlet in East River."""
    line = LineString([(100.0, 30.1), (100.4, 30.1)])
    river = draw_water("east", title_zh="东江", title_en="East River", kind="river", shape=line)
    section = register_station(
        "S-1", title_zh="东江出境断面", title_en="East River outflow", kind="surface-water", lon=100.15, lat=30.1
    )
    return OutfallFacts(
        title_zh="东江水务排污口", title_en="East Water outfall", kind="城镇污水处理厂排污口", water=river,
        lon=station.lon, lat=station.lat, enterprises=(station.enterprise,), stations=(station,), section=section,
    )  # fmt: skip


def light_of(client: Client, code: str) -> tuple[str, str]:
    """The light of an outfall on the live page, and its first reason."""
    shown = client.get(reverse("outfalls-now")).context["rows"]
    (light,) = [one["light"] for one in shown if one["row"].outfall.code == code]
    return light.key, light.reasons[0].text


def test_an_enterprise_reads_the_name_of_the_receiving_section_and_no_way_into_what_it_may_not_see(
    facts: OutfallFacts, browser: Browser
) -> None:
    enter_outfall(None, facts, days=(NINE.date(), None), code="E-1")
    own = browser("enterprise").get(reverse("outfall", kwargs={"code": "E-1"})).content.decode()
    assert "East River outflow" in own
    assert reverse("station", kwargs={"code": "S-1"}) not in own
    assert (
        reverse("station", kwargs={"code": "S-1"})
        in browser("duty_officer").get(reverse("outfall", kwargs={"code": "E-1"})).content.decode()
    )


@pytest.mark.mission("S0-15", "S0-16")
def test_what_happens_at_an_outfall_turns_its_light_with_the_reason_and_stands_on_its_page(
    facts: OutfallFacts, device: Device, channel: Any, request: pytest.FixtureRequest, browser: Browser
) -> None:
    Device.objects.update(last_seen_at=clock.now())
    enter_outfall(None, facts, days=(NINE.date(), None), code="E-1")
    enter_outfall(
        None,
        replace(facts, title_zh="雨洪排口", stations=(), kind="城镇雨洪排口"),
        days=(NINE.date(), None),
        code="E-2",
    )
    duty = browser("duty_officer")
    assert light_of(duty, "E-1") == ("green", "nothing is open, and its devices are heard")
    assert light_of(duty, "E-2") == ("dark", "no station watches it")
    case: Case = request.getfixturevalue("case")  # COD of 68.4 mg/L is found, and a case opened
    key, reason = light_of(duty, "E-1")
    assert (key, case.number in reason) == ("red", True)
    page = duty.get(reverse("outfall", kwargs={"code": "E-1"})).content.decode()
    for told in (case.number, case.finding.sentence, "East Water Ltd", "East River outflow", "68.4", "E-1", "COD"):
        assert told in page
    own = reverse("outfall", kwargs={"code": "E-1"})
    for address in (
        reverse("case", kwargs={"case_id": case.pk}),
        reverse("finding", kwargs={"finding_id": case.finding_id}),
        reverse("station", kwargs={"code": "outlet-1"}),
        reverse("enterprise", kwargs={"code": facts.enterprises[0].code}),
    ):
        assert own in duty.get(address).content.decode(), address
    news = duty.get(reverse("outfalls-news")).content.decode()
    assert case.number in news
    seen = browser("enterprise").get(reverse("outfalls-now")).content.decode()
    assert "East Water outfall" in seen
    assert case.number not in seen, "an inspection is not announced"
    assert "East Water outfall" not in browser("other_grid_worker").get(reverse("outfalls-now")).content.decode()
    live = duty.get(reverse("outfalls-live")).content.decode()
    assert 'sse-connect="/live/stream' in live
    assert "sse:CaseOpened" in live


def test_a_silent_device_and_an_approval_that_ended_ask_for_attention(
    facts: OutfallFacts, device: Device, browser: Browser
) -> None:
    Device.objects.update(last_seen_at=NINE - timedelta(hours=5))
    enter_outfall(None, facts, days=(NINE.date(), None), code="E-1")
    ended = replace(facts, stations=(), granted_until=NINE.date() - timedelta(days=1))
    enter_outfall(None, ended, days=(NINE.date(), None), code="E-2")
    duty = browser("duty_officer")
    assert light_of(duty, "E-1") == ("yellow", "East Water outlet silent since 2026-11-22 04:00")
    assert light_of(duty, "E-2") == ("yellow", "approval or registration ended on 2026-11-21")


def test_the_worst_come_first_and_are_counted_also_where_not_all_are_shown(
    facts: OutfallFacts, case: Case, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingyuan.showing.views.outfalls.supervision.MOST", 1)
    enter_outfall(None, replace(facts, stations=()), days=(NINE.date(), None), code="E-1")
    enter_outfall(None, facts, days=(NINE.date(), None), code="E-2")
    duty = browser("duty_officer")
    shown = duty.get(reverse("outfalls-now")).context
    assert [one["row"].code for one in shown["rows"]] == ["E-2"]
    assert [one["count"] for one in shown["lights"]] == [1, 0, 0, 1]
    for going, codes in {"case": ["E-2"], "finding": ["E-2"], "quiet": ["E-1"]}.items():
        listed = duty.get(reverse("outfalls"), {"going": going}).context["rows"]
        assert [one["row"].code for one in listed] == codes


def bring(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("outfalls.csv", text.encode("utf-8-sig"))
    return client.post(f"{reverse('permit-sheets')}?of=outfall", {"file": file}, follow=True)


def press(client: Client, page: Any, name: str = "permit-sheet", **data: str) -> Any:
    return client.post(reverse(name, kwargs={"sheet_id": page.context["sheet"].pk}), data, follow=True)


def test_a_list_is_looked_at_with_its_faults_entered_and_taken_back(
    facts: OutfallFacts, cast: SimpleNamespace, browser: Browser
) -> None:
    before = enter_outfall(None, facts, days=(NINE.date() - timedelta(days=9), None), code="E-1")
    officer, code = browser("officer"), facts.enterprises[0].code
    page = bring(
        officer,
        HEAD + f"E-1,东江水务新名,城镇污水处理厂排污口,东江,100.05,30.1,左岸,连续排放,{code},outlet-1\n"
        "E-2,东街雨洪口,城镇雨洪排口,east,100.06,30.1,right,storm,,\n"
        "E-3,无名口,下水道,东江,100.06,30.1,,,,\n"
        "E-4,远处口,城镇雨洪排口,东江,100.06,30.19,,,,\n"
        f"E-5,外地口,城镇雨洪排口,西江,abc,30.1,,,{code[:-1]}9,\n",
    )  # fmt: skip
    lines = page.context["lines"]
    assert [one["outcome"] for one in lines] == ["changed", "new", "faulty", "refused", "faulty"]
    assert "下水道" in lines[2]["faults"][0]["fault"]
    assert "km from East River" in lines[3]["faults"][0]["fault"]
    assert [one["row"] for one in lines[4]["faults"]] == [6, 6, 6], "water body, longitude and enterprise, each named"
    shown = press(officer, page)
    assert "Entered: 2" in shown.content.decode()
    assert {one.code: one.title_zh for one in outfalls(cast.officer)} == {"E-1": "东江水务新名", "E-2": "东街雨洪口"}
    taken = officer.get(reverse("outfalls-table")).content.decode("utf-8-sig")
    again = bring(officer, taken)
    assert [one["outcome"] for one in again.context["lines"]] == ["unchanged"] * 2, "what is taken away can come back"
    assert press(officer, shown, "permit-sheet-undo", why="文件有误").status_code == 200
    (one,) = outfalls(cast.officer)
    assert (one.outfall, one.title_zh, one.valid) == (before.outfall, "东江水务排污口", before.valid)
    assert [one.station.code for one in one.monitors.all()] == ["outlet-1"]


def test_the_form_enters_changes_and_ends_an_outfall_and_says_what_is_wrong(
    facts: OutfallFacts, cast: SimpleNamespace, browser: Browser
) -> None:
    analyst, code = browser("analyst"), facts.enterprises[0].code
    given = {
        "title_zh": "东江水务排污口", "kind": facts.kind, "water": "east", "lon": "100.05", "lat": "30.1",
        "since": "2026-01-01", "enterprises": code, "stations": "东江水务总排口", "bank": "left",
    }  # fmt: skip
    far = analyst.post(reverse("outfall-new"), given | {"lon": "90", "stations": "outlet-9"})
    assert far.status_code == 422
    assert "outside your territory" in far.content.decode()
    assert "Found outlet-9, expected" in far.content.decode()
    entered = analyst.post(reverse("outfall-new"), given, follow=True)
    assert entered.redirect_chain[-1][0] == reverse("outfall", kwargs={"code": "T01-P0001"})
    row = outfalls(cast.analyst).get()
    address = reverse("paper-change", kwargs={"kind": "outfall", "paper_id": row.pk})
    assert analyst.get(address).context["form"].initial["stations"] == "outlet-1"
    official = given | {"official_code": OFFICIAL, "since": "2026-02-01", "why": "市局赋码"}
    assert OFFICIAL in analyst.post(address, official, follow=True).content.decode()
    stepped = analyst.post(reverse("outfall-step", kwargs={"code": OFFICIAL}), {"state": "found", "on": "2026-02-02"})
    assert stepped.status_code == 302
    listed = analyst.get(reverse("outfalls"), {"state": "found", "class": "c2", "water": "east", "q": "East Water"})
    assert [one["row"].code for one in listed.context["rows"]] == [OFFICIAL]
    end = reverse("paper-end", kwargs={"kind": "outfall", "paper_id": outfalls(cast.analyst).get().pk})
    assert analyst.post(end, {"last": "2026-11-01", "why": "已封堵"}).status_code == 302
    assert not outfalls(cast.analyst).exists()
    assert "as it stood last" in analyst.get(reverse("outfall", kwargs={"code": "T01-P0001"})).content.decode()
