"""The law that a finding names, by the days of its data and by what kind of place they are from."""

from datetime import datetime, timedelta, timezone

from qingyuan_science.plugins import Text
from qingyuan_science.series import microseconds

CHINA = timezone(timedelta(hours=8))
_FALSIFYING = Text("生态环境监测条例 第二十五条", "Regulation on Ecological and Environmental Monitoring art. 25")
_FALSIFYING_BEFORE = Text("2026-01-01 前的数据，适用条款未取得", "data before 2026-01-01, article not obtained")
_IN_FORCE = microseconds(datetime(2026, 1, 1, tzinfo=CHINA))
_RESTORING = Text("污染源自动监控设施运行管理办法 第15条", "Measures for running automatic monitoring art. 15")
_RESTORING_ELSEWHERE = Text("环境质量点位，适用条款未取得", "no outlet of a polluter, article not obtained")


def falsifying(end: int) -> Text:
    """The law on falsified monitoring data.

    Parameters
    ----------
    end : int
        End of the data concerned [µs since 1970 in UTC].

    Returns
    -------
    Text
        The regulation in force since 2026-01-01; of data that end before, that the article was not obtained.

    Examples
    --------
    >>> falsifying(microseconds(datetime(2026, 3, 1, tzinfo=CHINA))).zh
    '生态环境监测条例 第二十五条'
    >>> falsifying(microseconds(datetime(2025, 12, 31, tzinfo=CHINA))).zh
    '2026-01-01 前的数据，适用条款未取得'
    """
    return _FALSIFYING if end > _IN_FORCE else _FALSIFYING_BEFORE


def restoring(*, outlet: bool) -> Text:
    """The rule on how soon a monitor must send again, which binds polluters only.

    Parameters
    ----------
    outlet : bool
        Whether the place is an outlet or a plant.

    Returns
    -------
    Text
    """
    return _RESTORING if outlet else _RESTORING_ELSEWHERE
