"""What each kind of station measures, and how each factor behaves on an ordinary day.

The numbers are invented and plausible; they come from no standard. Where a limit binds a factor, its ordinary level is
a share of that limit, so that only an episode can lift an hour above it.
"""

from dataclasses import dataclass

OUTLET_WATER, OUTLET_GAS = "outlet-water", "outlet-gas"
SURFACE_WATER, AMBIENT_AIR = "surface-water", "ambient-air"
WEATHER, DUST, NOISE, FUME = "weather", "dust-site", "noise", "fume"
KINDS = (OUTLET_WATER, OUTLET_GAS, SURFACE_WATER, AMBIENT_AIR, WEATHER, DUST, NOISE, FUME)


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
    sent_as : str
        The device's own code, where the standard has none for the factor.
    moves_with : str
        Factor whose slow changes it shares, empty for its own.
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
    sent_as: str = ""
    moves_with: str = ""

    @property
    def reach(self) -> float:
        """Largest ordinary value as a share of the level. [1]"""
        return 1 + self.swing + self.wander + self.jitter


_WIND = (
    Profile("a01007", "m/s", 1, 2.2, 0.30, 15, 0.50, 0.15),
    Profile("a01008", "°", 0, 150.0, 0.20, 4, 0.50, 0.12),  # never across north, so that a plain mean is a direction
)
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
    WEATHER: (
        *_WIND,
        Profile("a01001", "°C", 1, 17.0, 0.22, 15, 0.20, 0.01),
        Profile("a01002", "%", 0, 68.0, 0.18, 5, 0.12, 0.02),
        Profile("a01006", "kPa", 2, 96.2, 0.002, 10, 0.006, 0.0005),
    ),
    DUST: (
        Profile("a34001", "µg/m3", 0, 165.0, 0.25, 15, 0.30, 0.12),
        Profile("a34002", "µg/m3", 0, 88.0, 0.22, 15, 0.28, 0.10),
    ),
    NOISE: (Profile("LA", "dB", 1, 54.0, 0.08, 14, 0.03, 0.05),),
    FUME: (Profile("LAMPBLACK", "mg/m3", 2, 0.9, 0.45, 19, 0.25, 0.15),),
}


def _of_particles(factor: str, sent_as: str, level: float, decimals: int = 2) -> Profile:
    return Profile(factor, "µg/m3", decimals, level, 0.10, 8, 0.32, 0.06, sent_as=sent_as, moves_with="a34004")


def _organic(factor: str, level: float, swing: float = 0.25, peak: float = 7) -> Profile:
    return Profile(factor, "µg/m3", 2, level, swing, peak, 0.30, 0.10)


_SIX = PROFILES[AMBIENT_AIR]
_METALS = (
    Profile("a20007", "ng/m3", 1, 4.2, 0.10, 8, 0.30, 0.08, moves_with="a34004"),
    Profile("a20026", "ng/m3", 2, 1.1, 0.10, 8, 0.30, 0.08, moves_with="a34004"),
    Profile("a20044", "ng/m3", 1, 24.0, 0.10, 8, 0.30, 0.08, moves_with="a34004"),
    Profile("a20058", "ng/m3", 2, 0.9, 0.10, 8, 0.30, 0.08, moves_with="a34004"),
)
_PARTICLES = (
    _of_particles("pmsulfate", "SO4", 6.4),
    _of_particles("pmnitrate", "NO3", 9.2),
    _of_particles("pmammonium", "NH4", 5.1),
    _of_particles("pmchloride", "Cl", 0.7),
    _of_particles("pmsodium", "Na", 0.25),
    _of_particles("pmpotassium", "K", 0.35),
    _of_particles("pmmagnesium", "Mg", 0.06, 3),
    _of_particles("pmcalcium", "Ca", 0.30),
    _of_particles("pmoc", "OC", 4.6),
    _of_particles("pmec", "EC", 1.5),
    _of_particles("pmal", "eAl", 0.32, 3),
    _of_particles("pmsi", "eSi", 0.72, 3),
    _of_particles("pmca", "eCa", 0.38, 3),
    _of_particles("pmti", "eTi", 0.03, 3),
    _of_particles("pmfe", "eFe", 0.42, 3),
)
_ORGANICS = (
    _organic("a24036", 0.9), _organic("a24042", 2.4), _organic("a24043", 1.1),
    _organic("a24053", 1.6), _organic("a24078", 0.25),
    _organic("a25002", 2.1), _organic("a25003", 6.8, 0.35, 21), _organic("a25004", 1.9, 0.35, 21),
    _organic("a25006", 1.7, 0.35, 21), _organic("a25007", 2.6, 0.35, 21), _organic("a25008", 1.4, 0.35, 21),
    _organic("a25019", 0.8), _organic("a25021", 0.3), _organic("a25038", 0.35),
    _organic("a24003", 5.2), _organic("a24004", 0.8), _organic("a24017", 2.2), _organic("a24049", 0.2),
    _organic("a24050", 0.3), _organic("a24099", 1.2, 0.08),
    _organic("a29017", 2.9, 0.30, 14), _organic("a30008", 1.1), _organic("a31001", 3.8, 0.35, 13),
    _organic("a31002", 2.6, 0.30, 13), _organic("a31024", 5.6, 0.20, 14), _organic("a31025", 1.3),
)  # fmt: skip

SUPERSTATION, PHOTOCHEMICAL, TRANSPORT = "superstation", "photochemical", "transport"
SPECIAL: dict[str, tuple[Profile, ...]] = {
    SUPERSTATION: (*_SIX, *_WIND, *_PARTICLES, *_METALS, *_ORGANICS),
    PHOTOCHEMICAL: (_SIX[3], _SIX[5], *_WIND, *_ORGANICS),
    TRANSPORT: (*_SIX, *_WIND, *_PARTICLES[:3], *_PARTICLES[8:10]),
}
"""What stations of ambient air with a purpose of their own measure, by that purpose; they send hours alone."""


@dataclass(frozen=True)
class Carried:
    """What the wind brings to a transport-channel station.

    Parameters
    ----------
    factors : tuple of str
        What it brings.
    direction, half_width : float
        From where; beside it, as far as the half width, it brings less and less. [°]
    share : float
        What it adds at most, as a share of the ordinary value. [1]
    """

    factors: tuple[str, ...]
    direction: float
    half_width: float
    share: float


CARRIED = Carried(("a34004", "a34002", "pmsulfate", "pmnitrate", "pmammonium"), 112.5, 67.5, 0.9)
"""The truth that the page of the transport-channel station is to show: the neighbour to the east-southeast."""

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
