"""Which enterprises on file a record may mean that names none of them exactly.

This is the one place where candidates come from: the linker weighs all that the record says beside the name against all
that is known of the enterprise. What is asked is a way of writing, not a record: however many records write an
enterprise so, it is asked once, and a person decides once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from qingyuan.sensing.logic.recordkeeping.firms import Candidate, Firm, Written
from qingyuan.sensing.models import DataList, Record
from qingyuan.sensing.records.naming import plain_name
from qingyuan_science.linking import COLUMNS, link
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.codes.credit import credit_code

MOST = 5  # candidates of one way of writing
LEAST = 0.02  # how likely an enterprise must be to be shown to a person; our own choice
SHORTEST = 4  # letters of a name that may mean an enterprise; names of persons are shorter
_FREQUENT = 0.2  # two letters in more than this share of the names tell nothing of which it is
_FEW = 50  # firms; among so few any two letters tell
ANSWERING = ("person", "phone")


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
    found: list[dict[int, tuple[float, int]]] = [{} for _written in asked]
    weighed = _worth_weighing(asked, firms)
    if not weighed:
        return [[] for _written in asked]
    foreign = any(asked[at].name.isascii() and asked[at].name for at in weighed)
    linking = link(_table([_as_row(f"a{at}", asked[at]) for at in weighed]), _table(_on_file(firms, foreign=foreign)))
    for pair in range(len(linking.pairs)):
        chance = linking.probability(pair)
        if chance < LEAST:
            continue
        one, other = sorted(linking.ids_of(pair))  # what is asked begins with a, what is on file with f
        firm = int(other[1:].partition("/")[0])
        known = found[int(one[1:])]
        known[firm] = max(known.get(firm, (0.0, -1)), (chance, pair))
    return [
        [
            Candidate(firm, min(chance, 0.99), linking.evidence(pair))
            for firm, (chance, pair) in sorted(each.items(), key=lambda item: (-item[1][0], item[0]))[:MOST]
        ]
        for each in found
    ]


def _worth_weighing(asked: Sequence[Written], firms: Mapping[int, Firm]) -> list[int]:
    """Those that could mean somebody on file: a list of vehicles names very many persons and strangers."""
    counted = Counter(pair for one in firms.values() for name in one.names for pair in set(pairwise(plain_name(name))))
    most = max(len(firms) * _FREQUENT, _FEW)
    telling = {pair for pair, count in counted.items() if count <= most}
    return [
        at
        for at, one in enumerate(asked)
        if one.permit
        or (one.code and not _fits(one.code))
        or (len(name := plain_name(one.name)) >= SHORTEST and sum(pair in telling for pair in pairwise(name)) >= 2)
    ]


def _fits(code: str) -> bool:
    try:
        credit_code(code)
    except StandardsError:
        return False
    return True


def _as_row(key: str, written: Written) -> dict[str, Any]:
    row = {name: getattr(written, name, "") for name in COLUMNS}
    return {**row, "id": key, **{name: _degrees(row[name]) for name in ("lon", "lat")}}


def _degrees(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _on_file(firms: Mapping[int, Firm], *, foreign: bool) -> list[dict[str, Any]]:
    """A row for each enterprise, or for each of its names if foreign ones were asked, with who answers for it."""
    answering = _answering()
    rows = []
    for one in firms.values():
        known = {
            "code": one.code, "permit": next(iter(one.permits), ""), "address": one.address, "industry": one.industry,
            "lon": one.lon, "lat": one.lat, **answering.get(one.id, {}),
        }  # fmt: skip
        rows += [
            {**known, "id": f"f{one.id}/{at}", "name": name}
            for at, name in enumerate(one.names[: None if foreign else 1])
        ]
    return rows


def _answering() -> dict[int, dict[str, str]]:
    """By number of an enterprise its legal representative and telephone, as the newest record of it says."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for one in DataList.objects.order_by("code"):
        told, places = one.defined.told_by, one.defined.places
        paths = {part: f"values__{places[told[part]]}" for part in ANSWERING if part in told}
        if not paths:
            continue
        known = Record.objects.filter(of=one.pk, enterprise__isnull=False, known_to=None).order_by("id")
        for firm, *values in known.values_list("enterprise", *paths.values()).iterator():
            found[firm] |= {part: value for part, value in zip(paths, values, strict=True) if value}
    return found


def _table(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in ("id", *COLUMNS)}
