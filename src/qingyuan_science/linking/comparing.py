"""What two records have in common and what not, as a level for each of nine comparisons."""

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.likeness import edits
from qingyuan_science.linking.table import Records, Texts

EARTH_M: Final = 6_371_000.0
NEAR_M: Final = (100.0, 500.0, 2_000.0, 10_000.0)
"""Upper bounds of the levels of distance. [m]"""

Pairs = NDArray[np.int64]
Levels = NDArray[np.int8]


class Code(IntEnum):
    """Codes of two records; 0 where one has none."""

    MISSING = 0
    SAME = 1
    SAME_WRONG = 2
    ORGANISATION = 3
    NEAR = 4
    OTHER = 5
    CONTRADICTS = 6


class Name(IntEnum):
    """Names without divisions and branch; 0 where one has none."""

    MISSING = 0
    SAME = 1
    FORM = 2
    PART = 3
    NEAR = 4
    BUSINESS = 5
    LIKE = 6
    OTHER = 7


class Region(IntEnum):
    """Divisions within names; 0 where one names none."""

    MISSING = 0
    SAME = 1
    OTHER = 2


class Branch(IntEnum):
    """Whether names mean branches."""

    MISSING = 0
    NEITHER = 1
    SAME = 2
    ONE = 3
    OTHER = 4


class Place(IntEnum):
    """Addresses; 0 where they say nothing that could be compared, ELSEWHERE where their divisions differ."""

    MISSING = 0
    NUMBER = 1
    ROAD = 2
    ROAD_OTHER_NUMBER = 3
    TOWN = 4
    OTHER = 5
    ELSEWHERE = 6


class Distance(IntEnum):
    """Distances; 0 where a position is missing."""

    MISSING = 0
    WITHIN_100 = 1
    WITHIN_500 = 2
    WITHIN_2000 = 3
    WITHIN_10000 = 4
    FARTHER = 5


class Industry(IntEnum):
    """Codes of the national classification GB/T 4754; 0 where one has none."""

    MISSING = 0
    SAME = 1
    DIVISION = 2
    OTHER = 3


class Person(IntEnum):
    """Legal representatives, or who answers for the place; 0 where one names none."""

    MISSING = 0
    SAME = 1
    OTHER = 2


class Phone(IntEnum):
    """Telephone numbers; 0 where one has none."""

    MISSING = 0
    SAME = 1
    OTHER = 2


COMPARISONS: Final[dict[str, type[IntEnum]]] = {
    "code": Code,
    "name": Name,
    "region": Region,
    "branch": Branch,
    "address": Place,
    "distance": Distance,
    "industry": Industry,
    "person": Person,
    "phone": Phone,
}


def levels_of(records: Records, pairs: Pairs) -> Levels:
    """Compare pairs of records.

    Parameters
    ----------
    records : Records
    pairs : int64 array, shape (n, 2)
        Rows.

    Returns
    -------
    int8 array, shape (n, 9)
        A level for each of `COMPARISONS`; 0 where nothing can be compared. Swapping the rows of a pair changes nothing.
    """
    one, other = pairs[:, 0], pairs[:, 1]
    compared = (_codes, _names, _regions, _branches, _places, _distances, _industries, _persons, _phones)
    columns = [compare(records, one, other) for compare in compared]
    return np.stack(columns, axis=1).astype(np.int8) if len(pairs) else np.zeros((0, len(columns)), dtype=np.int8)


