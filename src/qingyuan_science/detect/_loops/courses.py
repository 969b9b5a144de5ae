"""The loop that learns which course a signal takes each day."""

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled
from qingyuan_science.detect._loops.windows import medians
from qingyuan_science.detect._tables import Floats, Spans

_HOURS = 24


@compiled
def daily(signals: Floats, clock: NDArray[np.int64], days: Spans) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """The usual deviation of each hour from the median of its day, and how far each value lies from that median.

    Of signals of shape (s, n), at hours counted without end, shape (n,); and on how many days the hour met least often
    is met, which says how well a course is known.
    """
    course, apart = np.empty((len(signals), _HOURS)), np.empty(signals.shape)
    met, hour = np.zeros((len(signals), _HOURS), np.int64), clock % _HOURS
    by_hour, after = np.argsort(hour, kind="mergesort"), np.cumsum(np.bincount(hour, minlength=_HOURS))
    first, gathered = np.append(0, after[:-1]), np.empty(clock.size)
    for signal in range(len(signals)):
        value, away, last = signals[signal], apart[signal], clock[0] - 1
        middle = medians(value, days)
        for day in range(middle.size):
            for at in range(days[0][day], days[1][day]):
                away[at] = value[at] - middle[day]
                if np.isfinite(away[at]):
                    met[signal, hour[at]] += clock[at] != last
                    last = clock[at]
        for at in range(clock.size):
            gathered[at] = away[by_hour[at]]
        course[signal] = medians(gathered, (first, after))
    least = np.empty(len(signals), np.int64)
    for signal in range(len(signals)):
        least[signal] = met[signal].min()
    return course, apart, least
