"""How completely, validly and timely values come: the rates by which authorities assess automatic monitoring."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qingyuan_science.series.measured import Gap, Series


@dataclass(frozen=True)
class Delivery:
    """What was due in a time, what came of it, what of that is valid, and what came in time.

    Parameters
    ----------
    due, received, valid, timely : int
        Numbers of values [1].

    Source
    ------
    污染物排放自动监测设备标记规则 (2022): effective transmission is validity times transmission, counted per outlet.
    """

    due: int
    received: int
    valid: int
    timely: int

    @property
    def transmission(self) -> float | None:
        """Transmission rate 传输率: received of due [1]; None where nothing was due."""
        return _share(self.received, self.due)

    @property
    def validity(self) -> float | None:
        """Validity rate 有效率: valid of received [1]; None where nothing came."""
        return _share(self.valid, self.received)

    @property
    def effective(self) -> float | None:
        """Effective transmission rate 传输有效率: the product of the two [1]; None where nothing was due."""
        transmission = self.transmission
        return None if transmission is None else transmission * (self.validity or 0.0)

    @property
    def timeliness(self) -> float | None:
        """Share of what came that came in time [1]; None where nothing came."""
        return _share(self.timely, self.received)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def together(deliveries: Iterable[Delivery]) -> Delivery:
    """Add up several deliveries.

    Parameters
    ----------
    deliveries : Iterable[Delivery]
        Of several channels or times.

    Returns
    -------
    Delivery
        Their sums; the rates follow from them.

    Examples
    --------
    >>> both = together([Delivery(24, 24, 24, 24), Delivery(24, 12, 6, 12)])
    >>> both.transmission, both.validity, both.effective
    (0.75, 0.8333333333333334, 0.625)
    """
    several = tuple(deliveries)
    return Delivery(
        sum(one.due for one in several),
        sum(one.received for one in several),
        sum(one.valid for one in several),
        sum(one.timely for one in several),
    )


def missing(series: Series, start: int, end: int) -> tuple[Gap, ...]:
    """Find the stretches of a time in which due values are missing, at its edges too.

    Parameters
    ----------
    series : Series
        A series with a nominal step whose values are due at whole steps from `start` on.
    start, end : int
        The time, `end` not included [µs].

    Returns
    -------
    tuple[Gap, ...]
        In order of time; they hold together as many values as are due and did not come.

    Raises
    ------
    UnknownStep
        No step is given and there are fewer than two values.

    Examples
    --------
    >>> hours = Series(np.array([3_600_000_000]), np.ones(1), np.array(["N"]), "mg/L", step=3600)
    >>> [gap.missing for gap in missing(hours, 0, 4 * 3_600_000_000)]
    [1, 2]
    """
    period = series.period
    due = start + np.arange(max(-(-(end - start) // period), 0), dtype=np.int64) * period
    slots = (series.at[(series.at >= start) & (series.at < end)] - start) // period
    absent = due[~np.isin(np.arange(due.size), slots)]
    if not absent.size:
        return ()
    runs = np.split(absent, np.flatnonzero(np.diff(absent) != period) + 1)
    return tuple(Gap(int(run[0]), int(run[-1]) + period, int(run.size)) for run in runs)
