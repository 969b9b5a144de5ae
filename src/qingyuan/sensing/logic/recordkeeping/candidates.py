"""Which enterprises on file a record may mean that names none of them exactly.

This is the one place where candidates come from: the linker weighs all that the record says beside the name against all
that is known of the enterprise. What is asked is a way of writing, not a record: however many records write an
enterprise so, it is asked once, and a person decides once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from qingyuan.sensing.logic.recordkeeping.firms import Candidate, Firm, Written
from qingyuan.sensing.models import DataList, Record
from qingyuan_science.linking import COLUMNS, link

MOST = 5  # candidates of one way of writing
LEAST = 0.02  # how likely an enterprise must be to be shown to a person; our own choice
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
    if not asked or not firms:
        return [[] for _written in asked]
    foreign = any(one.name.isascii() and one.name for one in asked)
    linking = link(
        _table([_as_row(f"a{at}", one) for at, one in enumerate(asked)]), _table(_on_file(firms, foreign=foreign))
    )
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
