"""The temperature and pressure at which concentrations of ambient air are stated, by the day of the data."""

from dataclasses import dataclass
from datetime import date

from qingyuan_science.plugins import Source
from qingyuan_science.standards.sourced import table_on, tables_of

_FILE, _HOLDS = "air/states", "states"
_ACTUAL = "actual"
STATES = ("273 K", "298.15 K", _ACTUAL)
"""The states that the editions name; the last is that of the air as it was."""


@dataclass(frozen=True)
class AirState:
    """A state of the air.

    Parameters
    ----------
    kelvin : float [K]
    pressure : float [hPa]
    source : Source or None
        Where it stands; None for the air as it was.
    """

    kelvin: float
    pressure: float
    source: Source | None


def state_of_day(kind: str, on: date) -> tuple[str, Source]:
    """Name the state at which values of a day are stated.

    Parameters
    ----------
    kind : str
        ``gas`` or ``particulate``.
    on : datetime.date
        Day of the data in China.

    Returns
    -------
    tuple of str and Source
        One of `STATES`, and the clause.

    Examples
    --------
    >>> state_of_day("gas", date(2018, 8, 31))[0], state_of_day("gas", date(2018, 9, 1))[0]
    ('273 K', '298.15 K')
    """
    table = table_on(_FILE, _HOLDS, on)
    row = next(row for row in table.rows if row["kind"] == kind)
    return _ACTUAL if row.get("actual") else f"{row['kelvin']} K", table.source


def state_on(name: str) -> AirState:
    """Look a state up by its name.

    Parameters
    ----------
    name : str
        One of `STATES`, but not that of the air as it was.

    Returns
    -------
    AirState
    """
    return next(
        AirState(float(row["kelvin"]), float(row["pressure"]), table.source)
        for table in reversed(tables_of(_FILE, _HOLDS))
        for row in table.rows
        if "kelvin" in row and f"{row['kelvin']} K" == name
    )


def volume_factor(first: AirState, last: AirState) -> float:
    """By how much a mass concentration changes from one state to another: as the inverse of the volume.

    Parameters
    ----------
    first, last : AirState

    Returns
    -------
    float [1]

    Notes
    -----
    Of an ideal gas, V ~ T/p, and with it c ~ p/T.

    Examples
    --------
    >>> round(volume_factor(state_on("273 K"), state_on("298.15 K")), 6)
    0.915646
    """
    return (last.pressure / last.kelvin) / (first.pressure / first.kelvin)
