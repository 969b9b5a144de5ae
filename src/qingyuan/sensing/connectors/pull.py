import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx

from qingyuan.sensing.connector import (
    CONNECTORS,
    Connector,
    Payload,
    Read,
    Receiver,
    Setting,
    Unreachable,
)
from qingyuan.sensing.connectors._addresses import AllowedOnly
from qingyuan.sensing.connectors._documents import FIELDS, ITEMS, TIME, read_document
from qingyuan.sensing.connectors._lidar import LIDAR, QUANTITY, read_scans
from qingyuan.sensing.connectors._records import FORM as RECORDS
from qingyuan.sensing.connectors._records import RECORD_FIELDS, read_records
from qingyuan.sensing.connectors._spots import FIRES, POLYGONS, SPOT_FIELDS, read_spots
from qingyuan_science.plugins import Example, Source, Text

LARGEST = 64 * 1024 * 1024
PATIENCE_S = 60.0  # for each step
WHOLE_S = 600.0  # for all of an answer
SECONDS_A_MINUTE = 60.0
LONGEST_MINUTES = 7 * 24 * 60
_KEPT = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


def _address(text: str) -> None:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"found {text!r} ({error}), expected an address") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"found {text!r}, expected an address that begins with http:// or https://")
    if url.userinfo:
        raise ValueError("found a password in the address, expected it among the headers")


def _minutes(text: str) -> None:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= LONGEST_MINUTES:
        raise ValueError(f"found {text!r}, expected minutes from 1 to {LONGEST_MINUTES}")


def _headers(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip():
            if not colon or not name.strip() or not (name + value).isascii():
                raise ValueError(
                    "found a line without a name and a colon, expected lines such as Authorization: Bearer …"
                )
            found[name.strip()] = value.strip()
    return found


_ASKING = (
    Setting(
        "url",
        Text("地址", "Address"),
        Text("以 http:// 或 https:// 开头。", "Begins with http:// or https://."),
        required=True,
        check=_address,
    ),
    Setting(
        "headers",
        Text("请求头", "Headers"),
        Text("每行一个，如 Authorization: Bearer …", "One a line, such as Authorization: Bearer …"),
        secret=True,
        check=_headers,
        lines=4,
    ),
    Setting(
        "minutes",
        Text("间隔（分钟）", "Interval (minutes)"),
        Text("每隔多久取一次。", "How often it is asked."),
        default="60",
        required=True,
        check=_minutes,
    ),
    Setting(
        "form",
        Text("应答内容", "Answer"),
        Text(
            "JSON、带表头的 CSV；卫星火点（fires）或解译图斑（polygons）；部门数据清单（records）；"
            "激光雷达扫描（lidar）。",
            "JSON, or CSV with a head; fires or polygons of satellites; lists of departments (records); scans of"
            " lidars.",
        ),
        default="json",
        choices=("json", "csv", FIRES, POLYGONS, RECORDS, LIDAR),
    ),
)


@CONNECTORS
@dataclass(frozen=True)
class Pull(Connector):
    """Documents of a web service, asked for at an interval."""

    code: ClassVar[str] = "pull"
    title: ClassVar[Text] = Text("定时拉取（JSON、CSV）", "Scheduled pull (JSON, CSV)")
    source: ClassVar[Source] = Source("RFC 9110", "13.1")
    settings: ClassVar[tuple[Setting, ...]] = (*_ASKING, *FIELDS, *SPOT_FIELDS, *RECORD_FIELDS, QUANTITY)
    listens: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                '{"rows": [{"id": "cod", "t": "20261122080000", "v": "48.2"}]}，列表 rows',
                '{"rows": [{"id": "cod", "t": "20261122080000", "v": "48.2"}]} with the list rows',
            ),
            (Text("cod 的一个观测值 48.2", "one observation of 48.2 named cod"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read an answer."""
        if settings["form"] in (FIRES, POLYGONS):
            return read_spots(payload, settings, settings["form"])
        if settings["form"] == RECORDS:
            return read_records(payload, settings, settings[ITEMS.name])
        if settings["form"] == LIDAR:
            return read_scans(payload, settings)
        return read_document(payload, settings)

    async def listen(self, receiver: Receiver) -> None:
        """Ask when it is due; what has not changed since last time is not stored again."""
        interval_s = int(receiver.settings["minutes"]) * SECONDS_A_MINUTE
        async with httpx.AsyncClient(transport=AllowedOnly(), timeout=PATIENCE_S, trust_env=False) as client:
            while True:
                due = float(receiver.position.get("asked", 0)) + interval_s
                await asyncio.sleep(min(max(0.0, due - time.time()), interval_s))
                await _ask(client, receiver)


async def _ask(client: httpx.AsyncClient, receiver: Receiver) -> None:
    position = receiver.position
    headers = _headers(receiver.settings["headers"]) | {
        header: str(position[name]) for name, header in _KEPT.items() if _can_be_sent(str(position.get(name, "")))
    }
    try:
        async with (
            asyncio.timeout(WHOLE_S),
            client.stream("GET", receiver.settings["url"], headers=headers) as answer,
        ):
            raw = await _body(answer)
    except TimeoutError as error:
        address = _plain(httpx.URL(receiver.settings["url"]))
        raise Unreachable(
            f"{address}: found no end of the answer, expected a whole one within {WHOLE_S:.0f} seconds"
        ) from error
    except httpx.HTTPError as error:
        address = _plain(httpx.URL(receiver.settings["url"]))
        raise Unreachable(f"{address}: {str(error) or type(error).__name__}") from error
    asked: dict[str, Any] = {"asked": time.time()}
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        await receiver.take_in([], {**position, **asked})
        return
    if answer.status_code != httpx.codes.OK:
        # a redirection is not followed: it would carry the headers, which are secret, to an address nobody entered
        raise Unreachable(f"{_plain(answer.url)}: found status {answer.status_code}, expected 200")
    asked |= {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    digest = asked["sha256"] = hashlib.sha256(raw).hexdigest()
    names_times = bool(receiver.settings[TIME.name]) or receiver.settings["form"] in (FIRES, POLYGONS, RECORDS)
    is_news = digest != position.get("sha256") or not names_times
    payload = Payload(raw, _plain(answer.url), time.time_ns() // 1_000)
    await receiver.take_in([payload] if is_news else [], asked)


def _can_be_sent(text: str) -> bool:
    """Whether what a service once sent may go back in a header: some send letters there that no request may have."""
    return bool(text) and text.isascii()


async def _body(answer: httpx.Response) -> bytes:
    parts, size = [], 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > LARGEST:
            raise Unreachable(f"{_plain(answer.url)}: found more than {LARGEST} bytes, expected less")
        parts.append(part)
    return b"".join(parts)


def _plain(url: httpx.URL) -> str:
    """The address without its query, which may hold a key."""
    return str(url.copy_with(query=None, fragment=None))
