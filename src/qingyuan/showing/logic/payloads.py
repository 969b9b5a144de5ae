"""Payloads of feeds for people: their text, and what their connector reads in them."""

import codecs
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import (
    BadPayload,
    Channel,
    Feed,
    Observed,
    RawPacket,
    connector_of,
    observed_of,
    packet_bytes,
    read_by_feed,
)
from qingyuan.showing.wording import said

OBSERVED_SHOWN = 500
BYTES_SHOWN = 20_000
Told = tuple[Channel, str, datetime]  # a reading by channel, kind and start


@dataclass(frozen=True)
class Line:
    """What a payload says of one name."""

    name: str
    values: tuple[tuple[str, Any], ...]
    where: str = ""


@dataclass(frozen=True)
class ExplainedPayload:
    """One payload: its beginning as text, what is read in it now, or what is wrong with it.

    `own` are the lines that say the reading in question; who may not see all that a payload speaks of sees only these.
    """

    packet: RawPacket
    text: str
    is_cut: bool
    decoded: dict[str, Any]
    lines: tuple[Line, ...]
    more: int
    connector: str
    own: tuple[Line, ...] = ()
    is_whole: bool = True
    number: int = 1
    is_payload: bool = True


def explained_payload(packet: RawPacket, feed: Feed, reading: Told | None = None) -> ExplainedPayload:
    """What the feed's connector reads in a payload, and which of it says the reading that somebody asks about."""
    connector, found = connector_of(feed), packet_bytes(packet)
    title = said(connector.title) if connector else feed.connector
    decoded: dict[str, Any]
    try:
        observed, faults = read_by_feed(feed, found)
    except BadPayload as error:
        observed, decoded = [], {"ok": False, "error": type(error).__name__, "detail": str(error)}
    else:
        decoded = {"ok": True, "warnings": faults}
    return ExplainedPayload(
        packet,
        text_of(found.raw, BYTES_SHOWN),
        len(found.raw) > BYTES_SHOWN,
        decoded,
        tuple(_line(one) for one in observed[:OBSERVED_SHOWN]),
        max(0, len(observed) - OBSERVED_SHOWN),
        title,
        tuple(_line(one) for one in observed_of(feed, observed, reading)) if reading else (),
    )


def without_others(explained: ExplainedPayload) -> ExplainedPayload:
    """The lines that say the reading alone, for who may not see the other stations that a payload speaks of."""
    decoded = explained.decoded | {"warnings": []}
    return replace(explained, text="", lines=(), more=0, decoded=decoded, is_whole=False)


def _line(one: Observed) -> Line:
    at = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    numbers = (("value", one.value), ("low", one.low), ("high", one.high), ("total", one.total))
    told = (("at", at), *numbers, ("unit", one.unit), ("kind", one.kind))
    return Line(one.name, tuple(pair for pair in told if pair[1] not in (None, "")), one.where)


def text_of(raw: bytes, most: int | None = None) -> str:
    """The bytes as text, the first `most` of them; what is no text, and what cannot be seen, is shown as its number."""
    shown = raw[:most]
    for encoding in ("utf-8", "gb18030"):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(shown, final=len(shown) == len(raw))
        except UnicodeDecodeError:
            continue
        return "".join(letter if letter.isprintable() or letter == "\n" else f"\\x{ord(letter):02x}" for letter in text)
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in shown)
