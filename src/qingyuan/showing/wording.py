"""Texts in both languages, for whoever is looking."""

from django.utils.translation import get_language

from qingyuan_science.plugins import Source, Text


def said(text: Text) -> str:
    """The text in the reader's language."""
    return text.in_language(get_language() or "zh-hans")


def cited(source: Source) -> Source:
    """The reference in the reader's language."""
    return source.in_language(get_language() or "zh-hans")
