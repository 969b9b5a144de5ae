"""What is worth a person's time: few questions about groups of records, those first that change most.

A pair in doubt does no harm while it stays apart, but the enterprise then stands in the list twice. A question is
worth as many enterprises as it will likely take out of the list, each by how much it matters. Pairs of which nothing is
known but names are never asked, for nobody could answer from what the lists say: they are noted.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.calibrating import NAMES_ONLY, kinds_of
from qingyuan_science.linking.comparing import COMPARISONS, Code
from qingyuan_science.linking.matching import Linking

SHARE: Final = 1 / 50
"""Questions at most for each enterprise; our own choice of what an office can answer. [1]"""
FEWEST: Final = 20
"""Questions that are asked however few enterprises there are. [1]"""
LARGEST: Final = 6
"""Groups of records of one question. [1]"""
_OF_RULE: Final = 0.02  # enterprises that a question about two valid codes or a branch is taken to be worth at least
_CODE: Final = list(COMPARISONS).index("code")


@dataclass(frozen=True)
class Question:
    """Whether some groups of records are one enterprise.

    Parameters
    ----------
    groups : tuple of int
        By the lowest row of each, the groups that may be one.
    pairs : tuple of int
        Numbers of the pairs by which they hang together, the likeliest first.
    gain : float
        How many enterprises the answer will likely take out of the list, by how much they matter. [1]
    """

    groups: tuple[int, ...]
    pairs: tuple[int, ...]
    gain: float


@dataclass(frozen=True)
class Asking:
    """What is put before a person, and what is only noted.

    Parameters
    ----------
    questions : tuple of Question
        The one that changes most first.
    noted : int64 array
        Numbers of pairs that may be one enterprise and are not asked about, the likeliest first.
    """

    questions: tuple[Question, ...]
    noted: NDArray[np.int64]


def asking(
    found: Linking,
    matters: Mapping[str, float] | None = None,
    *,
    apart: Collection[str] = (),
    most: int | None = None,
) -> Asking:
    """Choose what to ask of a person.

    Parameters
    ----------
    found : Linking
    matters : mapping of str to float, optional
        By id of a record how much its enterprise matters; 1 for those that are not in it. [1]
    apart : collection of str
        Ids of records of which no two are one enterprise, as in a register; they are not asked about.
    most : int, optional
        Questions at most; `SHARE` of the enterprises where nothing is said, and no fewer than `FEWEST`. [1]

    Returns
    -------
    Asking
        Every pair of the queue is in a question or noted.
    """
    known = {int(found.group_of[found.records.row_of[one]]) for one in apart if one in found.records.row_of}
    worth = _worth(found, matters or {})
    for at in [one for one in worth if known.issuperset(found.group_of[found.pairs[one]].tolist())]:
        del worth[at]
    groups = _together(found, worth, known)
    limit = max(FEWEST, int(len(np.unique(found.group_of)) * SHARE)) if most is None else most
    made = [_question(found, worth, numbers) for numbers in groups]
    made.sort(key=lambda one: (-one.gain, one.groups))
    asked = {pair for one in made[:limit] for pair in one.pairs}
    noted = np.array([at for at in found.queue.tolist() if at not in asked], dtype=np.int64)
    return Asking(tuple(made[:limit]), noted)


def _worth(found: Linking, matters: Mapping[str, float]) -> dict[int, float]:
    """By number of a pair of the queue what joining it is worth; those of names only are left out."""
    level, chance = found.levels[found.queue], 1.0 / (1.0 + np.exp(-found.log_odds[found.queue]))
    nothing = (kinds_of(level) == NAMES_ONLY) & (level[:, _CODE] == Code.MISSING)
    weight = np.ones(len(found.records))
    for one, much in matters.items():
        if one in found.records.row_of:
            weight[found.records.row_of[one]] = much
    heaviest = np.zeros(len(found.records))
    np.maximum.at(heaviest, found.group_of, weight)
    ends = found.group_of[found.pairs[found.queue]]
    gain = np.maximum(chance, _OF_RULE) * heaviest[ends].max(axis=1)
    return {
        at: much for at, much, no in zip(found.queue.tolist(), gain.tolist(), nothing.tolist(), strict=True) if not no
    }


def _together(found: Linking, worth: Mapping[int, float], known: set[int]) -> list[list[int]]:
    """Pairs that belong to one question: what hangs together, as long as it is not too large and could be one."""
    of: dict[int, int] = {}
    members: dict[int, set[int]] = {}
    for at in sorted(worth, key=lambda one: (-worth[one], one)):
        ends = found.group_of[found.pairs[at]].tolist()
        one, other = (of.setdefault(end, end) for end in ends)
        first, second = (members.setdefault(label, {label}) for label in (one, other))
        fits = len(first) + len(second) <= LARGEST and not (first & known and second & known)
        if one != other and fits:
            first |= second
            of.update(dict.fromkeys(second, one))
            del members[other]
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in worth:
        one, other = sorted(of[end] for end in found.group_of[found.pairs[at]].tolist())
        pairs[one, other].append(at)
    return list(pairs.values())


def _question(found: Linking, worth: Mapping[int, float], numbers: list[int]) -> Question:
    """A question of what hangs together; its worth is that of the pairs that it takes to hold it together."""
    order = sorted(numbers, key=lambda one: (-worth[one], one))
    above: dict[int, int] = {}
    gain = 0.0
    for at in order:
        one, other = (_root(above, end) for end in found.group_of[found.pairs[at]].tolist())
        if one != other:
            above[other] = one
            gain += worth[at]
    return Question(tuple(sorted(above.keys() | {_root(above, one) for one in above})), tuple(order), gain)


def _root(above: dict[int, int], label: int) -> int:
    while label in above:
        label = above[label]
    return label
