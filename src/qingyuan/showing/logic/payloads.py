"""Payloads of feeds for people: their text, and what their connector reads in them."""

from dataclasses import dataclass
from typing import Any

from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import BadPayload, Feed, Observed, RawPacket, connector_of, packet_bytes, read_by_feed
from qingyuan.showing.wording import said

OBSERVED_SHOWN = 500


@dataclass(frozen=True)
class Line:
    """What a payload says of one name."""

    name: str
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class ExplainedPayload:
    """One payload: its text, what is read in it now, or what is wrong with it."""

    packet: RawPacket
    text: str
    decoded: dict[str, Any]
    lines: tuple[Line, ...]
    connector: str
    is_payload: bool = True


def explained_payload(packet: RawPacket, feed: Feed) -> ExplainedPayload:
    """What the feed's connector reads in a payload."""
    connector, found = connector_of(feed), packet_bytes(packet)
    title = said(connector.title) if connector else feed.connector
    decoded: dict[str, Any]
    try:
        observed, faults = read_by_feed(feed, found)
    except BadPayload as error:
        observed, decoded = [], {"ok": False, "error": type(error).__name__, "detail": str(error)}
    else:
        decoded = {"ok": True, "warnings": faults}
    lines = tuple(_line(one) for one in observed[:OBSERVED_SHOWN])
    return ExplainedPayload(packet, text_of(found.raw), decoded, lines, title)


def _line(one: Observed) -> Line:
    at = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    numbers = (("value", one.value), ("low", one.low), ("high", one.high), ("total", one.total))
    told = (("at", at), *numbers, ("unit", one.unit), ("kind", one.kind))
    return Line(one.name, tuple(pair for pair in told if pair[1] not in (None, "")))


def text_of(raw: bytes) -> str:
    """The bytes as text; what is no text, and what cannot be seen, is shown as its number."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(letter if letter.isprintable() or letter == "\n" else f"\\x{ord(letter):02x}" for letter in text)
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in raw)
