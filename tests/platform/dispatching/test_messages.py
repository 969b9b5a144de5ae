"""Whoever holds a task, or has to know of something, is reached on the own terminal; nobody else is."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from casefile import NINE, OFFICE, walk
from django.db import connection
from terminal import Terminals, terminals  # noqa: F401 a fixture

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
def reach(cast: Any, terminals: Terminals) -> Callable[..., Contact]:  # noqa: F811
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
    reach: Any, told: Any, terminals: Terminals, rule: Any, opened: Any, settings: Any  # noqa: F811
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


def test_nothing_is_told_twice(
    reach: Any, told: Any, terminals: Terminals, case: Any, taken_up: Any  # noqa: F811
) -> None:
    from qingyuan.dispatching.api.messages import tell_people
    from qingyuan.dispatching.events import TaskGiven
    from qingyuan.kit import log

    reach("grid_worker")
    given = [line for line in log.about(f"case/{case.pk}") if line.act == "TaskGiven"][0]
    for _time in range(3):
        tell_people(TaskGiven.from_detail(given.detail))
        told()
    assert len(terminals.at("grid_worker")) == 1
    assert Message.objects.count() == 1
