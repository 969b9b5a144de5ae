"""What a forecast says it rests on, in both languages."""

from datetime import timedelta, timezone

import numpy as np

from qingyuan_science.forecast._hours import HOUR, Hours
from qingyuan_science.forecast._predicted import CannotForecast
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series, moment
from qingyuan_science.units import shown_as

_CHINA = timezone(timedelta(hours=8))


def rested_on(hours: Hours, unit: str, method: Text, version: str) -> Text:
    """Say on which values, of which time, by which method and version.

    Parameters
    ----------
    hours : Hours
        What was used.
    unit : str
        Unit of the values.
    method : Text
        What was done with them.
    version : str
        Version of the forecaster.

    Returns
    -------
    Text
        One sentence.
    """
    count = int(hours.valid.sum())
    first = moment(hours.last - (hours.value.size - 1) * HOUR).astimezone(_CHINA)
    last = moment(hours.last).astimezone(_CHINA)
    newest = f"{hours.value[-1]:.4g} {shown_as(unit)}".rstrip()
    span = f"{first:%Y-%m-%d %H:%M}", f"{last:%Y-%m-%d %H:%M}"
    return Text(
        f"依据 {span[0]} 至 {span[1]} 的 {count} 个有效小时值（最近一个为 {newest}），{method.zh}，版本 {version}",
        f"rests on {count} valid hour values from {span[0]} to {span[1]} (the newest {newest}), {method.en},"
        f" version {version}",
    )


def enough(series: Series, hours: Hours | None, least: int) -> Hours:
    """Refuse what is too short, or below nought.

    Parameters
    ----------
    series : Series
    hours : Hours or None
        Its last hours.
    least : int
        Valid hours that are needed. [h]

    Returns
    -------
    Hours

    Raises
    ------
    CannotForecast
        There are fewer, or a tenth of them lie below nought or are infinite.
    """
    found = int(hours.valid.sum()) if hours is not None else 0
    if hours is None or found < least:
        raise CannotForecast(
            Text(
                f"只有 {found} 个有效小时值，至少需要 {least} 个",
                f"found {found} valid hour values, expected at least {least}",
            )
        )
    below = float(np.mean(hours.value[hours.valid] < 0.0))
    if below > 0.1:
        raise CannotForecast(
            Text(
                f"{below:.0%} 的小时值小于零，应为不小于零的浓度",
                f"found {below:.0%} of the hour values below nought, expected concentrations",
            )
        )
    return hours
