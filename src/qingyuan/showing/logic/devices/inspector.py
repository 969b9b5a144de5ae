"""A packet taken apart for people: the bytes as a ribbon, and what each part means or what is wrong with it."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.sensing.api import SECRET
from qingyuan.showing.wording import said
from qingyuan_science.hj212 import Dialect, Keys, Piece, anatomy
from qingyuan_science.plugins import Text
from qingyuan_science.standards import StandardsError, find_factor

LARGEST = 65_536
HEX = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}(?:[\s,]*(?:0x)?[0-9A-Fa-f]{2})*", re.ASCII)
TELLING = frozenset({"noise", "packet", "length", "field", "pair", "cipher", "crc", "end", "unread"})
HIDDEN = "******"
NO_READING = "-rawavg"  # of 2025: what is known of it does not say on which basis it is
SECRETS = frozenset({"PW", *(name.upper() for name in SECRET)})
_QUOTED = re.compile(rf"(\b(?:{'|'.join(sorted(SECRETS))})\s*=\s*)[^;,&\s]*", re.IGNORECASE)
Said = TypeVar("Said", Text, Text | None)


@dataclass(frozen=True)
class Cell:
    """A run of bytes on the ribbon."""

    text: str
    kind: str
    title: str
    faulty: bool


@dataclass(frozen=True)
class Row:
    """One part of a packet: where it stands, what it says, what that means, what is wrong with it."""

    depth: int
    offset: int
    length: int
    name: str
    value: str
    means: str
    fault: str
    kind: str


@dataclass(frozen=True)
class Inspection:
    """Everything that the bytes say."""

    cells: tuple[Cell, ...]
    rows: tuple[Row, ...]
    faults: int


def bytes_of(text: str) -> bytes:
    """What a person pasted: a packet as text, its line end written or not, or its bytes as hex.

    Raises
    ------
    BadInput
        Nothing was pasted, or more than a packet can hold.
    """
    bare = text.strip()
    if not bare:
        raise BadInput("found nothing, expected a packet that begins with ## or its bytes as hex", "raw")
    if len(bare) > LARGEST:
        raise BadInput(f"found {len(bare)} characters, expected at most {LARGEST}", "raw")
    if HEX.fullmatch(bare) and not bare.startswith("##"):
        return binascii.unhexlify(re.sub(r"0x|[\s,]", "", bare))
    plain = bare.replace("\\r", "\r").replace("\\n", "\n")
    return (plain if plain.endswith("\n") else plain + "\r\n").encode()


def inspected(raw: bytes, dialect: Dialect, keys: Keys | None = None, *, hide_password: bool = True) -> Inspection:
    """Take bytes apart; a password is shown to nobody but administrators."""
    pieces = tuple(_without_secrets(piece) if hide_password else piece for piece in _pieces(raw, dialect, keys))
    rows = tuple(row for piece in pieces for row in _rows(piece, 0))
    cells = tuple(_cell(small) for piece in pieces for small in piece.smallest() if small.text)
    return Inspection(cells, rows, sum(1 for piece in pieces for _ in piece.faulty()))


def _pieces(raw: bytes, dialect: Dialect, keys: Keys | None) -> tuple[Piece, ...]:
    return anatomy(raw, dialect, keys, lambda code: _factor_title(dialect.meaning(code)[0] if dialect else code))


def _factor_title(code: str) -> Text | None:
    try:
        return find_factor(code).short
    except StandardsError:
        return None


def _without_secrets(piece: Piece) -> Piece:
    """The same piece with passwords and keys hidden, wherever its texts would show one."""
    if piece.kind in {"field", "pair"} and piece.parts and piece.parts[0].text.strip().upper() in SECRETS:
        parts = tuple(replace(part, text=HIDDEN) if part.kind == "value" else part for part in piece.parts)
        return replace(piece, text="".join(part.text for part in parts), parts=parts)
    if not piece.parts:
        return replace(piece, text=without_secrets(piece.text), fault=_told(piece.fault), means=_told(piece.means))
    parts = tuple(_without_secrets(part) for part in piece.parts)
    return replace(piece, parts=parts, text="".join(part.text for part in parts), fault=_told(piece.fault))


def _told(text: Said) -> Said:
    return Text(without_secrets(text.zh), without_secrets(text.en)) if text is not None else text


def without_secrets(text: str) -> str:
    """A text that may quote a packet, with the passwords and keys in it hidden."""
    return _QUOTED.sub(rf"\1{HIDDEN}", text)


def _rows(piece: Piece, depth: int) -> Iterator[Row]:
    tells = piece.kind in TELLING
    if tells:
        yield _row(piece, depth)
    if piece.kind in {"pair", "length", "crc", "end"}:
        return
    for part in piece.parts:
        yield from _rows(part, depth + tells)


def _row(piece: Piece, depth: int) -> Row:
    named = {part.kind: part for part in piece.parts}
    name, value = named.get("name"), named.get("value")
    means = [said(part.means) for part in (name, value) if part is not None]
    own = said(piece.means)
    shown = means[1] if len(means) == 2 and means[1] else ""
    faults = [said(part.fault) for part in piece.faulty() if part.fault is not None] if piece.kind != "packet" else []
    joint = ";" if (get_language() or "zh").startswith("zh") else "; "
    if name is not None and name.text.strip().lower().endswith(NO_READING):
        shown = _(", ").join(filter(None, (shown, _("known at second hand: kept beside the readings, not as one"))))
    return Row(
        depth=depth,
        offset=piece.offset,
        length=piece.length,
        name=name.text if name is not None else "",
        value=value.text if value is not None else "" if piece.kind in {"packet", "field"} else piece.text,
        means=": ".join(filter(None, (own or (means[0] if means else ""), shown))),
        fault=joint.join(dict.fromkeys(faults)),
        kind=piece.kind,
    )


def _cell(piece: Piece) -> Cell:
    words = [said(piece.means), said(piece.fault) if piece.fault else "", f"{piece.offset}+{piece.length}"]
    return Cell(piece.text, piece.kind, " · ".join(filter(None, words)), piece.fault is not None)
