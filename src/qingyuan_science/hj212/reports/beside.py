"""What messages of means say of a factor beside what makes its readings."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from qingyuan_science.hj212.codes import SUFFIXES
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION, Dialect
from qingyuan_science.hj212.errors import BadTime
from qingyuan_science.hj212.message import Group, Message
from qingyuan_science.hj212.reports.records import Beside
from qingyuan_science.hj212.times import period_start

MEANS: Final = frozenset({"2031", "2051", "2061", "2111"})
"""Commands that bring means; real-time packets say such things every few seconds, and are kept as bytes only."""

_OF_A_VALUE: Final = frozenset({"min", "max", "cou"})
_VALUES: Final = frozenset({"avg", "data", "cou"})
_OF_A_CONVERTED: Final = frozenset({"zsavg", "zsmin", "zsmax"})
_ALONE: Final = frozenset({"daydata", "nightdata"})
_USUAL: Final = frozenset({"avg", *_OF_A_VALUE, "flag"})
_SPELLED: Final = {name.lower(): name for name in SUFFIXES}


def beside(message: Message, dialect: Dialect | None = None) -> tuple[Beside, ...]:
    """Read what a message of means says of factors beside what makes readings.

    Parameters
    ----------
    message : Message
    dialect : Dialect, optional
        How the sender speaks. The message's own edition where not given.

    Returns
    -------
    tuple of Beside
        One for each factor of which it says such a thing; none of other messages. A flag is named where it has more
        than the one letter that the mark of a reading stands for.

    Source
    ------
    HJ 212-2017 6.6.4, table 8; HJ 212-2025 for RawAvg (second-hand).

    Examples
    --------
    >>> groups = ((("DataTime", "20261122090000"),), (("a34013-Avg", "12.1"), ("a34013-RawAvg", "10.80")))
    >>> (one,) = beside(Message("", "31", "2061", cp=groups))
    >>> one.factor, one.items, one.at.isoformat()
    ('a34013', {'RawAvg': '10.80'}, '2026-11-22T01:00:00+00:00')
    """
    if message.cn not in MEANS or not _tells(message.cp):
        return ()
    at = _start(message, dialect or STRICT_BY_EDITION[message.edition])
    return tuple(
        Beside(at, factor, message.cn, items) for factor, parts in _parts(message.cp).items() if (items := _rest(parts))
    )


def _tells(groups: Iterable[Group]) -> bool:
    """Whether anything but what is usual is said of a factor; most packets are seen through here."""
    for group in groups:
        for name, value in group:
            _code, hyphen, kind = name.partition("-")
            if hyphen and value and (kind.lower() not in _USUAL or (len(value) > 1 and kind.lower() == "flag")):
                return True
    return False


def _parts(groups: Iterable[Group]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for group in groups:
        for name, value in group:
            code, hyphen, kind = name.partition("-")
            if hyphen:
                found.setdefault(code, {})[kind] = value
    return found


def _rest(parts: dict[str, str]) -> dict[str, str]:
    """What of a factor's items makes no reading."""
    there = {kind.lower() for kind in parts}
    read = set(_ALONE)
    if there & _VALUES:
        read |= {"avg" if "avg" in there or "data" not in there else "data", *_OF_A_VALUE}
    if "zsavg" in there:
        read |= _OF_A_CONVERTED
    return dict(_spelled((kind, text) for kind, text in parts.items() if kind.lower() not in read and text))


def _spelled(items: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for kind, text in items:
        if kind.lower() != "flag" or len(text) > 1:
            yield _SPELLED.get(kind.lower(), kind), text


def _start(message: Message, dialect: Dialect) -> datetime | None:
    try:
        return period_start(message.cn, message.data_time or "", dialect)
    except BadTime:
        return None
