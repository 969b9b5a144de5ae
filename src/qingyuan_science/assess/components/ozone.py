"""Ozone formation potential by maximum incremental reactivity."""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.components.species import TABLE, sums_left_out
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.sourced import SourcedTable, tables_of

Values = NDArray[np.float64]


def mir_of(species: str) -> float | None:
    """Maximum incremental reactivity of a species.

    Parameters
    ----------
    species : str
        Code of the factor table.

    Returns
    -------
    float or None
        [g O3/g VOC]; None where no value was read, which is not the same as none being published.

    Source
    ------
    Carter 2010, Updated Maximum Incremental Reactivity Scale (SAPRC-07, revised 28 January 2010); at second hand.

    Examples
    --------
    >>> mir_of("a24053"), mir_of("a24004")
    (11.66, None)
    """
    return _values().get(species)


def mir_source() -> Source:
    """Name the edition of the reactivity scale.

    Returns
    -------
    Source
        With how far it was read.

    Source
    ------
    As of `mir_of`.
    """
    return _table().source


def mir_title() -> Text:
    """Name the reactivity scale in words.

    Returns
    -------
    Text

    Source
    ------
    As of `mir_of`.
    """
    return _table().title


def ozone_formation(measured: Mapping[str, Values]) -> dict[str, Values]:
    """Ozone formation potential of each species: its concentration times its reactivity.

    Parameters
    ----------
    measured : mapping of str to float array, shape (n,)
        Concentrations by code. [µg/m3]

    Returns
    -------
    dict of str to float array, shape (n,)
        Of the species with a reactivity, in the same order; NaN kept. [µg O3/m3]

    Source
    ------
    Carter 2010, as of `mir_of`: the mass of ozone that a mass of the compound forms at most, where nitrogen oxides are
    plentiful. It ranks compounds; it predicts no concentration of ozone.

    Examples
    --------
    >>> {code: values.tolist() for code, values in ozone_formation({"a25003": np.array([10.0, np.nan])}).items()}
    {'a25003': [40.0, nan]}
    """
    left_out = sums_left_out(measured.keys())
    found = {}
    for code, values in measured.items():
        reactivity = mir_of(code)
        if reactivity is not None and code not in left_out:
            found[code] = np.asarray(values * reactivity)
    return found


def _table() -> SourcedTable:
    return tables_of(TABLE, "mir")[0]


@cache
def _values() -> dict[str, float]:
    return {row["code"]: float(row["mir"]) for row in _table().rows}
