"""What is measured: the factor codes of HJ 212 with their names, units and decimals."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

from qingyuan_science.plugins import Text
from qingyuan_science.standards.errors import UnknownFactor
from qingyuan_science.standards.reading import Status, read_table
from qingyuan_science.units import canonical

WASTEWATER_FLOW = FLOW = "w00000"
PH = "w01001"
TURBIDITY = "w01003"
DISSOLVED_OXYGEN = "w01009"
WATER_TEMPERATURE = "w01010"
SUSPENDED_SOLIDS = "w01012"
CONDUCTIVITY = "w01014"
BOD5 = "w01017"
COD = "w01018"
PERMANGANATE_INDEX = "w01019"
TOTAL_NITROGEN = "w21001"
AMMONIA_NITROGEN = "w21003"
NITRITE = "w21006"
NITRATE = "w21007"
TOTAL_PHOSPHORUS = "w21011"
EXHAUST_FLOW = "a00000"
AIR_TEMPERATURE = "a01001"
HUMIDITY = "a01002"
AIR_PRESSURE = "a01006"
WIND_SPEED = "a01007"
WIND_DIRECTION = "a01008"
FLUE_GAS_VELOCITY = "a01011"
FLUE_GAS_TEMPERATURE = "a01012"
FLUE_GAS_PRESSURE = "a01013"
FLUE_GAS_MOISTURE = "a01014"
O3 = "a05024"
OXYGEN = "a19001"
NOX = "a21002"
NO2 = "a21004"
CO = "a21005"
SO2 = "a21026"
NMHC = "a24088"
PM10 = "a34002"
PM25 = "a34004"
PARTICULATES = "a34013"
NOISE = "Leq"
LONGITUDE = "longitude"
LATITUDE = "latitude"
HEIGHT = "height"
GROUND_SPEED = "groundspeed"
HEADING = "heading"
POSITION = (LONGITUDE, LATITUDE, HEIGHT, GROUND_SPEED, HEADING)

DECIMALS_WHERE_NONE_PRINTED = 2


@dataclass(frozen=True)
class Factor:
    """A quantity that devices send.

    Parameters
    ----------
    code : str
        The code of HJ 212-2017 or later; a code of 2005 only where nothing followed it.
    title, short : Text
        The name as printed, and what people call it in a sentence.
    unit : str
        The unit in which a device sends it unless its site says otherwise.
    decimals : int
        Decimals with which it is shown.
    medium : str
        water, air_emission, ambient_air, air (both), noise, process_water, process_gas, device_info, electricity or
        position.
    total_unit : str
        Unit of the cumulated amount; empty if there is none.
    field : str
        Data type as printed, for example ``N5.2``; empty if none is.
    code_2005 : str
        The code of HJ/T 212-2005; empty if there was none.
    document, clause, valid_from, status
        Where the entry is printed, from when it holds, and how far it was checked.
    note : str
        What is odd about the entry.
    """

    code: str
    title: Text
    short: Text
    unit: str
    decimals: int
    medium: str
    total_unit: str
    field: str
    code_2005: str
    document: str
    clause: Text
    valid_from: date
    status: Status
    note: str


@dataclass(frozen=True)
class _Catalogue:
    """The factor table, indexed as questions come."""

    current: dict[str, Factor]
    of_2005: dict[str, tuple[Factor, str]]
    amended_2025: dict[str, Factor]
    usage: dict[tuple[str, str], dict[str, Any]]


def factor(code: str, *, medium: str | None = None) -> Factor:
    """Return the factor with a code of today.

    Parameters
    ----------
    code : str
        A code exactly as this library writes it.
    medium : str, optional
        ``ambient_air`` or ``air_emission``, where one code serves both with different units.

    Returns
    -------
    Factor
        The factor, with the unit and decimals of that medium.

    Raises
    ------
    UnknownFactor
        No factor has that code.

    Examples
    --------
    >>> factor("w01018").short.zh, factor("a21026").unit, factor("a21026", medium="ambient_air").unit
    ('COD', 'mg/m3', 'µg/m3')
    """
    found = _catalogue().current.get(code.casefold())
    if found is None or found.code != code:
        hint = f", expected {found.code!r}" if found else ", expected a code of HJ 212"
        raise UnknownFactor(f"found {code!r}{hint}")
    return _in_medium(found, medium)


def all_factors() -> tuple[Factor, ...]:
    """List all factors of today, in the order of the tables.

    Returns
    -------
    tuple[Factor, ...]
        One factor a code; the codes of 2005 that have a successor are not among them.
    """
    return tuple(_in_medium(found, None) for found in _catalogue().current.values())


def find_factor(code_as_sent: str, *, medium: str | None = None, edition: str | None = None) -> Factor:
    """Find the factor that a device means by a code.

    Parameters
    ----------
    code_as_sent : str
        A code of any edition, in upper or lower case; with the number of the equipment in place of ``xx``; or, with
        the medium given, without its first letter.
    medium : str, optional
        Medium that the device measures: ``water``, ``ambient_air``, ``air_emission`` or ``noise``.
    edition : str, optional
        ``"2005"``, ``"2017"`` or ``"2025"`` if the edition spoken by the device is known.

    Returns
    -------
    Factor
        The factor under its code of today. Unit and decimals are those of the code that was sent: total mercury is in
        mg/L under ``020`` of 2005 and in µg/L under ``w20111``.

    Raises
    ------
    UnknownFactor
        No edition knows the code.

    Examples
    --------
    >>> find_factor("011").code, find_factor("01018", medium="water").code, find_factor("Ld", edition="2005").code
    ('w01018', 'w01018', 'Ln')
    """
    return _found(code_as_sent, medium, edition)


@lru_cache(maxsize=4096)  # judging asks for that of each channel again and again; what devices send may be endless
def _found(code_as_sent: str, medium: str | None, edition: str | None) -> Factor:
    catalogue = _catalogue()
    key = code_as_sent.strip().casefold()
    sent_2005 = catalogue.of_2005.get(key)
    if sent_2005 and (edition == "2005" or key not in catalogue.current):
        return _as_of_2005(*sent_2005)
    if edition == "2025" and key in catalogue.amended_2025:
        return catalogue.amended_2025[key]
    prefix = {"w": "w", "a": "a"}.get((medium or "")[:1], "")
    for candidate in (key, f"{key[:-2]}xx", f"{key[:-1]}x", prefix + key):
        if candidate in catalogue.current:
            found = _in_medium(catalogue.current[candidate], medium)
            return replace(found, code=code_as_sent.strip()) if candidate.endswith("x") else found
    raise UnknownFactor(f"found {code_as_sent!r}, expected a code of HJ 212 (2005, 2017 or 2025)")


def _as_of_2005(row: Factor, successor: str) -> Factor:
    if not successor:
        return row
    today = _catalogue().current[successor.casefold()]
    return replace(today, unit=row.unit, decimals=row.decimals, field=row.field, note=row.note)


def _in_medium(found: Factor, medium: str | None) -> Factor:
    meant = medium if found.medium == "air" and medium in ("ambient_air", "air_emission") else None
    changed = _catalogue().usage.get((found.code, medium or found.medium), {})
    if changed:
        meant = medium or found.medium
    return replace(found, medium=meant or found.medium, **changed) if meant else found


@cache
def _catalogue() -> _Catalogue:
    table = read_table("factors")
    short = {code: Text(*names) for code, names in table["short"].items()}
    lists: dict[str, list[tuple[Factor, str]]] = {"": [], "2005": [], "2025": []}
    for block in table["list"]:
        lists[block.get("edition", "")].extend(_row(block, cells, short) for cells in block["rows"])
    current = {found.code.casefold(): found for found, _ in lists[""]}
    for row, successor in lists["2005"]:
        if successor:
            key = successor.casefold()
            current[key] = replace(current[key], code_2005=row.code)
        else:
            current.setdefault(row.code.casefold(), replace(row, code_2005=row.code))
    return _Catalogue(
        current=current,
        of_2005={row.code.casefold(): (row, successor) for row, successor in lists["2005"]},
        amended_2025={
            row.code.casefold(): replace(current[row.code.casefold()], decimals=row.decimals, field=row.field)
            for row, _ in lists["2025"]
        },
        usage={
            (code, block["medium"]): {"unit": canonical(unit), "decimals": decimals}
            for block in table["usage"]
            for code, unit, decimals in block["rows"]
        },
    )


def _row(block: dict[str, Any], cells: list[Any], short: dict[str, Text]) -> tuple[Factor, str]:
    row = dict(zip(block["columns"], cells, strict=True))
    title = Text(row["zh"], row["en"])
    found = Factor(
        code=row["code"],
        title=title,
        short=short.get(row["code"], title),
        unit=canonical(row["unit"]),
        decimals=DECIMALS_WHERE_NONE_PRINTED if row["decimals"] == "" else row["decimals"],
        medium=row["medium"],
        total_unit=row.get("total", ""),
        field=row["field"],
        code_2005="",
        document=block["document"],
        clause=Text(*block["clause"]),
        valid_from=block["valid_from"],
        status=Status(block["status"]),
        note=row["note"],
    )
    return found, row.get("successor", "")
