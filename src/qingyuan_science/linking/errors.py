"""What can be wrong with tables that are to be linked.

::

    LinkingError
    ├── MissingColumn    a table has no column of that name, or its columns differ in length
    ├── RepeatedId       two rows of a table carry one id
    └── UnknownId        a decision or a question names an id that no row carries
"""


class LinkingError(ValueError):
    """Anything wrong with tables that are to be linked."""


class MissingColumn(LinkingError):
    """A table has no column of that name, or its columns differ in length."""


class RepeatedId(LinkingError):
    """Two rows of a table carry one id."""


class UnknownId(LinkingError):
    """A decision or a question names an id that no row carries."""
