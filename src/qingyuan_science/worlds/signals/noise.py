"""Noise that depends only on a key and the absolute time, so that a restarted world goes on unchanged.

A generator with a running state would give other values after a restart, or when two readers ask in another order.
Here a value is a hash of (key, lattice index): the same question always has the same answer, in any order, for any
span of time.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]
Seconds = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MULTIPLIER = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def key(*parts: object) -> int:
    """Turn names and numbers into one 64-bit key.

    Parameters
    ----------
    *parts : object
        What the key stands for, for example seed, station code, factor code; their text forms are hashed.

    Returns
    -------
    int
        The same for the same parts on every machine and in every process.

    Examples
    --------
    >>> key(7, "QJ-W01", "w01018") == key(7, "QJ-W01", "w01018") != key(8, "QJ-W01", "w01018")
    True
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def uniform(keys: Keys, indices: NDArray[Any]) -> Floats:
    """Give evenly distributed values for lattice points.

    Parameters
    ----------
    keys : uint64 array, shape (...)
        One key for each independent stream; broadcast against `indices`.
    indices : integer array, shape (...)
        Lattice indices, may be negative.

    Returns
    -------
    float array, shape of the broadcast
        Values in [-1, 1). [1]

    Source
    ------
    The finaliser of Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA.
    """
    with np.errstate(over="ignore"):
        mixed = keys + (indices.astype(np.int64).astype(np.uint64) + np.uint64(1)) * _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST_MULTIPLIER
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND_MULTIPLIER
        mixed = mixed ^ (mixed >> np.uint64(31))
    return np.asarray((mixed >> np.uint64(11)).astype(np.float64) * (2.0 * _TO_UNIT) - 1.0)


def smooth(keys: Keys, seconds: Seconds, period: int) -> Floats:
    """Give slowly wandering noise: random values on a time lattice, joined by half cosine waves.

    Parameters
    ----------
    keys : uint64 array, shape (c,)
        One key for each stream.
    seconds : int64 array, shape (n,)
        Times since 1970-01-01 UTC. [s]
    period : int
        Distance of the lattice points. [s]

    Returns
    -------
    float array, shape (c, n)
        Values in [-1, 1). [1]

    Notes
    -----
    Only lattice points that the times touch are hashed, so a day at a fine step costs little more than a table look-up.
    """
    if seconds.size == 0:
        return np.zeros((keys.size, 0))
    cell, inside = np.divmod(seconds, period)
    points, place = np.unique(cell, return_inverse=True)
    before = uniform(keys[:, None], points[None, :])[:, place]
    after = uniform(keys[:, None], points[None, :] + 1)[:, place]
    blend = 0.5 - 0.5 * np.cos(np.pi * inside / period)
    return np.asarray(before + (after - before) * blend)


def fraction(*parts: object) -> float:
    """Draw one evenly distributed number that belongs to names and numbers.

    Parameters
    ----------
    *parts : object
        As for `key`.

    Returns
    -------
    float
        In [0, 1). [1]
    """
    return (key(*parts) >> 11) * _TO_UNIT


def choose(count: int, *parts: object) -> int:
    """Draw one index that belongs to names and numbers.

    Parameters
    ----------
    count : int
        Number of choices, at least 1. [1]
    *parts : object
        As for `key`.

    Returns
    -------
    int
        In [0, count).
    """
    return int(fraction(*parts) * count)
