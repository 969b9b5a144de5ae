"""Ambient air: HJ 633-2012 and -2026, GB 3095-2012 and -2026, HJ 663."""

import itertools
import math
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from asking import BEIJING, TABLES, Refused, day, number, one_of, places, rounded, topic

AIR_ITEMS = ("SO2", "NO2", "PM10", "PM2.5", "CO", "O3")


def air_edition(on: date) -> str:
    if on < date(2016, 1, 1):
        raise Refused("before the first edition")
    return "2012" if on < date(2026, 3, 1) else "2026"


def air_rounded(item: str, value: Fraction) -> Fraction:
    return rounded(value, Fraction(1, 10) if item.startswith("CO") else Fraction(1))


def iaqi(edition: str, column: str, value: Fraction) -> int | None:
    """Interpolate in a column of the table and round up; None where the edition looks to another averaging time."""
    points = [(index, Fraction(Decimal(limit))) for index, limit in TABLES["breakpoints"][edition][column]]
    if value > points[-1][1]:
        if points[-1][0] == 500 or edition == "2026":
            return points[-1][0]
        return None
    for (low, from_), (high, to) in itertools.pairwise(points):
        if value <= to:
            return math.ceil(Fraction(high - low) / (to - from_) * (value - from_) + low)
    raise AssertionError(column)


DAY_COLUMNS = {
    "SO2": "SO2_24h",
    "NO2": "NO2_24h",
    "PM10": "PM10_24h",
    "PM2.5": "PM2.5_24h",
    "CO": "CO_24h",
    "O3_8h": "O3_8h",
    "O3_1h": "O3_1h",
}
HOUR_COLUMNS = {
    "2012": {
        "SO2": "SO2_1h",
        "SO2_24h": "SO2_24h",
        "NO2": "NO2_1h",
        "CO": "CO_1h",
        "O3": "O3_1h",
        "O3_8h": "O3_8h",
        "PM10_24h": "PM10_24h",
        "PM2.5_24h": "PM2.5_24h",
    },
    "2026": {"SO2": "SO2_1h", "NO2": "NO2_1h", "CO": "CO_1h", "O3": "O3_1h", "PM10": "PM10_1h", "PM2.5": "PM2.5_1h"},
}


def level_of(aqi: int) -> int:
    return 1 + sum(aqi > edge for edge in (50, 100, 150, 200, 300))


def index_of(edition: str, columns: dict[str, str], given: dict[str, Any], unplanned: list[dict[str, Any]]) -> Any:
    """Compute an AQI with its IAQIs from concentrations by name."""
    if not isinstance(given, dict):
        raise Refused("concentrations stand by name")
    items: list[dict[str, Any]] = []
    for name, value in given.items():
        if name not in columns and name not in {
            "SO2",
            "PM10",
            "PM2.5",
            *DAY_COLUMNS,
            "O3",
            "SO2_24h",
            "PM10_24h",
            "PM2.5_24h",
        }:
            raise Refused(f"unknown item {name}")
        if value is None or name not in columns:
            continue
        exact = air_rounded(name, number(value))
        if exact < 0:
            raise Refused(f"{name} is below nought")
        items.append({"item": name, "rounded": exact, "iaqi": iaqi(edition, columns[name], exact)})
    told = {one["item"]: one["iaqi"] for one in items if one["iaqi"] is not None}
    if columns is HOUR_COLUMNS["2012"] and told.get("SO2") is not None:
        told.pop("SO2_24h", None)  # the 24 h column only stands in for an hour beyond the table
    excused = {one["item"] for one in unplanned if one.get("never_primary")}
    have = {name.partition("_")[0] for name in told}
    missing = [name for name in AIR_ITEMS if name not in have and name not in excused]
    top = max(told.values(), default=None)
    lost = [name for name in ("O3_8h", "SO2") if any(one["item"] == name and one["iaqi"] is None for one in items)]
    lost = [name for name in lost if name.partition("_")[0] not in have]
    published = top is not None and not lost and (not missing or edition == "2012" or top > 100)
    aqi = None if not published or top is None else max(top, 1 if edition == "2026" else 0)
    result: dict[str, Any] = {"edition": f"HJ 633-{edition}", "aqi": aqi, "primary": [], "items": items}
    if edition == "2012":
        result["exceeding"] = sorted(name for name, one in told.items() if one > 100)
    if aqi is not None:
        result["level"] = level_of(aqi)
        result["primary"] = sorted(name for name, one in told.items() if one == top) if aqi > 50 else []
    return result


@topic
def air_index_day(given: dict[str, Any]) -> dict[str, Any]:
    edition = air_edition(day(given["day"]))
    columns = dict(DAY_COLUMNS)
    if edition == "2026":
        del columns["O3_1h"]
    return index_of(edition, columns, given["concentrations"], given.get("not_monitored", []))


@topic
def air_index_hour(given: dict[str, Any]) -> dict[str, Any]:
    try:
        at = datetime.fromisoformat(given["at"])
    except (TypeError, ValueError) as error:
        raise Refused("no time") from error
    if at.tzinfo is None:
        raise Refused("a time needs its zone")
    edition = air_edition(at.astimezone(BEIJING).date())
    return index_of(edition, HOUR_COLUMNS[edition], given["concentrations"], given.get("not_monitored", []))


