"""Names of firms as people write them, brought to what makes them the same, and how alike two are."""

import re
from collections import Counter
from functools import lru_cache
from unicodedata import normalize

_LEFT_OUT = re.compile(r"[\s·・.,,。、\"'“”‘’\-—_()()\[\]【】<>《》]+")
_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "集团公司", "总公司", "公司", "集团", "有限责任", "股份")
_ENGLISH_FORMS = re.compile(r"(?:co|company|ltd|limited|inc|corp|corporation|llc)+$")


@lru_cache(maxsize=262_144)
def plain_name(name: str) -> str:
    """A name without what people write now so, now otherwise: width, case, blanks, brackets, punctuation."""
    return _LEFT_OUT.sub("", normalize("NFKC", name).casefold())


@lru_cache(maxsize=65_536)
def core_name(name: str) -> str:
    """The name without its legal form, which is often left out or written otherwise."""
    plain = plain_name(name)
    for form in _FORMS:
        if plain.endswith(form) and len(plain) > len(form) + 1:
            return plain.removesuffix(form)
    return _ENGLISH_FORMS.sub("", plain) or plain


def pairs_of(text: str) -> Counter[str]:
    """The pairs of neighbouring letters, the ends among them."""
    framed = f"^{text}$"
    return Counter(framed[place : place + 2] for place in range(len(framed) - 1))


ORDERLESS = 0.85  # what letters in any order count beside letters in theirs; our own choice


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1: by the pairs of letters, or by the letters alone, that they share.

    Pairs tell more in long names; of four letters one wrong one spoils half of them.
    """
    return max(shared(pairs_of(one), pairs_of(other)), ORDERLESS * shared(Counter(one), Counter(other)))


def shared(one: Counter[str], other: Counter[str]) -> float:
    """Which part of two bags of letters is in both (the coefficient of Dice)."""
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def letters_apart(one: str, other: str) -> int | None:
    """In how many places two codes of one length differ; None where their lengths do."""
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else None
