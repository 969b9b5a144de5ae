"""Addresses at which people are reached: what is accepted, and handing a message to the service behind one.

`apprise` speaks with the services. The robots of the three chats are asked here instead: they answer a refusal with
status 200 and a number in the body, which apprise takes for success.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.errors import BadInput

if TYPE_CHECKING:
    from apprise import AppriseAsset
    from apprise.plugins.base import NotifyBase

CONNECT_S, READ_S = 5.0, 10.0  # how long a service may keep us waiting
MAIL = "mail"  # a plain e-mail address, written to through the platform's own mail server
NO_ANSWER, OFF, STOPPED, SEALED = "no answer", "off", "stopped", "sealed"  # reasons; others are `status …`, `said …`
_REASONS = {
    NO_ANSWER: gettext_lazy("The service could not be reached, or did not answer in time."),
    OFF: gettext_lazy("The address was switched off or removed."),
    STOPPED: gettext_lazy("The platform was stopped while it was sending."),
    SEALED: gettext_lazy(
        "The address was sealed with another key: the file secret_key is not the one of this database."
    ),
}
_EMAIL = re.compile(r"[^@\s:/?&]+@[^@\s:/?&]+\.[^@\s:/?&.]+")
_COPIED = (  # what the chats offer for copying, and the address it stands for
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)"), "dingtalk"),
    (re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)"), "wecombot"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)"), "feishu"),
)
_log = logging.getLogger("apprise")
_log.propagate = False  # its lines may carry tokens
_log.setLevel(logging.WARNING)


@dataclass(frozen=True)
class Address:
    """An address that was found good: as it is kept, the service behind it, and what may be shown of it."""

    text: str
    service: str
    shown: str


def read(text: str, *, by_administrator: bool) -> Address:
    """What somebody entered as an address; the error says what was found and what was expected."""
    text = text.strip()
    for copied, scheme in _COPIED:
        match = copied.fullmatch(text)
        text = f"{scheme}://{match[1]}" if match else text
    if _EMAIL.fullmatch(text):
        return _mail(text, by_administrator=by_administrator)
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    _check_own(scheme, text, by_administrator=by_administrator)
    plugin = _plugin(text)
    if plugin is None:
        raise _odd(f"{scheme}://…" if scheme else _("no address"))
    service = str(plugin.service_name)
    if "{host}" in str(plugin.templates):
        port = f":{plugin.port}" if plugin.port else ""
        return Address(text, f"{scheme} {plugin.host}{port}", f"{service} · {plugin.host}{port}")
    return Address(text, scheme, service)


def send(address: str, title: str, body: str) -> str:
    """Hand a message to the service; answers why it could not be, or nothing when the service took it."""
    plugin = _plugin(_through_the_mail_server(address) if _EMAIL.fullmatch(address) else address)
    if plugin is None:
        return "said the address is not understood"
    robot = _ROBOTS.get(str(plugin.secure_protocol))
    if robot is not None:
        return robot(plugin, f"{title}\n{body}")
    with _warnings() as said:
        if plugin.notify(title=title, body=body, body_format="text"):
            return ""
    words = " ".join(said)
    status = re.search(r"error=(\d{3})\b", words)
    if status:
        return f"status {status[1]}"
    return NO_ANSWER if "onnection error" in words or not words else f"said {words}"[:300]


def get_ready() -> None:
    """Load what speaks with the services now, so that the first message does not wait for it."""
    _plugin("json://localhost")


def in_words(reason: str) -> str:
    """Why a message could not be sent, for people."""
    if reason in _REASONS:
        return str(_REASONS[reason])
    kind, _space, rest = reason.partition(" ")
    if kind == "status":
        return _("The service answered with status %(status)s; expected one from 200 to 299.") % {"status": rest}
    return _("The service refused: %(words)s") % {"words": rest or reason}


def _mail(text: str, *, by_administrator: bool) -> Address:
    _check_own(MAIL, text, by_administrator=by_administrator)
    if not settings.MAIL_SERVER:
        raise BadInput(
            _("Found an e-mail address, but the platform has no mail server: QINGYUAN_MAIL_SERVER is not set."),
            "address",
        )
    name, _at, host = text.partition("@")
    return Address(text, MAIL, f"{name[0]}…@{host}")


def _check_own(scheme: str, text: str, *, by_administrator: bool) -> None:
    """People's own addresses lead to known services only, so that nobody makes the platform ask where it should not."""
    if by_administrator:
        return
    if scheme not in settings.OWN_ADDRESSES:
        words = {"found": scheme or "—", "own": ", ".join(settings.OWN_ADDRESSES)}
        raise BadInput(
            _("Found an address of the kind %(found)s; you may enter: %(own)s. An administrator enters others.")
            % words,
            "address",
        )
    if "?" in text:
        raise BadInput(_("Found an address with “?”; expected one without further settings."), "address")


