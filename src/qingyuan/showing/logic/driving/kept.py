"""What a clue of a drive, a scan or a flight keeps of it: figures, the readings around, the picture."""

import json
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.inspecting.queries import Category, flights
from qingyuan.judging.queries import Finding
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, enterprises
from qingyuan.recording.queries import drives
from qingyuan.sensing.queries import QUANTITIES, Scan, scans
from qingyuan.showing.logic.factors import unit_of
from qingyuan_science.standards import UnknownFactor, find_factor


def seen_on(viewer: User, found: Finding) -> dict[str, Any] | None:
    """What a page says of what a clue was found on; None where it was found on nothing of the kind."""
    seen = found.edition.get("seen")
    if not seen:
        return None
    station = Station.objects.filter(code=seen["station"]).first()
    at = datetime.fromisoformat(seen["at"])
    told = {"seen": seen, "station": station, "at": at}
    if seen["by"] == "flight":
        return told | of_flight(viewer, seen)
    return told | {"href": _address(viewer, seen), "facts": _facts(viewer, seen)}


def of_flight(viewer: User, seen: dict[str, Any]) -> dict[str, Any]:
    """What a clue of a patrol flight keeps, with its picture where the viewer may see it and its bytes are as filed."""
    there = flights(viewer).filter(pk=seen["number"]).select_related("zone").first()
    category = dict(Category.choices).get(seen["category"], seen["category"])
    facts = [{"label": _("Category"), "value": category}, {"label": _("Pilot"), "value": seen["pilot"]}]
    if seen["sha256"]:
        facts.append({"label": "SHA-256", "value": seen["sha256"]})
    if there is None:
        return {"href": "", "facts": facts}
    facts.insert(1, {"label": _("Area"), "value": there.zone.title})
    picture = there.media.filter(pk=seen["media"], sha256=seen["sha256"]).first() if seen["media"] else None
    return {
        "href": reverse("flight", kwargs={"flight_id": there.pk}) + f"#sighting-{seen['key']}",
        "facts": facts,
        "picture": picture.pk if picture and not picture.is_clip else None,
    }


def _address(viewer: User, seen: dict[str, Any]) -> str:
    if seen["by"] == "drive" and drives(viewer).filter(pk=seen["number"]).exists():
        asked = f"?factor={seen['factor']}&delay={seen['delay_s']:g}"
        return reverse("drive", kwargs={"drive_id": seen["number"]}) + asked
    if seen["by"] == "scan" and scans(viewer).filter(pk=seen["number"]).exists():
        return reverse("scan", kwargs={"scan_id": seen["number"]}) + f"?value={seen['threshold']:g}"
    return ""


def _facts(viewer: User, seen: dict[str, Any]) -> list[dict[str, Any]]:
    unit = unit_of(seen["unit"])
    facts = [{"label": _name(seen["factor"]), "value": f"{seen['value']:.4g} {unit}"}]
    if seen.get("background") is not None:
        facts.append({"label": _("Background"), "value": f"{seen['background']:.4g} {unit}"})
        facts.append({"label": _("Extent"), "value": f"{seen['metres']:,.0f} m"})
    if seen.get("wind_from") is not None:
        wind = f"{seen['wind_from']:.0f}°, {seen['wind_speed']:.1f} m/s"
        facts.append({"label": _("Wind from"), "value": wind, "note": seen["wind_station"]})
    own = {one.code: one for one in enterprises(viewer).filter(code__in=[one["code"] for one in seen["upwind"]])}
    for one in seen["upwind"]:
        if one["code"] in own:
            href = reverse("enterprise", kwargs={"code": one["code"]})
            note = f"{one['metres']:,} m"
            facts.append({"label": _("Upwind"), "value": own[one["code"]].title, "href": href, "note": note})
    return facts


def _name(code: str) -> str:
    if code in QUANTITIES and not code.startswith("a"):
        return Scan(quantity=code).quantity_title
    try:
        return find_factor(code, medium="ambient_air").short.in_language(get_language() or "zh-hans")
    except UnknownFactor:
        return code


def chart(found: Finding) -> str:
    """The readings that a clue keeps as JSON, as `web/islands/chart` reads it."""
    seen = found.edition.get("seen") or {}
    rows = seen.get("readings", ())
    factor = seen.get("factor", "")
    span = {
        "from": round(found.started_at.timestamp() * 1000), "to": round(found.ended_at.timestamp() * 1000),
        "title": found.title, "kind": "finding",
    }  # fmt: skip
    return json.dumps({
        "title": _name(factor), "unit": unit_of(seen.get("unit", "")), "decimals": 1, "limits": [], "windows": [span],
        "series": [{"name": _name(factor), "points": [[at // 1000, value] for at, value, _lon, _lat in rows]}],
    }, ensure_ascii=False)  # fmt: skip
