"""Several questions to the database in one turn: each costs a way there and back, and most of a quick page is that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection

Answer = TypeVar("Answer")
First = TypeVar("First")
Second = TypeVar("Second")
Third = TypeVar("Third")


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """Statements with a `;` between them, their values, and what reads the results.

    `read` is given the cursor at the first result; between two it calls `nextset`, after the last it does not.
    """

    sql: str
    values: Sequence[Any]
    read: Callable[[Any], Answer]


def ask(question: Question[Answer]) -> Answer:
    """The answer to one question."""
    with connection.cursor() as cursor:
        cursor.execute(question.sql, question.values)
        return question.read(cursor)


def together(first: Question[First], second: Question[Second]) -> Question[tuple[First, Second]]:
    """One question out of two, answered one after the other: the second sees what is committed after the first."""

    def read(cursor: Any) -> tuple[First, Second]:
        answered = first.read(cursor)
        cursor.nextset()
        return answered, second.read(cursor)

    return Question(f"{first.sql}; {second.sql}", [*first.values, *second.values], read)


def as_read(question: Question[First], change: Callable[[First], Third]) -> Question[Third]:
    """The same question with its answer put otherwise."""
    return Question(question.sql, question.values, lambda cursor: change(question.read(cursor)))
