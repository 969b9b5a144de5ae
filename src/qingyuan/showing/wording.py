"""Texts in both languages, for whoever is looking, and the marks between them."""

from collections.abc import Iterable

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
