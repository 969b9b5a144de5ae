"""What a calculation is: the fields it asks for, and an answer with its clauses."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, ClassVar
from unicodedata import normalize

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.plugins import Plugin, Registry, Source, Text
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.procedure.register import days_in_force

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LARGEST_WHOLE = 2**53  # beyond it a double no longer holds every whole number


class Asked(StrEnum):
    """What a field of a question holds."""

    NUMBER = "number"
    WHOLE = "whole number"
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "true or false"
    DATE = "date"
    TIME = "time with zone"
    NUMBERS = "numbers by name"
    SERIES = "list of numbers"
    TABLE = "list of objects"


@dataclass(frozen=True)
class Field:
    """One field of a question.

    Parameters
    ----------
    name : str
        Key in the JSON object.
    holds : Asked
        What the value must be.
    title : Text
        What a form calls it.
    unit : str
        Unit of the number or numbers.
    choices : tuple of str
        Values allowed, for a choice; names allowed, for numbers by name (any, when empty).
    default : object
        Value when the field is left out; without one the field must be given.
    columns : tuple of Field
        The fields of each object, for a table.
    hint : Text, optional
        What may stand there, where a text must be one of names that depend on the rest of the question.
    """

    name: str
    holds: Asked
    title: Text
    unit: str = ""
    choices: tuple[str, ...] = ()
    default: Any = ...
    columns: tuple["Field", ...] = ()
    hint: Text | None = None

    def read(self, value: object, within: str = "") -> Any:
        """Return the value in the field's type.

        Parameters
        ----------
        value : object
            As JSON gives it.
        within : str
            Where the field stands, for the message.

        Returns
        -------
        object
            float, int, str, bool, date, datetime, dict or list, by what the field holds; None stays None inside
            numbers by name and lists of numbers, where it means a missing value.

        Raises
        ------
        BadQuestion
            The value is of another kind; says what was found and expected.
        """
        where = f"{within}{self.name}"
        reader = _READERS[self.holds]
        try:
            return reader(self, value, where)
        except (TypeError, ValueError, OverflowError, AttributeError) as error:
            raise BadQuestion(where, value, self._expected()) from error

    def _expected(self) -> str:
        unit = f" [{self.unit}]" if self.unit else ""
        choices = f": one of {', '.join(self.choices)}" if self.choices else ""
        return f"{self.holds}{unit}{choices}"


Given = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a calculation says.

    Parameters
    ----------
    result : dict
        Numbers, texts, lists and dicts as JSON holds them.
    clauses : tuple of Source
        Document and clause of every rule applied, each once, in the order of use.
    notes : tuple of Text
        What a reader has to know: a value left out, a rule that is not verified.
    """

    result: dict[str, Any]
    clauses: tuple[Source, ...]
    notes: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON holds it.

        Returns
        -------
        dict
            ``result``, ``clauses`` and ``notes``. A clause says from when to when it holds and how far it was checked,
            None where that is not known.
        """
        return {
            "result": self.result,
            "clauses": [_clause(one) for one in self.clauses],
            "notes": [{"zh": note.zh, "en": note.en} for note in self.notes],
        }


def _is_finite(value: object) -> bool:
    """Whether JSON can hold every number of a result."""
    if isinstance(value, float):
        return math.isfinite(value)
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return all(_is_finite(one) for one in inner)


def _clause(one: Source) -> dict[str, str | None]:
    first, last = days_in_force(one)
    return {
        "document": one.document,
        "clause": str(one.clause),
        "note": str(one.note),
        "valid_from": first.isoformat() if first else None,
        "valid_to": last.isoformat() if last else None,
        "status": str(one.status) or None,
    }


@dataclass(frozen=True)
class Topic(Plugin):
    """A calculation.

    Notes
    -----
    A topic sets ``fields`` beside what every plug-in sets, and ``questions``: one worked question for each of its
    ``examples``, as JSON holds it.
    """

    kind: ClassVar[Text] = Text("计算", "Calculation")
    fields: ClassVar[tuple[Field, ...]] = ()
    questions: ClassVar[tuple[dict[str, Any], ...]] = ()

    def answer(self, given: Given) -> Answer:
        """Answer a question whose fields are read already.

        Parameters
        ----------
        given : mapping
            One entry a field of ``fields``, in its type.

        Returns
        -------
        Answer
        """
        raise NotImplementedError


TOPICS: Registry[Topic] = Registry(Topic)


def answer(code: str, question: Mapping[str, object]) -> Answer:
    """Answer a question as JSON gives it.

    Parameters
    ----------
    code : str
        Code of a topic.
    question : mapping
        The JSON object.

    Returns
    -------
    Answer

    Raises
    ------
    UnknownPlugin
        There is no such topic; the message lists those that exist.
    BadQuestion
        A field is missing, unknown or of another kind, or the topic cannot calculate with the values.
    """
    topic = TOPICS.get(code)
    try:
        with np.errstate(over="raise"):
            found = topic().answer(_read(topic.fields, question, ""))
        if not _is_finite(found.result):
            raise OverflowError("a number too large to write")
        return found
    except (ArithmeticError, StandardsError) as error:
        told = f"values that lead to {type(error).__name__}: {error}"
        raise BadQuestion(code, told, "values that can be calculated with") from error


def _read(fields: tuple[Field, ...], question: Mapping[str, object], within: str) -> dict[str, Any]:
    known = [field.name for field in fields]
    for name in question:
        if name not in known:
            raise BadQuestion(f"{within}{name}", question[name], f"one of the fields {', '.join(known)}")
    given: dict[str, Any] = {}
    for field in fields:
        if field.name in question and not (question[field.name] is None and field.default is None):
            given[field.name] = field.read(question[field.name], within)
        elif field.default is ...:
            raise BadQuestion(f"{within}{field.name}", None, f"{field.holds}: the field cannot be left out")
        else:
            given[field.name] = field.default
    return given


def _number(field: Field, value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(where)
    if not math.isfinite(value):
        raise ValueError(where)
    return float(value)


def _whole(field: Field, value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(where)
    if abs(value) > _LARGEST_WHOLE:
        raise ValueError(where)
    return value


def _text(field: Field, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise TypeError(where)
    return value


def _choice(field: Field, value: object, where: str) -> str:
    if value not in field.choices:
        raise ValueError(where)
    return str(value)


def _yes_no(field: Field, value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(where)
    return value


def _date(field: Field, value: object, where: str) -> date:
    written = _text(field, value, where)
    if not _DAY.fullmatch(written):  # Python also takes 2026-W10-1 and 20260301
        raise ValueError(where)
    return date.fromisoformat(written)


def _time(field: Field, value: object, where: str) -> datetime:
    at = datetime.fromisoformat(_text(field, value, where))
    if at.tzinfo is None:
        raise ValueError(where)
    return at


def _numbers(field: Field, value: object, where: str) -> dict[str, float | None]:
    if not isinstance(value, Mapping):
        raise TypeError(where)
    known = {normalize("NFKC", name): name for name in field.choices}
    found: dict[str, float | None] = {}
    for typed, one in value.items():
        name = str(known.get(normalize("NFKC", typed)) or typed)  # keyboards differ in the width of brackets
        if field.choices and name not in field.choices:
            raise BadQuestion(f"{where}.{typed}", one, f"one of the names {', '.join(field.choices)}")
        if name in found:
            raise BadQuestion(f"{where}.{typed}", one, f"each item once; {name} stands there twice")
        found[name] = None if one is None else _number(field, one, f"{where}.{typed}")
    return found


def _series(field: Field, value: object, where: str) -> list[float | None]:
    if not isinstance(value, list):
        raise TypeError(where)
    return [None if one is None else _number(field, one, where) for one in value]


def _table(field: Field, value: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise TypeError(where)
    return [_read(field.columns, row, f"{where}[{number}].") for number, row in enumerate(value)]


_READERS = {
    Asked.NUMBER: _number,
    Asked.WHOLE: _whole,
    Asked.TEXT: _text,
    Asked.CHOICE: _choice,
    Asked.YES_NO: _yes_no,
    Asked.DATE: _date,
    Asked.TIME: _time,
    Asked.NUMBERS: _numbers,
    Asked.SERIES: _series,
    Asked.TABLE: _table,
}


def named_once(field: str, names: Sequence[str], what: str) -> None:
    """Refuse a point, city or section that stands there twice: it would count twice. Those without a name may.

    Parameters
    ----------
    field : str
    names : sequence of str
    what : str
        What the names are of, for the refusal.

    Raises
    ------
    BadQuestion
        Names the one that stands there more than once.
    """
    name, count = max(Counter(name for name in names if name).items(), key=itemgetter(1), default=("", 0))
    if count > 1:
        raise BadQuestion(field, name, f"each {what} once")
