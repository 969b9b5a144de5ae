"""Places in a ranking, with equal values sharing a place."""

from collections.abc import Sequence


def places_of(values: Sequence[float | None], *, best_first: bool = True) -> list[int | None]:
    """Give every value its place; the smallest comes first.

    Parameters
    ----------
    values : sequence of float or None
        Values as published, that is rounded; None takes no place.
    best_first : bool
        Whether the smallest value is first; else the largest.

    Returns
    -------
    list of int or None
        Places from 1; equal values share one, and the places behind them stay empty.

    Source
    ------
    城市环境空气质量排名技术规定 and 城市地表水环境质量排名技术规定(试行): cities are ranked from the smallest index up.

    Examples
    --------
    >>> places_of([3.2, 2.9, None, 3.2, 4.0])
    [2, 1, None, 2, 4]
    """
    ordered = sorted((value for value in values if value is not None), reverse=not best_first)
    return [None if value is None else ordered.index(value) + 1 for value in values]
