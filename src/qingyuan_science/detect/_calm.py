"""What readings must be like, one by one, for a detector to find nothing among them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What readings must be beside another channel of the station: at most a share of it, and so much more.

    Parameters
    ----------
    of : tuple[str, str]
        Factor and basis of the other channel.
    share : float
        Unit of the series by unit of the other channel.
    more : float
        Unit of the series.
    """

    of: tuple[str, str]
    share: float
    more: float = 0.0


@dataclass(frozen=True)
class Calm:
    """A sufficient condition for silence that can be told from each reading alone, or with one measured beside it.

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
    part : Part, optional
        Another channel has a valid value at the same instant, and valid values are at most such a part of it.

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
    part: Part | None = None
