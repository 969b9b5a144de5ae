"""Errors of the calculations.

CalcError
└── BadQuestion    the question is not one that the topic can answer; names the field, what was found and expected
"""


class CalcError(Exception):
    """Base of every error of this package."""


class BadQuestion(CalcError):
    """A question that a topic cannot answer: which field, what was found, what was expected."""

    def __init__(self, field: str, found: object, expected: str) -> None:
        super().__init__(f"{field}: found {found!r}, expected {expected}")
        self.field = field
