"""Which enterprises on file a record may mean that names none of them exactly.

This is the one place where candidates come from. What is asked is a way of writing, not a record: however many records
write an enterprise so, it is asked once, and a person decides once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from qingyuan.sensing.logic.recordkeeping.firms import Candidate, Firm, Term, Written
from qingyuan.sensing.records.naming import core_name, letters_apart, likeness, pairs_of, plain_name
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.codes.credit import LENGTH, credit_code

MOST = 5  # candidates of one way of writing
LEAST = 0.6  # of a score, to be shown to a person; our own choice
SHORTEST = 5  # letters of a name that is only alike; names of persons are shorter
MOST_LETTERS_APART = 2
CODE_WEIGHT, SAME_NAME, ADDRESS_WEIGHT, OTHER_CODE = 0.9, 0.95, 0.1, -0.15
_FREQUENT = 0.2  # a pair of letters in more than this share of the names tells nothing of which it is
_FEW = 50  # firms; among so few every pair tells


def candidates(asked: Sequence[Written], firms: Mapping[int, Firm]) -> list[list[Candidate]]:
    """For each way of writing the enterprises that may be meant, most likely first; none where nothing is alike.

    Parameters
    ----------
    asked : sequence of Written
    firms : mapping of int to Firm
        All enterprises on file, by number.

    Returns
    -------
    list of list of Candidate
        One list for each that was asked, of at most `MOST`.
    """
    known = _Known(firms)
    return [known.of(written) for written in asked]


@dataclass
class _Known:
    """The firms by the pairs of letters in their names, so that only those that share some are compared."""

    firms: Mapping[int, Firm]
    cores: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    having: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    of_core: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for one in self.firms.values():
            self.cores[one.id] = [(name, core_name(name)) for name in one.names if name]
            for _name, core in self.cores[one.id]:
                self.of_core[core].add(one.id)
                for pair in pairs_of(core):
                    self.having[pair].add(one.id)
        most = len(self.firms) * _FREQUENT
        if len(self.firms) > _FEW:
            self.having = {pair: some for pair, some in self.having.items() if len(some) <= most}

    def of(self, written: Written) -> list[Candidate]:
        """Those that one way of writing may mean."""
        near = set(self._near_by_name(written.name)) | set(self._near_by_code(written.code))
        found = [self._candidate(written, self.firms[one]) for one in near]
        likely = sorted((one for one in found if one.score >= LEAST), key=lambda one: (-one.score, one.enterprise))
        return likely[:MOST]

    def _near_by_name(self, name: str) -> Iterator[int]:
        yield from self.of_core.get(core_name(name), ()) if name else ()
        if len(plain_name(name)) < SHORTEST:
            return
        asked = pairs_of(core_name(name))
        shared = Counter(one for pair in asked for one in self.having.get(pair, ()))
        yield from (one for one, _count in shared.most_common(4 * MOST))

    def _near_by_code(self, code: str) -> Iterator[int]:
        if len(code) != LENGTH or _fits(code):
            return
        for one in self.firms.values():
            apart = letters_apart(code, one.code)
            if apart is not None and apart <= MOST_LETTERS_APART:
                yield one.id

    def _candidate(self, written: Written, firm: Firm) -> Candidate:
        terms = [*self._name_terms(written, firm), *_code_terms(written, firm), *_address_terms(written, firm)]
        best = max((term.weight for term in terms if term.what in ("name", "near-code")), default=0.0)
        rest = sum(term.weight for term in terms if term.what not in ("name", "near-code"))
        return Candidate(firm.id, min(max(best + rest, 0.0), 0.99), tuple(terms))

    def _name_terms(self, written: Written, firm: Firm) -> Iterator[Term]:
        if not written.name:
            return
        asked = core_name(written.name)
        alike = [(likeness(asked, core), name) for name, core in self.cores[firm.id]]
        weight, name = max(alike, default=(0.0, ""))
        yield Term("name", written.name, name, min(weight, SAME_NAME))


def _code_terms(written: Written, firm: Firm) -> Iterator[Term]:
    apart = letters_apart(written.code, firm.code)
    if apart is not None and apart <= MOST_LETTERS_APART and not _fits(written.code):
        yield Term("near-code", written.code, firm.code, CODE_WEIGHT - 0.1 * (apart - 1))
    elif written.code and _fits(written.code):
        yield Term("other-code", written.code, firm.code, OTHER_CODE)


def _address_terms(written: Written, firm: Firm) -> Iterator[Term]:
    if written.address and plain_name(written.address) == plain_name(firm.address):
        yield Term("address", written.address, firm.address, ADDRESS_WEIGHT)


def _fits(code: str) -> bool:
    try:
        credit_code(code)
    except StandardsError:
        return False
    return True
