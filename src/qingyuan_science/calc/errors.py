"""Errors of the calculations.

CalcError
└── BadQuestion    the question is not one that the topic can answer; names the field, what was found and expected
"""


class CalcError(Exception):
    """Base of every error of this package."""


_SHOWN = 200  # characters of what was found


class BadQuestion(CalcError):
    """A question that a topic cannot answer: which field, what was found, what was expected."""

    def __init__(self, field: str, found: object, expected: str) -> None:
        super().__init__(f"{field}: found {_shown(found)}, expected {expected}")
        self.field = field


def _shown(found: object) -> str:
    try:
        text = repr(found)
    except ValueError:  # Python writes no whole number of more than 4300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
