"""The list of fixed sources in words: lists, fields, evidence, changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.people.queries import User
from qingyuan.registering.queries import LEDGER, Change, ChangeKind, Pair, Question, Source, WrittenRow
from qingyuan.sensing.queries.records import data_lists
from qingyuan.showing.wording import enumerated, sides, told_evidence

FIELDS = {
    "name": gettext_lazy("Name"),
    "code": gettext_lazy("Credit code"),
    "permit": gettext_lazy("Discharge permit"),
    "address": gettext_lazy("Address"),
    "industry": gettext_lazy("Industry"),
    "position": gettext_lazy("Position"),
}
CHANGED = {
    **FIELDS,
    "title": FIELDS["name"],
    "lists": gettext_lazy("Lists"),
    "conflicts": gettext_lazy("Contradictions"),
}
KINDS = {"new": "good", "gone": "idle", "joined": "working", "parted": "warning", "changed": "waiting"}


def list_titles(viewer: User) -> dict[str, str]:
    """The names of all lists by their codes."""
    return {LEDGER: _("Ledger")} | {one.code: one.title for one in data_lists(viewer)}


def told_lists(codes: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """The names of some lists."""
    return [titles.get(code, code) for code in codes]


def told_fields(one: Source, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each field: what is taken, from where, and what else lists say."""
    found = []
    for name, title in FIELDS.items():
        values = [{**each, "lists": told_lists(each["lists"], titles)} for each in one.fields.get(name, ())]
        found.append(
            {
                "title": title,
                "taken": values[0] if values else None,
                "others": values[1:],
                "contradicts": name in one.conflicts,
            }
        )
    return found


def told_terms(pair: Pair) -> list[dict[str, Any]]:
    """The evidence of a pair in the reader's language, with its log-likelihoods."""
    return told_evidence(pair.terms)


def told_row(row: WrittenRow, titles: Mapping[str, str]) -> dict[str, Any]:
    """A row as a page shows it."""
    position = f"{row.lon:.4f}, {row.lat:.4f}" if row.lon is not None and row.lat is not None else ""
    told = {name: getattr(row, name, "") for name in FIELDS} | {"position": position}
    return {
        "row": row,
        "list": titles.get(row.of, row.of),
        "values": [{"title": title, "value": told[name]} for name, title in FIELDS.items()],
    }


def compared(pair: Pair, titles: Mapping[str, str]) -> dict[str, Any]:
    """Two rows beside each other, field by field, with the evidence."""
    one, other = (told_row(row, titles) for row in (pair.one, pair.other))
    sides = zip(one["values"], other["values"], strict=True)
    lines = [
        {"title": left["title"], "one": left["value"], "other": right["value"], "same": left["value"] == right["value"]}
        for left, right in sides
        if left["value"] or right["value"]
    ]
    return {"pair": pair, "one": one, "other": other, "lines": lines, "terms": told_terms(pair)}


def told_question(one: Question, titles: Mapping[str, str]) -> dict[str, Any]:
    """A question: its sources beside each other, field by field, and what speaks for and against each pair."""
    known_pairs = one.pairs.filter(answer=None, back_at=None).exclude(one__source=F("other__source"))
    pairs = list(known_pairs.select_related("one__source", "other__source"))
    met = {row.source_id: row.source for pair in pairs for row in (pair.one, pair.other) if row.source is not None}
    known: list[dict[str, Any]] = [
        {"source": source, "letter": LETTERS[at], "lists": told_lists(source.lists, titles), "values": _values(source)}
        for at, source in enumerate(sorted(met.values(), key=lambda source: source.pk))
    ]
    letters = {each["source"].pk: each["letter"] for each in known}
    lines = [
        {"title": title, "values": list(zip(LETTERS, values, strict=False)), "same": len(set(values)) == 1}
        for at, title in enumerate(FIELDS.values())
        if any(values := [each["values"][at] for each in known])
    ]
    told = []
    for pair in sorted(pairs, key=lambda each: (-each.probability, each.pk)):
        ends = sorted(letters.get(row.source_id or 0, "?") for row in (pair.one, pair.other))
        told.append({"pair": pair, "ends": ends, **sides(pair.terms)})
    return {"question": one, "sources": known, "lines": lines, "pairs": told}


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _values(one: Source) -> list[str]:
    position = f"{one.lon:.4f}, {one.lat:.4f}" if one.lon is not None and one.lat is not None else ""
    told = {"name": one.title, "position": position}
    return [told.get(name, getattr(one, name, "")) for name in FIELDS]


def told_change(one: Change, titles: Mapping[str, str]) -> dict[str, Any]:
    """What became of a source, in words."""
    return {
        "change": one,
        "kind": KINDS.get(one.kind, "waiting"),
        "title": one.get_kind_display(),
        "lines": [_line(name, values, titles) for name, values in one.detail.get("fields", {}).items()],
        "into": one.detail.get("into", []),
        "out_of": one.detail.get("sources", []) if one.kind != ChangeKind.NEW else [],
    }


def _line(name: str, values: Sequence[Any], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": CHANGED.get(name, name),
        "before": _plain(name, values[0], titles),
        "after": _plain(name, values[1], titles),
    }


def _plain(name: str, value: Any, titles: Mapping[str, str]) -> str:
    if name == "lists":
        return enumerated(told_lists(value, titles)) or "—"
    if name == "conflicts":
        return enumerated(str(FIELDS.get(one, one)) for one in value) or "—"
    return str(value) or "—"
