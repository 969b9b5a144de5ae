"""What each kind of station measures, and how each factor behaves on an ordinary day.

The numbers are invented and plausible; they come from no standard. Where a limit binds a factor, its ordinary level is
a share of that limit, so that only an episode can lift an hour above it.
"""

from dataclasses import dataclass

OUTLET_WATER, OUTLET_GAS = "outlet-water", "outlet-gas"
SURFACE_WATER, AMBIENT_AIR = "surface-water", "ambient-air"
KINDS = (OUTLET_WATER, OUTLET_GAS, SURFACE_WATER, AMBIENT_AIR)


@dataclass(frozen=True)
class Profile:
    """The ordinary behaviour of one factor at one kind of station.

    Parameters
    ----------
    factor : str
        Code of HJ 212-2017 annex B.
    unit : str
        As `qingyuan_science.units` writes it.
    decimals : int
        Decimal places that the device sends.
    level : float
        Ordinary level where no limit binds. [unit]
    swing : float
        Daily wave, as a share of the level. [1]
    peak : float
        Local hour of the daily maximum. [h]
    wander : float
        Slow changes over hours and days, as a share of the level. [1]
    jitter : float
        Changes over seconds and minutes, as a share of the level. [1]
    scales_with_limit : bool
        Whether the level is a share of the limit where one binds.
    converted : bool
        Whether a value at reference oxygen (折算) is sent too.
    total : str
        Unit of the amount in an interval (-Cou), empty where none is sent.
    """

    factor: str
    unit: str
    decimals: int
    level: float
    swing: float
    peak: float
    wander: float
    jitter: float
    scales_with_limit: bool = False
    converted: bool = False
    total: str = ""

    @property
    def reach(self) -> float:
        """Largest ordinary value as a share of the level. [1]"""
        return 1 + self.swing + self.wander + self.jitter


PROFILES: dict[str, tuple[Profile, ...]] = {
    OUTLET_WATER: (
        Profile("w00000", "L/s", 2, 60.0, 0.22, 20, 0.10, 0.05, total="m3"),
        Profile("w01001", "dimensionless", 2, 7.3, 0.008, 14, 0.03, 0.006),
        Profile("w01018", "mg/L", 1, 45.0, 0.10, 21, 0.16, 0.06, True, total="kg"),
        Profile("w21003", "mg/L", 2, 3.0, 0.10, 22, 0.18, 0.06, True, total="kg"),
        Profile("w21011", "mg/L", 2, 0.3, 0.08, 20, 0.16, 0.05, True, total="kg"),
        Profile("w21001", "mg/L", 2, 18.0, 0.06, 23, 0.12, 0.04, True, total="kg"),
    ),
    OUTLET_GAS: (
        Profile("a00000", "m3/s", 2, 22.0, 0.10, 11, 0.08, 0.03, total="m3"),
        Profile("a21026", "mg/m3", 2, 40.0, 0.08, 10, 0.16, 0.07, True, True, "kg"),
        Profile("a21002", "mg/m3", 1, 70.0, 0.08, 11, 0.14, 0.06, True, True, "kg"),
        Profile("a34013", "mg/m3", 1, 8.0, 0.06, 10, 0.16, 0.07, True, True, "kg"),
        Profile("a19001", "%", 1, 10.0, 0.03, 3, 0.05, 0.02),
        Profile("a01012", "°C", 1, 128.0, 0.04, 15, 0.05, 0.01),
        Profile("a01014", "%", 1, 9.5, 0.03, 4, 0.06, 0.02),
    ),
    SURFACE_WATER: (
        Profile("w01010", "°C", 1, 18.0, 0.05, 16, 0.06, 0.004),
        Profile("w01001", "dimensionless", 2, 7.7, 0.015, 16, 0.02, 0.004),
        Profile("w01009", "mg/L", 1, 7.9, 0.09, 15, 0.05, 0.015),
        Profile("w01019", "mg/L", 1, 2.8, 0.04, 8, 0.14, 0.04, scales_with_limit=True),
        Profile("w21003", "mg/L", 2, 0.35, 0.06, 6, 0.16, 0.05, scales_with_limit=True),
        Profile("w21011", "mg/L", 2, 0.08, 0.04, 7, 0.14, 0.04, scales_with_limit=True),
        Profile("w21001", "mg/L", 2, 1.6, 0.04, 7, 0.12, 0.03),
    ),
    AMBIENT_AIR: (
        Profile("a34004", "µg/m3", 0, 36.0, 0.14, 8, 0.34, 0.06),
        Profile("a34002", "µg/m3", 0, 62.0, 0.14, 9, 0.30, 0.07),
        Profile("a21026", "µg/m3", 0, 9.0, 0.12, 10, 0.22, 0.08),
        Profile("a21004", "µg/m3", 0, 38.0, 0.30, 20, 0.24, 0.07),
        Profile("a21005", "mg/m3", 3, 0.72, 0.16, 8, 0.20, 0.05),
        Profile("a05024", "µg/m3", 0, 72.0, 0.52, 15, 0.22, 0.04),
    ),
}

FLOW = {OUTLET_WATER: "w00000", OUTLET_GAS: "a00000"}
OXYGEN = "a19001"
ARITHMETIC = frozenset({"w00000", "w01001"})
"""Factors of a waste-water outlet whose mean is not weighted by flow."""


def profile(kind: str, factor: str) -> Profile:
    """Look a profile up.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    factor : str

    Returns
    -------
    Profile

    Raises
    ------
    KeyError
        This kind of station does not measure the factor.
    """
    return {entry.factor: entry for entry in PROFILES[kind]}[factor]