@topic
def air_city_day(given: dict[str, Any]) -> dict[str, Any]:
    """Average over the points first, then compute the index."""
    edition = air_edition(day(given["day"]))
    columns = {name: one for name, one in DAY_COLUMNS.items() if edition == "2012" or name != "O3_1h"}
    names = [one["point"] for one in given["points"]]
    if not names or len(set(names)) < len(names):
        raise Refused("each point once")
    means = {}
    for name in columns:
        values = [number(one[name], 0) for one in given["points"] if one.get(name) is not None]
        if values:
            means[name] = sum(values) / len(values)
    result = index_of(edition, columns, means, given.get("not_monitored", []))
    return {**result, "means": [{"item": name, "mean": value} for name, value in means.items()]}


def ambient(on: date, item: str, averaging: str, grade: str) -> str:
    if averaging == "24h" and item == "O3":
        averaging = "daily_max_8h"
    for _, since, until, name, time, class_, limit in TABLES["ambient"]:
        in_force = since <= on.isoformat() and (not until or on.isoformat() <= until)
        if in_force and (name, time, class_) == (item, averaging, grade):
            return limit
    raise Refused(f"no limit for {item} {averaging} on {on}")


@topic
def ambient_limit(given: dict[str, Any]) -> dict[str, Any]:
    on, grade = day(given["day"]), one_of(given.get("grade", "2"), ("1", "2"))
    times = {"hour": "1h", "day": "24h", "day_max_8h": "daily_max_8h", "quarter": "quarter", "year": "annual"}
    time = times[one_of(given["averaging"], times)]
    items = []
    for name, value in given["values"].items():
        if name == "O3" and given["averaging"] == "day":
            raise Refused("ozone has no limit for a daily mean")
        written = ambient(on, name, time, grade)
        exact = rounded(number(value, 0), Fraction(1, 10) if name == "CO" else places(written))
        limit = Fraction(Decimal(written))
        over = exact > limit
        items.append(
            {
                "item": name,
                "rounded": exact,
                "limit": limit,
                "over": over,
                "multiple": exact / limit - 1 if over else None,
            }
        )
    return {"over": [one["item"] for one in items if one["over"]], "items": items}


@topic
def air_composite_index(given: dict[str, Any]) -> dict[str, Any]:
    """Add up statistic by class-2 limit; a period on both sides of a change is computed by each set."""
    first, last = day(given["first_day"]), day(given["last_day"])
    if last < first:
        raise Refused("the period ends before it begins")
    if len({city["city"] for city in given["cities"]}) < len(given["cities"]):
        raise Refused("each city once")
    sets = []
    for name, start, end in (
        ("GB 3095-2012", date(2016, 1, 1), date(2026, 2, 28)),
        ("GB 3095-2026", date(2026, 3, 1), date(2030, 12, 31)),
        ("GB 3095-2026", date(2031, 1, 1), date.max),
    ):
        if first > end or last < start:
            continue
        limits = {"CO": "4", "O3_8h": "160"} | {
            i: ambient(start, i, "annual", "2") for i in ("SO2", "NO2", "PM10", "PM2.5")
        }
        cities = []
        for city in given["cities"]:
            if any(city.get(item) is None for item in limits):
                raise Refused("an item is missing")
            parts = [{"item": i, "index": number(city[i], 0) / Fraction(limit)} for i, limit in limits.items()]
            cities.append({"city": city["city"], "index": sum(p["index"] for p in parts), "parts": parts})
            if given.get("weighted"):
                if first < date(2026, 1, 1):
                    raise Refused("no weights before 2026")
                weights = {"PM2.5": 3, "O3_8h": 2, "NO2": 2}
                cities[-1]["weighted_index"] = sum(weights.get(p["item"], 1) * p["index"] for p in parts)
        cities.sort(key=lambda one: one["index"])
        sets.append(
            {
                "standard": name,
                "cities": [one | {"place": 1 + sum(o["index"] < one["index"] for o in cities)} for one in cities],
            }
        )
    if not sets:
        raise Refused("before the first edition")
    return {"by_standard": sets}


@topic
def air_days_good(given: dict[str, Any]) -> dict[str, Any]:
    good = valid = 0
    if not given["days"] or len({row["day"] for row in given["days"]}) < len(given["days"]):
        raise Refused("each day once")
    counts = dict.fromkeys(range(1, 7), 0)
    for row in given["days"]:
        values = {name: row.get(name) for name in DAY_COLUMNS}
        said = air_index_day({"day": row["day"], "concentrations": values})
        if said["aqi"] is None:
            continue
        valid += 1
        good += said["aqi"] <= 100
        counts[said["level"]] += 1
    share = rounded(Fraction(100 * good, valid), Fraction(1, 10)) if valid else None
    by = [{"level": level, "days": days} for level, days in counts.items()]
    return {"good_days": good, "valid_days": valid, "share": share, "by_category": by}


