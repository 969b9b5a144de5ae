"""One enterprise out of its records: which record gives which value, and where records contradict each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from qingyuan_science.linking.addresses import address_of
from qingyuan_science.linking.comparing import EARTH_M
from qingyuan_science.linking.names import Gazetteer, folded, taken_apart
from qingyuan_science.standards.codes.credit import credit_code
from qingyuan_science.standards.errors import BadCode

MERGED: Final = ("name", "code", "permit", "address", "industry", "position")
FAR_M: Final = 1_000.0
"""Two positions of one enterprise that are farther apart contradict each other; our own choice. [m]"""


@dataclass(frozen=True)
class Given:
    """A value that some lists give.

    Parameters
    ----------
    value : str
        As written; a position as longitude and latitude with a comma between. [degree]
    lists : tuple of str
        The lists that say so, in the order of their precedence.
    agrees : bool
        Whether it can be true beside the value that was taken.
    """

    value: str
    lists: tuple[str, ...]
    agrees: bool


def merged(rows: Sequence[Mapping[str, Any]], precedence: Sequence[str]) -> dict[str, tuple[Given, ...]]:
    """Take the values of one enterprise out of its records.

    Parameters
    ----------
    rows : sequence of mapping
        Each with ``list`` and any of ``name``, ``code``, ``permit``, ``address``, ``industry``, ``lon`` and ``lat``.
    precedence : sequence of str
        The lists, the one that is believed first at the beginning. A code whose check letter fits comes before one
        that fails it, whichever list has it.

    Returns
    -------
    dict of str to tuple of Given
        For each of `MERGED` that any row gives: the value that is taken first, then the others.
    """
    rank = {name: at for at, name in enumerate(precedence)}
    found: dict[str, tuple[Given, ...]] = {}
    for field in MERGED:
        told: dict[str, set[str]] = {}
        for row in rows:
            if value := _value(row, field):
                told.setdefault(value, set()).add(row["list"])
        if told:
            found[field] = _ranked(field, told, rank)
    return found


def contradictions(values: Mapping[str, Sequence[Given]]) -> tuple[str, ...]:
    """The fields in which lists contradict each other.

    Parameters
    ----------
    values : mapping of str to sequence of Given
        As `merged` gives them.

    Returns
    -------
    tuple of str
    """
    return tuple(field for field in MERGED if not all(one.agrees for one in values.get(field, ())))


def _value(row: Mapping[str, Any], field: str) -> str:
    if field != "position":
        return str(row.get(field) or "").strip()
    lon, lat = row.get("lon"), row.get("lat")
    return "" if lon is None or lat is None or lon != lon or lat != lat else f"{lon:.6f}, {lat:.6f}"


def _ranked(field: str, told: Mapping[str, set[str]], rank: Mapping[str, int]) -> tuple[Given, ...]:
    last = len(rank)
    if len(told) == 1:
        ((value, names),) = told.items()
        return (Given(value, tuple(sorted(names, key=lambda name: (rank.get(name, last), name))), agrees=True),)

    def place(value: str) -> tuple[bool, int, int, str]:
        best = min(rank.get(name, last) for name in told[value])
        return field == "code" and not _fits(value), best, -len(told[value]), value

    order = sorted(told, key=place)
    lists = {value: tuple(sorted(told[value], key=lambda name: (rank.get(name, last), name))) for value in order}
    return tuple(Given(value, lists[value], _agree(field, order[0], value)) for value in order)


def _agree(field: str, one: str, other: str) -> bool:
    if one == other:
        return True
    if field == "position":
        return _metres(one, other) <= FAR_M
    if field == "industry":
        digits = [_digits(value)[:2] for value in (one, other)]
        return not all(digits) or digits[0] == digits[1]
    return bool(
        {"name": _same_name, "code": _same_code, "permit": _same_permit, "address": _same_place}[field](one, other)
    )


def _metres(one: str, other: str) -> float:
    (lon, lat), (east, north) = (map(float, value.split(",")) for value in (one, other))
    across = np.radians(lon - east) * np.cos(np.radians((lat + north) / 2))
    return float(EARTH_M * np.hypot(across, np.radians(lat - north)))


def _same_name(one: str, other: str) -> bool:
    first, second = (taken_apart(value, _nowhere()) for value in (one, other))
    return first.core == second.core or first.core in second.text or second.core in first.text


def _same_code(one: str, other: str) -> bool:
    codes = ["".join(letter for letter in value.upper() if letter.isalnum()) for value in (one, other)]
    return codes[0] == codes[1] or (
        {len(code) for code in codes} == {9, 18} and any(long[8:17] == short for long, short in (codes, codes[::-1]))
    )


def _same_permit(one: str, other: str) -> bool:
    return folded(one)[:18] == folded(other)[:18]


def _same_place(one: str, other: str) -> bool:
    first, second = address_of(one), address_of(other)
    sides = (first.town, second.town), (first.road, second.road), (first.number, second.number)
    return all(not a or not b or a == b for a, b in sides)


@cache
def _nowhere() -> Gazetteer:
    return Gazetteer(())


@cache
def _fits(code: str) -> bool:
    try:
        credit_code(code)
    except BadCode:
        return False
    return True


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
