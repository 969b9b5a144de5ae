"""Payloads of feeds for people: their text, and what was read in them, by the settings of then."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qingyuan.kit import clock
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import (
    BadPayload,
    Channel,
    Connector,
    Feed,
    FeedEdition,
    Observed,
    PacketBytes,
    RawPacket,
    connectors,
    editions_behind,
    observed_of,
    packet_bytes,
    read_by_feed,
)
from qingyuan.showing.logic.lines import names_of
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
class Way:
    """How a payload was read: by the feed's settings of which time, entered by whom, and whether that is certain.

    `settings` are told, by their titles, where the feed has other ones now, or is read by another connector.
    """

    connector: str
    edition: FeedEdition
    by: str
    is_present: bool
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ExplainedPayload:
    """One payload: its beginning as text, what was read in it and how, or what is wrong with it.

    `own` are the lines that say the reading in question; who may not see all that a payload speaks of sees only these.
    """

    packet: RawPacket
    text: str
    is_cut: bool
    decoded: dict[str, Any]
    lines: tuple[Line, ...]
    more: int
    way: Way
    own: tuple[Line, ...] = ()
    is_whole: bool = True
    as_now: bool = False
    number: int = 1
    is_payload: bool = True


def explained_payload(
    packet: RawPacket, feed: Feed, reading: Told | None = None, *, as_now: bool = False
) -> ExplainedPayload:
    """What was read in a payload when it was stored, and which of it says the reading that somebody asks about.

    With `as_now`, what the feed's settings of now would read in it.
    """
    found, editions = packet_bytes(packet), [_present(feed)] if as_now else editions_behind(feed, packet)
    told = [_explained(found, feed, edition, reading) for edition in editions]
    return replace(next((one for one in told if one.own), told[0]), as_now=as_now)


def _present(feed: Feed) -> FeedEdition:
    """The feed as it stands, whatever the log says."""
    return FeedEdition(feed.connector, feed.settings, clock.now())


def _explained(found: PacketBytes, feed: Feed, edition: FeedEdition, reading: Told | None) -> ExplainedPayload:
    observed: Sequence[Observed] = ()
    decoded: dict[str, Any]
    try:
        observed, faults = read_by_feed(feed, found, edition)
    except BadPayload as error:
        decoded = {"ok": False, "error": type(error).__name__, "detail": str(error)}
    else:
        decoded = {"ok": True, "warnings": faults}
    own = observed_of(feed, observed, reading, edition.read_at) if reading else ()
    return ExplainedPayload(
        found.packet,
        text_of(found.raw, BYTES_SHOWN),
        len(found.raw) > BYTES_SHOWN,
        decoded,
        tuple(_line(one) for one in observed[:OBSERVED_SHOWN]),
        max(0, len(observed) - OBSERVED_SHOWN),
        _way(feed, edition),
        tuple(_line(one) for one in own),
    )


def _way(feed: Feed, edition: FeedEdition) -> Way:
    connector = next((one for one in connectors() if one.code == edition.connector), None)
    title = said(connector.title) if connector else edition.connector
    present = {name: feed.settings.get(name) for name in edition.settings}
    is_present = (edition.connector, edition.settings) == (feed.connector, present)
    by = names_of([edition.by]).get(edition.by, edition.by) if edition.by else ""
    return Way(title, edition, by, is_present, () if is_present else _told_settings(connector, edition))


def _told_settings(connector: type[Connector] | None, edition: FeedEdition) -> tuple[tuple[str, str], ...]:
    titles = {setting.name: said(setting.title) for setting in (connector.settings if connector else ())}
    return tuple((titles.get(name, name), value) for name, value in edition.settings.items() if value)


def without_others(explained: ExplainedPayload) -> ExplainedPayload:
    """The lines that say the reading alone, for who may not see the other stations that a payload speaks of."""
    decoded, way = explained.decoded | {"warnings": []}, replace(explained.way, settings=())
    return replace(explained, text="", lines=(), more=0, decoded=decoded, way=way, is_whole=False)


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