def _odd(found: str) -> BadInput:
    expected = "dingtalk://TOKEN, dingtalk://SECRET@TOKEN, wecombot://KEY, feishu://TOKEN, name@example.cn"
    words = {"found": found, "expected": expected}
    return BadInput(_("Found %(found)s, expected an address such as %(expected)s.") % words, "address")


def _through_the_mail_server(address: str) -> str:
    server = settings.MAIL_SERVER
    return f"{server}{'&' if '?' in server else '?'}to={quote(address)}"


def _plugin(text: str) -> "NotifyBase | None":
    from apprise import Apprise  # half a second and 40 MB, which processes that reach nobody go without
    from apprise.plugins.base import NotifyBase

    with _warnings():
        plugin = Apprise.instantiate(text, asset=_asset(), suppress_exceptions=True)
    if not isinstance(plugin, NotifyBase):
        return None
    plugin.redirects, plugin.retry = False, 0  # tried again by us, with pauses
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT_S, READ_S
    return plugin


@cache
def _asset() -> "AppriseAsset":
    from apprise import AppriseAsset

    return AppriseAsset(app_id="Qingyuan", app_desc="Qingyuan", app_url="", http_redirects=False, storage_mode="memory")


def _ask_dingtalk(plugin: Any, text: str) -> str:
    address = plugin.notify_url.format(token=plugin.token)
    if plugin.secret:
        address += "&timestamp={}&sign={}".format(*plugin.get_signature())
    at = {"atMobiles": plugin.targets, "isAtAll": False}
    return _ask(address, {"msgtype": "text", "text": {"content": text}, "at": at})


def _ask_wecom(plugin: Any, text: str) -> str:
    return _ask(plugin.api_url, {"msgtype": "text", "text": {"content": text}})


def _ask_feishu(plugin: Any, text: str) -> str:
    return _ask(plugin.notify_url.format(token=plugin.token), {"msg_type": "text", "content": {"text": text}})


_ROBOTS: dict[str, Callable[[Any, str], str]] = {
    "dingtalk": _ask_dingtalk,
    "wecombot": _ask_wecom,
    "feishu": _ask_feishu,
}


def _ask(address: str, body: dict[str, Any]) -> str:
    """Post to a robot; it says in a number whether it took the message, and why not in words."""
    try:
        answer = httpx.post(address, json=body, timeout=httpx.Timeout(READ_S, connect=CONNECT_S))
    except httpx.HTTPError:
        return NO_ANSWER
    if not answer.is_success:
        return f"status {answer.status_code}"
    try:
        said = answer.json()
        number = said.get("errcode", said.get("code"))
    except (ValueError, AttributeError):
        return "said something that is no JSON object"
    return "" if number == 0 else f"said {number} {said.get('errmsg', said.get('msg', ''))}"[:300]


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What apprise says meanwhile in this thread; it answers yes or no only, and tells its log why."""
    said: list[str] = []
    thread = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                said.append(record.getMessage())

    ear = Ear()
    _log.addHandler(ear)
    try:
        yield said
    finally:
        _log.removeHandler(ear)