@topic
def air_means(given: dict[str, Any]) -> dict[str, Any]:
    """Average a day: 20 of 24 hours; windows of 8 hours that end at 08:00 to 24:00, 6 of 8 hours, 14 of 17 windows."""
    hours = [None if one is None else number(one, 0) for one in given["hours"]]
    if not 24 <= len(hours) <= 48:
        raise Refused("24 to 48 hours")
    before = len(hours) - 24
    today = [one for one in hours[before:] if one is not None]
    windows = []
    for end in range(before + 8, before + 25):
        had = [one for one in hours[end - 8 : end] if one is not None]
        if len(had) >= 6:
            windows.append(sum(had) / len(had))
    most = max(windows, default=None)
    if len(windows) < 14 and most is not None and rounded(most) <= 160:
        most = None  # too few windows count where what they show is beyond the limit
    return {
        "daily_mean": sum(today) / len(today) if len(today) >= 20 else None,
        "valid_hours": len(today),
        "valid_windows": len(windows),
        "maximum_8h": most,
    }


def percentile(values: list[Fraction], percent: int) -> Fraction:
    ordered = sorted(values)
    place = Fraction(percent, 100) * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


@topic
def air_period(given: dict[str, Any]) -> dict[str, Any]:
    period = one_of(given["period"], ("month", "year"))
    days = [(day(row["day"]), row) for row in given["days"]]
    if not days or len({on for on, _ in days}) < len(days):
        raise Refused("each day once")
    if len({on.year if period == "year" else (on.year, on.month) for on, _ in days}) > 1:
        raise Refused("days of one period")
    last = max(on for on, _ in days)
    needed = 324 if period == "year" else 25 if last.month == 2 else 27
    percents = {"SO2": 98, "NO2": 98, "PM10": 95, "PM2.5": 95, "CO": 95, "O3_8h": 90}
    items = []
    for name, percent in percents.items():
        values = [(on, number(row[name], 0)) for on, row in days if row.get(name) is not None]
        if not values:
            continue
        plain = name.removesuffix("_8h")
        over = sum(air_rounded(name, value) > Fraction(ambient(on, plain, "24h", "2")) for on, value in values)
        figures = [value for _, value in values]  # rounded once, at the end (GB/T 8170 3.3)
        items.append(
            {
                "item": name,
                "days": len(values),
                "mean": air_rounded(name, sum(figures) / len(figures)),
                "percentile_value": air_rounded(name, percentile(figures, percent)),
                "days_over": over,
                "valid": len(values) >= needed,
            }
        )
    return {"days_needed": needed, "items": items}


STATES = {"273 K": (Fraction(273), Fraction("1013.25")), "298.15 K": (Fraction("298.15"), Fraction("1013.25"))}


def state(name: str, given: dict[str, Any]) -> tuple[Fraction, Fraction]:
    """Temperature [K] and pressure [hPa]; those of the air as it was are given."""
    if name != "actual":
        return STATES[one_of(name, STATES)]
    if given.get("temperature") is None or given.get("pressure") is None:
        raise Refused("the air as it was has a temperature and a pressure")
    return number(given["temperature"]) + Fraction("273.15"), number(given["pressure"])


@topic
def reference_state(given: dict[str, Any]) -> dict[str, Any]:
    """Convert as an ideal gas: c ~ p/T."""
    on, kind = day(given["day"]), one_of(given.get("kind", "gas"), ("gas", "particulate"))
    if on < date(2016, 1, 1):
        raise Refused("before the standard")
    usual = "273 K" if on < date(2018, 9, 1) else "298.15 K" if kind == "gas" else "actual"
    named = given.get("from_state", "of_the_day")
    (warm, dense), (kelvin, pressure) = (
        state(usual if named == "of_the_day" else named, given),
        state(given["to_state"], given),
    )
    factor = (pressure / kelvin) / (dense / warm)
    return {"state_of_day": usual, "factor": factor, "concentration": number(given["concentration"], 0) * factor}


REFERENCE_VALUES = {
    ("Cd", "year", None): "0.005",
    ("Hg", "year", None): "0.05",
    ("As", "year", None): "0.006",
    ("Cr6", "year", None): "0.000025",
    ("F", "hour", "urban"): "20",
    ("F", "day", "urban"): "7",
    ("F", "month", "pasture"): "1.8",
    ("F", "month", "farm_forest"): "3.0",
    ("F", "growing_season", "pasture"): "1.2",
    ("F", "growing_season", "farm_forest"): "2.0",
}


@topic
def ambient_reference(given: dict[str, Any]) -> dict[str, Any]:
    if day(given["day"]) < date(2026, 3, 1):
        raise Refused("the annex came in 2026")
    items = []
    for name, value in given["values"].items():
        land = given.get("land", "urban") if name == "F" else None
        known = REFERENCE_VALUES.get((name, given.get("averaging", "year"), land))
        if known is None:
            raise Refused(f"no reference value of {name}")
        exact = Fraction(Decimal(known))
        items.append({"item": name, "reference_value": exact, "above_reference": number(value, 0) > exact})
    return {"items": items}
