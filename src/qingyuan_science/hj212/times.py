"""From the texts of a message to instants."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from qingyuan_science.hj212.codes import COMMANDS
from qingyuan_science.hj212.dialect import STANDARD, Dialect
from qingyuan_science.hj212.errors import BadTime, shown

_TIME: Final = re.compile(r"([1-9]\d{3})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?", re.ASCII)
_PERIOD: Final = {command.cn: command.period for command in COMMANDS if command.period}


def instant(text: str, dialect: Dialect = STANDARD) -> datetime:
    """Read a time such as DataTime, QN or SystemTime.

    Parameters
    ----------
    text : str
        YYYYMMDDhhmmss or YYYYMMDDhhmmsszzz on the sender's clock, zzz being milliseconds.
    dialect : Dialect
        How the sender speaks: the offset of its clock from UTC.

    Returns
    -------
    datetime
        The instant, aware, in UTC.

    Raises
    ------
    BadTime
        The text has another form or names no instant, such as 30 February.

    Source
    ------
    HJ 212-2017: DataTime N14, QN 17 digits; local time of China without zone.

    Examples
    --------
    >>> instant("20160801085857223").isoformat()
    '2016-08-01T00:58:57.223000+00:00'
    """
    digits = _TIME.fullmatch(text.strip())
    try:
        if digits is None:
            raise ValueError
        year, month, day, hour, minute, second, millisecond = (int(part or 0) for part in digits.groups())
        local = datetime(year, month, day, hour, minute, second, millisecond * 1000, _zone(dialect))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime(shown(text), "a time YYYYMMDDhhmmss or YYYYMMDDhhmmsszzz") from None


def _zone(dialect: Dialect) -> timezone:
    return timezone(timedelta(minutes=dialect.utc_offset_minutes))


def period_start(cn: str, data_time: str, dialect: Dialect = STANDARD) -> datetime:
    """Find the start of the interval that the data of a message stand for.

    Parameters
    ----------
    cn : str
        Command code, which tells minute, hour and day data apart.
    data_time : str
        Text of DataTime.
    dialect : Dialect
        How the sender speaks: whether it stamps the start or the end of an interval, its interval of minute data, the
        offset of its clock from UTC.

    Returns
    -------
    datetime
        The start, aware, in UTC. For commands without an interval, the instant itself.

    Raises
    ------
    BadTime
        The text names no instant.

    Source
    ------
    HJ 212-2017 annex C: DataTime of 2051, 2061 and 2031 is the start of the interval.

    Notes
    -----
    Hours and days are those of the sender's clock, so a stamp inside one stands for the whole; of stamps at the end,
    the last instant of an hour or day and the first of the next both end it. Minute data keep their stamp to the
    second, because the interval is a setting of the device.

    Examples
    --------
    >>> period_start("2061", "20160801080000").isoformat()
    '2016-08-01T00:00:00+00:00'
    >>> period_start("2061", "20160801090000", Dialect("late", stamp="end")).isoformat()
    '2016-08-01T00:00:00+00:00'
    >>> period_start("2051", "20160801085000", Dialect("late", stamp="end")).isoformat()
    '2016-08-01T00:40:00+00:00'
    """
    moment = instant(data_time, dialect).astimezone(_zone(dialect))
    period = _PERIOD.get(cn)
    at_end = dialect.stamp == "end"
    if period == "minute" and at_end:
        moment -= timedelta(minutes=dialect.minute_interval)
    elif period in ("hour", "day"):
        if at_end:
            moment -= timedelta(microseconds=1)
        moment = moment.replace(minute=0, second=0, microsecond=0)
        if period == "day":
            moment = moment.replace(hour=0)
    return moment.astimezone(UTC)


def grid(cn: str, dialect: Dialect = STANDARD) -> tuple[int, int, int]:
    """Tell what `period_start` does to the clock of a sender.

    Parameters
    ----------
    cn : str
        Command code.
    dialect : Dialect
        How the sender speaks.

    Returns
    -------
    offset, shift, step : int
        From the time as sent `shift` is taken, the rest rounded down to a whole `step`, and `offset` taken. [µs]

    Examples
    --------
    >>> grid("2061")
    (28800000000, 0, 3600000000)
    """
    period, at_end = _PERIOD.get(cn), dialect.stamp == "end"
    offset = dialect.utc_offset_minutes * 60_000_000
    if period in ("hour", "day"):
        return offset, int(at_end), 3_600_000_000 * (24 if period == "day" else 1)
    shift = dialect.minute_interval * 60_000_000 if period == "minute" and at_end else 0
    return offset, shift, 1_000_000


def span_to_ask(cn: str, first: datetime, last: datetime, dialect: Dialect = STANDARD) -> tuple[datetime, datetime]:
    """Find the span to ask for, so that a sender whose stamps lie in it sends some intervals.

    Parameters
    ----------
    cn : str
        Command code, which tells minute, hour and day data apart.
    first, last : datetime
        Aware; starts of the first and the last interval.
    dialect : Dialect
        How the sender speaks: whether it stamps the start or the end of an interval, and its interval of minute data.

    Returns
    -------
    tuple of datetime
        BeginTime and EndTime. Of a sender that stamps the end, the span goes on to the end of the last interval.

    Source
    ------
    HJ 212-2017: BeginTime and EndTime bound the history that is asked for. Whether a stamp on a bound belongs to it is
    not said; a sender for whom it does sends one interval more.

    Examples
    --------
    >>> from datetime import UTC
    >>> hour = datetime(2026, 11, 22, 1, tzinfo=UTC)
    >>> [at.hour for at in span_to_ask("2061", hour, hour, Dialect("late", stamp="end"))]
    [1, 2]
    """
    if dialect.stamp == "start":
        return first, last
    lengths = {"minute": dialect.minute_interval, "hour": 60, "day": 24 * 60}
    return first, last + timedelta(minutes=lengths.get(_PERIOD.get(cn, ""), 0))
