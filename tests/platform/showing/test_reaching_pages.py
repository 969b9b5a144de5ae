"""The pages on which people say how they are reached, and on which it is seen whether they were."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pages import get, words
from terminal import Terminals

from qingyuan.dispatching.api.messages import send_messages
from qingyuan.people.queries import Contact

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
NEW = {"occasions": ["task_given"], "language": "en", "severity_from": "2"}


def enter(client: Client, address: str, at: str = "/reached/", **changes: Any) -> Any:
    return client.post(at, {**NEW, "address": address, **changes}, follow=True)


def test_a_person_enters_an_address_tries_it_and_switches_it_off(cast: Any, browser: Browser) -> None:
    client = browser("grid_worker")
    assert "No address yet" in words(get(client, "reached"))
    page = enter(client, "https://oapi.dingtalk.com/robot/send?access_token=verysecret")
    assert "Send a test message to see that it arrives" in words(page)
    assert "verysecret" not in page.content.decode()
    contact = Contact.objects.get()
    changed = client.post(f"/reached/{contact.pk}/", {**NEW, "quiet_from": "22:00", "quiet_to": "07:00"}, follow=True)
    assert "22:00–07:00" in words(changed)
    off = client.post(f"/reached/{contact.pk}/switch/", follow=True)
    assert "DingTalk is switched off" in words(off)
    gone = client.post(f"/reached/{contact.pk}/remove/", follow=True)
    assert "No address yet" in words(gone)


def test_a_wrong_address_says_what_was_found_and_expected(cast: Any, browser: Browser) -> None:
    page = enter(browser("grid_worker"), "json://10.0.0.1/")
    assert page.status_code == 422
    assert "Found an address of the kind json; you may enter: dingtalk, wecombot, feishu, mail." in words(page)
    page = enter(browser("grid_worker"), "feishu://token", quiet_from="22:00")
    assert "Quiet hours need a beginning and an end" in words(page)


def test_the_result_of_a_test_message_is_shown(cast: Any, browser: Browser, terminals: Terminals) -> None:
    client = browser("administrator")
    enter(client, terminals.address("desk"), "/reached/people/grid_worker/")
    act = f"/reached/{Contact.objects.get().pk}/test/"
    assert "took the test message" in words(client.post(act, follow=True))
    assert terminals.at("desk")[0]["message"] == "Messages for Grid_Worker arrive here."
    terminals.answers = [503]
    assert "The service answered with status 503" in words(client.post(act, follow=True))
    listed = words(get(client, "reached-people"))
    assert "Grid_Worker" in listed


def test_supervisors_see_what_was_sent_and_what_failed_and_why(
    cast: SimpleNamespace, browser: Browser, terminals: Terminals, case: Any, taken_up: Callable[[str], None]
) -> None:
    empty = words(get(browser("supervisor"), "messages"))
    assert "No message fits" in empty
    enter(browser("administrator"), terminals.address("desk"), "/reached/people/grid_worker/")
    terminals.answers = [500]
    taken_up("dispatching.api.messages.tell_people")
    send_messages(Contact.objects.get().service)
    page = words(get(browser("supervisor"), "messages"))
    for part in ("1 Waiting", "0 Sent", "Grid_Worker", case.number, "answered with status 500", "next try"):
        assert part in page
    assert "No message fits" in words(get(browser("supervisor"), "messages", {"state": "failed"}))


def test_what_was_given_since_the_page_was_opened_is_told_to_whom_it_was_given(
    cast: Any, browser: Browser, case: Any
) -> None:
    opened = case.tasks.get().opened_at.timestamp()
    told = get(browser("grid_worker"), "tasks-new", {"since": int(opened)}).json()["tasks"]
    assert [(one["title"], one["href"]) for one in told] == [(case.title_en, f"/cases/{case.pk}/")]
    assert get(browser("grid_worker"), "tasks-new", {"since": int(opened) + 60}).json() == {"tasks": []}
    assert get(browser("other_grid_worker"), "tasks-new").json() == {"tasks": []}
    assert get(browser("grid_worker"), "tasks-new", {"since": "9" * 30}).status_code == 200
