"""The archive of sources in the reader's words: four documents of each enterprise, how they stand, what is on file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import (
    EXPIRED,
    EXPIRING,
    MISSING,
    VALID,
    ControlLevel,
    Enterprise,
    Kept,
    StationKind,
    archives,
    control_levels,
    documents,
    known_now,
    stations,
)
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.states import SILENT_AFTER, states_of
from qingyuan.showing.wording import listed

OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
KINDS = {VALID: "good", EXPIRING: "warning", EXPIRED: "bad", MISSING: "bad"}


def group_titles() -> dict[str, str]:
    """What the four documents are called."""
    return {
        "permit": _("Discharge permit"),
        "monitoring": _("Online monitoring"),
        "eia": _("EIA approval and acceptance"),
        "emergency": _("Plans for emergencies"),
    }


def state_titles() -> dict[str, str]:
    """What the states are called, the worst first."""
    return {
        MISSING: _("Missing"),
        EXPIRED: _("Expired"),
        EXPIRING: _("Expires soon"),
        VALID: _("In force"),
    }


@dataclass(frozen=True)
class Line:
    """How one of the four stands, as pages write it."""

    kept: Kept
    title: str
    state: str
    kind: str
    note: str


@dataclass(frozen=True)
class Archive:
    """The four of an enterprise; `outlets` is how many are monitored and how many of them are online now."""

    enterprise: Enterprise
    level: str
    lines: list[Line]
    outlets: tuple[int, int]

    @property
    def lacking(self) -> int:
        """How many are missing or have expired."""
        return sum(one.kept.state in (MISSING, EXPIRED) for one in self.lines)

    @property
    def level_title(self) -> str:
        """The control level; empty where no list names it."""
        return str(ControlLevel(self.level).label) if self.level else ""


def archives_of(viewer: User, found: Sequence[Enterprise], now: datetime) -> list[Archive]:
    """The archives of enterprises, as many queries for all."""
    today = now.astimezone(SHANGHAI).date()
    ids = [one.pk for one in found]
    held, levels, outlets = archives(ids, today), control_levels(ids, today), _outlets(viewer, ids, now)
    return [
        Archive(one, levels.get(one.pk, ""), [_line(each, outlets.get(one.pk, (0, 0))) for each in held[one.pk]],
                outlets.get(one.pk, (0, 0)))
        for one in found
    ]  # fmt: skip


def file_of_documents(viewer: User, owner: Enterprise, now: datetime) -> dict[str, Any]:
    """The archive of one enterprise with every document that is known."""
    today = now.astimezone(SHANGHAI).date()
    rows = known_now(documents(viewer)).filter(enterprise=owner).order_by("kind", "-valid")
    return {
        "lines": archives_of(viewer, [owner], now)[0].lines,
        "documents": [{"row": one, "days": days_words(one.valid), "holds": one.holds(today, now)} for one in rows],
    }


def _outlets(viewer: User, ids: Sequence[int], now: datetime) -> dict[int, tuple[int, int]]:
    own = stations(viewer).filter(enterprise__in=ids, kind__in=OUTLETS).order_by()
    by_station = dict(own.values_list("pk", "enterprise"))
    states = states_of(list(by_station), now)
    found: dict[int, tuple[int, int]] = {}
    for pk, owner in by_station.items():
        count, online = found.get(owner or 0, (0, 0))
        found[owner or 0] = (count + 1, online + _is_online(states[pk].last_seen_at, now))
    return found


def _is_online(heard: datetime | None, now: datetime) -> bool:
    return heard is not None and now - heard <= SILENT_AFTER


def _line(kept: Kept, outlets: tuple[int, int]) -> Line:
    notes = []
    if kept.lacks:
        named = {"approval": _("approval missing"), "acceptance": _("acceptance missing")}
        notes.append(listed(named[one] for one in kept.lacks))
    if kept.until is not None and kept.state != MISSING:
        notes.append(_("to %(day)s") % {"day": kept.until})
    if kept.group == "monitoring":
        words = {"online": outlets[1], "outlets": outlets[0]}
        notes.append(_("outlets online: %(online)d of %(outlets)d") % words if outlets[0] else _("no outlet monitored"))
    titles = state_titles()
    return Line(kept, group_titles()[kept.group], titles[kept.state], KINDS[kept.state], " · ".join(notes))
