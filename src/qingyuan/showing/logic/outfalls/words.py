"""Outfalls in the reader's words: class, code field by field, and the facts of one."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import OutfallEdition, OutfallState, WaterBody
from qingyuan.showing.logic.factors import capital
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.wording import said
from qingyuan_science.standards.codes.outlets import outfall_code
from qingyuan_science.standards.errors import StandardsError
from qingyuan_science.standards.procedure.outfalls import OutfallType, outfall_type, outfall_types

STATE_KINDS = {
    OutfallState.FOUND: "waiting", OutfallState.MONITORED: "working", OutfallState.TRACED: "working",
    OutfallState.RECTIFYING: "warning", OutfallState.RECTIFIED: "fair", OutfallState.SUPERVISED: "good",
    OutfallState.REMOVED: "idle",
}  # fmt: skip


def type_of(row: OutfallEdition) -> OutfallType | None:
    """The class of an outfall; None for a name that the table does not hold any more."""
    try:
        return outfall_type(row.kind)
    except StandardsError:
        return None


def class_words(row: OutfallEdition) -> str:
    """The narrowest name of its class."""
    found = type_of(row)
    return capital(said(found.names[-1])) if found else row.kind


def wide_classes() -> dict[str, tuple[str, list[str]]]:
    """The widest classes by a short key: their name, and the narrow ones below them in Chinese."""
    found: dict[str, tuple[str, list[str]]] = {}
    keys: dict[str, str] = {}
    for one in outfall_types():
        key = keys.setdefault(one.names[0].zh, f"c{len(keys) + 1}")
        found.setdefault(key, (capital(said(one.names[0])), []))[1].append(one.names[-1].zh)
    return found


def class_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The classes for a form, under their widest names."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in outfall_types():
        groups.setdefault(capital(said(one.names[0])), []).append((one.names[-1].zh, capital(said(one.names[-1]))))
    return list(groups.items())


def state_words(state: str) -> dict[str, str]:
    """A state with the look of its badge."""
    if state not in OutfallState.values:
        return {"title": _("No step entered"), "kind": "idle"}
    return {"title": str(OutfallState(state).label), "kind": STATE_KINDS[OutfallState(state)]}


def code_facts(row: OutfallEdition) -> list[dict[str, Any]]:
    """The code field by field, and how sure that is."""
    own = {
        "label": _("Provisional code"),
        "value": row.outfall.code,
        "note": _("given here; it stays when the official code comes"),
    }
    if not row.official_code:
        return [own, {"label": _("Official code"), "value": "", "note": _("not given yet")}]
    facts = [{"label": _("Official code"), "value": row.official_code}, own]
    try:
        parts = outfall_code(row.official_code)
    except StandardsError as error:
        return [*facts, {"label": _("About the code"), "value": str(error)}]
    return [
        *facts,
        {"label": _("Letters of the water body"), "value": parts.water},
        {"label": _("Division"), "value": parts.place.code, "note": said(parts.place.province)},
        {"label": _("Number within it"), "value": f"{parts.sequence:04d}"},
        {"label": _("Letters of the class"), "value": parts.kind},
        {"label": _("Suffix"), "value": parts.suffix},
        {"label": _("Rule"), "value": parts.source.document,
         "note": _("its text was not at hand: parts as seen on sign boards; there is no check digit among them")},
    ]  # fmt: skip


def facts_of(row: OutfallEdition, viewer: User, now: datetime) -> list[dict[str, Any]]:
    """Who and where it is, by what right, and who answers for it."""
    found = type_of(row)
    classes = " / ".join(dict.fromkeys(capital(said(name)) for name in found.names)) if found else row.kind
    procedure = capital(said(found.procedure_name)) if found else ""
    on_map = f"{reverse('map')}#at=outfalls/{reverse('outfall', kwargs={'code': row.code})}"
    return [
        {"label": _("Class (HJ 1312-2023)"), "value": classes},
        {"label": _("Mode of discharge"), "value": row.get_rhythm_display()},
        {"label": _("Way into the river"), "value": row.get_entry_display()},
        {"label": _("Responsible party"), "value": _responsible(row)},
        {"label": _("Supervising department"), "value": row.supervisor.title if row.supervisor else ""},
        {"label": _("What setting it needs"), "value": procedure},
        {"label": _("Approval or registration number"), "value": row.number},
        {"label": _("Approved or registered"), "value": _granted(row, now)},
        {"label": _("Sign board put up on"), "value": row.signposted_on and row.signposted_on.isoformat()},
        {"label": _("Position (WGS-84)"), "value": f"{row.lon:.5f}, {row.lat:.5f}", "href": on_map},
        {"label": _("Grid cell"), "value": row.cell.title, "note": row.cell.code},
        {"label": _("Known as it stands"), "value": days_words(row.valid)},
        {"label": _("Notes"), "value": row.remarks},
    ]


def water_facts(row: OutfallEdition) -> list[dict[str, Any]]:
    """Into what it flows, and where that goes."""
    water = row.water
    return [
        {"label": _("Water body"), "value": water.title, "href": f"{reverse('outfalls')}?water={water.code}"},
        {"label": _("Managed by"), "value": water.get_level_display()},
        {"label": _("Bank"), "value": row.get_bank_display()},
        {"label": _("River kilometre"), "value": None if row.river_km is None else f"{row.river_km:.2f} km",
         "note": _("from the upper end of the line as drawn")},
        {"label": _("Flows on into"), "value": _onward(water)},
    ]  # fmt: skip


def _onward(water: WaterBody) -> str:
    chain: list[str] = []
    while water.into is not None and len(chain) < 9:
        at = f" ({water.into_km:.1f} km)" if water.into_km is not None else ""
        chain.append(f"{water.into.title}{at}")
        water = water.into
    return " → ".join(chain)


def _responsible(row: OutfallEdition) -> str:
    named = [one.enterprise.title for one in row.dischargers.all() if one.main]
    return row.responsible or ", ".join(named)


def _granted(row: OutfallEdition, now: datetime) -> str:
    if row.granted_on is None and row.granted_until is None:
        return ""
    first, last = (day.isoformat() if day else "" for day in (row.granted_on, row.granted_until))
    words = f"{first} – {last}"
    over = row.granted_until is not None and row.granted_until < now.astimezone(SHANGHAI).date()
    return f"{words} · {_('ended')}" if over else words