def _codes(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    identity, codes, organisations = records.identity, records.codes.of, records.organisations.of
    both = (codes[one] >= 0) & (codes[other] >= 0)
    valid = identity.valid[one] & identity.valid[other]
    same = codes[one] == codes[other]
    short = identity.short[one] | identity.short[other]
    found = np.where(both, Code.OTHER, Code.MISSING).astype(np.int8)
    found[both & valid] = Code.CONTRADICTS
    found[both & valid & short & (organisations[one] == organisations[other])] = Code.ORGANISATION
    found[both & same] = Code.SAME_WRONG
    found[both & same & valid] = Code.SAME
    ask = np.flatnonzero(found == Code.OTHER)
    near = edits(*(identity.letters[rows[ask]].astype(np.int32) + 2 for rows in (one, other))) <= 2
    found[ask[near & ~short[ask]]] = Code.NEAR
    return found


def _names(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    body, core, business, form = (
        column.of for column in (records.bodies, records.cores, records.business, records.endings)
    )
    both = (body[one] >= 0) & (body[other] >= 0)
    same_core = core[one] == core[other]
    part = same_core & _over(records.business, one, other, _one_within_other)
    found = np.where(both, Name.OTHER, Name.MISSING).astype(np.int8)
    ask = np.flatnonzero(both & (body[one] != body[other]))
    found[ask] = _likeness(records, one[ask], other[ask])
    found[both & same_core & (found != Name.PART)] = Name.BUSINESS
    found[both & (part | (same_core & ((business[one] < 0) | (business[other] < 0))))] = Name.PART
    found[both & (body[one] == body[other])] = Name.FORM
    found[both & (body[one] == body[other]) & (form[one] == form[other])] = Name.SAME
    return found


def _likeness(records: Records, one: Pairs, other: Pairs) -> Levels:
    """Levels of names that differ: letters left out behind the first two, one or two other, half of a trade name."""
    first, second = (records.body_letters[records.bodies.of[rows]] for rows in (one, other))
    length = np.stack(((first > 0).sum(axis=1), (second > 0).sum(axis=1)))
    shorter, apart = length.min(axis=0), np.abs(length[0] - length[1])
    found = np.full(len(one), Name.OTHER, dtype=np.int8)
    ask = np.flatnonzero((shorter >= 2) & (apart <= 4) & _share_letters(first, second))
    differ, few = edits(first[ask], second[ask]), shorter[ask]
    cores = [records.core_letters[records.cores.of[rows[ask]]] for rows in (one, other)]
    core = np.minimum(*((letters > 0).sum(axis=1) for letters in cores))
    long_core = (core >= 3) & (few >= 4)
    begins = (first[ask, :2] == second[ask, :2]).all(axis=1)
    left_out = (differ == apart[ask]) & begins & (few >= 4)
    near = ((differ <= 1) & (long_core | begins & (few >= 6))) | ((differ <= 2) & (few >= 8))
    cases = [left_out, near, (2 * edits(*cores) <= core) | ((differ <= 1) & (few >= 4))]
    found[ask] = np.select(cases, [Name.PART, Name.NEAR, Name.LIKE], Name.OTHER)
    return found


def _share_letters(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether one of the first three letters of a name is among the first three of the other; spares most counting."""
    among = [(one[:, at, None] == other[:, :3]).any(axis=1).astype(np.int8) for at in range(3)]
    return np.asarray(sum(among) >= 1)


def _one_within_other(one: str, other: str) -> bool:
    return bool(one and other) and (one in other or other in one)


def _over(column: Texts, one: Pairs, other: Pairs, ask: Callable[[str, str], bool | None]) -> NDArray[np.bool_]:
    """Ask about two texts for many pairs, once for each two texts that meet."""
    return np.asarray(_asked(column, one, other, ask) == 1)


def _asked(column: Texts, one: Pairs, other: Pairs, ask: Callable[[str, str], bool | None]) -> NDArray[np.int8]:
    words = (*column.words, "")
    wide = len(words)
    keys, at = np.unique((column.of[one] % wide).astype(np.int64) * wide + column.of[other] % wide, return_inverse=True)
    answers = [ask(words[key // wide], words[key % wide]) for key in keys]
    return np.array([-1 if one is None else int(one) for one in answers], dtype=np.int8)[at]


def _regions(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    def compatible(first: str, second: str) -> bool | None:
        sides = (tuple(side.split("/")) if side else () for side in (first, second))
        return records.gazetteer.compatible(*sides)

    answers = _asked(records.regions, one, other, compatible)
    return np.select([answers == 1, answers == 0], [Region.SAME, Region.OTHER], Region.MISSING).astype(np.int8)


def _branches(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    first, second = records.branches.of[one], records.branches.of[other]
    alike = _over(records.branches, one, other, _same_branch)
    cases = [(first < 0) & (second < 0), (first < 0) | (second < 0), alike]
    return np.select(cases, [Branch.NEITHER, Branch.ONE, Branch.SAME], Branch.OTHER).astype(np.int8)


def _same_branch(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 3 and (one.endswith(other) or other.endswith(one)))


def _places(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    def compatible(first: str, second: str) -> bool | None:
        sides = (tuple(side.split("/")) if side else () for side in (first, second))
        return records.gazetteer.compatible(*sides)

    town, road, number = records.towns.of, records.roads.of, records.numbers.of
    divisions = _asked(records.divisions, one, other, compatible)
    towns, roads, numbers = (
        np.where((column[one] < 0) | (column[other] < 0), -1, column[one] == column[other])
        for column in (town, road, number)
    )
    here = (divisions != 0) & (towns != 0)
    cases = [
        here & (roads == 1) & (numbers == 1),
        here & (roads == 1) & (numbers == 0),
        here & (roads == 1),
        here & (towns == 1),
        divisions == 0,
        (towns == 0) | (roads == 0),
    ]
    levels = [Place.NUMBER, Place.ROAD_OTHER_NUMBER, Place.ROAD, Place.TOWN, Place.ELSEWHERE, Place.OTHER]
    return np.select(cases, levels, Place.MISSING).astype(np.int8)


def metres(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distances between the positions of pairs.

    Parameters
    ----------
    records : Records
    one, other : int64 array, shape (n,)
        Rows.

    Returns
    -------
    float64 array, shape (n,)
        NaN where a position is missing. [m]
    """
    lon, lat = np.radians(records.lon), np.radians(records.lat)
    east = (lon[one] - lon[other]) * np.cos((lat[one] + lat[other]) / 2)
    return np.asarray(EARTH_M * np.hypot(east, lat[one] - lat[other]))


def _distances(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    apart = metres(records, one, other)
    found = np.searchsorted(np.array(NEAR_M), apart) + 1
    return np.where(np.isfinite(apart), found, Distance.MISSING).astype(np.int8)


def _industries(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    def alike(first: str, second: str) -> bool | None:
        sides = ["".join(letter for letter in side if letter.isdigit()) for side in (first, second)]
        return None if not all(sides) else sides[0][:2] == sides[1][:2]

    column = records.industry_code
    answers = _asked(column, one, other, alike)
    same = (column.of[one] >= 0) & (column.of[one] == column.of[other])
    cases = [same, answers == 1, answers == 0]
    return np.select(cases, [Industry.SAME, Industry.DIVISION, Industry.OTHER], Industry.MISSING).astype(np.int8)


def _persons(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    return _alike(records.persons, one, other)


def _phones(records: Records, one: NDArray[np.int64], other: NDArray[np.int64]) -> Levels:
    return _alike(records.phones, one, other)


def _alike(column: Texts, one: Pairs, other: Pairs) -> Levels:
    first, second = column.of[one], column.of[other]
    levels = [Person.MISSING, Person.SAME]
    return np.select([(first < 0) | (second < 0), first == second], levels, Person.OTHER).astype(np.int8)
