"""The comprehensive trophic state index of lakes and reservoirs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.sourced import tables_of

_FILE = "water/assessment"


@dataclass(frozen=True)
class TrophicPart:
    """One item of the index.

    Parameters
    ----------
    item : str
        ``chla``, ``TP``, ``TN``, ``SD`` or ``CODMn``.
    name : Text
    value : float [mg/m3 for chla; m for SD; mg/L]
    index : float [1]
        TLI of this item alone.
    weight : float [1]
    """

    item: str
    name: Text
    value: float
    index: float
    weight: float


def trophic_index(values: Mapping[str, float]) -> tuple[tuple[TrophicPart, ...], float, Source]:
    """Comprehensive trophic state index TLI(Σ).

    Parameters
    ----------
    values : mapping of float [mg/m3 for chla; m for SD; mg/L]
        All of ``chla``, ``TP``, ``TN``, ``SD`` and ``CODMn``, above nought.

    Returns
    -------
    tuple
        The parts, the index to one decimal, and the clause.

    Raises
    ------
    KeyError
        An item is missing.
    ValueError
        A value is nought or below.

    Source
    ------
    环办〔2011〕22号, trophic state: TLI(Σ) = Σ w_j TLI_j, w_j = r_j² / Σ r_j².

    Examples
    --------
    >>> trophic_index({"chla": 10.0, "TP": 0.05, "TN": 1.0, "SD": 1.0, "CODMn": 4.0})[1]
    48.0
    """
    (table,) = tables_of(_FILE, "trophic")
    squares = sum(float(row["r"]) ** 2 for row in table.rows)
    parts = []
    for row in table.rows:
        value = values[row["item"]]
        if not value > 0:
            raise ValueError(f"{row['item']}: found {value}, expected a value above 0 {row['unit']}")
        index = 10.0 * (float(row["a"]) + float(row["b"]) * math.log(value))
        parts.append(TrophicPart(row["item"], Text(*row["name"]), value, index, float(row["r"]) ** 2 / squares))
    return tuple(parts), round_half_even(sum(part.weight * part.index for part in parts), 1), table.source


def trophic_state(index: float) -> tuple[Text, Source]:
    """Name the trophic state.

    Parameters
    ----------
    index : float [1]
        TLI(Σ).

    Returns
    -------
    tuple
        The state and the clause.

    Source
    ------
    环办〔2011〕22号, grades of trophic state.

    Examples
    --------
    >>> trophic_state(29.9)[0].en, trophic_state(30.0)[0].en, trophic_state(50.1)[0].en
    ('oligotrophic', 'mesotrophic', 'lightly eutrophic')
    """
    (table,) = tables_of(_FILE, "trophic_states")
    reached = (row for row in table.rows if index < row.get("below", -math.inf) or index <= row.get("to", -math.inf))
    row = next(reached, table.rows[-1])
    return Text(*row["name"]), table.source
