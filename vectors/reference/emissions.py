"""What outlets emit: limits, oxygen, loads, validity, substitutes, equivalents and tax."""

import itertools
import math
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from asking import TABLES, Refused, day, number, one_of, places, rounded, topic, whole

ALIASES = {"COD": "化学需氧量", "BOD5": "五日生化需氧量", "SS": "悬浮物", "SO2": "二氧化硫", "NOx": "氮氧化物"}
FIRST_DAYS = {
    "GB 8978": date(1998, 1, 1),
    "GB 18918": date(2003, 7, 1),
    "GB 13223": date(2012, 1, 1),
    "GB 13271": date(2014, 7, 1),
    "GB 16297": date(1997, 1, 1),
    "GB 18485": date(2016, 1, 1),
    "环发〔2015〕164号": date(2015, 12, 11),
}


def against(written: str, value: Fraction) -> dict[str, Any]:
    """Hold a value, rounded to the digits of the limit, against it."""
    if written == "6-9":
        if value > 14:
            raise Refused("no pH")
        return {"rounded": value, "over": not 6 <= value <= 9, "multiple": None}
    if written == "ND":
        return {"rounded": value, "over": value > 0, "multiple": None}
    limit = Fraction(Decimal(written))
    exact = rounded(value, places(written))
    return {"rounded": exact, "over": exact > limit, "multiple": exact / limit - 1 if exact > limit else None}


def own_limit(given: dict[str, Any], name: str) -> str | None:
    """Take the permit's limit, else the local standard's: either stands above the national one."""
    for source in ("permit", "local"):
        own = given.get(source, {}).get(name)
        if own is not None:
            if number(own) <= 0:
                raise Refused("a limit is above nought")
            return str(own)
    return None


def once(values: dict[str, Any]) -> None:
    """Refuse an item under two names, and a question without any."""
    names = [ALIASES.get(name, name) for name, value in values.items() if value is not None]
    if not names or len(set(names)) < len(names):
        raise Refused("each item once")


@topic
def discharge_limit(given: dict[str, Any]) -> dict[str, Any]:
    standard, on = one_of(given["standard"], ("GB 8978", "GB 18918")), day(given["day"])
    if on < FIRST_DAYS[standard]:
        raise Refused("before the standard")
    averaging = one_of(given.get("averaging", "day"), ("day", "hour"))
    built = day(given["built"]) if given.get("built") else None
    items = []
    once(given["values"])
    for name, value in given["values"].items():
        written = own_limit(given, name) or water_limit(standard, given, ALIASES.get(name, name), built)
        said = against(written, number(value, 0)) | removed(given, name, number(value, 0))
        if averaging == "hour":
            said["over"] = said["multiple"] = None
        items.append({"item": name} | said)
    return {"over": [one["item"] for one in items if one["over"]], "items": items}


REMOVAL = {"化学需氧量": (350, 60), "五日生化需氧量": (160, 50)}  # GB 18918 table 1, class 3: notes


def removed(given: dict[str, Any], name: str, value: Fraction) -> dict[str, Any]:
    """Judge class 3 by what is removed, where more comes in than the note says."""
    came_in = given.get("influent", {}).get(name)
    beyond, share = REMOVAL.get(ALIASES.get(name, name), (0, 0))
    if (given["standard"], given["level"]) != ("GB 18918", "3") or came_in is None or number(came_in, 0) <= beyond:
        return {}
    return {"over": (1 - value / number(came_in)) * 100 <= share, "multiple": None} if beyond else {}


def water_limit(standard: str, given: dict[str, Any], name: str, built: date | None) -> str:
    found: dict[str, str] = {}
    for document, _, item, case, level, limit, when, _ in TABLES["discharge"]:
        fits = document.rpartition("-")[0] == standard and level in (given["level"], "all")
        if fits and item == name and case == given.get("case", ""):
            found[when] = limit
    temperature = given.get("water_temperature")
    if {"warm", "cold"} <= set(found):
        if temperature is None:
            raise Refused("the limit depends on the temperature of the water")
        return found["cold" if number(temperature) <= 12 else "warm"]
    if standard == "GB 18918" and "old" in found:
        return found["old" if built and built <= date(2005, 12, 31) else "new"]
    if built and built <= date(1997, 12, 31) and "old" in found:
        return found["old"]
    if "" not in found:
        raise Refused(f"no limit for {name}")
    return found[""]


