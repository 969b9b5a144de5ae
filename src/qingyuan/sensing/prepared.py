"""Statements that one thread repeats many times: PostgreSQL parses and plans them once a connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

AFTER = 2  # a statement that comes a third time is worth the planning


@contextmanager
def statements_repeated() -> Iterator[None]:
    """In this block, what is executed by cursors of this thread is prepared once it has come a few times.

    Statements have to be single ones then, and their types plain from casts or columns, since values travel apart from
    the text. Blocks around or inside a transaction are both right.
    """
    connection.ensure_connection()
    plain = connection.connection
    before = plain.cursor_factory, plain.prepare_threshold
    plain.cursor_factory, plain.prepare_threshold = ServerBindingCursor, AFTER
    try:
        yield
    finally:
        plain.cursor_factory, plain.prepare_threshold = before


def repeated() -> bool:
    """Whether `statements_repeated` holds now."""
    return connection.connection is not None and connection.connection.cursor_factory is ServerBindingCursor
