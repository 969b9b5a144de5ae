"""What can be wrong with a case type or its tables, beside the errors of `kit`.

CaseworkError
├── UnknownState        a case stands where its type has no state
└── UnknownTimeLimit    a clock names a time limit that no table has
"""


class CaseworkError(Exception):
    """Base of what can be wrong with a case type."""


class UnknownState(CaseworkError):
    """A state is not in the table of its case type."""


class UnknownTimeLimit(CaseworkError):
    """A time limit is in no table."""
