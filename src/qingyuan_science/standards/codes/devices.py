"""Numbers of devices (MN): 96 bits of EPC-96 in HJ 212-2017 and later, 14 letters in 2005."""

from collections.abc import Mapping
from dataclasses import dataclass

from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.errors import BadCode
from qingyuan_science.standards.sourced import tables_of

_FILE = "codes/codes"
_BITS_OF_LETTER = 4


@dataclass(frozen=True)
class DeviceNumber:
    """A device number taken apart.

    Parameters
    ----------
    code : str
        In capitals.
    edition : str
        ``2017`` or ``2005``.
    parts : tuple of (str, Text, str)
        Key, name and letters of each part.
    source : Source
    """

    code: str
    edition: str
    parts: tuple[tuple[str, Text, str], ...]
    source: Source


def device_number(text: str) -> DeviceNumber:
    """Take a device number apart; it has no check letter.

    Parameters
    ----------
    text : str
        24 hexadecimal letters, or 14 letters and digits of 2005.

    Returns
    -------
    DeviceNumber

    Raises
    ------
    BadCode
        Another length or other letters.

    Source
    ------
    HJ 212-2017: header of 8 bits, manufacturer 28, object class 24, serial number 36.

    Examples
    --------
    >>> [letters for _, _, letters in device_number("010000A8900016F000169DC0").parts]
    ['01', '0000A89', '00016F', '000169DC0']
    """
    code = "".join(text.split()).upper()
    if len(code) == sum(_letters().values()):
        if set(code) - set("0123456789ABCDEF"):
            raise BadCode(
                Text(
                    f"MN:{text!r}，应为 24 位十六进制",
                    f"device number: found {text!r}, expected 24 hexadecimal letters",
                )
            )
        return _apart(code, "2017", "device", _letters())
    (old,) = tables_of(_FILE, "device_2005")
    lengths = {row["part"]: row["letters"] for row in old.rows}
    if len(code) == sum(lengths.values()) and code.isascii() and code.isalnum():
        return _apart(code, "2005", "device_2005", lengths)
    raise BadCode(
        Text(
            f"MN：为 {len(code)} 位，应为 24 位（HJ 212-2017）或 14 位（2005）",
            f"device number: found {len(code)} letters, expected 24 (HJ 212-2017) or 14 (2005)",
        )
    )


def make_device_number(parts: Mapping[str, int]) -> str:
    """Put a device number of HJ 212-2017 together.

    Parameters
    ----------
    parts : mapping of str to int
        ``header``, ``manufacturer``, ``object_class`` and ``serial``.

    Returns
    -------
    str
        24 hexadecimal letters.

    Raises
    ------
    BadCode
        A part is missing or needs more bits than it has.

    Examples
    --------
    >>> make_device_number({"header": 1, "manufacturer": 0xA89, "object_class": 0x16F, "serial": 0x169DC0})
    '010000A8900016F000169DC0'
    """
    letters = []
    for part, length in _letters().items():
        number = parts.get(part)
        if number is None or not 0 <= number < 1 << length * _BITS_OF_LETTER:
            raise BadCode(
                Text(
                    f"{part}:{number}，应为 0~{(1 << length * _BITS_OF_LETTER) - 1}",
                    f"{part}: found {number}, expected 0 to {(1 << length * _BITS_OF_LETTER) - 1}",
                )
            )
        letters.append(f"{number:0{length}X}")
    return "".join(letters)


def _letters() -> dict[str, int]:
    (table,) = tables_of(_FILE, "device")
    return {row["part"]: row["bits"] // _BITS_OF_LETTER for row in table.rows}


def _apart(code: str, edition: str, holds: str, lengths: Mapping[str, int]) -> DeviceNumber:
    (table,) = tables_of(_FILE, holds)
    names = {row["part"]: Text(*row["name"]) for row in table.rows}
    parts, at = [], 0
    for part, length in lengths.items():
        parts.append((part, names[part], code[at : at + length]))
        at += length
    return DeviceNumber(code, edition, tuple(parts), table.source)
