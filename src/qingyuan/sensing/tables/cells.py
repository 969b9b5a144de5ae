"""Amounts out of cells: numbers as people write them, with marks, limits of detection and words for nothing."""

import math
import re
from dataclasses import dataclass

from qingyuan.sensing.tables.sheets import Cell
from qingyuan.sensing.tables.workbooks import NO_VALUE, Formula
from qingyuan_science.series import Mark

MISSING = ("-", "--", "—", "——", "/", "NA", "N/A", "NaN", "null", "NULL", "无", "缺测")
SUFFIXES = frozenset("NDBFCMTSP")  # the letters of HJ 212 that may stand behind a number
FULL_WIDTH = {0x3000: " "} | {0xFEE0 + letter: chr(letter) for letter in range(0x21, 0x7F)}
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_PLAIN = re.compile(_NUMBER)
_BELOW = re.compile(rf"(?:[<≤]\s*({_NUMBER})|({_NUMBER})\s*L)")
_MARKED = re.compile(rf"({_NUMBER})\s*\(?([A-Z])\)?")
_GROUPED = {
    ".": re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d,])"),
    ",": re.compile(r"(?<![\d,])\d{1,3}(?:\.\d{3})+(?![\d.])"),
}


class BadAmount(ValueError):
    """A cell holds no amount."""


@dataclass(frozen=True)
class Writing:
    """How amounts are written in one table."""

    decimal: str = "."
    missing: frozenset[str] = frozenset(MISSING)
    suffixes: bool = False


@dataclass(frozen=True)
class Amount:
    """What a cell says: a number or nothing, its mark if it carries one, or the limit that it lies below."""

    value: float | None
    mark: str = ""
    below: float | None = None


NOTHING = Amount(None)


def amount(cell: Cell, writing: Writing) -> Amount:
    """The amount in a cell.

    Raises
    ------
    BadAmount
        It holds something else.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            return NOTHING
        return Amount(float(cell))
    if cell is None:
        return NOTHING
    if not isinstance(cell, str):
        raise BadAmount(f"found {cell!r}, expected a number")
    if isinstance(cell, Formula):
        raise BadAmount(NO_VALUE)
    text = cell.strip()
    if not text or text in writing.missing:
        return NOTHING
    return _of_text(_plain_point(text.translate(FULL_WIDTH), writing.decimal), text, writing)


def _of_text(text: str, as_found: str, writing: Writing) -> Amount:
    if _PLAIN.fullmatch(text):
        return Amount(_finite(text, as_found))
    below = _BELOW.fullmatch(text)
    if below:
        return Amount(None, below=_finite(below[1] or below[2], as_found))
    marked = _MARKED.fullmatch(text)
    if marked and writing.suffixes and marked[2] in SUFFIXES:
        return Amount(_finite(marked[1], as_found), mark=marked[2])
    raise BadAmount(f"found {as_found[:60]!r}, expected a number or a word for nothing")


def _finite(text: str, as_found: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadAmount(f"found {as_found[:60]!r}, expected a number that a computer can hold")
    return number


def _plain_point(text: str, decimal: str) -> str:
    """The text with a point for decimals and without separators of thousands."""
    other = "," if decimal == "." else "."
    plain = _GROUPED[decimal].sub(lambda found: found[0].replace(other, ""), text)
    return plain.replace(",", ".") if decimal == "," else plain


def word(cell: Cell) -> str:
    """A cell as a word: a title, a name, a code."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def mark_of(cell: Cell, marks: dict[str, str]) -> str:
    """The letter of a mark that a cell of the marks column gives; empty where it gives none.

    Raises
    ------
    BadAmount
        It is no letter, and no word of which the layout says what it means.
    """
    text = word(cell)
    letter = marks.get(text, text)
    if letter and letter not in list(Mark):
        known = ", ".join([*Mark, *marks])
        raise BadAmount(f"found mark {text[:40]!r}, expected one of: {known}")
    return letter
