"""What can go wrong in a world.

Errors::

    WorldError
    ├── NoDistrict       a seed gives no valid district
    ├── OutsideDistrict  something that must stand in the district does not
    ├── NoSuchStation    a code that names no station of this world
    ├── NoSuchChannel    a factor that this station does not measure
    ├── NoSuchKind       a command that no logger of this world sends
    └── BadInterval      a span or step that cannot be served
"""


class WorldError(Exception):
    """Base of everything that this package raises on purpose."""


class NoDistrict(WorldError):
    """A seed gives no valid district.

    Parameters
    ----------
    seed : int
    tries : int
        How many draws were made. [1]
    """

    def __init__(self, seed: int, tries: int) -> None:
        super().__init__(f"seed {seed}: none of {tries} draws gave whole towns and communities")


class OutsideDistrict(WorldError):
    """Something that must stand in the district does not.

    Parameters
    ----------
    lon, lat : float
        [deg]
    """

    def __init__(self, lon: float, lat: float) -> None:
        super().__init__(f"found the point {lon}, {lat} outside the district, expected one in a community")


class NoSuchStation(WorldError):
    """A code that names no station of this world.

    Parameters
    ----------
    code : str
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"found station {code!r}, expected the code of one in World.stations or World.strangers")


class NoSuchChannel(WorldError):
    """A factor that a station does not measure.

    Parameters
    ----------
    station : str
    factor : str
    measured : tuple of str
        What the station does measure.
    """

    def __init__(self, station: str, factor: str, measured: tuple[str, ...]) -> None:
        super().__init__(f"station {station}: found factor {factor!r}, expected one of {', '.join(measured)}")


class NoSuchKind(WorldError):
    """A command that no logger of this world sends.

    Parameters
    ----------
    found : tuple of str
        Command codes as given.
    known : tuple of str
        Those that would do.
    """

    def __init__(self, found: tuple[str, ...], known: tuple[str, ...]) -> None:
        super().__init__(f"found commands {found}, expected one or more of {', '.join(known)}")


class BadInterval(WorldError):
    """A span or step that cannot be served.

    Parameters
    ----------
    found : str
        What was given.
    expected : str
        What would do.
    """

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}, expected {expected}")
