"""What can be wrong with a series.

::

    SeriesError
    ├── UnequalLengths    times, values and marks do not pair up
    ├── UnsortedTimes     times go back or repeat
    ├── UnknownMark       a mark is not in the vocabulary
    ├── UnknownStep       a calculation needs a nominal step and the series has none
    ├── NoFixedLength     an averaging time has no fixed length
    └── AirOxygen         a reference oxygen content is not below that of air
"""


class SeriesError(ValueError):
    """Anything wrong with a series."""


class UnequalLengths(SeriesError):
    """Times, values and marks do not pair up."""


class UnsortedTimes(SeriesError):
    """Times go back or repeat."""


class UnknownMark(SeriesError):
    """A mark is not in the vocabulary."""


class UnknownStep(SeriesError):
    """A calculation needs a nominal step and the series has none."""


class NoFixedLength(SeriesError):
    """An averaging time has no fixed length."""


class AirOxygen(SeriesError):
    """A reference oxygen content is not below that of air."""
