"""The pieces that recorded bytes are taken apart into."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from qingyuan_science.hj212.dialect import Dialect
from qingyuan_science.plugins import Text

NOTHING: Final = Text("", "")
"""The meaning of a piece whose text says all."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a packet.

    Parameters
    ----------
    offset, length : int
        Where it stands in the recorded bytes. [byte]
    kind : str
        What it is in the grammar: ``noise``, ``packet``, ``head``, ``length``, ``segment``, ``field``, ``group``,
        ``pair``, ``name``, ``value``, ``mark`` (separators and brackets), ``cipher``, ``crc``, ``end``, ``unread``.
    text : str
        What it says; of deciphered bytes what they mean, and bytes that are no text as escapes.
    means : Text
        What it means; empty where the text says all.
    fault : Text or None
        What is wrong with it.
    parts : tuple of Piece
        What it is made of, in order and without gaps; none for the smallest pieces.
    """

    offset: int
    length: int
    kind: str
    text: str
    means: Text = NOTHING
    fault: Text | None = None
    parts: "tuple[Piece, ...]" = ()

    def smallest(self) -> "Iterator[Piece]":
        """Give the pieces without parts in it, in order.

        Yields
        ------
        Piece
        """
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.smallest()

    def faulty(self) -> "Iterator[Piece]":
        """Give the pieces in it with which something is wrong, itself included.

        Yields
        ------
        Piece
        """
        if self.fault is not None:
            yield self
        for part in self.parts:
            yield from part.faulty()

    def as_plain(self, language: str = "en") -> dict[str, Any]:
        """Give it as an object that JSON can hold.

        Parameters
        ----------
        language : str
            Language code of the meanings and faults.

        Returns
        -------
        dict
        """
        return {
            "offset": self.offset,
            "length": self.length,
            "kind": self.kind,
            "text": self.text,
            "means": self.means.in_language(language),
            "fault": self.fault.in_language(language) if self.fault else None,
            "parts": [part.as_plain(language) for part in self.parts],
        }


def shown(piece: bytes, dialect: Dialect) -> str:
    """Show bytes as text.

    Parameters
    ----------
    piece : bytes
    dialect : Dialect
        How the sender speaks: its text encodings.

    Returns
    -------
    str
        The text in the first encoding that fits; bytes that are no text, and what cannot be seen, as escapes.
    """
    for encoding in dialect.encodings:
        try:
            text = piece.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in piece)
