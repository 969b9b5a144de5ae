"""Addresses at which people are reached: what is accepted from whom, how it is kept, and what the services answer."""

from typing import Any

import pytest
from casefile import OFFICE
from django.db import connection
from terminal import Terminals

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.people import reaching
from qingyuan.people.api import change_contact, enter_contact, send_to
from qingyuan.people.queries import Contact, contact, reason_in_words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("copied", "service", "kept"),
    [
        ("https://oapi.dingtalk.com/robot/send?access_token=ab12", "dingtalk", "dingtalk://ab12"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ab-12", "wecombot", "wecombot://ab-12"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/ab-12", "feishu", "feishu://ab-12"),
        (" dingtalk://SEC9@ab12 ", "dingtalk", "dingtalk://SEC9@ab12"),
    ],
)
def test_the_address_that_a_robot_shows_is_taken(cast: Any, copied: str, service: str, kept: str) -> None:
    made = enter_contact(cast.grid_worker, copied, cast.grid_worker, OFFICE)
    assert (made.service, made.address) == (service, kept)
    assert "ab" not in made.shown


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:8212/admin/", "jsons://10.0.0.1/", "mailto://u:p@10.0.0.1/", "form://localhost", "syslog://",
        "https://discord.com/api/webhooks/1/abc", "http://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "",
        "dingtalk://token?redirect=yes", "dingtalk://", "dingtalk://not a token",
    ],
)  # fmt: skip
def test_nobody_makes_the_platform_ask_where_it_should_not(cast: Any, address: str) -> None:
    with pytest.raises(BadInput, match=r"Found|录入") as refused:
        enter_contact(cast.grid_worker, address, cast.grid_worker, OFFICE)
    assert refused.value.field == "address"
    assert not Contact.objects.exists()


def test_an_administrator_enters_any_address_for_anybody(cast: Any, terminals: Terminals) -> None:
    made = enter_contact(cast.grid_worker, terminals.address("secret-path"), cast.administrator, OFFICE)
    assert made.shown == f"JSON · {terminals.host}"
    assert send_to(made.pk, "title", "body") == ""
    assert terminals.at("secret-path")[0]["message"] == "body"
    with pytest.raises(BadInput):
        enter_contact(cast.grid_worker, "json://", cast.administrator, OFFICE)


def test_addresses_are_the_persons_own(cast: Any) -> None:
    made = enter_contact(cast.grid_worker, "dingtalk://ab12", cast.grid_worker, OFFICE)
    with pytest.raises(Forbidden):
        enter_contact(cast.grid_worker, "dingtalk://ab12", cast.supervisor, OFFICE)
    with pytest.raises(NotFound):
        change_contact(made.pk, cast.supervisor, OFFICE, enabled=False)
    assert contact(cast.administrator, made.pk) == made
    for wrong in ({"occasions": ["birthday"]}, {"quiet_from": made.quiet_to, "quiet_to": 7}):
        with pytest.raises(BadInput):
            change_contact(made.pk, cast.grid_worker, OFFICE, **wrong)


def test_an_address_is_sealed_in_the_database_and_absent_from_the_log(cast: Any) -> None:
    made = enter_contact(cast.grid_worker, "dingtalk://verysecret", cast.grid_worker, OFFICE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM people_contact c")
        row = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(e::text, '') FROM kit_entry e")
        lines = cursor.fetchone()[0]
    assert "verysecret" not in row + lines
    assert Contact.objects.get().address == "dingtalk://verysecret"
    told = list(log.about(f"contact/{made.pk}"))
    assert [(line.act, line.actor) for line in told] == [("ContactKept", "grid_worker")]


def test_an_e_mail_address_goes_through_the_platforms_mail_server(cast: Any, settings: Any) -> None:
    with pytest.raises(BadInput, match="QINGYUAN_MAIL_SERVER"):
        enter_contact(cast.grid_worker, "wang@epb.example.cn", cast.grid_worker, OFFICE)
    settings.MAIL_SERVER = "mailto://127.0.0.1:9?from=qy@epb.example.cn"
    made = enter_contact(cast.grid_worker, "wang@epb.example.cn", cast.grid_worker, OFFICE)
    assert (made.service, made.shown) == ("mail", "w…@epb.example.cn")
    assert send_to(made.pk, "title", "body") == "no answer", "nothing listens at that port"


def test_a_robot_that_refuses_in_the_body_of_its_answer_has_not_taken_the_message(
    cast: Any, terminals: Terminals, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.dingtalk import NotifyDingTalk

    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"http://{terminals.host}/robot?access_token={{token}}")
    made = enter_contact(cast.grid_worker, "dingtalk://SEC9@ab12", cast.grid_worker, OFFICE)
    terminals.body = b'{"errcode": 310000, "errmsg": "keywords not in content"}'
    reason = send_to(made.pk, "清源：新任务", "body")
    assert "keywords not in content" in reason_in_words(reason)
    terminals.body = b'{"errcode": 0, "errmsg": "ok"}'
    assert send_to(made.pk, "清源：新任务", "body") == ""
    path, sent = terminals.arrived[-1]
    assert sent["text"]["content"] == "清源：新任务\nbody"
    assert "&sign=" in path


def test_an_answer_that_leads_elsewhere_is_not_followed(cast: Any, terminals: Terminals) -> None:
    made = enter_contact(cast.grid_worker, terminals.address("x"), cast.administrator, OFFICE)
    terminals.answers = [302]
    assert "302" in send_to(made.pk, "title", "body")
    assert terminals.arrived == []


def test_an_address_sealed_with_another_key_says_so(cast: Any, settings: Any) -> None:
    made = enter_contact(cast.grid_worker, "dingtalk://ab12", cast.grid_worker, OFFICE)
    settings.SECRET_KEY = "another"
    assert send_to(made.pk, "title", "body") == reaching.SEALED
    assert "secret_key" in reason_in_words(reaching.SEALED)
