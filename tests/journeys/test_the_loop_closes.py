"""From a raw packet to a closed case, through TCP and HTTP only, and back again to the packet."""

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from loop_runner import run_waiting_jobs
from past import send_the_past_of
from terminal import Terminals

from qingyuan.dispatching.api.messages import send_messages
from qingyuan.dispatching.queries import Case, Task
from qingyuan.dispatching.queries.messages import Message
from qingyuan.kit import log
from qingyuan.sensing.api import verify_segments
from qingyuan_science.worlds import World

pytestmark = pytest.mark.django_db(transaction=True)


def signed_in(username: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    assert client.login(username=username, password="qingyuan-demo")
    client.cookies["django_language"] = "en"
    return client


def case_at(station: str) -> str:
    """The page of the one case of a station."""

    return f"/cases/{Case.objects.get(station__code=station).pk}/"


def worker_of(case: str, case_page: str) -> str:
    """The grid worker whom the page names as the holder."""

    task = Task.objects.get(case=case.split("/")[2], done_at=None)
    assert task.assignee is not None
    assert task.assignee.name_en in case_page
    return str(task.assignee.username)


def do(client: Client, case: str, verb: str, **fields: Any) -> None:
    answer = client.post(f"{case}act/{verb}/", fields)
    assert answer.status_code == 302, re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[-600:]


def file_record(client: Client, case: str, kind: str, photo: bytes, **fields: Any) -> None:
    image = BytesIO(photo)
    image.name = "site.jpg"
    answer = client.post(f"{case}record/{kind}/", {"client_id": str(uuid4()), "photos": image, **fields})
    assert answer.status_code == 302, re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[-600:]


def reasons_at(client: Client, station: str) -> str:
    """What the live page of outfalls says of the one that a station watches, from light to newest values."""
    rows = re.split(r"(?=<tr )", client.get("/outfalls/now/rows/").content.decode())
    (mouth,) = re.findall(r'href="(/outfalls/[^"]+/)"', client.get(f"/stations/{station}/").content.decode())
    (row,) = [one for one in rows if f'href="{mouth}"' in one]
    return row


@pytest.mark.mission("S0-15", "S0-24", "S0-44", "S4-28")
def test_the_loop_closes(world: World, gateway_port: int, photo: bytes) -> None:
    # sense, record: the device of the polluter speaks over TCP
    opening = world.opening
    send_the_past_of(world, opening.station, gateway_port)

    # judge, dispatch: the loop makes a finding and a case with the grid worker of the place
    run_waiting_jobs()
    duty = signed_in("duty")
    watch = duty.get("/watch/").content.decode()
    assert world.station(opening.station).title.en in watch
    findings = duty.get("/findings/").content.decode()
    assert "COD" in findings
    assert "GB 18918-2002" in findings
    case = case_at(opening.station)
    assert case in duty.get("/cases/").content.decode()
    page = duty.get(case).content.decode()
    worker = signed_in(worker_of(case, page))
    at_the_river = reasons_at(duty, opening.station)
    assert 'data-light="red"' in at_the_river
    assert case in at_the_river

    # no step can be skipped: neither by the right person nor by another one
    assert worker.post(f"{case}act/confirm/", {}).status_code in {403, 409}
    assert signed_in("supervisor").post(f"{case}act/accept_closure/", {}).status_code in {403, 409}

    # inspect: sign for it, record what is seen with a photo, confirm
    do(worker, case, "accept")
    assert worker.post(f"{case}act/confirm/", {}).status_code in {409, 422}
    file_record(
        worker, case, "inspection", photo, production_state="normal", discharge_state="abnormal",
        treatment_state="stopped", conclusion="confirmed", notes="曝气机停运", lon="106.69", lat="29.65",
        accuracy_m="8",
    )  # fmt: skip
    do(worker, case, "confirm", violation="over-limit")

    # dispose, accept, close
    handler, supervisor = signed_in("handler"), signed_in("supervisor")
    file_record(handler, case, "rectification", photo, measure="曝气机修复", finished_on="2026-11-22")
    do(handler, case, "rectified")
    do(supervisor, case, "return", why="请补充监测报告")
    file_record(handler, case, "rectification", photo, measure="曝气机修复，复测达标", finished_on="2026-11-22")
    do(handler, case, "rectified")
    do(supervisor, case, "accept_closure")

    # the whole story can be read, and nothing of it can be changed unnoticed
    closed = duty.get(case).content.decode()
    assert "Closed" in closed
    assert case not in reasons_at(duty, opening.station)
    for told in ("Sign for it", "Confirm", "Return", "请补充监测报告", "Accept and close"):
        assert told in closed
    assert log.verify() > 0
    assert verify_segments() > 0
    assert supervisor.post(f"{case}act/return/", {"why": "again"}).status_code in {403, 409}

    # and back to the bytes: the reading that decided leads to its raw packet
    _the_reading_leads_to_its_packet(duty, world.opening.station)


@pytest.mark.mission("S0-12", "S2-25", "S3-27")
def test_what_devices_send_is_found_named_and_warned_of_with_nobody_there(world: World, gateway_port: int) -> None:
    from qingyuan.judging.queries import Finding, watches

    standing = [one for one in watches() if one.enabled and one.valid.upper is None]
    assert {"exceedance", "missing_data"} <= {one.detector for one in standing}  # rules without an end, not a campaign
    known = set(Finding.objects.values_list("pk", flat=True))  # the demo begins with a past
    for station in (world.opening.station, *(one.code for one in world.stations if one.kind == "outlet-water")):
        send_the_past_of(world, station, gateway_port)
        run_waiting_jobs()
    found = Finding.objects.exclude(pk__in=known)
    over = found.get(station__code=world.opening.station, detector="exceedance", channel__factor="w01018")
    case = Case.objects.get(finding=over)
    assert Task.objects.filter(case=case, done_at=None, assignee__isnull=False).exists()
    for subject in (f"finding/{over.pk}", f"case/{case.pk}"):
        assert {line.actor for line in log.about(subject)} == {""}  # nobody did anything
    duty = signed_in("duty")
    warned = duty.get("/watch/news/").content.decode()
    assert over.title_en in warned
    assert "COD" in duty.get(f"/findings/{over.pk}/").content.decode()


@pytest.mark.mission("S2-20")
def test_what_is_found_stands_on_the_duty_desk_and_reaches_the_terminal_of_who_has_to_go(
    world: World, gateway_port: int, terminals: Terminals
) -> None:
    administrator = signed_in("admin")
    for one in world.people:
        if one.role in {"grid_worker", "duty_officer", "department_handler"}:
            asked = ["task_given", "finding"] if one.role == "duty_officer" else ["task_given"]
            wishes = {"occasions": asked, "severity_from": "1", "language": "en"}
            entered = {"address": terminals.address(one.username), **wishes}
            assert administrator.post(f"/reached/people/{one.username}/", entered).status_code == 302
    opening = world.opening
    send_the_past_of(world, opening.station, gateway_port)
    run_waiting_jobs()
    for service in set(Message.objects.values_list("service", flat=True)):
        send_messages(service)
    duty = signed_in("duty")
    title = world.station(opening.station).title.en
    assert title in duty.get("/watch/news/").content.decode()  # the live queue of the duty desk
    assert any(title in sent["message"] for sent in terminals.at("duty"))
    case = case_at(opening.station)
    holder = worker_of(case, duty.get(case).content.decode())
    holders = set(Task.objects.filter(assignee__isnull=False).values_list("assignee__username", flat=True))
    assert holder in holders
    assert {path for path, _sent in terminals.arrived} == {"duty"} | holders, "nobody else"
    assert "new task" in terminals.at(holder)[0]["title"]
    assert "Sent" in signed_in("supervisor").get("/messages/").content.decode()


def _the_reading_leads_to_its_packet(duty: Client, station: str) -> None:
    findings = duty.get("/findings/", {"q": station, "state": "all"}).content.decode()
    finding = duty.get(re.findall(r'href="(/findings/\d+/)"', findings)[0]).content.decode()
    readings = re.findall(r'href="(/readings/[^"]+)"', finding)
    assert readings, "the finding names the readings that show it"
    packets = re.findall(r'href="(/packets/\d+/)"', duty.get(readings[0]).content.decode())
    assert packets, "the reading names its packet"
    assert "##0" in re.sub(r"<[^>]+>", "", duty.get(packets[0]).content.decode())  # its bytes stand one part a span


def test_nobody_outside_the_place_sees_the_case(world: World, gateway_port: int) -> None:
    send_the_past_of(world, world.opening.station, gateway_port)
    run_waiting_jobs()

    case = Case.objects.get(station__code=world.opening.station)
    holder = Task.objects.get(case=case).assignee
    assert holder is not None
    strangers = [one.username for one in world.people if one.role == "grid_worker" and one.username != holder.username]
    assert signed_in(strangers[0]).get(f"/cases/{case.pk}/").status_code in {403, 404}
    owner = world.station(world.opening.station).owner
    others = [one for one in world.people if one.role == "enterprise" and one.organisation != owner]
    assert signed_in(others[0].username).get(f"/findings/{case.finding_id}/").status_code in {403, 404}
