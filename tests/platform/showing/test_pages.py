"""What people read on the pages, and what they can do there."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from casefile import INSPECTION, NINE, RECTIFICATION, jpeg
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from pages import get, ribbon, words

from qingyuan.kit import clock, log
from qingyuan.kit import queries as lines

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
TEN = NINE + timedelta(hours=1, minutes=5)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)")
HANDLER_ATTRIBUTE = re.compile(r"<[^>]+\son[a-z]+=")


def photo(name: str = "outlet.jpg", colour: str = "green") -> BytesIO:
    file = BytesIO(jpeg(colour))
    file.name = name
    return file


@pytest.mark.parametrize(
    ("person", "arrives"),
    [
        ("duty_officer", "watch"),
        ("grid_worker", "tasks"),
        ("handler", "tasks"),
        ("supervisor", "tasks"),
        ("leader", "watch"),
        ("administrator", "devices"),
    ],
)
def test_each_role_arrives_at_the_page_of_its_work(
    cast: SimpleNamespace, browser: Browser, person: str, arrives: str
) -> None:
    assert get(browser(person), "home").headers["Location"] == reverse(arrives)


def test_an_enterprise_user_arrives_at_the_own_file(enterprise: Any, browser: Browser) -> None:
    page = browser("enterprise").get("/", follow=True)
    assert page.redirect_chain[-1][0] == reverse("enterprise", kwargs={"code": enterprise.code})
    assert "East Water Ltd" in words(page)


def test_the_menu_holds_only_what_the_role_may_use(cast: SimpleNamespace, browser: Browser) -> None:
    page = get(browser("grid_worker"), "tasks").content.decode()
    assert reverse("tasks") in page
    for closed in ("devices", "log", "watch", "admin:index"):
        assert f'href="{reverse(closed)}"' not in page


def open_groups(page: Any) -> set[str]:
    side = page.content.decode().split('class="qy-side"')[1].split("</nav>")[0]
    return set(re.findall(r'data-group="(\w+)" open', side))


def test_a_long_menu_opens_the_daily_work_and_the_group_of_the_page(cast: SimpleNamespace, browser: Browser) -> None:
    assert open_groups(get(browser("administrator"), "faults")) == {"daily", "running"}


def test_a_menu_stays_as_the_person_left_it(cast: SimpleNamespace, browser: Browser) -> None:
    client = browser("administrator")
    client.cookies["qy_menu"] = "judging.files"
    assert open_groups(get(client, "faults")) == {"judging", "files", "running"}


def test_what_waits_in_a_closed_group_is_counted_beside_its_name(
    case: Any, cast: SimpleNamespace, browser: Browser
) -> None:
    client = browser("grid_worker")
    client.cookies["qy_menu"] = "files"
    daily = get(client, "places").content.decode().split('data-group="daily"')[1].split("</summary>")[0]
    assert re.findall(r'class="qy-count"[^>]*>(\d+)<', daily) == ["1"]


def test_the_login_page_of_a_demo_lists_whom_to_come_in_as(cast: SimpleNamespace) -> None:
    page = words(Client().get(reverse("login")))
    assert "duty_officer" in page
    assert "qingyuan-demo" in page


def test_an_installation_shows_no_demo_logins(cast: SimpleNamespace, settings: Any) -> None:
    settings.DEMO = False
    assert "qingyuan-demo" not in words(Client().get(reverse("login")))


def test_the_board_shows_the_newest_value_and_what_is_over(
    case: Any, device: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    page = get(browser("duty_officer"), "watch")
    shown = re.search(rf'id="value-{channel.pk}">(.*?)</td>', page.content.decode(), re.DOTALL)
    assert shown is not None
    assert 'class="qy-over"' in shown[1]
    assert "68.4" in shown[1]
    assert "≤ 50 mg/L, GB 18918-2002 class 1A limit (daily mean)" in shown[1]
    assert "COD at East Water outlet" in words(page)


def test_only_cells_that_changed_are_sent_again(
    case: Any, station: Any, channel: Any, readings: Any, taken_up: Any, browser: Browser
) -> None:
    from qingyuan.sensing.queries import Channel

    other = Channel.objects.create(station=station, factor="w21003", basis="measured", unit="mg/L")
    readings(other, "r", [(NINE, 2.5)])
    before = lines.last_seq()
    readings(channel, "r", [(TEN, 71.0)])
    taken_up("recording.api.readings.keep_latest")
    fragment = get(browser("duty_officer"), "watch-values", {"after": before}).content.decode()
    assert f'id="value-{channel.pk}"' in fragment
    assert "71.0" in fragment
    assert f'id="value-{other.pk}"' not in fragment
    assert f'value="{lines.last_seq()}"' in fragment


def test_a_cell_whose_newest_value_was_not_kept_yet_is_sent_with_a_later_refresh(
    case: Any, channel: Any, readings: Any, taken_up: Any, browser: Browser
) -> None:
    def refreshed(after: int) -> str:
        return get(browser("duty_officer"), "watch-values", {"after": after}).content.decode()

    taken_up("recording.api.readings.keep_latest")
    before = lines.last_seq()
    readings(channel, "r", [(TEN, 71.0)])
    early = refreshed(before)
    assert f'id="value-{channel.pk}"' not in early
    seen = int(re.findall(r'name="after" value="(\d+)"', early)[0])
    taken_up("recording.api.readings.keep_latest")
    assert f'id="value-{channel.pk}"' in refreshed(seen)


def test_the_watch_page_asks_as_little_of_the_database_for_thirty_stations_as_for_one(
    case: Any, enterprise: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    from django.db import connection

    from qingyuan.places.api import register_station
    from qingyuan.sensing.queries import Channel

    duty = browser("duty_officer")
    assert get(duty, "findings").status_code == 200, "the first page of a day notes that the person is here"
    with (
        clock.wound_to(TEN),
        CaptureQueriesContext(
            connection,
        ) as few,
    ):
        assert get(duty, "watch").status_code == 200
    for number in range(30):
        one = register_station(
            f"more-{number}", title_zh=f"点位{number}", title_en=f"More {number}", kind="outlet-water",
            lon=100.05, lat=30.1, enterprise=enterprise,
        )  # fmt: skip
        readings(
            Channel.objects.create(station=one, factor="w01018", basis="measured", unit="mg/L"), "r", [(NINE, 20.0)]
        )
    with CaptureQueriesContext(connection) as many:
        assert "More 29" in words(get(duty, "watch"))
    assert len(many) == len(few)
    assert len(many) <= 27


@pytest.mark.parametrize("name", ["findings", "cases", "places", "enterprises", "tasks"])
def test_a_list_asks_no_more_for_many_rows(
    name: str, case: Any, cast: SimpleNamespace, enterprise: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    from django.db import connection

    duty = browser("duty_officer")
    with CaptureQueriesContext(connection) as few:
        get(duty, name, {"state": "all"})
    _multiply(case, enterprise)
    with CaptureQueriesContext(connection) as many:
        get(duty, name, {"state": "all"})
    assert len(many) <= len(few) + 2  # the second look may ask for owners and holders that one row did not have
    assert len(many) <= 16


def _multiply(case: Any, enterprise: Any) -> None:
    from qingyuan.dispatching.queries import Case, Task
    from qingyuan.judging.queries import Finding
    from qingyuan.places.api import register_station

    task = Task.objects.get(case=case)
    finding = Finding.objects.get(pk=case.finding_id)
    for number in range(20):
        register_station(
            f"row-{number}", title_zh=f"点位{number}", title_en=f"Row {number}", kind="outlet-water",
            lon=100.05, lat=30.1, enterprise=enterprise,
        )  # fmt: skip
        finding.pk, finding.state = None, "cleared"
        finding.save()
        copy = Case.objects.get(pk=case.pk)
        copy.pk, copy.number, copy.finding_id = None, f"QY-20261122-1{number:03}", finding.pk
        copy.save()
        task.pk, task.case = None, copy
        task.save()


def test_a_finding_says_it_in_a_sentence_with_clause_and_readings(case: Any, packet: Any, browser: Browser) -> None:
    page = get(browser("duty_officer"), "finding", finding_id=case.finding_id)
    text = words(page)
    assert "COD at East Water outlet: hourly mean 68.4 mg/L, over the class 1A limit of 50 mg/L" in text
    assert "GB 18918-2002 Table 1" in text
    assert f"Case {case.number}" in text
    reading = re.search(r'href="(/readings/[^"]+)"', page.content.decode())
    assert reading is not None
    shown = browser("duty_officer").get(reading[1])
    assert "CN=2061" in ribbon(shown)
    assert reverse("packet", kwargs={"packet_id": packet.pk}) in shown.content.decode()


def test_a_finding_is_dismissed_only_with_a_reason(case: Any, cast: SimpleNamespace, browser: Browser) -> None:
    duty = browser("duty_officer")
    address = reverse("finding-dismiss", kwargs={"finding_id": case.finding_id})
    refused = duty.post(address, {"code": "service", "why": "  "})
    assert refused.status_code == 422
    assert "Say why the finding means nothing" in words(refused)
    assert duty.post(address, {"why": "The probe was being cleaned"}).status_code == 422, "its kind is asked for too"
    accepted = duty.post(address, {"code": "service", "why": "The probe was being cleaned"}, follow=True)
    assert "The probe was being cleaned" in words(accepted)
    line = list(log.about(f"finding/{case.finding_id}"))[-1]
    assert (line.act, line.actor, line.origin) == ("FindingDismissed", cast.duty_officer.username, "127.0.0.1")


def test_the_case_offers_its_holder_one_large_next_act(case: Any, browser: Browser) -> None:
    page = get(browser("grid_worker"), "case", case_id=case.pk).content.decode()
    assert "What you do next" in page
    assert re.search(r'<button class="btn btn-primary">Sign for it</button>', page)


def test_the_case_tells_others_with_whom_it_is(case: Any, cast: SimpleNamespace, browser: Browser) -> None:
    page = get(browser("supervisor"), "case", case_id=case.pk)
    assert f"Now with {cast.grid_worker.name_en} (grid worker): To be signed for." in words(page)
    assert "What you do next" not in words(page)


def test_the_acts_before_a_record_lead_to_its_form(case: Any, browser: Browser) -> None:
    worker = browser("grid_worker")
    worker.post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    page = words(get(worker, "case", case_id=case.pk))
    assert "Write the inspection record" in page
    assert "After that you can: Confirm, Refute." in page


def test_what_the_inspection_concludes_becomes_the_next_act(inspected: Any, browser: Browser) -> None:
    page = get(browser("grid_worker"), "case", case_id=inspected.pk).content.decode()
    assert re.search(r'btn-primary"[^>]*>Confirm<', page)


def test_the_inspection_form_works_without_script(case: Any, browser: Browser) -> None:
    worker = browser("grid_worker")
    worker.post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    address = reverse("case-record", kwargs={"case_id": case.pk, "kind": "inspection"})
    form = worker.get(address).content.decode()
    assert re.search(r'<input type="file" name="photos"[^>]*accept="image/\*"[^>]*capture="environment"', form)
    client_id = re.search(r'name="client_id" value="([^"]+)"', form)
    assert client_id is not None
    told = {name: value for name, value in INSPECTION.items() if name not in {"lon", "lat", "accuracy_m"}}
    sent = {**told, "client_id": client_id[1], "photos": photo()}
    page = worker.post(address, sent, follow=True)
    assert "Inspection record filed" in words(page)
    image = re.search(r'src="(/photos/\d+/small/)"', page.content.decode())
    assert image is not None
    small = worker.get(image[1])
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/jpeg")


def test_a_record_sent_twice_is_kept_once(case: Any, browser: Browser) -> None:
    from qingyuan.inspecting.queries import Inspection

    worker = browser("grid_worker")
    worker.post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    address = reverse("case-record", kwargs={"case_id": case.pk, "kind": "inspection"})
    client_id = str(uuid4())
    for _ in range(2):
        assert worker.post(address, {**INSPECTION, "client_id": client_id, "photos": photo()}).status_code == 302
    assert Inspection.objects.count() == 1


def test_a_photo_that_is_none_is_refused_at_its_field_and_the_text_stays(case: Any, browser: Browser) -> None:
    worker = browser("grid_worker")
    worker.post(reverse("case-act", kwargs={"case_id": case.pk, "verb": "accept"}))
    address = reverse("case-record", kwargs={"case_id": case.pk, "kind": "inspection"})
    lie = BytesIO(b"this is no picture")
    lie.name = "lie.jpg"
    page = worker.post(address, {**INSPECTION, "notes": "blower stopped", "client_id": str(uuid4()), "photos": lie})
    assert page.status_code == 422
    assert "lie.jpg: expected a whole image" in words(page)
    assert "blower stopped" in words(page)


def test_an_act_that_needs_a_reason_asks_for_it(case: Any, browser: Browser) -> None:
    worker = browser("grid_worker")
    address = reverse("case-act", kwargs={"case_id": case.pk, "verb": "hand_back"})
    assert "It goes into the log under your name" in words(worker.get(address))
    assert worker.post(address, {}).status_code == 422
    page = worker.post(address, {"why": "Not in my cell"}, follow=True)
    assert "Done: Hand back. The case is now: To be dispatched." in words(page)
    assert "Not in my cell" in words(page)


def test_a_wrong_name_in_an_act_is_told_at_its_field(case: Any, browser: Browser) -> None:
    address = reverse("case-act", kwargs={"case_id": case.pk, "verb": "assign"})
    page = browser("duty_officer").post(address, {"assignee": "other_grid_worker"})
    assert page.status_code == 422
    assert "has-error" in page.content.decode()


def test_a_case_is_closed_on_the_pages_alone(inspected: Any, cast: SimpleNamespace, browser: Browser) -> None:
    def act(person: str, verb: str, **sent: Any) -> None:
        address = reverse("case-act", kwargs={"case_id": inspected.pk, "verb": verb})
        assert browser(person).post(address, sent).status_code == 302, verb

    act("grid_worker", "confirm", violation="over-limit")
    address = reverse("case-record", kwargs={"case_id": inspected.pk, "kind": "rectification"})
    sent = {**RECTIFICATION, "client_id": str(uuid4()), "photos": [photo("a.jpg", "red"), photo("b.jpg", "blue")]}
    assert browser("handler").post(address, sent).status_code == 302
    act("handler", "rectified")
    act("supervisor", "accept_closure")
    page = words(get(browser("leader"), "case", case_id=inspected.pk))
    for told in ("Found", "Sign for it", "Inspection record", "Confirm", "Rectified", "Accept and close", "Closed"):
        assert told in page
    assert log.verify() > 0


def test_the_station_page_sets_hours_as_sent_beside_hours_as_computed(
    station: Any, device: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "h", [(NINE + timedelta(hours=hour), 40.0 + hour) for hour in range(3)])
    readings(channel, "H", [(NINE + timedelta(hours=hour), 40.5 + hour) for hour in range(2)])
    with clock.wound_to(NINE + timedelta(hours=3)):
        page = words(get(browser("analyst"), "station", code=station.code))
    assert "As sent, mg/L Mark Computed here, mg/L Mark" in page
    assert "11-22 10:00 41.0 41.5" in page
    assert "11-22 11:00 42.0 — no value" in page
    assert "≤ 50 mg/L, GB 18918-2002 class 1A limit (daily mean)" in page


def test_a_station_that_fell_silent_shows_its_last_values_and_their_age(
    station: Any, device: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "r", [(NINE, 40.0)])
    with clock.wound_to(NINE + timedelta(days=20)):
        page = words(get(browser("analyst"), "station", code=station.code))
    assert "The newest value is of 11-22 09:00" in page
    assert "20 d ago" in page
    assert "40.0" in page


def test_the_series_names_its_limit_and_the_window_of_the_finding(case: Any, station: Any, browser: Browser) -> None:
    query = {"factor": "w01018", "kind": "h", "from": "2026-11-22T00:00", "to": "2026-11-22T23:00"}
    answer = get(browser("analyst"), "series", query, code=station.code).json()
    assert (answer["unit"], answer["decimals"]) == ("mg/L", 1)
    assert answer["series"][0]["points"] == [[1795309200000, 68.4, "N"]]
    assert answer["limits"] == [{"name": "GB 18918-2002 class 1A limit (daily mean)", "value": 50.0, "bound": "upper"}]
    assert [(one["kind"], one["from"], one["to"]) for one in answer["windows"]] == [("finding", 1795309200000, None)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"kind": "x"}, "Found kind “x”"),
        ({"range": "1y"}, "Found range “1y”"),
        ({"from": "yesterday"}, "Found time “yesterday”"),
        ({"from": "2026-11-22T10:00", "to": "2026-11-22T09:00"}, "Expected “from” before “to”"),
    ],
)
def test_a_wrong_question_for_a_series_is_told_what_was_expected(
    channel: Any, station: Any, browser: Browser, query: dict[str, str], told: str
) -> None:
    answer = get(browser("analyst"), "series", {"factor": "w01018", **query}, code=station.code)
    assert (answer.status_code, answer.json()["error"]) == (422, "BadInput")
    assert told in answer.json()["detail"]


def test_values_that_do_not_count_are_windows_with_their_mark(
    station: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "r", [(NINE, 40.0)])
    readings(channel, "r", [(NINE + timedelta(minutes=minute), 3.0) for minute in (1, 2)], mark="M")
    query = {"factor": "w01018", "kind": "r", "from": "2026-11-22T08:00", "to": "2026-11-22T10:00"}
    answer = get(browser("analyst"), "series", query, code=station.code).json()
    assert [(one["kind"], one["title"]) for one in answer["windows"]] == [("maintenance", "maintenance")]


def test_a_series_has_its_points_in_order_and_null_where_nothing_was_measured(
    station: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    minutes = [NINE + timedelta(minutes=minute) for minute in range(4)]
    readings(channel, "r", zip(minutes[1::2], (float("nan"), 1e-7), strict=True), mark="B")
    readings(channel, "r", zip(minutes[::2], (40.0, 0.1), strict=True))
    query = {"factor": "w01018", "kind": "rm", "from": "2026-11-22T08:00", "to": "2026-11-22T10:00"}
    first, second = get(browser("analyst"), "series", query, code=station.code).json()["series"]
    times = [round(at.timestamp() * 1000) for at in minutes]
    told = zip(times, (40.0, None, 0.1, 1e-7), ("N", "B", "N", "B"), strict=True)
    assert first["points"] == [list(point) for point in told]
    assert (second["points"], second["name"]) == ([], "minute means, as sent")
    assert first["reading_url"].endswith("/r/{at}/")


def test_a_long_series_keeps_its_peak_when_it_is_thinned(
    station: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    start = NINE - timedelta(hours=8)
    readings(channel, "r", [(start + timedelta(seconds=5 * n), 99.0 if n == 3331 else 10.0) for n in range(6000)])
    query = {"factor": "w01018", "kind": "r", "from": "2026-11-22T00:00", "to": "2026-11-22T23:00"}
    points = get(browser("analyst"), "series", query, code=station.code).json()["series"][0]["points"]
    assert len(points) <= 5000
    assert max(value for _, value, _ in points) == 99.0


def test_a_computed_hour_shows_the_values_it_is_made_of(
    station: Any, channel: Any, readings: Any, browser: Browser
) -> None:
    readings(channel, "m", [(NINE + timedelta(minutes=10 * n), 40.0 + n) for n in range(6)])
    readings(channel, "H", [(NINE, 42.5)])
    at = round(NINE.timestamp() * 1000)
    page = words(get(browser("analyst"), "reading", channel=channel.pk, kind="h", at=at))
    assert "hour means, computed here" in page
    assert "The values that it is computed from Time COD, mg/L × 6" in page


def test_the_search_opens_the_only_hit(case: Any, browser: Browser) -> None:
    answer = get(browser("duty_officer"), "search", {"q": case.number})
    assert answer.headers["Location"] == reverse("case", kwargs={"case_id": case.pk})


def test_the_search_says_when_nothing_is_found(cast: SimpleNamespace, browser: Browser) -> None:
    assert "Nothing has “<xyz>” in its name or number" in words(get(browser("duty_officer"), "search", {"q": "<xyz>"}))


def test_the_case_type_is_drawn_and_taken_away_as_bpmn(cast: SimpleNamespace, browser: Browser) -> None:
    duty = browser("duty_officer")
    assert get(duty, "case-type-drawing", code="exceedance").headers["Content-Type"] == "image/svg+xml"
    bpmn = get(duty, "case-type-bpmn", code="exceedance")
    assert bpmn.headers["Content-Disposition"] == 'attachment; filename="exceedance.bpmn"'
    assert b"BPMNDiagram" in bpmn.content
    assert get(duty, "case-type", code="unknown").status_code == 404


@pytest.mark.parametrize(
    "name", ["watch", "findings", "cases", "tasks", "places", "enterprises", "map", "devices", "faults"]
)
def test_an_empty_page_says_why_and_what_to_do(name: str, db: None, django_user_model: Any) -> None:
    from qingyuan.people.api import register_organisation, register_person

    office = register_organisation("office", title_zh="办公室", title_en="Office", kind="bureau")
    person = register_person(
        "nobody", name_zh="某", name_en="N", role="administrator", organisation=office, password="x"
    )
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    page = get(client, name)
    assert page.status_code == 200
    assert 'class="qy-empty"' in page.content.decode()


def test_a_page_answers_in_the_language_of_its_reader(case: Any, cast: SimpleNamespace) -> None:
    for language, told in (("zh-hans", "最新动态"), ("en", "What happened last")):
        client = Client(headers={"accept-language": language})
        client.force_login(cast.duty_officer)
        assert told in words(get(client, "watch"))


def test_the_language_is_switched_by_a_press(cast: SimpleNamespace) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    client.post(reverse("set_language"), {"language": "en", "next": "/login/"})
    assert "Log in" in words(client.get("/login/"))


def test_no_page_carries_a_script_of_its_own(case: Any, device: Any, station: Any, browser: Browser) -> None:
    duty = browser("duty_officer")
    pages = [get(duty, name) for name in ("watch", "findings", "cases", "tasks", "places", "map", "search")]
    pages += [get(duty, "case", case_id=case.pk), get(duty, "finding", finding_id=case.finding_id)]
    pages += [get(duty, "station", code=station.code)]
    for page in pages:
        html = page.content.decode()
        assert not INLINE_SCRIPT.search(html), page.request["PATH_INFO"]
        assert not HANDLER_ATTRIBUTE.search(html), page.request["PATH_INFO"]
        assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "no-cache" in page.headers["Cache-Control"]


def test_every_page_has_a_title_of_its_own(case: Any, browser: Browser) -> None:
    titles = []
    for name in ("watch", "findings", "cases", "tasks", "places", "enterprises", "map", "search"):
        found = re.search(
            r"<title>(.*?) · Qingyuan</title>", get(browser("duty_officer"), name).content.decode(), re.DOTALL
        )
        assert found is not None
        titles.append(found[1].strip())
    assert len(set(titles)) == len(titles)
    assert all(titles)


def test_an_unknown_address_is_told_as_a_page(cast: SimpleNamespace, browser: Browser) -> None:
    answer = browser("duty_officer").get("/nowhere/")
    assert answer.status_code == 404
    assert "Nothing at this address" in words(answer)


def test_addresses_of_the_pages_end_alike() -> None:
    for pattern in get_resolver("qingyuan.showing.urls").url_patterns:
        route = str(pattern.pattern)
        assert (
            route == ""
            or route.endswith(("/", ".csv", ".json", ".jsonl"))
            or route.startswith(("api/", "live/", "case-types/"))
        ), route


def test_an_absurd_number_in_an_address_is_as_none(device: Any, browser: Browser) -> None:
    administrator, absurd = browser("administrator"), "9" * 5000
    assert get(administrator, "device", {"before": absurd}, mn=device.mn).status_code == 200
    assert get(administrator, "log", {"before": absurd}).status_code == 200
    assert get(administrator, "calculation", {"example": absurd}, code="water_class").status_code == 200


@pytest.mark.parametrize(("kind", "step"), [("h", timedelta(hours=1)), ("d", timedelta(days=1))])
def test_a_station_of_which_only_a_few_long_values_came_is_opened_at_them(
    cast: SimpleNamespace, channel: Any, readings: Callable[..., Any], browser: Browser, kind: str, step: timedelta
) -> None:
    at = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    readings(channel, kind, [(at, 41.0), (at - step, 40.0)])
    page = browser("duty_officer").get(reverse("station", kwargs={"code": channel.station.code}))
    assert page.context["kind"] == kind
    assert page.context["rows"]
