"""A form of a platform above that stood open while something was changed undoes nothing of it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.logic.keys import take_over
from qingyuan.forwarding.queries import Destination, Identity, Names

pytestmark = pytest.mark.django_db
MN, KEY, NEW = "T" * 24, "0123456789abcdef", "fedcba9876543210"
SETTINGS = "/destinations/province/settings/"


@pytest.fixture
def browser(cast: Any) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(cast.administrator)
    return browser


def destination(**values: Any) -> Destination:
    told = {"title_zh": "省平台", "title_en": "Province", "host": "10.1.2.3", "port": 9000, "what": ["h"],
            "edition": "2025", "cipher": "sm4", "key": KEY, "reason": "省厅要求"}  # fmt: skip
    identities = values.pop("identities", None)
    return define_destination("province", told | values, valid_from=date(2020, 1, 1), identities=identities)


def opened(browser: Client, **changes: Any) -> dict[str, Any]:
    """What a form posts that was opened now, with what somebody typed."""
    form = browser.get(SETTINGS).context["form"]
    given = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in given.items() if value not in (None, False)} | changes


def test_a_key_set_meanwhile_for_a_line_that_is_in_the_form_stays(browser: Client, device: Any) -> None:
    one = destination(identities={MN: Names("U" * 24)})
    posted = opened(browser, lag_minutes="45")
    take_over(one, MN, "U" * 24, NEW)
    assert browser.post(SETTINGS, posted).status_code == 302
    row = Identity.objects.get()
    assert (row.mn, row.key, row.key_at is not None) == ("U" * 24, NEW, True)
    assert Destination.objects.get().lag_minutes == 45


def test_a_key_set_meanwhile_for_a_number_without_a_line_stays(browser: Client, device: Any) -> None:
    one = destination()
    posted = opened(browser, lag_minutes="45")
    take_over(one, MN, MN, NEW)
    assert browser.post(SETTINGS, posted).status_code == 302
    assert Identity.objects.get().key == NEW


@pytest.mark.parametrize("typed", [f"{MN} - - - {'7' * 16}", f"{MN} - - - -", ""], ids=["another", "none", "no line"])
def test_a_key_set_meanwhile_is_not_changed_by_who_has_not_seen_it(browser: Client, device: Any, typed: str) -> None:
    one = destination(identities={MN: Names(key=KEY)})
    posted = opened(browser, identities=typed)
    take_over(one, MN, MN, NEW)
    answer = browser.post(SETTINGS, posted)
    assert answer.status_code == 422
    assert f"The key of {MN} was set since the form was opened" in answer.content.decode()
    assert Identity.objects.get().key == NEW
    posted = opened(browser, identities=typed)
    assert browser.post(SETTINGS, posted).status_code == 302
    assert not Identity.objects.filter(key=NEW).exists()


@pytest.mark.parametrize("changed", [{"port": 9001}, {"key": NEW}, {"identities": {MN: Names("V" * 24)}}])
def test_what_somebody_else_changed_meanwhile_is_not_undone(browser: Client, device: Any, changed: Any) -> None:
    destination(identities={MN: Names("U" * 24)})
    posted = opened(browser, lag_minutes="45")
    destination(**{"identities": {MN: Names("U" * 24)}} | changed)
    answer = browser.post(SETTINGS, posted)
    assert answer.status_code == 422
    assert "Somebody changed this platform since the form was opened" in answer.content.decode()
    assert Destination.objects.get().lag_minutes == 30


def test_no_secret_can_be_read_from_what_a_form_is_made_from(browser: Client, device: Any) -> None:
    destination(identities={MN: Names(password="secret9", key=NEW)})
    told = opened(browser)["made_from"]
    for secret in (KEY, NEW, "secret9"):
        assert secret not in told
    assert browser.post(SETTINGS, opened(browser, made_from="x")).status_code == 422
