"""Rule sets as JSON: what is watched, with overrides, to be kept, rehearsed, or taken to another district.

    {"format": "qingyuan-rules", "version": 1,
     "watches": [{"detector": "exceedance", "kind": "h", "valid_from": "2026-01-01", "parameters": {}, …}],
     "overrides": [{"detector": "exceedance", "parameters": {}, "reason": "…", "valid_from": "…", "last_day": "…", …}]}

A place is `station_kind`, `industry`, `enterprise` (its code), `station` (its code) and `factor`, each left out where
it says nothing. A rule without `last_day` has no end, one without `valid_from` no beginning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import CharField
from django.utils.translation import gettext as _

from qingyuan.judging.logic import seeing
from qingyuan.judging.models import Override, Placed, Watch, WatchKind
from qingyuan.judging.rules import Rulebook
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Enterprise, Station, StationKind
from qingyuan_science.plugins import PluginError

FORMAT, VERSION = "qingyuan-rules", 1
_PLACE = {"station_kind", "industry", "enterprise", "station", "factor"}
_DAYS = {"valid_from", "last_day"}
_WATCH = {"detector", "kind", "parameters", "enabled"} | _PLACE | _DAYS
_OVERRIDE = {"detector", "parameters", "reason"} | _PLACE | _DAYS
_LONGEST = {one.name: one.max_length for one in Placed._meta.fields if isinstance(one, CharField)}


@dataclass(frozen=True)
class RuleSet:
    """Rules that are not on file: numbered in their order."""

    watches: tuple[Watch, ...]
    overrides: tuple[Override, ...]

    @property
    def book(self) -> Rulebook:
        """The rules, to be asked what holds where."""
        return Rulebook(self.watches, self.overrides)


def written(watches: Iterable[Watch], overrides: Iterable[Override]) -> dict[str, Any]:
    """A rule set as JSON, without what was ended before it began."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "watches": [
            {"detector": one.detector, "kind": one.kind, "parameters": one.parameters, "enabled": one.enabled}
            | _place(one)
            for one in watches
            if not one.valid.isempty
        ],
        "overrides": [
            {"detector": one.detector, "parameters": one.parameters, "reason": one.reason} | _place(one)
            for one in overrides
            if not one.valid.isempty
        ],
    }


def read(given: Any) -> RuleSet:
    """A rule set from JSON, with the places looked up.

    Raises
    ------
    BadInput
        It is no rule set, or names a place, detector, setting or field that is not known; says which.
    """
    check_form(given)
    watches, overrides = given.get("watches", []), given.get("overrides", [])
    rows = [*_checked(watches, "watches"), *_checked(overrides, "overrides")]
    stations, enterprises = _places(rows)
    made = [
        Watch(
            pk=number,
            kind=WatchKind(one["kind"]),
            enabled=one.get("enabled", True),
            **_common(one, stations, enterprises),
        )
        for number, one in enumerate(watches, 1)
    ]
    changed = [
        Override(pk=number, reason=one["reason"], **_common(one, stations, enterprises))
        for number, one in enumerate(overrides, 1)
    ]
    return RuleSet(tuple(made), tuple(changed))


def check_form(given: Any) -> None:
    """Refuse what has not the form of a rule set, whatever it names.

    Raises
    ------
    BadInput
        Says what was expected where.
    """
    if not isinstance(given, dict) or (given.get("format"), given.get("version")) != (FORMAT, VERSION):
        raise BadInput(_("Found no rule set, expected format %(format)s, version 1") % {"format": FORMAT})
    for name, fields in (("watches", _WATCH), ("overrides", _OVERRIDE)):
        rows = given.get(name, [])
        if not isinstance(rows, list):
            raise BadInput(_("%(name)s: expected a list") % {"name": name})
        for number, one in enumerate(rows, 1):
            _check_row(one, fields, f"{name} {number}")


def _check_row(one: Any, fields: set[str], place: str) -> None:
    needed = {"detector", *(fields & {"kind", "reason"})}
    if not isinstance(one, dict) or not needed <= set(one) or not set(one) <= fields:
        words = {"fields": ", ".join(sorted(fields)), "needed": ", ".join(sorted(needed)), "place": place}
        raise BadInput(_("%(place)s: expected %(needed)s, of the fields %(fields)s") % words)
    for field, value in one.items():
        if not _fits(field, value):
            words = {"place": place, "field": field, "found": ascii(value)[:60]}
            raise BadInput(_("%(place)s: found %(found)s, which is no value of the field %(field)s") % words)
    try:
        _days(one)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{place}: {error}") from error


def _fits(field: str, value: Any) -> bool:
    """Whether a field may hold a value; a text must be one that the database can keep."""
    if field in {"parameters", "enabled"}:
        return isinstance(value, dict if field == "parameters" else bool)
    if not isinstance(value, str) or "\0" in value or len(value) > (_LONGEST.get(field) or len(value)):
        return False
    return value == value.encode(errors="replace").decode() and (field != "station_kind" or value in ("", *StationKind))


def _checked(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    for number, one in enumerate(rows, 1):
        try:
            seeing.detector(one["detector"], one.get("parameters", {}))
            kind = WatchKind(one.get("kind", "h"))
        except (PluginError, ValueError) as error:
            raise BadInput(f"{name} {number}: {error}") from error
        if name == "watches" and not seeing.made_for(one["detector"], kind):
            raise BadInput(f"{name} {number}: {seeing.expected_kinds(one['detector'], kind)}")
    return rows


def _places(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Station], dict[str, Enterprise]]:
    asked = {name: {one[name] for one in rows if one.get(name)} for name in ("station", "enterprise")}
    stations = {one.code: one for one in Station.objects.filter(code__in=asked["station"])}
    enterprises = {one.code: one for one in Enterprise.objects.filter(code__in=asked["enterprise"])}
    unknown = sorted((asked["station"] - set(stations)) | (asked["enterprise"] - set(enterprises)))
    if unknown:
        raise BadInput(_("These places are not known here: %(codes)s") % {"codes": ", ".join(unknown)})
    return stations, enterprises


def _common(one: dict[str, Any], stations: dict[str, Station], enterprises: dict[str, Enterprise]) -> dict[str, Any]:
    return {
        "detector": one["detector"], "parameters": one.get("parameters", {}), "valid": _days(one),
        "station_kind": one.get("station_kind", ""), "industry": one.get("industry", ""),
        "factor": one.get("factor", ""), "station": stations.get(one.get("station", "")),
        "enterprise": enterprises.get(one.get("enterprise", "")),
    }  # fmt: skip


def _days(one: dict[str, Any]) -> DateRange:
    first, last = one.get("valid_from"), one.get("last_day")
    begins = date.fromisoformat(first) if first else None
    ends = date.fromisoformat(last) + timedelta(days=1) if last else None
    if begins and ends and ends <= begins:
        raise ValueError(_("Expected a last day that is not before the first"))
    return DateRange(begins, ends)


def _place(rule: Placed) -> dict[str, Any]:
    values = {
        "station_kind": rule.station_kind,
        "industry": rule.industry,
        "enterprise": rule.enterprise.code if rule.enterprise else "",
        "station": rule.station.code if rule.station else "",
        "factor": rule.factor,
        "valid_from": rule.valid.lower.isoformat() if rule.valid.lower else "",
        "last_day": (rule.valid.upper - timedelta(days=1)).isoformat() if rule.valid.upper else "",
    }
    return {name: value for name, value in values.items() if value}
