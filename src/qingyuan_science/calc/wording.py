"""How results are written: texts in both languages, figures without binary noise, clauses each once."""

import math
from collections.abc import Iterable

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.rounding import round_half_even

_REAL = 12  # decimals behind which a quotient of doubles is binary noise


def both(text: Text) -> dict[str, str]:
    """Write a text as JSON holds it.

    Parameters
    ----------
    text : Text

    Returns
    -------
    dict of str
        ``zh`` and ``en``.
    """
    return {"zh": text.zh, "en": text.en}


def figure(value: float | None, decimals: int = 9) -> float | int | None:
    """Write a number as JSON holds it.

    Parameters
    ----------
    value : float or None
    decimals : int
        Decimals that mean something.

    Returns
    -------
    float or int or None
        None where there is no value; a whole number without decimals where none are kept.
    """
    if value is None or math.isnan(value):
        return None
    rounded = round_half_even(round(float(value), _REAL), decimals)
    return int(rounded) if decimals == 0 else rounded


def written_limit(limit: Limit) -> str:
    """Write a limit as people do.

    Parameters
    ----------
    limit : Limit

    Returns
    -------
    str
        ``6~9``, ``≥ 5`` or ``≤ 20``, without the unit.
    """
    if limit.low is not None and limit.high is not None:
        return f"{limit.low:g}~{limit.high:g}"
    return f"≥ {limit.low:g}" if limit.high is None else f"≤ {limit.high:g}"


def once(clauses: Iterable[Source]) -> tuple[Source, ...]:
    """Keep each clause once, in the order of use.

    Parameters
    ----------
    clauses : iterable of Source

    Returns
    -------
    tuple of Source
    """
    return tuple(dict.fromkeys(clauses))
