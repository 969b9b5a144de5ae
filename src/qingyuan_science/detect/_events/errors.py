"""What can be wrong with rows given to the event detector.

EventError
├── UnequalShapes   rows have not as many signals as were learned
└── TooLittlePast   the orderly past is too short to learn from
"""


class EventError(Exception):
    """Anything wrong with what the event detector was given."""


class UnequalShapes(EventError, ValueError):
    """Rows have not as many signals as were learned."""

    def __init__(self, found: tuple[int, ...], signals: int) -> None:
        super().__init__(f"rows of shape {found} were given; expected rows of {signals} signals")


class TooLittlePast(EventError, ValueError):
    """The orderly past is too short to learn from."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(f"{found} orderly rows of the past were given; at least {needed} are needed to learn from")
