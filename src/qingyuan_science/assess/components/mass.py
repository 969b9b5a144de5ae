"""The mass of PM2.5 out of its components."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.assess.components.species import TABLE
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.sourced import tables_of

Values = NDArray[np.float64]
_ORDER = ("sulfate", "nitrate", "ammonium", "organic", "carbon", "soil", "salt")


@dataclass(frozen=True)
class Mass:
    """PM2.5 out of its parts.

    Parameters
    ----------
    parts : dict of str to float array, shape (n,)
        What each part that can be computed weighs; NaN where one of its species has no value. [µg/m3]
    titles : dict of str to Text
        What every part is called, also those that cannot be computed.
    missing : dict of str to tuple of str
        The parts that cannot be computed, each with the species that nobody measures here.
    weights : dict of str to dict of str to float
        Of every part the species it is summed of, and by what each is multiplied. [1]
    """

    parts: dict[str, Values]
    titles: dict[str, Text]
    missing: dict[str, tuple[str, ...]]
    weights: dict[str, dict[str, float]]

    @property
    def total(self) -> Values:
        """Sum of the parts that can be computed; NaN where one of them has no value. [µg/m3]"""
        return np.asarray(np.sum(np.vstack(list(self.parts.values())), axis=0)) if self.parts else np.zeros(0)


def reconstructed(measured: Mapping[str, Values]) -> Mass:
    """Weigh the parts of PM2.5: sulfate, nitrate, ammonium, organic matter, elemental carbon, soil and sea salt.

    Parameters
    ----------
    measured : mapping of str to float array, shape (n,)
        Concentrations in PM2.5 by code, NaN where there is no valid value. [µg/m3]

    Returns
    -------
    Mass
        A part of which a species is not measured is missing, and no zero.

    Source
    ------
    Organic matter 1.8 OC, fine soil 2.20 Al + 2.49 Si + 1.63 Ca + 2.42 Fe + 1.94 Ti and sea salt 1.8 chloride: IMPROVE,
    reconstructed fine mass. Ions as measured: Chow et al. 2015 (doi 10.1007/s11869-015-0338-3), table 1, equation 2.

    Notes
    -----
    OM/OC lies between 1.4 and 2.1 from place to place (Chow et al. 2015); water on the particles is in no part. What a
    station weighs and what is summed here therefore agree only roughly.

    Examples
    --------
    >>> found = reconstructed({"pmoc": np.array([10.0]), "pmec": np.array([2.0])})
    >>> found.total.tolist(), found.missing["sulfate"]
    ([20.0], ('pmsulfate',))
    """
    rows = {row["part"]: row for table in tables_of(TABLE, "mass") for row in table.rows}
    parts: dict[str, Values] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for part in _ORDER:
        weights: Mapping[str, float] = rows[part]["from"]
        lacking = tuple(code for code in weights if code not in measured)
        if lacking:
            missing[part] = lacking
        else:
            several = [float(weight) * measured[code] for code, weight in weights.items()]
            parts[part] = np.asarray(np.sum(np.vstack(several), axis=0))
    factors = {part: {code: float(weight) for code, weight in rows[part]["from"].items()} for part in _ORDER}
    return Mass(parts, {part: Text(*rows[part]["name"]) for part in _ORDER}, missing, factors)


def mass_sources() -> tuple[Source, ...]:
    """Name the publications of the factors.

    Returns
    -------
    tuple of Source

    Source
    ------
    As of `reconstructed`.
    """
    return tuple(table.source for table in tables_of(TABLE, "mass"))
