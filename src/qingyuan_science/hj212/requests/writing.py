"""Writes what is asked of a device, after its arguments were checked."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final

from qingyuan_science.hj212.cipher import read_key
from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import (
    BadArgument,
    BadKey,
    BadTime,
    MissingArgument,
    NoSuchRequest,
    UnknownArgument,
    shown,
)
from qingyuan_science.hj212.message import Group, Message, Pair
from qingyuan_science.hj212.requests.table import REQUESTS, Addressee, Argument, RequestKind, requests_in
from qingyuan_science.hj212.times import instant

Value = str | int | float | Decimal | datetime | time | bytes | Sequence[str] | Sequence[int]
"""What an argument may be given as; a form's text does for every type."""

_WANTS_ANSWER: Final = 1
_FACTOR: Final = re.compile(r"[A-Za-z0-9]+")
_INFORMATION: Final = re.compile(r"[iI][0-9]{4}[0-9a-zA-Z]")


def request(code: str, to: Addressee, at: datetime, dialect: Dialect = STANDARD, **arguments: Value | None) -> Message:
    """Write what is asked of a device.

    Parameters
    ----------
    code : str
        One of `REQUESTS`.
    to : Addressee
        The device. For ``set-identity`` its MN is the one to be given.
    at : datetime
        Aware; becomes QN, so no two requests to a device may share a millisecond.
    dialect : Dialect
        How the device speaks: its edition and the offset of its clock.
    **arguments
        As the request's row names them; None and empty text count as not given.

    Returns
    -------
    Message
        To be written with `encode`; Flag asks for an answer.

    Raises
    ------
    NoSuchRequest
        There is none of this code, or not in the device's edition.
    MissingArgument, UnknownArgument, BadArgument
        The arguments are not those of the row.

    Source
    ------
    HJ 212-2017 6.6.5 and annex C; HJ/T 212-2005; HJ 212-2025 (second-hand).

    Examples
    --------
    >>> from datetime import UTC
    >>> device = Addressee("010000A8900016F000169DC0", "32", "100000")
    >>> at = datetime(2016, 8, 1, 0, 58, 57, 223000, tzinfo=UTC)
    >>> asked = request("set-realtime-interval", device, at, RtdInterval=30)
    >>> asked.qn, asked.cn, asked.flag, asked.cp
    ('20160801085857223', '1062', 5, ((('RtdInterval', '30'),),))
    """
    kind = REQUESTS.get(code)
    edition = dialect.edition
    if kind is None or edition not in kind.editions:
        known = ", ".join(one.code for one in requests_in(edition))
        raise NoSuchRequest(f"{shown(code)} for a device of {edition}", f"one of {known}")
    given = {name: value for name, value in arguments.items() if value is not None and value != ""}
    wanted = kind.arguments_in(edition)
    _check_names(kind, wanted, given)
    content = _groups(wanted, given, dialect)
    _check_span(given, dialect)  # whose ends are times by now
    return Message(
        qn=request_number(at, dialect),
        st=to.st,
        cn=kind.cn,
        pw=to.pw,
        mn=to.mn,
        flag=EDITIONS[edition].flag_version << 2 | _WANTS_ANSWER,
        cp=content,
        edition=edition,
    )


def request_number(at: datetime, dialect: Dialect = STANDARD) -> str:
    """Write an instant as QN.

    Parameters
    ----------
    at : datetime
        Aware.
    dialect : Dialect
        How the device speaks: the offset of its clock.

    Returns
    -------
    str
        YYYYMMDDhhmmsszzz on the device's clock.

    Raises
    ------
    BadTime
        The time has no zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> request_number(datetime(2016, 8, 1, 0, 58, 57, 223000, tzinfo=UTC))
    '20160801085857223'
    """
    local = _local(at, dialect)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"


def _check_names(kind: RequestKind, wanted: Sequence[Argument], given: Mapping[str, Value]) -> None:
    names = [argument.name for argument in wanted]
    if unknown := [name for name in given if name not in names]:
        raise UnknownArgument(f"{unknown[0]} for {kind.code}", ", ".join(names) or "no argument")
    if missing := [argument.name for argument in wanted if argument.required and argument.name not in given]:
        raise MissingArgument(f"no {missing[0]} for {kind.code}", ", ".join(names))


def _check_span(given: Mapping[str, Value], dialect: Dialect) -> None:
    begin, end = (given.get(name) for name in ("BeginTime", "EndTime"))
    if (begin is None) != (end is None):
        raise MissingArgument("one end of a span", "BeginTime and EndTime, or neither")
    if begin is not None and end is not None and _moment_text(begin, dialect) > _moment_text(end, dialect):
        raise BadArgument(f"BeginTime {shown(str(begin))} after EndTime {shown(str(end))}", "a span that goes forward")


def _groups(wanted: Sequence[Argument], given: Mapping[str, Value], dialect: Dialect) -> tuple[Group, ...]:
    groups: list[list[Pair]] = []
    texts: dict[str, str] = {}
    for argument in wanted:
        if argument.name not in given:
            continue
        values = _written(argument, given[argument.name], dialect)
        texts[argument.name] = values[0]
        if not argument.written:
            continue
        pairs = [(argument.written.format_map(texts), value) for value in values]
        if argument.joined and groups:
            groups[-1] += pairs
        else:
            groups += [[pair] for pair in pairs]
    return tuple(tuple(group) for group in groups)


