"""The dialect profile: everything in which senders of HJ 212 differ, as data.

The codec asks the profile and never who made the device. A platform keeps one row for each device or model.
"""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from qingyuan_science.hj212.checksum import VARIANTS
from qingyuan_science.hj212.codes import EDITIONS, VALIDITIES, flag_map
from qingyuan_science.hj212.errors import BadDialect

_CHOICES: Final[dict[str, tuple[str | int, ...]]] = {
    "edition": tuple(EDITIONS),
    "crc": (*VARIANTS, "any"),
    "crc_digits": (3, 4),
    "length_digits": (1, 2, 3, 4),
    "length_counts": ("bytes", "characters"),
    "cipher": ("none", "sm4", "sm4-literal"),
    "stamp": ("start", "end"),
    "reply": ("2017", "2005"),
}

_BOUNDS: Final = {
    "length_excess": (0, 99, "bytes"),
    "minute_interval": (1, 60, "minutes"),
    "over_time": (0, 99, "s"),
    "re_count": (0, 99, ""),
}


@dataclass(frozen=True)
class Dialect:
    """How one sender speaks HJ 212.

    Parameters
    ----------
    code : str
        Name of the profile.
    edition : {"2005", "2017", "2025"}
        Edition that the sender follows. Flag only suggests it, because senders set its version bits carelessly.
    crc : {"standard", "modbus", "modbus-swapped", "any"}
        Algorithm of the checksum. "any" takes each of them, and writes the standard one.
    crc_digits : {4, 3}
        Fewest hex digits of the CRC; 3 tolerates a dropped leading zero.
    length_digits : {4, 3, 2, 1}
        Fewest digits of the length text; below 4 tolerates dropped leading zeros.
    length_excess : int
        How much the length text exceeds the data segment; 6 for senders that count the CRC and CR LF. [byte]
    require_crlf : bool
        Whether a frame without CR LF at its end is refused.
    stamp : {"start", "end"}
        Which end of the interval DataTime names in interval data.
    minute_interval : int
        Interval of minute data, needed to find the start when `stamp` is "end". [min]
    encodings : tuple of str
        Text encodings in the order in which they are tried; the first is written.
    reply : {"2017", "2005"}
        Form of replies: QN of the request in the header, or inside CP.
    flag_map : mapping of str to str
        What the sender's data flags say, as one of `codes.VALIDITIES`. The edition's own table is filled in where
        nothing is given, so a profile holds only what differs.
    utc_offset_minutes : int
        Offset of the sender's clock from UTC. [min]
    length_counts : {"bytes", "characters"}
        What the length text counts; only text beyond ASCII tells them apart.
    cipher : {"none", "sm4", "sm4-literal"}
        Whether the content of CP comes enciphered (HJ 212-2025), as bytes or as the text ``{0xE4,0x3E,...}``; both
        are read where it is not "none". The key belongs to the device and is no part of its profile.
    codes : mapping of str to str
        What the sender's own codes mean: the code of a factor, or that and the unit as sent, such as ``"pmsulfate"``
        or ``"a25002 mg/m3"``. For factors of which the standard has no code, and for senders with another unit.
    over_time, re_count : int
        How long its answer to a request may take, and how often a request is repeated; 0 for what holds on mobile
        links, 10 s and 3 times. HJ 212-2025 has 30 s and 5 times for NB-IoT (second-hand). [s], [1]

    Raises
    ------
    BadDialect
        A value is none of those listed.

    Examples
    --------
    >>> mine = Dialect("city-air", crc="modbus", flag_map={"X": "invalid"})
    >>> mine.validity("X"), mine.validity("N"), mine.validity("?")
    ('invalid', 'valid', 'unknown')
    >>> Dialect("ions", codes={"SO4": "pmsulfate", "a25002": "a25002 mg/m3"}).meaning("a25002")
    ('a25002', 'mg/m3')
    """

    code: str
    edition: str = "2017"
    crc: str = "standard"
    crc_digits: int = 4
    length_digits: int = 4
    length_excess: int = 0
    require_crlf: bool = True
    stamp: str = "start"
    minute_interval: int = 10
    encodings: tuple[str, ...] = ("utf-8", "gbk")
    reply: str = "2017"
    flag_map: Mapping[str, str] = field(default_factory=dict, hash=False)
    utc_offset_minutes: int = 480
    length_counts: str = "bytes"
    cipher: str = "none"
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)
    over_time: int = 0
    re_count: int = 0

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise BadDialect(f"{name} {getattr(self, name)!r}", f"one of {allowed}")
        for name, (least, most, unit) in _BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise BadDialect(f"{name} {getattr(self, name)}", f"{least} to {most} {unit}".rstrip())
        if abs(self.utc_offset_minutes) >= 24 * 60:
            raise BadDialect(f"utc_offset_minutes {self.utc_offset_minutes}", "less than a day")
        _check_encodings(self.encodings)
        if unknown := set(self.flag_map.values()) - VALIDITIES:
            raise BadDialect(f"validity {sorted(unknown)}", f"one of {sorted(VALIDITIES)}")
        for code, meant in self.codes.items():
            if not isinstance(meant, str) or len(meant.split()) not in (1, 2):
                raise BadDialect(f"code {code!r} as {meant!r}", "the code of a factor, and perhaps the unit as sent")
        object.__setattr__(self, "flag_map", {**flag_map(self.edition), **self.flag_map})

    @property
    def algorithms(self) -> tuple[Callable[[bytes], int], ...]:
        """The CRC algorithms that are taken from this sender; the first is the one to write."""
        return tuple(VARIANTS.values()) if self.crc == "any" else (VARIANTS[self.crc],)

    def validity(self, flag: str) -> str:
        """Say what a data flag means from this sender.

        Parameters
        ----------
        flag : str
            Flag as sent; letter case counts only where the profile tells both cases apart.

        Returns
        -------
        str
            One of `codes.VALIDITIES`; "unknown" for a flag that the profile does not name.
        """
        known = self.flag_map
        return known.get(flag) or known.get(flag.upper()) or known.get(flag.capitalize(), "unknown")

    def meaning(self, code: str) -> tuple[str, str]:
        """Say what a code means from this sender.

        Parameters
        ----------
        code : str
            Code as sent.

        Returns
        -------
        tuple of str
            Code of the factor, and the unit as sent; the code itself and no unit where the profile says nothing.
        """
        meant, _, unit = self.codes.get(code, code).partition(" ")
        return meant, unit.strip()


def _check_encodings(encodings: tuple[str, ...]) -> None:
    if not encodings:
        raise BadDialect("no encoding", "at least one text encoding")
    for encoding in encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise BadDialect(f"encoding {encoding!r}", "a known text encoding") from None


STANDARD: Final = Dialect("HJ 212-2017")
"""A sender that follows HJ 212-2017 to the letter."""

EDITION_2005: Final = Dialect("HJ/T 212-2005", edition="2005", reply="2005")
"""A sender that follows HJ/T 212-2005 to the letter."""

EDITION_2025: Final = Dialect("HJ 212-2025", edition="2025")
"""A sender that follows HJ 212-2025, as far as plain text goes."""

EDITION_2025_SM4: Final = Dialect("HJ 212-2025 SM4", edition="2025", cipher="sm4")
"""A sender that follows HJ 212-2025 and enciphers what it must."""

LENIENT: Final = Dialect("lenient", crc="any", crc_digits=3, length_digits=1, require_crlf=False)
"""A sender of whom nothing is known: takes every deviation that is still unambiguous."""

STRICT_BY_EDITION: Final = {dialect.edition: dialect for dialect in (EDITION_2005, STANDARD, EDITION_2025)}
"""The dialect that follows each edition to the letter."""
