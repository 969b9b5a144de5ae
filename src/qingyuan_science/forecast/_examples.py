"""Worked examples that several forecasters share."""

from qingyuan_science.forecast import WorkedForecast
from qingyuan_science.plugins import Text

_START = "2026-11-02T00:00:00+08:00"


def _told(value: float) -> tuple[Text, ...]:
    zh, en = f"{value:g} mg/L，80% 区间 {value:g}–{value:g}", f"{value:g} mg/L, 80 % interval {value:g} to {value:g}"
    return (Text(zh, en),)


_ALTERNATING = WorkedForecast(
    Text(
        "两天小时值交替为 30 与 20 mg/L，最近为 20：2 小时后",
        "two days of 30 and 20 mg/L in turn, the newest 20: 2 h ahead",
    ),
    _told(20.0),
    _START, (30.0, 20.0) * 24, 2, 20.0, 20.0, 20.0,
)  # fmt: skip


def alternating() -> WorkedForecast:
    """Values in turn: after an even number of hours it is as now, without an error in the past.

    Returns
    -------
    WorkedForecast
    """
    return _ALTERNATING


def by_day_and_night(lead: int, value: float) -> WorkedForecast:
    """Two weeks that are the same day after day: what is usual for the hour never errs.

    Parameters
    ----------
    lead : int
        Hour ahead. [h]
    value : float
        What must come out. [mg/L]

    Returns
    -------
    WorkedForecast
    """
    return WorkedForecast(
        Text(
            f"两周每天 0–12 时 20、12–24 时 30 mg/L，最近为 23 时：{lead} 小时后",
            f"two weeks of 20 mg/L by night and 30 from noon on, the newest of 23:00: {lead} h ahead",
        ),
        _told(value),
        _START, ((20.0,) * 12 + (30.0,) * 12) * 14, lead, value, value, value,
    )  # fmt: skip


def too_short(count: int, least: int) -> WorkedForecast:
    """Too few hours: it must say so.

    Parameters
    ----------
    count, least : int
        How many hours there are, and how many are needed. [h]

    Returns
    -------
    WorkedForecast
    """
    return WorkedForecast(
        Text(f"只有 {count} 个小时值", f"{count} hour values only"),
        (
            Text(
                f"只有 {count} 个有效小时值，至少需要 {least} 个",
                f"found {count} valid hour values, expected at least {least}",
            ),
        ),
        _START, (20.0,) * count, 1, None,
    )  # fmt: skip