@topic
def emission_limit(given: dict[str, Any]) -> dict[str, Any]:
    standard = one_of(given["standard"], tuple(FIRST_DAYS))
    if day(given["day"]) < FIRST_DAYS[standard]:
        raise Refused("before the standard")
    time = {"hour": "hourly", "day": "daily"}[one_of(given.get("averaging", "hour"), ("hour", "day"))]
    items = []
    once(given["values"])
    for name, value in given["values"].items():
        exact = number(value, 0)
        row = gas_limit(standard, given, ALIASES.get(name, name), time)
        written, reference = own_limit(given, name) or row[5], row[7]
        converted = None
        if reference and not given.get("converted"):
            if given.get("oxygen") is None:
                raise Refused("oxygen is needed")
            oxygen = number(given["oxygen"], 0)
            if oxygen >= 21:
                raise Refused("a plant that does not burn is not judged")
            converted = exact = exact * (21 - Fraction(Decimal(reference))) / (21 - oxygen)
        items.append({"item": name, "converted": converted} | against(written, exact))
    return {"over": [one["item"] for one in items if one["over"]], "items": items}


def gas_limit(standard: str, given: dict[str, Any], name: str, time: str) -> list[str]:
    for row in TABLES["emission"]:
        document, _, level, item, case, _, averaging, *_ = row
        fits = standard in (document, document.rpartition("-")[0]) and item.startswith(name)
        if fits and (level, averaging, case) == (given["level"], time, given.get("case", "")):
            return list(row)
    raise Refused(f"no limit for {name}")


REFERENCE_OXYGEN = {
    "coal_boiler": "9",
    "oil_boiler": "3.5",
    "gas_boiler": "3.5",
    "coal_power": "6",
    "gas_power": "3",
    "gas_turbine": "15",
    "incinerator": "11",
}


@topic
def oxygen_conversion(given: dict[str, Any]) -> dict[str, Any]:
    concentration, oxygen = number(given["concentration"], 0), number(given["oxygen"], 0)
    plant = given.get("plant", "as_given")
    if plant == "as_given":
        if given.get("reference") is None:
            raise Refused("a reference is needed")
        reference = number(given["reference"], 0)
    else:
        reference = Fraction(Decimal(REFERENCE_OXYGEN[one_of(plant, REFERENCE_OXYGEN)]))
    if reference >= 21 or oxygen > 100:
        raise Refused("no share of oxygen")
    if oxygen >= 21:
        raise Refused("no excess of air can be taken off air")
    factor = (21 - reference) / (21 - oxygen)
    return {"converted": concentration * factor, "factor": factor}


