"""Texts on their way into a spreadsheet."""

from typing import Any

FORMULA = frozenset("=+-@\t\r")  # a text that begins so would be computed, or hide one that is


def not_computed(value: Any) -> Any:
    """The same, with a text that starts like a formula made one that is shown."""
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value
