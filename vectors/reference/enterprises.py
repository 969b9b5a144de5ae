"""Enterprises, their monitors and vehicles: credit, failed checks, types of pollution, emissions of a fleet."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from asking import BEIJING, Refused, day, number, one_of, topic, whole
from procedure import moment, seconds

COLOURS = ("green", "blue", "yellow", "red")
WEIGHTS = {
    "compliance": 15,
    "solid_waste": 5,
    "hazardous_waste": 5,
    "noise": 4,
    "siting": 2,
    "risk": 10,
    "penalties": 15,
}


@topic
def credit(given: dict[str, Any]) -> dict[str, Any]:
    """Weigh points, scaled to what was assessed; green asks for 100 and two add-on items, a veto makes red."""
    points, own = given["points"], given.get("weights", {})
    signs = [whole(given.get(name, 0)) for name in ("vetoes", "incidents", "green_items")]
    rows = []
    for name, one in points.items():
        weight = number(own.get(name, WEIGHTS.get(name)), 0)
        rows.append((weight, None if one is None else number(one, 0)))
    if not sum(weight for weight, _ in rows) or any(weight > 100 or (one or 0) > 100 for weight, one in rows):
        raise Refused("no weight, or more than all")
    known = [(weight, one) for weight, one in rows if one is not None]
    if given.get("unassessed_full", False):
        known = [(weight, Fraction(100) if one is None else one) for weight, one in rows]
    score = sum(weight * one for weight, one in known) / sum(weight for weight, _ in known)
    place = 0 if score >= 100 and signs[2] >= 2 else 1 if score >= 80 else 2 if score >= 60 else 3
    place = 3 if signs[0] else min(place + (1 if signs[1] else 0), 3)
    return {"score": score, "level": COLOURS[place]}


def written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(BEIJING).isoformat(timespec="minutes")


def lost(medium: str, begins: datetime, ends: datetime) -> int:
    """Count hours of which more than 15 minutes, or days of which more than six hours, lie in the time."""
    length, bearable = (timedelta(hours=1), timedelta(minutes=15))
    if medium == "water":
        length, bearable = (timedelta(days=1), timedelta(hours=6))
    begins, ends = begins.astimezone(BEIJING), ends.astimezone(BEIJING)
    at = datetime(begins.year, begins.month, begins.day, tzinfo=BEIJING)
    count = 0
    while at < ends:
        count += min(at + length, ends) - max(at, begins) > bearable
        at += length
    return count


@topic
def failed_check(given: dict[str, Any]) -> dict[str, Any]:
    """All between the passed checks around a failed one is invalid."""
    medium = one_of(given["medium"], ("gas", "water"))
    failed = moment(given["failed"])
    last, after = (moment(given[name]) if given.get(name) else None for name in ("last_passed", "next_passed"))
    if (last and last >= failed) or (after and after <= failed):
        raise Refused("the checks do not follow each other")
    if failed.astimezone(BEIJING).date() < {"gas": date(2018, 3, 1), "water": date(2020, 3, 24)}[medium]:
        raise Refused("before the rule")
    gone = lost(medium, last or failed, after) if after else None
    told: dict[str, Any] = {
        "begins_at": written(last),
        "until": written(after),
        "hours_before_failed": seconds(failed - last) / 3600 if last else None,
        "hours_after_failed": seconds(after - failed) / 3600 if after else None,
        "hours_invalid": seconds(after - last) / 3600 if after and last else None,
        "hourly_means_lost": gone if medium == "gas" else None,
        "daily_means_lost": gone if medium == "water" else None,
    }
    before = [number(one, 0) for one in given.get("before", ()) if one is not None]
    if given.get("capture") is not None and number(given["capture"], 0) > 100:
        raise Refused("a rate goes up to 100 %")
    if before and gone:
        asked = 30
        if last is None:
            raise Refused("before which check?")
        if medium == "gas":
            capture = number(given.get("capture"))
            if capture < 75:
                raise Refused("below 75 % the tables say nothing")
            asked = 2160 if capture < 90 else 180 if gone <= 24 else 720
        amount = max(before[-asked:])
        told |= {"amount": amount, "whole_gap": amount * gone, "asked_for": asked}
    return told


DUE = {
    ("calibration", "automatic"): timedelta(hours=24),
    ("calibration", "direct"): timedelta(days=15),
    ("calibration", "extractive"): timedelta(days=7),
    ("calibration", "flow_meter"): timedelta(days=30),
}
MONTHS = {("verification", "automatic"): 6, ("verification", "manual"): 3}


@topic
def check_due(given: dict[str, Any]) -> dict[str, Any]:
    kind = (given["check"], given["kind"])
    last = moment(given["last"]).astimezone(BEIJING)
    if kind in DUE:
        due = last + DUE[kind]
    elif kind in MONTHS:
        month = last.month + MONTHS[kind]
        year, month = last.year + (month > 12), month - 12 * (month > 12)
        due = last.replace(year=year, month=month, day=min(last.day, monthrange(year, month)[1]))
    else:
        raise Refused("no such check")
    if given.get("at") is None:
        return {"due_at": written(due), "overdue": None, "hours_overdue": None}
    at = moment(given["at"])
    if at < last:
        raise Refused("before the last one")
    late = seconds(max(at - due, timedelta(0))) / 3600
    return {"due_at": written(due), "overdue": late > 0, "hours_overdue": late}


PRIORS = {
    "surface-water": (0.22, 0.14, 0.04, 0.05, 0.06, 0.06, 0.20, 0.08, 0.10, 0.03, 0.08),
    "outlet-water": (0.18, 0.26, 0.06, 0.08, 0.08, 0.20, 0.02, 0.02, 0.01, 0.03, 0.06),
}
TYPES = (
    "domestic sewage", "industrial, organic", "industrial, heavy metals", "industrial, acid or alkali",
    "industrial, salt", "nutrient-rich waste water", "rain-washed runoff", "livestock or farm drainage",
    "algae or natural process", "dilution by clean water", "fault of the instrument",
)  # fmt: skip
SHAPES = {"ordinary": (0.885, 0.2), "frozen": (0.02, 0.2), "impossible": (0.005, 0.2), "spike": (0.06, 0.25)}
TEMPERED = 0.7


@topic
def pollution_type(given: dict[str, Any]) -> dict[str, Any]:
    """Rank the types by the shape of the curve alone; weighing the signs of factors is left to the library."""
    if given["factors"]:
        codes = [row["factor"] for row in given["factors"]]
        if len(set(codes)) < len(codes) or any(number(row["scatter"]) < 0 for row in given["factors"]):
            raise Refused("each factor once, with a scatter")
        raise Refused("no factor of water" if not all(one.startswith("w") for one in codes) else "not weighed here")
    if given.get("hour") is not None and whole(given["hour"]) > 23:
        raise Refused("no hour of a day")
    if given.get("rain") is not None:
        number(given["rain"], 0)
    others, fault = SHAPES[one_of(given.get("shape", "ordinary"), SHAPES)]
    priors = PRIORS[one_of(given.get("station", "surface-water"), PRIORS)]
    weights = [prior * (fault if one == len(TYPES) - 1 else others) ** TEMPERED for one, prior in enumerate(priors)]
    shares = sorted(zip(TYPES, weights, strict=True), key=lambda one: -one[1])
    ranked = [{"type": {"en": name}, "probability": round(one / sum(weights), 6)} for name, one in shares]
    return {"told": None, "ranked": ranked}


CLASSES = (
    "small_passenger", "medium_passenger", "large_passenger", "taxi", "bus", "light_truck", "medium_truck",
    "heavy_truck", "low_speed_truck", "three_wheeler", "motorcycle", "moped", "trailer",
)  # fmt: skip


@topic
def vehicle_emissions(given: dict[str, Any]) -> dict[str, Any]:
    """Vehicles x kilometres x factor / 1,000,000; factors and kilometres of the question alone, none corrected."""
    day(given["day"])
    fleet, far, own = given["fleet"], given.get("kilometres", []), given.get("factors", [])
    if not fleet or any(row["class"] not in CLASSES for row in fleet):
        raise Refused("no vehicles, or of no class")
    for rows, name in ((fleet, "vehicles"), (far, "kilometres"), (own, "value")):
        for row in rows:
            number(row[name], 0)
    told = []
    for pollutant in dict.fromkeys(row["pollutant"] for row in own):
        amounts = [(row, amount(row, pollutant, far, own)) for row in fleet]
        known = [(row, one) for row, one in amounts if one is not None]
        total, vehicles = sum(one for _, one in known), sum(row["vehicles"] for row in fleet)
        silent = vehicles - sum(row["vehicles"] for row, _ in known)
        classes = dict.fromkeys(row["class"] for row, one in known if runs(row))
        parts = {name: sum(one for row, one in known if row["class"] == name) for name in classes}
        shares = {name: one * 100 / total for name, one in parts.items()} if total else {}
        told.append(
            {
                "pollutant": pollutant,
                "tonnes": total if known else None,
                "uncounted": Fraction(silent * 100, vehicles) if vehicles else 0,
                "share_by_class": shares,
            }
        )
    return {"pollutants": told}


def runs(row: dict[str, Any]) -> bool:
    return bool(row["fuel"] != "electric" and row["class"] != "trailer")


def amount(row: dict[str, Any], pollutant: str, far: list[Any], own: list[Any]) -> Fraction | None:
    """Give the tonnes of one kind; nothing of what has no exhaust, none where a factor or the kilometres lack."""
    if not runs(row):
        return Fraction(0)
    kind = (row["class"], row["fuel"], row["stage"])
    factor = next((o for o in own if (o["class"], o["fuel"], o["stage"]) == kind and o["pollutant"] == pollutant), None)
    if factor is None:
        return None
    if factor.get("unit") == "g/d":
        return row["vehicles"] * number(factor["value"]) * 365 / 1_000_000
    fitting = [
        one for one in far
        if one["class"] == row["class"] and one.get("fuel", "") in ("", row["fuel"])
        and one.get("stage", "") in ("", row["stage"])
    ]  # fmt: skip
    if not fitting:
        return None
    nearest = max(fitting, key=lambda one: (bool(one.get("fuel")), bool(one.get("stage"))))
    return row["vehicles"] * number(nearest["kilometres"]) * number(factor["value"]) / 1_000_000
