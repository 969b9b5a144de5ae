"""Says in the reader's language what an error said in English."""

import re
from functools import cache
from typing import Final

from django.utils.translation import gettext

from qingyuan.kit.faults.phrases import PHRASES

_HOLE: Final = re.compile(r"%\((\w+)\)s")
_FIGURES: Final = frozenset(
    {"byte", "bytes", "char", "column", "count", "digits", "high", "least", "length", "line", "low", "number", "row"}
)
_QUOTED: Final = ("'", '"')


def in_words(sentence: str) -> str:
    """What an error said, in the reader's language: its phrases translated, what it quotes left as it came.

    A sentence that is made of no known phrase comes back as it is, and so does one for a reader of English.
    """
    if sentence.startswith(_QUOTED):
        return sentence
    for phrase, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            return gettext(phrase) % {name: in_words(part) for name, part in found.groupdict().items()}
    return sentence


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every phrase with the pattern of what it makes, those that say most first."""
    ordered = sorted(PHRASES, key=lambda phrase: len(_HOLE.sub("", phrase)), reverse=True)
    return tuple((phrase, _pattern(phrase)) for phrase in ordered)


def _pattern(phrase: str) -> re.Pattern[str]:
    pieces = _HOLE.split(phrase)
    for place, piece in enumerate(pieces):
        hole = r"[-+\d.,]+" if piece in _FIGURES else ".+"
        if piece == "found" and pieces[place + 1].startswith(" ("):
            hole += "?"  # what stands in the parentheses may hold others
        pieces[place] = f"(?P<{piece}>{hole})" if place % 2 else re.escape(piece)
    return re.compile("".join(pieces), re.DOTALL)
