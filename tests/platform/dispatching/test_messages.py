"""Whoever holds a task, or has to know of something, is reached on the own terminal; nobody else is."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from casefile import NINE, OFFICE, walk
from terminal import Terminals

from qingyuan.dispatching.api import open_case_for_finding, watch_clocks
from qingyuan.dispatching.api.messages import look_after_messages, send_messages
from qingyuan.dispatching.queries import Case
from qingyuan.dispatching.queries.messages import Message, messages, reached
from qingyuan.kit import clock
from qingyuan.people.api import change_contact, enter_contact, remove_contact
from qingyuan.people.queries import Contact, Occasion

pytestmark = pytest.mark.django_db
TELL = "dispatching.api.messages.tell_people"


@pytest.fixture
def reach(cast: Any, terminals: Terminals) -> Callable[..., Contact]:
    """Enter a person's terminal, as an administrator does."""

    def enter(name: str, **wishes: Any) -> Contact:
        person = getattr(cast, name)
        wishes = {"occasions": Occasion.values, "language": "en"} | wishes
        return enter_contact(person, terminals.address(name), cast.administrator, OFFICE, **wishes)

    return enter


@pytest.fixture
def told(taken_up: Callable[[str], None]) -> Callable[[], None]:
    """Let the messages be written, and sent as the job does."""

    def tell() -> None:
        taken_up(TELL)
        for service in set(Message.objects.values_list("service", flat=True)):
            send_messages(service)

    return tell


