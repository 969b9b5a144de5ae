"""Which records are of one enterprise: pairs with their probability and evidence, and groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.linking.blocking import candidates
from qingyuan_science.linking.calibrating import Calibration, calibrated
from qingyuan_science.linking.clustering import groups
from qingyuan_science.linking.comparing import COMPARISONS, Branch, Code, Distance, Levels, Pairs, Place, levels_of
from qingyuan_science.linking.evidence import Term, evidence_of
from qingyuan_science.linking.table import Records, Table, UnknownId
from qingyuan_science.linking.weighing import Weights, learned

_CODE, _BRANCH, _ADDRESS, _DISTANCE = (list(COMPARISONS).index(n) for n in ("code", "branch", "address", "distance"))
ACCEPT: Final = 0.95
REJECT: Final = 0.20
_SURE_WITHOUT: Final = 0.99  # probability without the term that bars, from which on a person is asked


class Verdict(IntEnum):
    """What is made of a pair."""

    DIFFERENT = 0
    DOUBTFUL = 1
    SAME = 2


class Answer(IntEnum):
    """What a person said of a pair."""

    DIFFERENT = 0
    UNSURE = 1
    SAME = 2


Decided = Mapping[tuple[str, str], Answer]


@dataclass(frozen=True)
class Linking:
    """Records, candidate pairs and groups.

    Parameters
    ----------
    records : Records
    weights : Weights
    pairs : int64 array, shape (n, 2)
        Rows of the records, the lower first.
    levels : int8 array, shape (n, 9)
        What each comparison found.
    log_odds : float64 array, shape (n,)
        For one enterprise, in the light of experience. [nat]
    calibration : Calibration
        What summed evidence was worth among pairs that codes decide.
    verdicts : int8 array, shape (n,)
        Values of `Verdict`.
    group_of : int64 array, shape (records,)
        For each record the lowest row of its group.
    queue : int64 array
        Pairs that a person must look at, by falling log-odds; one for each two groups.
    """

    records: Records
    weights: Weights
    pairs: Pairs
    levels: Levels
    log_odds: NDArray[np.float64]
    calibration: Calibration
    verdicts: NDArray[np.int8]
    group_of: NDArray[np.int64]
    queue: NDArray[np.int64]

    @property
    def clusters(self) -> list[tuple[str, ...]]:
        """Ids of the records of each enterprise, in order."""
        found: dict[int, list[str]] = {}
        for row, group in enumerate(self.group_of.tolist()):
            found.setdefault(group, []).append(self.records.ids[row])
        return sorted(tuple(ids) for ids in found.values())

    def probability(self, pair: int) -> float:
        """How likely a pair is of one enterprise, by its number in `pairs`. [1]"""
        return float(1.0 / (1.0 + np.exp(-self.log_odds[pair])))

    def ids_of(self, pair: int) -> tuple[str, str]:
        """The ids of a pair, by its number in `pairs`."""
        one, other = self.pairs[pair].tolist()
        return self.records.ids[one], self.records.ids[other]

    def evidence(self, pair: int) -> tuple[Term, ...]:
        """Why, by the number of a pair in `pairs`: terms whose sum is its log-odds."""
        here = slice(pair, pair + 1)
        return evidence_of(self.records, self.weights, self.pairs[here], self.levels[here], known=self.calibration)

    def between(self, one: str, other: str) -> tuple[Term, ...]:
        """The same for any two records by their ids, also where no key had brought them together.

        Raises
        ------
        UnknownId
            No record has such an id.
        """
        pair = np.array([_rows(self.records, (one, other))], dtype=np.int64)
        return evidence_of(self.records, self.weights, pair, levels_of(self.records, pair), known=self.calibration)


def deduplicate(
    records: Table | Iterable[Table], *, decided: Decided | None = None, accept: float = ACCEPT, reject: float = REJECT
) -> Linking:
    """Find the records that are of one enterprise, within one table or several together.

    Parameters
    ----------
    records : mapping, or several
        Columns ``id`` and any of ``name``, ``code`` (unified social credit code or organisation code), ``permit``,
        ``address``, ``lon``, ``lat`` (WGS-84 [degree]), ``industry`` (GB/T 4754), ``person`` (legal representative),
        ``phone`` and ``list``, the name of the list that it stands in; None, "" or NaN where missing.
    decided : mapping, optional
        What persons said of pairs of ids. Such pairs are not asked again; ids that no row carries are passed over.
    accept, reject : float
        From this probability on a pair is one enterprise; below that it is two; a person is asked between. [1]

    Returns
    -------
    Linking
        The same whatever the order of tables and rows. Records with the same valid code are one enterprise, unless one
        is a branch; with two valid codes that differ they never are, unless a person said so.

    Raises
    ------
    MissingColumn
        A table has no column ``id``, or a column of another length.
    RepeatedId
        Two rows carry one id.

    Source
    ------
    Fellegi & Sunter (1969), Journal of the American Statistical Association 64, 1183; Winkler (1988, 2000).
    """
    tables = [records] if isinstance(records, Mapping) else list(records)
    known = Records(tables)
    pairs = _with_decided(known, candidates(known), decided or {})
    total = len(known) * (len(known) - 1) / 2
    return _grouped(_weighed(known, pairs, max(total, 1.0)), decided or {}, accept, reject)


def link(
    records: Table,
    enterprises: Table,
    *,
    decided: Decided | None = None,
    accept: float = ACCEPT,
    reject: float = REJECT,
) -> Linking:
    """Find for each record the enterprise that it is of, in a register in which every enterprise stands once.

    Parameters
    ----------
    records, enterprises : mapping
        Columns as `deduplicate` takes them; no id may be in both.
    decided : mapping, optional
        What persons said of pairs of ids.
    accept, reject : float
        As in `deduplicate`. [1]

    Returns
    -------
    Linking
        Only pairs of a record and an enterprise. Groups hold one enterprise at most; a record for which two enterprises
        are nearly as likely is in the queue and in no group.

    Raises
    ------
    MissingColumn, RepeatedId
        As in `deduplicate`.
    """
    known = Records([records, enterprises])
    registered = np.isin(np.array(known.ids, dtype=object), [str(one) for one in enterprises["id"]])
    pairs = _with_decided(known, candidates(known), decided or {})
    pairs = pairs[registered[pairs[:, 0]] != registered[pairs[:, 1]]]
    total = float(registered.sum()) * float((~registered).sum())
    judged = _judged(_weighed(known, pairs, max(total, 1.0), registered), decided or {}, accept, reject)
    return _assigned(judged, registered, float(np.log(accept / (1 - accept))))


def _rows(records: Records, ids: Iterable[str]) -> list[int]:
    missing = [one for one in ids if one not in records.row_of]
    if missing:
        raise UnknownId(f"found the id {missing[0]!r}, expected one that a record carries")
    return sorted(records.row_of[one] for one in ids)


def _answers(records: Records, decided: Decided) -> dict[tuple[int, int], Answer]:
    rows = records.row_of
    found = {}
    for (one, other), answer in decided.items():
        if one in rows and other in rows and one != other:
            low, high = sorted((rows[one], rows[other]))
            found[low, high] = Answer(answer)
    return found


def _with_decided(records: Records, pairs: Pairs, decided: Decided) -> Pairs:
    answers = _answers(records, decided)
    if not answers:
        return pairs
    return np.unique(np.concatenate((pairs, np.array(list(answers), dtype=np.int64))), axis=0)


def _weighed(records: Records, pairs: Pairs, total: float, side: NDArray[np.bool_] | None = None) -> Linking:
    levels = levels_of(records, pairs)
    weights = learned(records, pairs, levels, total, side=side)
    terms = weights.terms(records, pairs, levels)
    known = calibrated(levels, terms, weights.prior)
    odds, nothing = known(levels, terms, weights.prior), np.zeros(len(pairs), dtype=np.int8)
    nobody = np.zeros(0, dtype=np.int64)
    return Linking(records, weights, pairs, levels, odds, known, nothing, np.arange(len(records)), nobody)


def _barred(levels: Levels) -> NDArray[np.bool_]:
    branch = levels[:, _BRANCH]
    return np.asarray((levels[:, _CODE] == Code.CONTRADICTS) | (branch == Branch.ONE) | (branch == Branch.OTHER))


def _judged(found: Linking, decided: Decided, accept: float, reject: float) -> Linking:
    """Give every pair its verdict: by persons, by valid codes, by what bars it, by its probability."""
    levels, odds = found.levels, found.log_odds
    limits = [float(np.log(share / (1 - share))) for share in (accept, reject)]
    verdicts = np.where(odds >= limits[0], Verdict.SAME, np.where(odds >= limits[1], Verdict.DOUBTFUL, 0))
    verdicts[levels[:, _CODE] == Code.SAME] = Verdict.SAME
    barred = _barred(levels)
    verdicts[barred] = np.where(_worth_asking(found)[barred], Verdict.DOUBTFUL, Verdict.DIFFERENT)
    for (one, other), answer in _answers(found.records, decided).items():
        here = (found.pairs[:, 0] == one) & (found.pairs[:, 1] == other)
        verdicts[here] = Verdict.SAME if answer is Answer.SAME else Verdict.DIFFERENT
    return replace(found, verdicts=verdicts.astype(np.int8))


def _worth_asking(found: Linking) -> NDArray[np.bool_]:
    """Whether a barred pair would be one enterprise if it were not for what bars it; of branches only at one place.

    A list that has two valid codes of its own tells the two apart itself.
    """
    terms = found.weights.terms(found.records, found.pairs, found.levels)
    without = found.log_odds - np.minimum(terms[:, _CODE], 0.0)
    of_branches = np.isin(found.levels[:, _BRANCH], (Branch.ONE, Branch.OTHER))  # experience with those is the bar
    without[of_branches] = (found.weights.prior + terms.sum(axis=1) - np.minimum(terms, 0.0)[:, _BRANCH])[of_branches]
    sure = without >= np.log(_SURE_WITHOUT / (1 - _SURE_WITHOUT))
    one_place = (found.levels[:, _ADDRESS] == Place.NUMBER) | (found.levels[:, _DISTANCE] == Distance.WITHIN_100)
    contradicts = found.levels[:, _CODE] == Code.CONTRADICTS
    branches = np.isin(found.levels[:, _BRANCH], (Branch.ONE, Branch.OTHER))
    same = found.levels[:, _CODE] == Code.SAME
    lists = found.records.lists.of[found.pairs]
    told_apart = contradicts & (lists[:, 0] == lists[:, 1]) & (lists[:, 0] >= 0)
    return np.asarray(np.where(branches, ~contradicts & (same | sure & one_place), sure & ~told_apart))


def _grouped(weighed: Linking, decided: Decided, accept: float, reject: float) -> Linking:
    found = _judged(weighed, decided, accept, reject)
    answers = _answers(found.records, decided)
    apart = {pair for pair, answer in answers.items() if answer is not Answer.SAME}
    together = {pair for pair, answer in answers.items() if answer is Answer.SAME}

    def weigh(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        levels = levels_of(found.records, pairs)
        terms = found.weights.terms(found.records, pairs, levels)
        odds = found.calibration(levels, terms, found.weights.prior)
        barred = _barred(levels)
        for at, pair in enumerate(map(tuple, pairs.tolist()) if answers else ()):
            barred[at] = pair in apart or (barred[at] and pair not in together)
        return odds, barred

    same = np.flatnonzero(found.verdicts == Verdict.SAME)
    strength = np.where(found.levels[same, _CODE] == Code.SAME, np.inf, found.log_odds[same])
    for at, pair in enumerate(map(tuple, found.pairs[same].tolist()) if together else ()):
        strength[at] = np.inf if pair in together else strength[at]
    group_of = groups(len(found.records), found.pairs[same], strength, weigh)
    return replace(found, group_of=group_of, queue=_queue(found, group_of, answers))


def _queue(found: Linking, group_of: NDArray[np.int64], answers: Mapping[tuple[int, int], Answer]) -> NDArray[np.int64]:
    """The best pair of each two groups that may be one, without groups of which a person spoke already."""
    ends = np.sort(group_of[found.pairs], axis=1)
    open_ = np.flatnonzero((found.verdicts != Verdict.DIFFERENT) & (ends[:, 0] != ends[:, 1]))
    open_ = open_[np.lexsort((open_, -found.log_odds[open_]))]
    settled = {tuple(sorted(group_of[list(pair)].tolist())) for pair in answers}
    picked, seen = [], set(settled)
    for at in open_.tolist():
        key = (int(ends[at, 0]), int(ends[at, 1]))
        if key not in seen:
            seen.add(key)
            picked.append(at)
    return np.array(picked, dtype=np.int64)


def _assigned(found: Linking, registered: NDArray[np.bool_], lead: float) -> Linking:
    """Give each record the enterprise that is best by far; the rest of what is not different goes to the queue."""
    record = np.where(registered[found.pairs[:, 0]], found.pairs[:, 1], found.pairs[:, 0])
    enterprise = found.pairs.sum(axis=1) - record
    exact = found.levels[:, _CODE] == Code.SAME
    rank = np.where(exact & (found.verdicts == Verdict.SAME), found.log_odds + 1000.0, found.log_odds)
    order = np.lexsort((enterprise, -rank, record))
    order = order[found.verdicts[order] != Verdict.DIFFERENT]
    first = np.flatnonzero(np.diff(record[order], prepend=-1))
    runner_up = np.append(first + 1, len(order))[:-1]
    group_of, waiting = found.group_of.copy(), []
    for place, second in zip(first.tolist(), runner_up.tolist(), strict=True):
        at = order[place]
        rival = order[second] if second < len(order) and record[order[second]] == record[at] else None
        if found.verdicts[at] == Verdict.SAME and (rival is None or rank[at] - rank[rival] >= lead):
            group_of[record[at]] = enterprise[at]
        else:
            waiting.extend([at] if rival is None else [at, rival])
    queue = np.array(waiting, dtype=np.int64)
    return replace(found, group_of=group_of, queue=queue[np.argsort(-found.log_odds[queue], kind="stable")])