def _written(argument: Argument, value: Value, dialect: Dialect) -> list[str]:
    """The texts of an argument, one unless it is a list."""
    if argument.type in _LISTS:
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(items, Sequence) or isinstance(items, bytes) or not items:
            raise _bad(argument, value, "a list that is not empty")
        return [_ONE[_LISTS[argument.type]](argument, item, dialect) for item in items]
    return [_ONE[argument.type](argument, value, dialect)]


def _bad(argument: Argument, value: object, expected: str) -> BadArgument:
    return BadArgument(f"{argument.name} {shown(str(value))}", expected)


def _whole(argument: Argument, value: Value, dialect: Dialect) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", text, re.ASCII):
        raise _bad(argument, value, f"a whole number {_bounds(argument)}")
    number = int(text)
    if argument.choices and number not in argument.choices:
        raise _bad(argument, value, f"one of {', '.join(map(str, argument.choices))} {argument.unit}".rstrip())
    _check_bounds(argument, Decimal(number), value)
    return str(number)


def _decimal(argument: Argument, value: Value, dialect: Dialect) -> str:
    try:
        number = Decimal(str(value).strip()) if isinstance(value, str | int | float | Decimal) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number.adjusted()) > 14:
        raise _bad(argument, value, f"a decimal number {_bounds(argument)}".rstrip())
    _check_bounds(argument, number, value)
    return f"{number:f}"


def _check_bounds(argument: Argument, number: Decimal, value: Value) -> None:
    low, high = argument.low, argument.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise _bad(argument, value, _bounds(argument))


def _bounds(argument: Argument) -> str:
    if argument.low is None or argument.high is None:
        return argument.unit
    return f"{argument.low} to {argument.high} {argument.unit}".rstrip()


def _text(argument: Argument, value: Value, dialect: Dialect) -> str:
    text = value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float | Decimal) else ""
    low, high = argument.low or 1, argument.high or 64
    if not low <= len(text) <= high or any(mark in text for mark in (";", ",", "=", "&&")) or text.startswith("//"):
        raise _bad(argument, value, f"{low} to {high} characters without ; , = &&")
    return text


def _factor(argument: Argument, value: Value, dialect: Dialect) -> str:
    text = _text(argument, value, dialect)
    if not _FACTOR.fullmatch(text):
        raise _bad(argument, value, "a code of letters and figures such as w01018")
    return text


def _information(argument: Argument, value: Value, dialect: Dialect) -> str:
    text = _text(argument, value, dialect)
    if not _INFORMATION.fullmatch(text):
        raise _bad(argument, value, "a code of site information such as i13007")
    return text


def _moment(argument: Argument, value: Value, dialect: Dialect) -> str:
    try:
        return _moment_text(value, dialect)
    except BadTime as error:
        raise _bad(argument, value, error.expected) from None


def _moment_text(value: Value, dialect: Dialect) -> str:
    if isinstance(value, str):
        instant(value, dialect)
        return value.strip()[:14]
    if not isinstance(value, datetime):
        raise BadTime(shown(str(value)), "an aware time, or text YYYYMMDDhhmmss")
    return f"{_local(value, dialect):%Y%m%d%H%M%S}"


def _local(at: datetime, dialect: Dialect) -> datetime:
    if at.tzinfo is None:
        raise BadTime(f"{at} without zone", "an aware time")
    return at.astimezone(timezone(timedelta(minutes=dialect.utc_offset_minutes)))


def _clock(argument: Argument, value: Value, dialect: Dialect) -> str:
    figures = argument.high or 6
    form = "hhmmss"[:figures]
    if isinstance(value, time):
        return f"{value:%H%M%S}"[:figures]
    text = value.strip().replace(":", "") if isinstance(value, str) else ""
    try:
        if len(text) != figures or not (text.isascii() and text.isdigit()):
            raise ValueError
        time(int(text[:2]), int(text[2:4]), int(text[4:] or 0))
    except ValueError:
        raise _bad(argument, value, f"a time of day {form}") from None
    return text


def _key(argument: Argument, value: Value, dialect: Dialect) -> str:
    """A key as the sixteen characters that its bytes are; the error does not tell it."""
    try:
        key = value if isinstance(value, bytes) else read_key(str(value))
        text = key.decode("ascii")
    except (BadKey, UnicodeDecodeError):
        text = ""
    if len(text) != 16 or not text.isalnum():
        raise BadArgument(f"{argument.name} of another form", "16 letters and figures")
    return text


def _password(argument: Argument, value: Value, dialect: Dialect) -> str:
    """A password; the error does not tell it."""
    text = str(value)
    if len(text) != argument.high or not (text.isascii() and text.isalnum()):
        raise BadArgument(f"{argument.name} of another form", f"{argument.high} letters and figures")
    return text


_LISTS: Final = {"factors": "factor", "hours": "whole"}
_ONE: Final[dict[str, Callable[[Argument, Value, Dialect], str]]] = {
    "whole": _whole,
    "number": _decimal,
    "text": _text,
    "factor": _factor,
    "information": _information,
    "moment": _moment,
    "clock": _clock,
    "key": _key,
    "password": _password,
}
