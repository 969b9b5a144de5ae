"""Takes a data segment apart into fields, groups and pairs, byte by byte."""

import re
from typing import Final

from qingyuan_science.hj212.anatomy.meanings import (
    FactorTitle,
    Said,
    header_name,
    header_value,
    name_in_cp,
    value_in_cp,
)
from qingyuan_science.hj212.anatomy.pieces import NOTHING, Piece, shown
from qingyuan_science.hj212.dialect import Dialect
from qingyuan_science.plugins import Text

CP_OPENS: Final = re.compile(rb"CP\s*=\s*&&", re.IGNORECASE)
"""Where the content begins."""

_HEADER_ITEM: Final = re.compile(rb"[^;,]+|[;,]")
_GROUP: Final = re.compile(rb"[^;]+|;")
_PAIR: Final = re.compile(rb"[^,]+|,")
_LOG: Final = re.compile(rb"=\s*//.*?//", re.DOTALL)
_HIDE: Final = bytes.maketrans(b";,", b"\x00\x00")
_REQUIRED: Final = ("ST", "CN")
_SEPARATOR: Final = Text("分隔符", "Separator")


class Segment:
    """A data segment in the clear.

    Parameters
    ----------
    clear : bytes
        What it says.
    at : int
        Where it stands in the recorded bytes. [byte]
    dialect : Dialect
        How the sender speaks.
    factor_title : callable
        Names factors.
    """

    def __init__(self, clear: bytes, at: int, dialect: Dialect, factor_title: FactorTitle) -> None:
        self._clear, self._at, self._dialect, self._factor_title = clear, at, dialect, factor_title
        self._names: set[str] = set()

    def parts(self) -> list[Piece]:
        """Take all of it apart.

        Returns
        -------
        list of Piece
            In order, without gaps.
        """
        opening = CP_OPENS.search(self._clear)
        if opening is None:
            return self.header(len(self._clear))
        return [*self.header(opening.start()), self._content(opening.start(), opening.end())]

    def header(self, end: int) -> list[Piece]:
        """Take the fields before CP apart.

        Parameters
        ----------
        end : int
            Where they end, from the start of the segment. [byte]

        Returns
        -------
        list of Piece
            Fields, and separators between them.
        """
        pieces = []
        for item in _HEADER_ITEM.finditer(self._clear, 0, end):
            if item[0] in b";,":
                fault = None if item[0] == b";" else Text("应为分号", "Expected a semicolon")
                pieces.append(self._leaf(item.start(), item.end(), "mark", (_SEPARATOR, fault)))
            else:
                pieces.append(self._field(item.start(), item.end()))
        return pieces

    def sealed(self, start: int, opens: int, says: Text | None) -> list[Piece]:
        """Show a content that stays enciphered, or that was deciphered to another length.

        Parameters
        ----------
        start, opens : int
            Where the field CP and its content begin, from the start of the segment. [byte]
        says : Text or None
            What it says, if that is known.

        Returns
        -------
        list of Piece
        """
        end = len(self._clear)
        closes = end - 2 if self._clear.endswith(b"&&") and end - 2 >= opens else end
        unknown = Text("内容已加密", "Enciphered content")
        fault = None if says else Text("没有可用的密钥", "No key at hand fits")
        parts = [
            *self._opening(start, opens),
            self._leaf(opens, closes, "cipher", (says or unknown, fault)),
            self._leaf(closes, end, "mark", (Text("内容结束", "End of the content"), None)),
        ]
        return [self._node((start, end), "field", (header_name("CP")[0], None), parts)]

    def missing(self, opening: re.Match[bytes] | None) -> Text | None:
        """Say which field the segment lacks, after it was taken apart.

        Parameters
        ----------
        opening : re.Match or None
            Where CP opens.

        Returns
        -------
        Text or None
        """
        lacking = [name for name in _REQUIRED if name not in self._names] + ([] if opening else ["CP"])
        return Text(f"缺少字段 {lacking[0]}", f"The field {lacking[0]} is missing") if lacking else None

    def _field(self, start: int, end: int) -> Piece:
        name, value = self._halves(start, end)
        known = name.upper() if name.upper() != "FLAG" else "Flag"
        said, fault = header_name(known)
        if known in self._names:
            fault = Text("字段重复", "The field stands twice")
        self._names.add(known)
        parts = self._name_and_value(start, end, (said, fault), header_value(known, value, self._dialect))
        return self._node((start, end), "field", (said, None), parts)

    def _content(self, start: int, opens: int) -> Piece:
        closes = self._clear.rfind(b"&&", opens)
        end = len(self._clear)
        parts = self._opening(start, opens)
        fault = None
        if closes < 0:
            closes, fault = end, Text("内容没有以 && 结束", "The content does not end with &&")
        parts += self._groups(opens, closes)
        if fault is None:
            parts.append(self._leaf(closes, closes + 2, "mark", (Text("内容结束", "End of the content"), None)))
            if closes + 2 < end:
                surplus = Text("内容之后的字节", "Bytes after the content")
                wrong = surplus if self._clear[closes + 2 :].strip(b"; \t\r\n") else None
                parts.append(self._leaf(closes + 2, end, "unread", (surplus, wrong)))
        return self._node((start, end), "field", (header_name("CP")[0], fault), parts)

    def _opening(self, start: int, opens: int) -> list[Piece]:
        title = header_name("CP")[0]
        return [
            self._leaf(start, start + 2, "name", (title, None)),
            self._leaf(start + 2, opens, "mark", (Text("内容开始", "Start of the content"), None)),
        ]

    def _groups(self, start: int, end: int) -> list[Piece]:
        content = self._clear[start:end]
        hidden = _LOG.sub(lambda log: log[0].translate(_HIDE), content) if b"//" in content else content
        pieces = []
        for group in _GROUP.finditer(hidden):
            at, to = start + group.start(), start + group.end()
            if group[0] == b";":
                pieces.append(self._leaf(at, to, "mark", (_SEPARATOR, None)))
                continue
            pairs = []
            for pair in _PAIR.finditer(hidden, group.start(), group.end()):
                if pair[0] == b",":
                    pairs.append(self._leaf(start + pair.start(), start + pair.end(), "mark", (_SEPARATOR, None)))
                else:
                    pairs.append(self._pair(start + pair.start(), start + pair.end()))
            pieces.append(self._node((at, to), "group", (NOTHING, None), pairs))
        return pieces

    def _pair(self, start: int, end: int) -> Piece:
        name, value = self._halves(start, end)
        said = name_in_cp(name, self._factor_title)
        parts = self._name_and_value(start, end, said, value_in_cp(name, value, self._dialect))
        return self._node((start, end), "pair", (said[0], None), parts)

    def _halves(self, start: int, end: int) -> tuple[str, str]:
        name, _, value = self._clear[start:end].partition(b"=")
        return shown(name, self._dialect).strip(), shown(value, self._dialect).strip()

    def _name_and_value(self, start: int, end: int, name: Said, value: Said) -> list[Piece]:
        equals = self._clear.find(b"=", start, end)
        if not self._clear[start:end].strip():
            return [self._leaf(start, end, "unread", (Text("空白", "Blanks"), None))]
        if equals < 0:
            return [self._leaf(start, end, "name", (name[0], Text("缺少等号", "No = behind it")))]
        return [
            self._leaf(start, equals, "name", name),
            self._leaf(equals, equals + 1, "mark", (Text("等号", "Equals sign"), None)),
            self._leaf(equals + 1, end, "value", value),
        ]

    def _leaf(self, start: int, end: int, kind: str, said: Said) -> Piece:
        return self._node((start, end), kind, said, [])

    def _node(self, span: tuple[int, int], kind: str, said: Said, parts: list[Piece]) -> Piece:
        start, end = span
        kept = tuple(part for part in parts if part.length or part.fault)
        text = shown(self._clear[start:end], self._dialect)
        return Piece(self._at + start, end - start, kind, text, said[0], said[1], kept)
