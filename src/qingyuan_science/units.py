"""Units of environmental data, as instruments, standards and people write them.

Errors::

    UnitError
    ├── UnknownUnit          the symbol is not in the table
    └── IncompatibleUnits    the two units do not measure the same thing
"""

from fractions import Fraction
from functools import cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

DIMENSIONLESS = "dimensionless"


class UnitError(ValueError):
    """Anything wrong with a unit."""


class UnknownUnit(UnitError):
    """The symbol is not in the table."""


class IncompatibleUnits(UnitError):
    """The two units do not measure the same thing."""


# Each group measures one thing; a number says how many of the group's base unit go into one.
_GROUPS: tuple[dict[str, Fraction | int], ...] = (
    {
        "kg/m3": 10**9,
        "mg/L": 10**6,
        "µg/L": 10**3,
        "ng/L": 1,
        "g/m3": 10**6,
        "mg/m3": 10**3,
        "µg/m3": 1,
        "ng/m3": Fraction(1, 1000),
    },
    {"m3/s": 3600, "L/s": Fraction(18, 5), "m3/h": 1},
    {"t": 10**9, "kg": 10**6, "g": 10**3, "mg": 1},
    {"m3": 1000, "L": 1},
    {"MPa": 10**6, "kPa": 1000, "hPa": 100, "Pa": 1},
    {"h": 3600, "min": 60, "s": 1},
    {"km": 1000, "m": 1},
    {"m/s": Fraction(18, 5), "km/h": 1},
    {"m2": 1},
    {"A": 1},
    {"V": 1000, "mV": 1},
    {"MWh": 1000, "kWh": 1},
    {"MW": 1000, "kW": 1, "W": Fraction(1, 1000)},
    {"mS/cm": 1000, "µS/cm": 1},
    {"°C": 1},
    {"%": 1},
    {"dB": 1},
    {"°": 1},
    {"r/min": 1},
    {"NTU": 1},
    {"Bq/L": 1},
    {"count/L": 1},
    {"vehicles/h": 1},
    {"t/(km2·month)": 1},
    {"colour degree": 1},  # platinum-cobalt colour; the dilution multiple of the discharge standards is another method
    {"multiple": 1},
    {DIMENSIONLESS: 1},
)

_ALIASES = {
    "": DIMENSIONLESS,
    "无量纲": DIMENSIONLESS,
    "℃": "°C",
    "degC": "°C",
    "deg": "°",
    "度": "colour degree",
    "colour unit": "colour degree",
    "倍": "multiple",
    "个/L": "count/L",
    "辆/h": "vehicles/h",
    "dB(A)": "dB",
    "mg/Nm3": "mg/m3",
    "t/(km2*month)": "t/(km2·month)",
}

_SHOWN = {DIMENSIONLESS: "", "multiple": "倍", "colour degree": "度", "count/L": "个/L", "vehicles/h": "辆/h"}


@cache
def canonical(symbol: str) -> str:
    """Return the symbol under which this library knows a unit.

    Parameters
    ----------
    symbol : str
        A unit as a device, a table or a person wrote it.

    Returns
    -------
    str
        The symbol in the table.

    Raises
    ------
    UnknownUnit
        The symbol is not known.

    Examples
    --------
    >>> canonical("ug/m³"), canonical("μg/L"), canonical("mg/l")
    ('µg/m3', 'µg/L', 'mg/L')
    """
    plain = symbol.strip().replace("³", "3").replace("²", "2").replace("^", "").replace("μ", "µ")
    if plain.startswith(("ug/", "uS/")):
        plain = "µ" + plain[1:]
    if plain.endswith("/l"):
        plain = plain[:-1] + "L"
    plain = _ALIASES.get(plain, plain)
    if not any(plain in group for group in _GROUPS):
        known = ", ".join(unit for group in _GROUPS for unit in group)
        raise UnknownUnit(f"found {symbol!r}, expected one of: {known}")
    return plain


def shown_as(symbol: str) -> str:
    """Return a unit as people read it; nothing for a number without unit.

    Parameters
    ----------
    symbol : str
        A unit.

    Returns
    -------
    str
        The unit with raised figures.

    Examples
    --------
    >>> shown_as("ug/m3"), shown_as("dimensionless")
    ('µg/m³', '')
    """
    unit = canonical(symbol)
    return _SHOWN.get(unit, unit.replace("m3", "m³").replace("m2", "m²"))


@cache
def scale(unit_from: str, unit_to: str) -> Fraction:
    """Return by how much a number grows when its unit changes.

    Parameters
    ----------
    unit_from, unit_to : str
        The unit the number has and the unit it gets.

    Returns
    -------
    fractions.Fraction
        The exact factor.

    Raises
    ------
    UnknownUnit
        A symbol is not known.
    IncompatibleUnits
        The units do not measure the same thing.

    Examples
    --------
    >>> scale("m3/h", "L/s")
    Fraction(5, 18)
    """
    old, new = canonical(unit_from), canonical(unit_to)
    for group in _GROUPS:
        if old in group and new in group:
            return Fraction(group[old]) / Fraction(group[new])
    raise IncompatibleUnits(f"found {unit_from!r}, expected a unit that converts to {unit_to!r}")


@overload
def convert(value: float, unit_from: str, unit_to: str) -> float: ...
@overload
def convert(value: Values, unit_from: str, unit_to: str) -> Values: ...
def convert(value: float | Values, unit_from: str, unit_to: str) -> float | Values:
    """Convert values from one unit to another.

    Parameters
    ----------
    value : float or ndarray of shape (n,) [unit_from]
        One value or many.
    unit_from, unit_to : str
        The unit the values have and the unit they get.

    Returns
    -------
    float or ndarray of shape (n,) [unit_to]
        The values in the new unit, of the same form.

    Raises
    ------
    UnknownUnit
        A symbol is not known.
    IncompatibleUnits
        The units do not measure the same thing.

    Notes
    -----
    Multiplies and divides by whole numbers, so that 50500 µg/L becomes exactly 50.5 mg/L and rounds as such.

    Examples
    --------
    >>> convert(36.0, "m3/h", "L/s")
    10.0
    """
    factor = scale(unit_from, unit_to)
    return value * factor.numerator / factor.denominator
