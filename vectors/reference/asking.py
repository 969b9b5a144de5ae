"""What all topics of the reference share: reading what is given, rounding by GB/T 8170, the list of topics."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

TABLES = json.loads((Path(__file__).parent / "tables.json").read_text(encoding="utf-8"))
BEIJING = timezone(timedelta(hours=8))
TOPICS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class Refused(Exception):
    """The question has no answer by the standard."""


def topic(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Make a function answer the topic of its name."""
    TOPICS[function.__name__] = function
    return function


def number(value: object, least: int | None = None) -> Fraction:
    """Read a number as a fraction, refusing everything else and what is below the least allowed."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise Refused(f"{value!r} is no number")
    if isinstance(value, Decimal) and not value.is_finite():
        raise Refused(f"{value} is no number")
    if least is not None and value < least:
        raise Refused(f"{value} is below {least}")
    return Fraction(value)


def whole(value: object, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Refused(f"{value!r} is no whole number from {least}")
    return value


def day(value: object) -> date:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise Refused(f"{value!r} is no date")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Refused(str(error)) from error


def one_of(value: object, allowed: Iterable[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise Refused(f"{value!r} is none of those allowed")
    return value


def rounded(value: Fraction, interval: Fraction = Fraction(1)) -> Fraction:
    """Round to a multiple of the interval: half goes to the even multiple (3.2), signs are put aside (3.2.4)."""
    times, rest = divmod(abs(value), interval)
    up = rest * 2 > interval or (rest * 2 == interval and times % 2 == 1)
    result = (times + up) * interval
    return result if value >= 0 else -result


def places(limit: str) -> Fraction:
    """Give the interval of the last digit that a limit is written with."""
    return Fraction(1, 10 ** len(limit.partition(".")[2]))


@topic
def rounding(given: dict[str, Any]) -> dict[str, Any]:
    interval = number(given.get("interval", 1))
    if interval <= 0:
        raise Refused("an interval is above zero")
    return {"rounded": rounded(number(given["value"]), interval)}
