"""What can be wrong with a question put to the standards.

::

    StandardsError
    ├── UnknownFactor      no edition of HJ 212 has that code
    ├── UnknownStandard    there is no table of that standard
    ├── UnknownLevel       the standard has no such class or level
    ├── UnknownLimit       no limit has that code
    ├── NoEdition          no edition of a rule holds on that day
    ├── UnknownEntry       a table has no row of that name
    ├── UnknownProcess     no procedure of that name has time limits
    ├── OutsideRule        a rule says nothing of such figures
    ├── BadCode            a code is not built as its rule says
    └── BrokenTable        a table does not say what every entry must say
"""

from qingyuan_science.plugins import Text


class StandardsError(LookupError):
    """Anything wrong with a question put to the standards."""


class UnknownFactor(StandardsError):
    """No edition of HJ 212 has that code."""


class UnknownStandard(StandardsError):
    """There is no table of that standard."""


class UnknownLevel(StandardsError):
    """The standard has no such class or level."""


class UnknownLimit(StandardsError):
    """No limit has that code."""


class UnknownMarking(StandardsError):
    """No rule knows that mark of people."""


class NoEdition(StandardsError):
    """No edition of a rule holds on that day."""


class UnknownEntry(StandardsError):
    """A table has no row of that name."""


class UnknownProcess(StandardsError):
    """No procedure of that name has time limits."""


class OutsideRule(StandardsError):
    """A rule says nothing of such figures."""


class BadCode(StandardsError):
    """A code is not built as its rule says; holds the reason in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class BrokenTable(StandardsError):
    """A table does not say what every entry must say."""