def test_a_task_given_reaches_its_holder_and_nobody_else(
    reach: Any, told: Any, terminals: Terminals, rule: Any, opened: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://qy.example.cn"
    for name in ("grid_worker", "other_grid_worker", "handler", "supervisor"):
        reach(name)
    open_case_for_finding(opened())
    told()
    case = Case.objects.get()
    assert [path for path, _sent in terminals.arrived] == ["grid_worker"]
    message = terminals.at("grid_worker")[0]
    assert message["title"].startswith("Qingyuan: new task")
    for part in (case.title_en, case.number, "East One", "Until 2026-", f"https://qy.example.cn/cases/{case.pk}/"):
        assert part in message["message"]


def test_nothing_is_told_twice(reach: Any, told: Any, terminals: Terminals, case: Any, taken_up: Any) -> None:
    from qingyuan.dispatching.api.messages import tell_people
    from qingyuan.dispatching.events import TaskGiven
    from qingyuan.kit import log

    reach("grid_worker")
    given = next(line for line in log.about(f"case/{case.pk}") if line.act == "TaskGiven")
    for _time in range(3):
        tell_people(TaskGiven.from_detail(given.detail))
        told()
    assert len(terminals.at("grid_worker")) == 1
    assert Message.objects.count() == 1


def later(seconds: float) -> Any:
    return clock.wound_to(clock.now() + timedelta(seconds=seconds))


def test_a_service_that_fails_and_recovers_gets_each_message_once(
    reach: Any, told: Any, terminals: Terminals, case: Any
) -> None:
    reach("grid_worker")
    terminals.answers = [500, 503]
    taken = []
    told()
    for pause in (4, 6, 40, 600):
        with later(pause):
            told()
            taken.append(len(terminals.at("grid_worker")))
    assert taken == [0, 0, 1, 1]
    message = Message.objects.get()
    assert (message.state, message.attempts, message.error) == ("sent", 3, "")


def test_a_service_that_stays_dead_is_given_up_and_says_why(
    reach: Any, told: Any, terminals: Terminals, case: Any, cast: Any
) -> None:
    reach("grid_worker")
    terminals.stop()
    told()
    for pause in (6, 40, 170, 800):
        with later(pause):
            told()
    with later(10_000):
        told()
        look_after_messages()
    message = Message.objects.get()
    assert (message.state, message.attempts, message.error) == ("failed", 5, "no answer")
    assert reached(messages(cast.supervisor, message.created_at)).counts["failed"] == 1


def test_messages_to_one_service_keep_three_lanes_and_no_more(
    reach: Any, told: Any, terminals: Terminals, case: Any, taken_up: Any
) -> None:
    reach("grid_worker")
    taken_up(TELL)
    waiting = Message.objects.get()
    for number in range(3):
        Message.objects.create(
            user=waiting.user, service=waiting.service, shown="", occasion="overdue", key=f"{number}", case=case,
            title="", body="", since=NINE, created_at=NINE, next_at=NINE, state="sending", tried_at=clock.now(),
        )  # fmt: skip
    assert send_messages(waiting.service) == 0, "three are on their way"
    Message.objects.filter(key="0").update(state="sent")
    assert send_messages(waiting.service) == 1


def test_what_a_process_left_when_it_died_is_sent_by_another(
    reach: Any, told: Any, terminals: Terminals, case: Any, taken_up: Any
) -> None:
    reach("grid_worker")
    taken_up(TELL)
    Message.objects.update(state="sending", attempts=1, tried_at=clock.now())
    look_after_messages()
    assert Message.objects.get().state == "sending", "it may still be at it"
    with later(150):
        look_after_messages()
        assert Message.objects.get().error == "stopped"
    with later(160):
        told()
    assert len(terminals.at("grid_worker")) == 1


def test_due_soon_and_overdue_reach_the_holder_and_those_before_whom_it_is_brought(
    reach: Any, told: Any, terminals: Terminals, case: Any
) -> None:
    reach("grid_worker", occasions=["due_soon", "overdue"])
    reach("duty_officer", occasions=["overdue"])
    reach("supervisor", occasions=["overdue"])
    task = case.tasks.get()
    for at in (task.due_soon_at, task.due_at):
        with clock.wound_to(at):
            watch_clocks()
            told()
    titles = [sent["title"] for sent in terminals.at("grid_worker")]
    assert [title.partition(",")[0] for title in titles] == ["Qingyuan: due soon", "Qingyuan: overdue"]
    role = task.case.tasks.get().escalated_to
    assert [path for path, _sent in terminals.arrived][2:] == [role]
    assert case.number in terminals.at(role)[0]["message"]


def test_neither_what_was_done_meanwhile_nor_what_one_did_oneself_is_news(
    reach: Any, told: Any, terminals: Terminals, case: Any, cast: Any
) -> None:
    reach("grid_worker")
    reach("handler")
    walk(case, cast, "accept")
    told()
    assert terminals.arrived == [], "the next step is the grid worker's own"
    walk(case, cast, "confirm")
    told()
    assert [path for path, _sent in terminals.arrived] == ["handler"]


def test_a_duty_officer_is_told_of_findings_from_a_severity_on(
    reach: Any, told: Any, terminals: Terminals, opened: Any
) -> None:
    strict = reach("duty_officer", severity_from=2)
    asked = reach("duty_officer", severity_from=1)
    reach("supervisor")
    finding = opened()
    told()
    assert finding.severity == 1
    assert [one.contact for one in Message.objects.all()] == [asked] != [strict]
    assert finding.sentence_en in terminals.at("duty_officer")[0]["message"]


def test_in_quiet_hours_messages_wait_until_their_end(
    reach: Any, told: Any, terminals: Terminals, rule: Any, opened: Any
) -> None:
    reach("grid_worker", quiet_from=time(22), quiet_to=time(7))
    found = opened()
    night = NINE.replace(year=2027, hour=15)  # 23:00 in Shanghai
    with clock.wound_to(night):
        open_case_for_finding(found)
        told()
    assert terminals.arrived == []
    with clock.wound_to(night + timedelta(hours=8)):
        told()
    assert len(terminals.at("grid_worker")) == 1
    message = Message.objects.get()
    assert message.sent_at - message.since < timedelta(seconds=1), "the quiet hours are nobody's delay"


def test_an_address_that_was_switched_off_or_removed_gets_nothing(
    reach: Any, told: Any, terminals: Terminals, case: Any, cast: Any, taken_up: Any
) -> None:
    kept = reach("grid_worker")
    taken_up(TELL)
    change_contact(kept.pk, cast.grid_worker, OFFICE, enabled=False)
    told()
    assert (Message.objects.get().state, Message.objects.get().error) == ("failed", "off")
    remove_contact(kept.pk, cast.grid_worker, OFFICE)
    assert Message.objects.get().contact is None
    assert terminals.arrived == []


def test_a_lag_of_handing_on_reaches_administrators_and_nobody_else(
    reach: Any, told: Any, terminals: Terminals, settings: Any
) -> None:
    from qingyuan.forwarding.events import DestinationLags
    from qingyuan.kit import log

    settings.PUBLIC_URL = "https://qy.example.cn"
    for name in ("administrator", "duty_officer", "leader", "enterprise"):
        reach(name)
    log.write(DestinationLags(7, "province", 1204, "2026-11-22T01:00:00+00:00", "ConnectionRefusedError: refused"))
    told()
    assert [path for path, _sent in terminals.arrived] == ["administrator"]
    message = terminals.at("administrator")[0]
    assert message["title"] == "Qingyuan: handing on to province lags"
    for part in (
        "1204 packets wait, the oldest since 2026-11-22 09:00",
        "https://qy.example.cn/destinations/province/",
    ):
        assert part in message["message"]
