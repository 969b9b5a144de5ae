"""Rules, settings and signs in the reader's words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.judging.queries import DETECTORS, EXPECTED, Finding, Override, Watch, WatchKind, detector_title, rule_of
from qingyuan.people.queries import User
from qingyuan.places.queries import StationKind, enterprises, stations
from qingyuan.showing.logic.factors import unit_of
from qingyuan.showing.logic.papers.words import factor_words
from qingyuan.showing.wording import cited, listed, named, said
from qingyuan_science.plugins import Parameter, Text, parameters_of


def settings_words(detector: str, parameters: dict[str, Any]) -> list[str]:
    """Each setting that is given, by its title, with its unit."""
    specs = {one.name: one for one in specs_of(detector)}
    return [
        named(said(specs[name].title) if name in specs else name, amount_words(specs.get(name), value))
        for name, value in parameters.items()
    ]


def amount_words(spec: Parameter | None, value: float) -> str:
    """A value of a setting with its unit."""
    if spec is not None and isinstance(spec.default, bool):
        return _("yes") if value else _("no")
    return f"{number_words(value)} {_unit(spec.unit) if spec else ''}".strip()


def number_words(value: float) -> str:
    """A number with four significant digits, or all before the point: 14,150, not 1.415e+04, and <0.0001, not 3e-15."""
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    if 0.0 < value < 1e-9:
        return "<0.0001"
    return f"{value:.4g}" if not value or abs(value) >= 1e-4 else f"{Decimal(f'{value:.4g}'):f}"


def _unit(unit: str) -> str:
    words = {
        "1": "", "periods": _("periods"), "times over": _("times over"), "yes/no": "", "weeks": _("weeks"),
        "o'clock": _("o’clock"), "1/month": _("a month"), "h": _("h"), "d": _("days"),
    }  # fmt: skip
    return words[unit] if unit in words else unit_of(unit)


def specs_of(detector: str) -> tuple[Parameter, ...]:
    """What may be set on a detector; nothing where it is not installed."""
    known = {one.code: one for one in DETECTORS}
    return tuple(parameters_of(known[detector])) if detector in known else ()


def about_detector(detector: str) -> list[str]:
    """Where a detector comes from, where it holds and what it was worth on real data; nothing where it is not known."""
    known = {one.code: one for one in DETECTORS}
    if detector not in known:
        return []
    kind = known[detector]
    source = [_("Source: %(source)s") % {"source": cited(kind.source)}] if kind.source else []
    return [*source, *map(said, kind.remarks())]


def place_words(rule: Watch | Override) -> str:
    """Where a rule holds: from the narrowest place that it names."""
    parts = []
    if rule.station:
        parts.append(_("Station %(title)s") % {"title": rule.station.title})
    elif rule.enterprise:
        parts.append(_("Enterprise %(title)s") % {"title": rule.enterprise.title})
    elif rule.industry:
        parts.append(_("Industry %(code)s") % {"code": rule.industry})
    else:
        parts.append(_("Everywhere"))
    if rule.station_kind:
        parts.append(str(rule.get_station_kind_display()))
    if rule.factor:
        parts.append(factor_words(rule.factor))
    return " · ".join(parts)


def rule_lines(rules: dict[str, Any], viewer: User) -> list[dict[str, Any]]:
    """The rules of a rule set, each as detector, place, readings, settings, days and whether it looks.

    Places that the viewer sees are named; a rule set may come from elsewhere, and then their codes stand.
    """
    rows = [one for part in ("watches", "overrides") for one in rules.get(part, ())]
    titles = {
        "station": {one.code: one.title for one in stations(viewer).filter(code__in=_codes(rows, "station"))},
        "enterprise": {one.code: one.title for one in enterprises(viewer).filter(code__in=_codes(rows, "enterprise"))},
    }
    return [_rule_line(one, titles) for one in rows]


def _codes(rows: list[dict[str, Any]], name: str) -> set[str]:
    return {one[name] for one in rows if one.get(name)}


def _place_of(one: dict[str, Any], titles: dict[str, dict[str, str]]) -> str:
    if code := one.get("station"):
        return _("Station %(title)s") % {"title": titles["station"].get(code, code)}
    if code := one.get("enterprise"):
        return _("Enterprise %(title)s") % {"title": titles["enterprise"].get(code, code)}
    if code := one.get("industry"):
        return _("Industry %(code)s") % {"code": code}
    return _("Everywhere")


def _rule_line(one: dict[str, Any], titles: dict[str, dict[str, str]]) -> dict[str, Any]:
    places = [_place_of(one, titles)]
    kind = one.get("station_kind")
    places += [str(StationKind(kind).label) if kind in StationKind else str(kind)] if kind else []
    places += [factor_words(one["factor"])] if one.get("factor") else []
    days = [day for day in (one.get("valid_from"), one.get("last_day")) if day]
    return {
        "detector": said(detector_title(one["detector"])),
        "place": " · ".join(places),
        "kind": WatchKind(one["kind"]).label if "kind" in one else "",
        "settings": settings_words(one["detector"], one.get("parameters", {})),
        "days": " – ".join(days),
        "reason": one.get("reason", ""),
        "looks": one.get("enabled", True),
    }


def rule_facts(found: Finding, *, linked: bool) -> list[dict[str, Any]]:
    """Which rule found it, with its settings, and which overrides held; a link only for who may open the rules."""
    if found.detector == EXPECTED and found.parameters:
        words = _("warn from a chance of %(chance)s within %(hours)s h")
        told = words % {"chance": f"{found.parameters['chance']:.0%}", "hours": found.parameters["within_hours"]}
        return [{"label": _("Forecast rule"), "value": told}]
    rule = rule_of(found)
    if rule is None:
        return []
    address = f"{reverse('watch-rules')}?station={found.place.code}"
    facts = [{"label": _("Watch rule"), "value": place_words(rule.watch), "href": address if linked else ""}]
    return facts + [_override_fact(one) for one in rule.overrides]


def settings_of(found: Finding) -> dict[str, Any]:
    """The settings with which it was found, each by its title, and whether they are those a detector comes with."""
    usual = {one.name: one.default for one in specs_of(found.detector)}
    held = usual | found.parameters if usual else {}
    return {"rows": settings_words(found.detector, held), "as_they_come": held == usual}


def _override_fact(one: Override) -> dict[str, Any]:
    changed = listed(settings_words(one.detector, one.parameters))
    note = _("%(place)s, %(days)s: %(reason)s") % {
        "place": place_words(one), "days": days_words(one), "reason": one.reason
    }  # fmt: skip
    return {"label": _("Override"), "value": changed, "note": note}


def days_words(rule: Watch | Override) -> str:
    """From which day to which a rule holds; that it was withdrawn where it was ended before it began."""
    if rule.valid.isempty:
        return _("Withdrawn")
    first = rule.valid.lower.isoformat() if rule.valid.lower else ""
    if rule.valid.upper is None:
        return _("from %(first)s") % {"first": first}
    return f"{first} – {(rule.valid.upper - timedelta(days=1)).isoformat()}"


def sign_rows(found: Finding) -> list[dict[str, Any]]:
    """The signs of a finding: what was found beside what was expected."""
    return [
        {
            "name": said(Text(one["name_zh"], one["name_en"])),
            "value": number_words(one["value"]),
            "expected": _expected(one),
            "unit": unit_of(one["unit"]) if one["unit"] != "1" else "",
            "out": _is_out(one),
        }
        for one in found.signs
    ]


def _is_out(sign: dict[str, Any]) -> bool:
    """Whether what was found lies outside what was expected: of several signs these are the ones that tell it."""
    low, high, value = sign["low"], sign["high"], sign["value"]
    if sign.get("told_at") and value in (low, high):
        return True
    return (low is not None and value < low) or (high is not None and value > high)


def _expected(sign: dict[str, Any]) -> str:
    least, most = (">", "<") if sign.get("told_at") else ("≥", "≤")
    bounds = ((least, sign["low"]), (most, sign["high"]))
    return ", ".join(f"{side} {number_words(bound)}" for side, bound in bounds if bound is not None)
