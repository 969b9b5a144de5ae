"""Texts in both languages, for whoever is looking, and the marks between them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language

from qingyuan_science.plugins import Source, Text


def said(text: Text) -> str:
    """The text in the reader's language."""
    return text.in_language(get_language() or "zh-hans")


def cited(source: Source) -> Source:
    """The reference in the reader's language."""
    return source.in_language(get_language() or "zh-hans")


def is_chinese() -> bool:
    """Whether the reader reads Chinese, whose marks are as wide as its characters."""
    return (get_language() or "zh-hans").startswith("zh")


def listed(parts: Iterable[object]) -> str:
    """Parts of a sentence, one after the other."""
    return ("；" if is_chinese() else "; ").join(map(str, parts))


def enumerated(names: Iterable[object]) -> str:
    """Names beside each other."""
    return ("、" if is_chinese() else ", ").join(map(str, names))


def named(name: object, value: object) -> str:
    """A value behind its name."""
    return f"{name}：{value}" if is_chinese() else f"{name}: {value}"


def aside(text: object) -> str:
    """A text in brackets, as it follows another."""
    return f"（{text}）" if is_chinese() else f" ({text})"


def set_apart(name: str) -> str:
    """A name within a sentence: in Chinese, spaces keep Latin letters and figures apart from the words beside them."""
    if not name or not is_chinese():
        return name
    return f"{' ' if name[0].isascii() else ''}{name}{' ' if name[-1].isascii() else ''}"


LEAST_WEIGHT = 0.05  # evidence that weighs less is left out, and would stand there as 0.0


def told_evidence(terms: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Evidence of the linker as rows keep it, in the reader's language, with its log-likelihoods."""
    tongue = "zh" if is_chinese() else "en"
    return [
        {
            # rows kept before the linker weighed them have what stood on both sides instead of words
            "said": term.get(tongue) or f"{term.get('written', '')} / {term.get('on_file', '')}",
            "weight": f"{term['weight']:+.1f}".replace("-", "−"),
            "for": term["weight"] > 0,
        }
        for term in terms
        if abs(term["weight"]) >= LEAST_WEIGHT or term.get("of", term.get("what")) in ("code", "name")
    ]


def sides(terms: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Evidence for one enterprise and for two, the weightiest first."""
    told = told_evidence(sorted(terms, key=lambda term: -abs(term["weight"])))
    return {"for": [one for one in told if one["for"]], "against": [one for one in told if not one["for"]]}