@topic
def stack_rate(given: dict[str, Any]) -> dict[str, Any]:
    """Find the rate by height: interpolated inside the table, by the square of the height outside it."""
    grade, name = one_of(given.get("grade", "2"), ("2", "3")), ALIASES.get(given["item"], given["item"])
    case = given.get("case") or ("其它" if name == "颗粒物" else "")
    table = [
        (Fraction(Decimal(h)), Fraction(Decimal(limit)))
        for item, scope, area, h, limit in TABLES["stack"]
        if (item, scope, area) == (name, case, grade)
    ]
    if not table or not given["stacks"]:
        raise Refused("no rate for this")
    stacks = given["stacks"]
    height: Fraction | float = number(stacks[0]["height"])
    rates = [number(one["rate"], 0) for one in stacks if one.get("rate") is not None]
    for before, one in itertools.pairwise(stacks):
        if number(one["distance"], 0) >= number(before["height"]) + number(one["height"]):
            raise Refused("too far apart to be taken as one")
        height = math.sqrt((height**2 + number(one["height"]) ** 2) / 2)
    if height <= 0:
        raise Refused("no height")
    low, high = table[0], table[-1]
    permitted: Fraction | float
    if height < low[0]:
        permitted = low[1] * (height / low[0]) ** 2 / 2
    elif height > high[0]:
        permitted = high[1] * (height / high[0]) ** 2
    else:
        for (h1, q1), (h2, q2) in itertools.pairwise(table):
            if height <= h2:
                permitted = q1 + (q2 - q1) * (height - h1) / (h2 - h1)
                break
    if given.get("above_buildings") is False:
        permitted = permitted / 2
    rate = sum(rates, Fraction(0)) if len(rates) == len(stacks) else None
    return {
        "height": height,
        "permitted_rate": permitted,
        "rate": rate,
        "over": None if rate is None else rate > permitted,
    }


@topic
def emission_load(given: dict[str, Any]) -> dict[str, Any]:
    """Add up concentration by flow: mg/L and m³ to kg by a thousand, mg/m³ by a million."""
    scale = {"water": 1000, "gas": 1_000_000}[one_of(given["medium"], ("water", "gas"))]
    if not given["periods"]:
        raise Refused("no periods")
    mass = flow = Fraction(0)
    missing = 0
    for row in given["periods"]:
        day(row["day"])
        if row.get("concentration") is None or row.get("flow") is None:
            missing += 1
            continue
        volume = number(row["flow"], 0)
        mass += number(row["concentration"], 0) * volume / scale
        flow += volume
    return {
        "mass": mass,
        "flow": flow,
        "weighted_mean": mass * scale / flow if flow else None,
        "measured": len(given["periods"]) - missing,
        "missing_periods": missing,
    }


@topic
def data_validity(given: dict[str, Any]) -> dict[str, Any]:
    medium, period = (
        one_of(given["medium"], ("gas", "water")),
        one_of(given["period"], ("hour", "day", "month", "quarter")),
    )
    had = whole(given["valid"])
    due = whole(given["due"]) if given.get("due") is not None else None
    if medium == "water":
        if period not in ("day", "month") or not due:
            raise Refused("no rule")
        return within(had, due, math.ceil(Fraction(due) * 3 / 4))
    if period == "quarter":
        running = (due or 0) - whole(given.get("stopped", 0))
        if running == 0 and had == 0:
            return {"valid": None, "capture_rate": None}
        if running <= 0 or had > running:
            raise Refused("more hours than there were")
        return {"valid": Fraction(100 * had, running) >= 75, "capture_rate": Fraction(100 * had, running)}
    if period == "month":
        month = day(given["month"])
        return within(had, 31, 23 if month.month == 2 else 25)
    return within(had, 60 if period == "hour" else 24, 45 if period == "hour" else 20)


def within(had: int, due: int, needed: int) -> dict[str, Any]:
    if had > due:
        raise Refused("more than there can be")
    return {"valid": had >= needed, "needed": needed}


@topic
def missing_data_substitution(given: dict[str, Any]) -> dict[str, Any]:
    gap, before = whole(given["gap"], 1), [number(one, 0) for one in given["before"] if one is not None]
    if one_of(given["medium"], ("gas", "water")) == "water":
        manual = [number(one, 0) for one in given.get("manual", []) if one is not None]
        amount = sum(manual) / len(manual) if len(manual) >= 4 else max(before[-30:], default=None)
        asked = 30
    else:
        capture = number(given["capture"], 0)
        if capture > 100:
            raise Refused("a rate goes up to 100 %")
        if capture < 75:
            raise Refused("below 75 % the tables say nothing")
        asked = 2160 if capture < 90 else 180 if gap <= 24 else 720
        amount = max(before[-asked:], default=None)
    if amount is None:
        raise Refused("nothing before the gap")
    return {"amount": amount, "whole_gap": amount * gap}


