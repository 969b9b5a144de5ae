"""Codes of administrative divisions."""

from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import BadCode
from qingyuan_science.standards.sourced import tables_of

_FILE = "codes/codes"


@dataclass(frozen=True)
class Division:
    """A division code taken apart.

    Parameters
    ----------
    code : str
        As given, without blanks.
    level : str
        ``province``, ``city``, ``county``, ``town`` or ``village``.
    level_name, province : Text
    above : tuple of str
        Codes of six digits of the divisions above it, the province first.
    sources : tuple of Source
    """

    code: str
    level: str
    level_name: Text
    province: Text
    above: tuple[str, ...]
    sources: tuple[Source, ...]


def division(text: str) -> Division:
    """Take a division code apart.

    Parameters
    ----------
    text : str
        Six digits; nine or twelve in statistics.

    Returns
    -------
    Division

    Raises
    ------
    BadCode
        Not as many digits, no such province, or digits below a level that is left open.

    Source
    ------
    GB/T 2260. A code says nothing of whether the county exists on some day: codes change.

    Examples
    --------
    >>> found = division("510112")
    >>> found.level, found.province.en, found.above
    ('county', 'Sichuan', ('510000', '510100'))
    """
    code = "".join(text.split())
    (levels,), (provinces,) = tables_of(_FILE, "division_levels"), tables_of(_FILE, "provinces")
    if not (code.isascii() and code.isdigit()) or len(code) not in (6, 9, 12):
        raise BadCode(
            Text(
                f"行政区划代码：{text!r}，应为 6、9 或 12 位数字",
                f"division: found {text!r}, expected 6, 9 or 12 digits",
            )
        )
    province = next((Text(*row["name"]) for row in provinces.rows if row["code"] == code[:2]), None)
    if province is None:
        raise BadCode(
            Text(
                f"行政区划代码：无省级代码 {code[:2]}",
                f"division: found the province {code[:2]}, expected one of GB/T 2260",
            )
        )
    parts = [code[:2], code[2:4], code[4:6], code[6:9], code[9:12]]
    filled = [bool(part.strip("0")) for part in parts]
    depth = max(place for place, one in enumerate(filled) if one)
    if depth >= 2 and not all(filled[1 : depth + 1]):
        empty = ("province", "city", "county", "town")[filled.index(False, 1)]
        raise BadCode(
            Text(
                f"行政区划代码：{code} 的下级有值而上级为零",
                f"division: found {code} without digits for the {empty}, expected them above a lower level",
            )
        )
    row = levels.rows[depth]
    above = tuple((code[:2] + "0000", code[:4] + "00", code[:6])[:depth])
    return Division(code, row["level"], Text(*row["name"]), province, above, (levels.source, provinces.source))


def make_division(province: str, city: str = "00", county: str = "00", *, town: str = "", village: str = "") -> str:
    """Put a division code together and check it.

    Parameters
    ----------
    province, city, county : str
        Two digits each.
    town, village : str
        Three digits each, for a code of statistics.

    Returns
    -------
    str

    Raises
    ------
    BadCode
        The parts do not make a code.

    Examples
    --------
    >>> make_division("51", "01", "12")
    '510112'
    """
    return division(province + city + county + town + village).code
