"""The pages of platforms above: entering one, seeing how it stands, sending again what did not arrive."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.queries import Destination, Names, OwnUndelivered, Undelivered
from qingyuan.kit import clock
from qingyuan.kit.queries import lines

pytestmark = pytest.mark.django_db
MN = "T" * 24
GIVEN = {
    "code": "province", "title_zh": "省平台", "title_en": "Province", "host": "10.1.2.3", "port": "9000",
    "edition": "2017", "form": "received", "what": ["r", "h"], "kinds": ["outlet-water"], "valid_from": "2026-11-01",
    "reason": "渝环〔2026〕1号", "over_time_s": "10", "re_count": "3", "at_once": "200", "lag_minutes": "30",
    "enabled": "on", "cipher": "none", "own_wait_minutes": "60", "own_mark": "CALC",
}  # fmt: skip


@pytest.fixture
def browser(cast: Any) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(cast.administrator)
    return browser


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_platform_is_entered_with_its_numbers_and_no_password_is_shown_again(browser: Client, device: Any) -> None:
    answer = browser.post("/destinations/new/", GIVEN | {"identities": f"{MN} {'U' * 24} secret9 33"})
    assert answer.status_code == 302, answer.content.decode()
    one = Destination.objects.get()
    (row,) = one.identities.all()
    assert (row.own, row.mn, row.password, row.system) == (MN, "U" * 24, "secret9", "33")
    for address in ("/destinations/", "/destinations/province/", "/destinations/province/settings/"):
        assert "secret9" not in text_of(browser, address)
    assert "secret9" not in str(lines(acts=("DestinationDefined",))[0].detail)
    assert "渝环〔2026〕1号" in text_of(browser, "/destinations/province/")


def test_a_star_keeps_the_password_when_a_platform_is_changed(browser: Client, device: Any) -> None:
    browser.post("/destinations/new/", GIVEN | {"identities": f"{MN} {'U' * 24} secret9 33"})
    told = {name: value for name, value in GIVEN.items() if name != "code"}
    answer = browser.post(
        "/destinations/province/settings/", told | {"identities": f"{MN} {'V' * 24} *", "port": "9001"}
    )
    assert answer.status_code == 302, answer.content.decode()
    one = Destination.objects.get()
    (row,) = one.identities.all()
    assert (one.port, row.mn, row.password, row.system) == (9001, "V" * 24, "secret9", "")


def test_a_key_is_kept_when_a_platform_is_changed_and_never_shown(browser: Client, device: Any) -> None:
    keys = {"edition": "2025", "cipher": "sm4", "key": "0123456789abcdef", "identities": f"{MN} - - - {'7' * 16}"}
    answer = browser.post("/destinations/new/", GIVEN | keys)
    assert answer.status_code == 302, answer.content.decode()
    for address in ("/destinations/", "/destinations/province/", "/destinations/province/settings/"):
        page = text_of(browser, address)
        assert "0123456789abcdef" not in page
        assert "7" * 16 not in page
    assert "SM4, cipher text as bytes" in text_of(browser, "/destinations/province/")
    told = {name: value for name, value in (GIVEN | keys).items() if name not in ("code", "key")}
    answer = browser.post("/destinations/province/settings/", told | {"identities": f"{MN} - - - *", "port": "9001"})
    assert answer.status_code == 302, answer.content.decode()
    one = Destination.objects.get()
    assert (one.port, one.key, one.identities.get().key) == (9001, "0123456789abcdef", "7" * 16)


def test_what_goes_on_in_the_clear_or_is_withheld_is_said_on_the_page(browser: Client, device: Any) -> None:
    one = destination()
    Destination.objects.update(withheld=3)
    page = text_of(browser, "/destinations/province/")
    assert "3 packets came enciphered and were withheld" in page
    assert "Send 3 packets that were withheld" not in page
    assert browser.post("/destinations/province/withheld/").status_code == 409
    answer = browser.post(
        "/destinations/province/settings/",
        {name: value for name, value in GIVEN.items() if name != "code"} | {"enciphered_in_clear": "on"},
    )
    assert answer.status_code == 302, answer.content.decode()
    page = text_of(browser, "/destinations/province/")
    assert "goes on in the clear here: an administrator has allowed it" in page
    assert "Send 3 packets that were withheld" in page
    assert browser.post("/destinations/province/withheld/").status_code == 302
    one.refresh_from_db()
    assert one.withheld == 0


def test_the_form_of_a_platform_knows_its_first_day_in_either_language(browser: Client, device: Any) -> None:
    destination()
    for language in ("zh-hans", "en"):
        page = browser.get("/destinations/province/settings/", headers={"accept-language": language}).content.decode()
        assert 'value="2026-11-01"' in page


def test_own_means_and_how_they_can_be_told_stand_on_the_page(browser: Client, device: Any) -> None:
    assert browser.post("/destinations/new/", GIVEN | {"own_means": ["H"]}).status_code == 302
    page = text_of(browser, "/destinations/province/")
    assert "Hour means computed here (2061)" in page
    assert "marked CALC in EFlag" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"identities": "NOBODY 1"}, "Found NOBODY, expected the MN of a device or the code of a station."),
        ({"identities": f"{MN} 1 2 3 4 5"}, "expected one line each"),
        ({"cipher": "sm4", "key": "7" * 16}, "Found security SM4, which only the edition of 2025 has"),
        ({"edition": "2025", "cipher": "sm4"}, "Found a key of 0 characters"),
        ({"what": ["r"], "own_means": ["H"]}, "without the values of that kind that devices send"),
        ({"identities": f"{MN} - - zz"}, "Found system code zz, expected one of HJ 212 such as 32."),
        ({"valid_to": "2026-10-01"}, "Found an end that is not after the beginning."),
        ({"tls": "on", "tls_authority": "no certificate"}, "Found text that is no certificate in PEM form"),
        ({"code": "new"}, "There is a platform with this code already"),
    ],
    ids=[
        "a stranger",
        "too much",
        "a cipher of another edition",
        "no key",
        "means of nothing",
        "a system",
        "an end",
        "a certificate",
        "a code",
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_nothing_is_entered(
    browser: Client, device: Any, wrong: dict[str, str], said: str
) -> None:
    answer = browser.post("/destinations/new/", GIVEN | wrong)
    assert answer.status_code == 422
    assert escape(said) in answer.content.decode()
    assert not Destination.objects.exists()


def test_what_did_not_arrive_is_listed_with_what_was_said_and_sent_again(browser: Client, device: Any) -> None:
    one = destination()
    row = Undelivered.objects.create(
        destination=one, packet=7, number=1, mn=MN, cn="2061", qn="20261122100001000", why="refused",
        said="CN=9014 QnRtn=3", tries=1, at=clock.now(),
    )  # fmt: skip
    listed = text_of(browser, "/destinations/province/not-arrived/")
    assert "QN 20261122100001000" in listed
    assert "Refused · 3 " in listed
    browser.post("/destinations/province/again/", {"number": str(row.pk)})
    row.refresh_from_db()
    assert row.again_at is not None
    assert lines(acts=("UndeliveredSentAgain",)).count() == 1


@pytest.mark.parametrize("number", ["²", "-1", "x", "9" * 30])
def test_what_is_no_number_of_a_row_is_refused_and_sends_nothing_again(
    browser: Client, device: Any, number: str
) -> None:
    one = destination()
    row = Undelivered.objects.create(
        destination=one, packet=1, number=1, mn=MN, cn="2061", why="refused", at=clock.now()
    )
    for address in ("again", "own-again"):
        answer = browser.post(f"/destinations/province/{address}/", {"number": number})
        assert answer.status_code == 422
    row.refresh_from_db()
    assert row.again_at is None


def test_a_mean_computed_here_that_was_refused_is_shown_and_sent_again_at_a_press(
    browser: Client, device: Any, station: Any
) -> None:
    one = destination(own_means=["H"])
    row = OwnUndelivered.objects.create(
        destination=one, station=station, kind="H", at=datetime(2026, 11, 21, 17, tzinfo=UTC), why="refused",
        said="CN=9014 QnRtn=3", tries=1, noted_at=clock.now(),
    )  # fmt: skip
    page = text_of(browser, "/destinations/province/")
    assert "Means computed here that did not arrive" in page
    assert "Refused · 3 " in page
    assert "Send those that were withheld" not in page
    assert browser.post("/destinations/province/own-again/", {"number": str(row.pk)}).status_code == 302
    row.refresh_from_db()
    assert row.again_at is not None
    assert lines(acts=("OwnMeansSentAgain",)).count() == 1


def test_withheld_means_have_a_button_once_they_may_leave_and_are_refused_before(browser: Client, device: Any) -> None:
    one = destination(own_means=["H"])
    Destination.objects.filter(pk=one.pk).update(own_withheld=2)
    page = text_of(browser, "/destinations/province/")
    assert "2 messages were withheld" in " ".join(page.replace('<span title="2">2</span>', "2").split())
    assert "Send those that were withheld" not in page
    assert browser.post("/destinations/province/own-withheld/").status_code == 409
    destination(own_means=["H"], enciphered_in_clear=True)
    assert "Send those that were withheld" in text_of(browser, "/destinations/province/")
    assert browser.post("/destinations/province/own-withheld/").status_code == 302


def test_what_becomes_of_the_devices_own_after_ours_is_chosen_and_shown(browser: Client, device: Any) -> None:
    given = GIVEN | {"own_means": ["H"], "own_late": "withheld"}
    assert browser.post("/destinations/new/", given).status_code == 302
    assert Destination.objects.get().own_late == "withheld"
    assert "is withheld and shown" in text_of(browser, "/destinations/province/")


def test_the_page_of_a_device_says_to_whom_it_is_handed_on_and_since_when(browser: Client, device: Any) -> None:
    destination(kinds=["outlet-water"])
    page = text_of(browser, f"/devices/{MN}/")
    assert "Handed on to" in page
    assert "since 2026-11-01" in page


def test_platforms_above_are_for_administrators(cast: Any) -> None:
    destination()
    for person in (cast.enterprise, cast.duty_officer, cast.officer):
        browser = Client()
        browser.force_login(person)
        for address in ("/destinations/", "/destinations/province/", "/destinations/new/"):
            assert browser.get(address).status_code == 403


def destination(**values: Any) -> Destination:
    told = {
        "title_zh": "省平台",
        "title_en": "Province",
        "host": "10.1.2.3",
        "port": 9000,
        "what": ["h"],
        "reason": "x",
    }
    return define_destination(
        "province", told | values, valid_from=date(2026, 11, 1), identities={MN: Names("U" * 24)} if values else None
    )