ONE_OF_THREE = ("化学需氧量", "五日生化需氧量", "生化需氧量", "总有机碳")


def equivalent_row(medium: str, name: str) -> tuple[str, Fraction]:
    """Find group and equivalent value of a pollutant by its name, with or without what stands in brackets."""
    wanted = {"BOD5": "生化需氧量", "TOC": "总有机碳"}.get(name, ALIASES.get(name, name))
    for group, _, item, value in TABLES["equivalents"]:
        if (group == "air") == (medium == "air") and wanted in (item, item.partition("(")[0]):
            return group, Fraction(Decimal(value))
    raise Refused(f"{name} is not in the annex")


def ph_value(ph: Fraction) -> Fraction | None:
    """Give the tonnes of water of one equivalent, None inside 6 to 9."""
    if not 0 <= ph <= 14:
        raise Refused("no pH")
    for edge, (low, high) in {"0.06": (1, 13), "0.125": (2, 12), "0.25": (3, 11), "0.5": (4, 10), "1": (5, 9)}.items():
        if ph < low or ph > high:
            return Fraction(Decimal(edge))
    return Fraction(5) if ph < 6 else None


def chosen(medium: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mark what is taxed: three of air; of water five of class 1 and three others, one of COD, BOD5 and TOC."""
    rank = sorted(items, key=lambda one: -one["equivalents"])
    counts = {"air": 3, "class1": 5, "class2": 3}
    organic = False
    for one in rank:
        alike = {"BOD5": "生化需氧量", "TOC": "总有机碳"}.get(
            one["item"], ALIASES.get(one["item"], one["item"])
        ) in ONE_OF_THREE
        one["taxed"] = counts[one["group"]] > 0 and not (alike and organic)
        if one["taxed"]:
            counts[one["group"]] -= 1
            organic = organic or alike
    return rank


def amounts(medium: str, given: Iterable[tuple[str, object]]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    seen: set[tuple[str, Fraction, str]] = set()
    for name, amount in given:
        group, value = equivalent_row(medium, name)
        if (group, value, ALIASES.get(name, name)) in seen:
            raise Refused(f"{name} stands twice")
        seen.add((group, value, ALIASES.get(name, name)))
        items.append({"item": name, "group": group, "equivalents": number(amount, 0) / value})
    return items


@topic
def pollutant_equivalents(given: dict[str, Any]) -> dict[str, Any]:
    medium = one_of(given["medium"], ("air", "water"))
    items = amounts(medium, given["amounts"].items())
    if given.get("ph") is not None:
        value = ph_value(number(given["ph"]))
        if value is not None:
            items.append({"item": "pH", "group": "class2", "equivalents": number(given["water"], 0) / value})
    if given.get("colour") is not None:
        items.append({"item": "colour", "group": "class2", "equivalents": number(given["colour"], 0) / 5})
    if not given["amounts"] and given.get("ph") is None and given.get("colour") is None:
        raise Refused("no amounts")
    rank = chosen(medium, items)
    return {"items": rank, "taxed_equivalents": sum((one["equivalents"] for one in rank if one["taxed"]), Fraction(0))}


NOISE_TAX = ((3, 350), (6, 700), (9, 1400), (12, 2800), (15, 5600))
SOLID_TAX = {"coal_gangue": 5, "tailings": 15, "hazardous": 1000, "slag_ash_other": 25}


@topic
def environmental_tax(given: dict[str, Any]) -> dict[str, Any]:
    tax = Fraction(0)
    outlets: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in given.get("outlets", []):
        outlets.setdefault((row["outlet"], one_of(row["medium"], ("air", "water"))), []).append(row)
    for (_, medium), rows in outlets.items():
        rate = number(given[f"{medium}_rate"])
        least, most = (Fraction(12, 10), 12) if medium == "air" else (Fraction(14, 10), 14)
        if not least <= rate <= most:
            raise Refused("outside the band of the law")
        items = amounts(medium, ((row["pollutant"], row["amount"]) for row in rows))
        kept = all(row.get("kept", True) for row in rows)
        for item, row in zip(items, rows, strict=True):
            if row.get("below") is not None and number(row["below"]) > 100:
                raise Refused("nothing is more than all below")
            below = number(row["below"]) if row.get("below") is not None and kept else Fraction(0)
            item["share"] = Fraction(1, 2) if below >= 50 else Fraction(3, 4) if below >= 30 else Fraction(1)
        tax += sum(one["equivalents"] * rate * one["share"] for one in chosen(medium, items) if one["taxed"])
    for row in given.get("noise", []):
        over = number(row["over"])
        if over < 1 or not 1 <= whole(row["days"]) <= 31:
            raise Refused("the annex begins at 1 dB")
        sum_ = Fraction(next((sum_ for top, sum_ in NOISE_TAX if over <= top), 11200))
        sum_ *= 2 if number(row.get("boundary", 0), 0) > 100 and whole(row.get("points", 1), 1) >= 2 else 1
        tax += sum_ / 2 if whole(row["days"]) < 15 else sum_
    for row in given.get("solid", []):
        tax += number(row["mass"], 0) * SOLID_TAX[one_of(row["kind"], SOLID_TAX)]
    return {"tax": tax}


YEARLY_HOURS = {
    **dict.fromkeys(("incinerator-start", "incinerator-shutdown", "incinerator-fault", "incinerator-accident"), 60),
    **dict.fromkeys(("incinerator-heating", "incinerator-cooling"), 700),
}
INVALID_MARKS = ("maintenance", "calibration", "fault", "stopped")


@topic
def data_marking(given: dict[str, Any]) -> dict[str, Any]:
    """Take what the year still allows of a mark off the hours that are judged."""
    day(given["day"])
    mark = one_of(given["mark"], (*YEARLY_HOURS, *INVALID_MARKS, "link-lost"))
    hours, used = number(given.get("hours", 1), 0), number(given.get("used", 0), 0)
    exempt = hours if mark in INVALID_MARKS else Fraction(0)
    if mark in YEARLY_HOURS:
        single = min(hours, Fraction(4)) if mark == "incinerator-fault" else hours  # one fault
        exempt = min(single, max(Fraction(0), YEARLY_HOURS[mark] - used))
    return {"hours_not_judged": exempt, "hours_judged": hours - exempt}


@topic
def quota_progress(given: dict[str, Any]) -> dict[str, Any]:
    items = []
    day(given["day"])
    for name, quota in given["quotas"].items():
        most, had = number(quota, 0), number(given["emitted"][name], 0)
        if most == 0:
            raise Refused("a quota of nothing")
        items.append({"item": name, "left": most - had, "used": rounded(had / most * 100, Fraction(1, 10))})
    return {"exceeding_quota": [one["item"] for one in items if one["left"] < 0], "items": items}


DAILY_MEANS = {"particulates": 20, "NOx": 250, "SO2": 80, "HCl": 50, "CO": 80}  # GB 18485 table 4


@topic
def incinerator_day(given: dict[str, Any]) -> dict[str, Any]:
    """A day violates by a daily mean beyond its limit, or by more than five means of five minutes below 850 degrees."""
    if day(given["day"]) < date(2020, 1, 1):
        raise Refused("before the rule")
    means, furnace = given.get("means", {}), given.get("furnace", [])
    if (not means and not furnace) or len(furnace) > 24 * 12:
        raise Refused("means of one natural day")
    items = []
    for name, value in means.items():
        limit = number(given.get("permit", {}).get(name) or DAILY_MEANS[one_of(name, DAILY_MEANS)])
        items.append({"item": name, "over": rounded(number(value, 0)) > limit})
    below = sum(number(one) < 850 for one in furnace if one is not None)
    return {
        "violation": any(one["over"] for one in items) or below > 5,
        "items": items,
        "furnace_below": below,
        "furnace_over": below > 5,
    }
