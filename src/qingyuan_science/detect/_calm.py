"""What readings must be like, one by one, for a detector to find nothing among them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Calm:
    """A sufficient condition for silence that can be told from each reading alone.

    Parameters
    ----------
    low, high : float
        Valid values lie between these, both included [unit of the series].
    marks : str
        Letters that no reading is marked with.
    earliest, latest : float
        Readings arrive so long after the end of their period, both included [s].
    gap : float
        From one reading to the next it is less than so many periods [1].

    Notes
    -----
    A reading that is otherwise *stirs*. A detector that states a calm finds nothing in a series without a stirring
    reading; and whatever it finds begins at or after one, a gap being told by the reading that ends it. So readings
    that come in order need no look while nothing in the window stirs. The converse does not hold: a reading that stirs
    need not be found.
    """

    low: float = -float("inf")
    high: float = float("inf")
    marks: str = ""
    earliest: float = -float("inf")
    latest: float = float("inf")
    gap: float = float("inf")
