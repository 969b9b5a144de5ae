"""What a bulletin says of a coming day, before anybody judges it: area, day, index, pollutants, and who says so."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

HIGHEST_INDEX: Final = 500


@dataclass(frozen=True)
class Foretold:
    """One day of one area, as a forecaster or a model foretold it.

    Parameters
    ----------
    area : str
        Code or name, as the bulletin writes it.
    day : date
        In China.
    issued_at : datetime
        As the bulletin says; aware.
    forecaster : str
        Person, shift or model.
    value : float or None
        AQI, where one was told. [1]
    low, high : float or None
        Range of the AQI, where one was told. [1]
    first_level, last_level : int
        Levels 1 to 6, where only words were told; 0 otherwise.
    primary : tuple of str
        Primary pollutants, as the index names them without an averaging time.
    concentrations : dict of str to float
        By item of the index. [µg/m³; CO: mg/m³]
    where : str
        The row that it stands in.
    """

    area: str
    day: date
    issued_at: datetime
    forecaster: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    first_level: int = 0
    last_level: int = 0
    primary: tuple[str, ...] = ()
    concentrations: dict[str, float] = field(default_factory=dict)
    where: str = ""
