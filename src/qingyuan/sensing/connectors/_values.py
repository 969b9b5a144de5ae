"""Single values as foreign systems write them: numbers, times, places in a document."""

import math
import re
import reprlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_PLAIN = re.compile(r"\d{14}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MILLISECONDS_FROM = 1e11  # as seconds that is the year 5138; as milliseconds, 1973


def shown(value: object) -> str:
    """A value as messages quote it: cut short, however large or deep it is."""
    return reprlib.repr(value)


def number(value: object, what: str) -> float | None:
    """The number, also where it was sent as text; None for null and for an empty text.

    Raises
    ------
    ValueError
        It is no number, or no finite one.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        found = _as_float(value)
    except OverflowError:
        found = math.inf
    if found is None or not math.isfinite(found):
        raise ValueError(f"found {what} {shown(value)}, expected a number")
    return found


def _as_float(value: object) -> float | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value.strip()) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def zone(text: str) -> timezone:
    """The offset from UTC that a text such as +08:00 names.

    Raises
    ------
    ValueError
        It is no such text.
    """
    found = _OFFSET.fullmatch(text.strip())
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise ValueError(f"found zone {shown(text)}, expected an offset from UTC such as +08:00")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def instant(value: object, local: timezone) -> datetime:
    """The time: ISO 8601, 14 digits, or seconds or milliseconds since 1970; `local` where it names no zone.

    Raises
    ------
    ValueError
        It is none of these.
    """
    try:
        return _instant(value, local)
    except (ValueError, OverflowError, OSError) as error:
        expected = "ISO 8601, YYYYMMDDhhmmss, or seconds or milliseconds since 1970"
        raise ValueError(f"found time {shown(value)}, expected {expected}") from error


def _instant(value: object, local: timezone) -> datetime:
    if isinstance(value, str) and _PLAIN.fullmatch(value.strip()):
        return datetime.strptime(value.strip(), "%Y%m%d%H%M%S").replace(tzinfo=local)
    since_1970 = _as_float(value)
    if since_1970 is not None:
        return datetime.fromtimestamp(since_1970 / (1000 if since_1970 >= _MILLISECONDS_FROM else 1), UTC)
    if not isinstance(value, str):
        raise ValueError
    at = datetime.fromisoformat(value.strip().replace("/", "-"))
    return at if at.tzinfo is not None else at.replace(tzinfo=local)


def at(document: object, path: str) -> object:
    """What stands at a path such as `data.items.0.value`; a key that has dots itself is found too.

    Raises
    ------
    ValueError
        Nothing stands there.
    """
    here: Any = document
    if isinstance(here, Mapping) and path in here:
        return here[path]
    for step in path.split("."):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, Sequence) and not isinstance(here, str) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            raise ValueError(f"found nothing at {path}, expected a value")
    return here
