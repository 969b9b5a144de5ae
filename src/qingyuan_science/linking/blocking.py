"""Which pairs of records are worth comparing: those that share a key that few others have.

Two records of one enterprise have at least one key in common unless code, name, address and position are all wrong or
missing. A group that is too large is not left out: its records are laid in order of their names, and each is compared
with its neighbours.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.table import Records

LARGEST: Final = 40  # records of a group that are all compared with each other
NEIGHBOURS: Final = 6  # of each record in larger groups
_CELL: Final = 0.002  # side of a cell of positions, some 200 m [degree]
_NONE: Final = -1

Keys = NDArray[np.int64]


def candidates(records: Records) -> NDArray[np.int64]:
    """Pairs of records that are worth comparing.

    Parameters
    ----------
    records : Records

    Returns
    -------
    int64 array, shape (pairs, 2)
        Rows, the lower first, in order, each pair once.
    """
    found: list[NDArray[np.int64]] = []
    rank = np.argsort(np.argsort(records.bodies.of, kind="stable"), kind="stable")
    for keys, only in _keys(records):
        pairs = _pairs_of(keys, rank)
        if only is not None:
            pairs = pairs[only[pairs[:, 0]] | only[pairs[:, 1]]]
        found.append(_packed(pairs, len(records)))
    packed = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    return np.stack(np.divmod(packed, max(1, len(records))), axis=1)


def _packed(pairs: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    return np.unique(low * count + high)


def _keys(records: Records) -> Iterator[tuple[Keys, NDArray[np.bool_] | None]]:
    """Keys of all records, -1 where one has none; with those of which one must be in a pair."""
    identity = records.identity
    yield records.codes.of.astype(np.int64), None
    yield records.organisations.of.astype(np.int64), None
    unsure = ~identity.valid & np.array([bool(code) for code in identity.written], dtype=bool)
    if unsure.any():
        for part in (slice(8, 13), slice(13, 18)):  # one half of the organisation code is right if one letter is wrong
            yield _joined(*(identity.letters[:, at].astype(np.int64) for at in range(part.start, part.stop))), unsure
    core, body, county = (one.of.astype(np.int64) for one in (records.cores, records.bodies, records.counties))
    yield body, None
    yield _joined(core, county), None
    yield np.where(_size_of(core) <= LARGEST, core, _NONE), None
    begins = _letters_of(records.body_letters[:, :4], records.bodies.of, 3)
    yield np.where(_size_of(begins) <= LARGEST, begins, _NONE), None
    for gap in range(4):
        letters = _letters_without(records.body_letters, records.bodies.of, gap)
        yield _joined(letters, county), None
        yield np.where(_size_of(letters) <= LARGEST, letters, _NONE), None  # one side may name no county
    for pick in (slice(0, 2), slice(-2, None)):
        yield _joined(_piece(records, pick), county, records.towns.of.astype(np.int64)), None
    yield _joined(records.roads.of.astype(np.int64), records.numbers.of.astype(np.int64), county), None
    persons, phones = records.persons.of.astype(np.int64), records.phones.of.astype(np.int64)
    yield np.where(_size_of(phones) <= LARGEST, phones, _NONE), None
    named = _joined(persons, county)
    yield np.where(_size_of(named) <= LARGEST, named, _NONE), None
    for shift in (0.0, 0.5):
        yield _cells(records, shift), None


def _joined(*columns: NDArray[np.int64]) -> Keys:
    """One key of several columns; missing where one of them is."""
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    missing = np.zeros(len(keys), dtype=bool)
    for column in columns:
        missing |= column < 0
        number = np.unique(column, return_inverse=True)[1].astype(np.int64)
        keys = np.unique(keys * (int(number.max(initial=0)) + 1) + number, return_inverse=True)[1].astype(np.int64)
    keys[missing] = _NONE
    return keys


def _size_of(keys: Keys) -> NDArray[np.int64]:
    counted = np.bincount(keys[keys >= 0], minlength=1)
    return np.where(keys >= 0, counted[np.maximum(keys, 0)], 0)


def _letters_without(letters: NDArray[np.int32], of: NDArray[np.int32], gap: int) -> Keys:
    """Names with one letter left out, so that those meet which differ in that one; of the first letters only."""
    if not len(letters):
        return np.full(len(of), _NONE, dtype=np.int64)
    found = _letters_of(np.delete(letters, gap, axis=1), of, 0)
    short = letters[:, max(gap, 2)] == 0
    return np.where((of >= 0) & short[np.maximum(of, 0)], _NONE, found)


def _letters_of(letters: NDArray[np.int32], of: NDArray[np.int32], last: int) -> Keys:
    """Letters of names as keys; none of a name that has no letter at the place `last`."""
    if not len(letters):
        return np.full(len(of), _NONE, dtype=np.int64)
    number = np.unique(letters, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    number[letters[:, last] == 0] = _NONE
    return np.where(of >= 0, number[np.maximum(of, 0)], _NONE)


def _piece(records: Records, pick: slice) -> Keys:
    pieces = [word[pick] for word in records.cores.words]
    number = {piece: at for at, piece in enumerate(sorted(set(pieces)))}
    of_word = np.array([number[piece] for piece in pieces] or [_NONE], dtype=np.int64)
    return np.where(records.cores.of >= 0, of_word[np.maximum(records.cores.of, 0)], _NONE)


def _cells(records: Records, shift: float) -> Keys:
    known = np.isfinite(records.lon) & np.isfinite(records.lat)
    column = np.floor(np.where(known, records.lon, 0.0) / _CELL + shift).astype(np.int64)
    row = np.floor(np.where(known, records.lat, 0.0) / _CELL + shift).astype(np.int64)
    return np.where(known, (row + 100_000) * 400_000 + column + 200_000, _NONE)


def _pairs_of(keys: Keys, rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of records with the same key: all of a small group, neighbours by name of a large one."""
    rows = np.flatnonzero(keys >= 0)
    order = rows[np.lexsort((rank[rows], keys[rows]))]
    if len(order) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    begins = np.flatnonzero(np.diff(keys[order], prepend=-2))
    size = np.diff(np.append(begins, len(order)))
    reach = np.where(size <= LARGEST, size - 1, NEIGHBOURS)
    group = np.repeat(np.arange(len(begins)), size)
    ends = (begins + size)[group]
    found = []
    for step in range(1, int(reach.max()) + 1):
        here = np.flatnonzero((reach[group] >= step) & (np.arange(len(order)) + step < ends))
        if len(here):
            found.append(np.stack((order[here], order[here + step]), axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)
