"""How it shows that the database cannot be used now, and what it cannot hold however often it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import django.db
import psycopg

from qingyuan.sensing.errors import Unstorable

DATABASE_AWAY = (
    django.db.OperationalError, django.db.InterfaceError,
    psycopg.OperationalError, psycopg.InterfaceError,  # COPY raises these as they are
)  # fmt: skip
_BEYOND_LIMITS = "54"  # class of SQLSTATE; psycopg counts it among the errors of operation


@contextmanager
def limits_told() -> Iterator[None]:
    """Tell what is too large for the database apart from its being away.

    Raises
    ------
    Unstorable
        The database is there, and cannot hold what it was given.
    """
    try:
        yield
    except DATABASE_AWAY as error:
        state = getattr(error.__cause__ or error, "sqlstate", None) or ""
        if state.startswith(_BEYOND_LIMITS):
            raise Unstorable(str(error).strip()) from error
        raise
