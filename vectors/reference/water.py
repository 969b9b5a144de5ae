"""Surface water: GB 3838-2002 and the rules of its assessment."""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from asking import TABLES, Refused, day, number, one_of, places, rounded, topic

CLASSES = ("I", "II", "III", "IV", "V", "worse")
STATUS = {"I": "优", "II": "优", "III": "良好", "IV": "轻度污染", "V": "中度污染", "worse": "重度污染"}
WATER_NAMES = {
    "DO": "溶解氧",
    "CODMn": "高锰酸盐指数",
    "COD": "化学需氧量",
    "BOD5": "五日生化需氧量",
    "NH3-N": "氨氮",
    "TP": "总磷",
    "TN": "总氮",
    "Cu": "铜",
    "Zn": "锌",
    "F": "氟化物",
    "Se": "硒",
    "As": "砷",
    "Hg": "汞",
    "Cd": "镉",
    "Cr6": "铬(六价)",
    "Pb": "铅",
    "CN": "氰化物",
    "phenols": "挥发酚",
    "petroleum": "石油类",
    "LAS": "阴离子表面活性剂",
    "S": "硫化物",
    "coliforms": "粪大肠菌群",
}
FIRST_NAMED = {"CN", "Hg", "Cd", "Cr6", "Pb", "As", "Se", "Cu", "Zn"}  # cyanide and metals lead the list of pollutants


def surface_limits(item: str, body: str) -> list[str] | None:
    for name, waters, _, *limits in TABLES["surface"]:
        if name == WATER_NAMES.get(item) and waters in ("both", body):
            return limits
    return None


def water_item(
    item: str, value: Fraction, body: str, target: str, saturation: Fraction | None
) -> dict[str, Any] | None:
    """Judge one item: its class, and how it stands to the limit of the target; None where it has no limit."""
    if item == "pH":
        if value > 14:
            raise Refused("no pH")
        fits = 6 <= value <= 9
        return {"item": item, "class": "I" if fits else "worse", "over": not fits, "multiple": None}
    limits = surface_limits(item, body)
    if limits is None:
        if item in WATER_NAMES:
            return None
        raise Refused(f"unknown item {item}")
    edges = [Fraction(Decimal(limit)) for limit in limits]
    keeps = [value >= edge for edge in edges] if item == "DO" else [value <= edge for edge in edges]
    if item == "DO" and saturation is not None and saturation >= 90:
        keeps[0] = True
    class_ = CLASSES[keeps.index(True)] if True in keeps else "worse"
    at = CLASSES.index(target)
    over = CLASSES.index(class_) > at
    multiple = value / edges[at] - 1 if over and item != "DO" else None
    return {"item": item, "class": class_, "over": over, "multiple": multiple}


def judged(values: dict[str, Fraction], body: str, target: str, saturation: Fraction | None = None) -> dict[str, Any]:
    items = [one for name, value in values.items() if (one := water_item(name, value, body, target, saturation))]
    deciding = [one for one in items if one["item"] not in ("TN", "coliforms")]
    if not deciding:
        raise Refused("no item that decides")
    class_ = max((one["class"] for one in deciding), key=CLASSES.index)
    over = [one for one in deciding if one["over"]]
    order = sorted(
        over, key=lambda o: (o["item"] not in FIRST_NAMED, -CLASSES.index(o["class"]), -(o["multiple"] or 0))
    )
    named = []
    for one in order[:3]:
        name = "pH" if one["item"] == "pH" else WATER_NAMES[one["item"]]
        tenth = "" if one["multiple"] is None else f"（{float(rounded(one['multiple'], Fraction(1, 10))):.1f}）"
        named.append({"zh": name + tenth})
    return {
        "class": class_,
        "status": {"zh": STATUS[class_]},
        "items": items,
        "main_pollutants": named,
        "deciding": [one["item"] for one in deciding if one["class"] == class_],
        "over": [one["item"] for one in over],
        "attained": CLASSES.index(class_) <= CLASSES.index(target),
    }


@topic
def water_class(given: dict[str, Any]) -> dict[str, Any]:
    if day(given["day"]) < date(2002, 6, 1):
        raise Refused("before GB 3838-2002")
    body, target = (
        one_of(given.get("body", "river"), ("river", "lake")),
        one_of(given.get("target", "III"), CLASSES[:5]),
    )
    values = {name: number(value, 0) for name, value in given["values"].items() if value is not None}
    values |= {name: number(value, 0) / 2 for name, value in given.get("not_detected", {}).items()}
    if given.get("rounded"):
        for name, value in values.items():
            limits = surface_limits(name, body)
            if limits:
                values[name] = rounded(value, places(limits[CLASSES.index(target)]))
    saturation = given.get("saturation")
    if saturation is not None:
        saturation = number(saturation, 0)
    elif given.get("temperature") is not None and "DO" in values:
        saturation = values["DO"] / (Fraction(468) / (Fraction(316, 10) + number(given["temperature"]))) * 100
    return judged(values, body, target, saturation)


def class_name(text: object) -> str:
    plain = str(text).strip().removesuffix("类").strip()
    for letter, name in zip("ⅠⅡⅢⅣⅤ", CLASSES, strict=False):
        plain = plain.replace(letter, name)
    return one_of({"劣V": "worse"}.get(plain, plain), CLASSES)


def shares(classes: Sequence[str]) -> dict[str, Any]:
    def share(*wanted: str) -> Fraction:
        return rounded(Fraction(100 * sum(one in wanted for one in classes), len(classes)), Fraction(1, 10))

    return {
        "sections": len(classes),
        "share_best": share("I", "II"),
        "share_good": share("I", "II", "III"),
        "share_worst": share("worse"),
    }


@topic
def water_target(given: dict[str, Any]) -> dict[str, Any]:
    rows = [(row["section"], class_name(row["class"]), class_name(row["target"])) for row in given["sections"]]
    if not rows:
        raise Refused("no sections")
    missed = [name for name, found, target in rows if CLASSES.index(found) > CLASSES.index(target)]
    kept = len(rows) - len(missed)
    ratio = rounded(Fraction(100 * kept, len(rows)), Fraction(1, 10))
    return {"attained_ratio": ratio, "attained_sections": kept, "missed": missed} | shares(
        [found for _, found, _ in rows]
    )


@topic
def water_change(given: dict[str, Any]) -> dict[str, Any]:
    """Compare the share of I to III less that of worse than V in two periods."""
    rows = [(row["section"], class_name(row["before"]), class_name(row["after"])) for row in given["sections"]]
    if not rows:
        raise Refused("no sections")
    rank = {name: CLASSES.index(name) for name in CLASSES}

    def score(column: int) -> int:
        return sum((rank[row[column]] <= 2) - (row[column] == "worse") for row in rows)

    change = Fraction(100 * (score(2) - score(1)), len(rows))
    better = [row[0] for row in rows if rank[row[2]] < rank[row[1]]]
    worse = [row[0] for row in rows if rank[row[2]] > rank[row[1]]]
    return {
        "change": rounded(change, Fraction(1, 10)),
        "improved": better,
        "deteriorated": worse,
        "before": shares([row[1] for row in rows]),
        "after": shares([row[2] for row in rows]),
    }


def mean_ph(values: Sequence[Fraction]) -> Fraction:
    return Fraction(-math.log10(sum(10.0 ** -float(one) for one in values) / len(values)))


@topic
def water_month(given: dict[str, Any]) -> dict[str, Any]:
    """Average the samples of a section and month, judge the means, and the river as a whole."""
    if not given["samples"]:
        raise Refused("no samples")
    if len({(row["section"], row.get("body", "river")) for row in given["samples"]}) > len(
        {row["section"] for row in given["samples"]}
    ):
        raise Refused("one kind of water body a section")
    groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in given["samples"]:
        groups.setdefault(day(row["day"]).strftime("%Y-%m"), {}).setdefault(row["section"], []).append(row)
    months = []
    for month in sorted(groups):
        sections, means = [], []
        for name, rows in groups[month].items():
            values = {}
            for item in ("pH", *WATER_NAMES):
                had = [number(row[item], 0) for row in rows if row.get(item) is not None]
                if had:
                    values[item] = (
                        mean_ph(had) if item == "pH" and given.get("ph_mean") != "arithmetic" else sum(had) / len(had)
                    )
            said = judged(values, rows[0].get("body", "river"), rows[0].get("target", "III"))
            sections.append({"section": name, "samples": len(rows)} | said)
            means.append(values)
        classes = [one["class"] for one in sections]
        whole_status = river_status(classes) if len(sections) >= 5 else few_sections(means)
        months.append(
            {"month": month, "sections": sections, "shares": shares(classes), "whole_status": {"zh": whole_status}}
        )
    return {"months": months}


def few_sections(means: list[dict[str, Fraction]]) -> str:
    over_all = {item: [one[item] for one in means if item in one] for item in ("pH", *WATER_NAMES)}
    values = {item: sum(had) / len(had) for item, had in over_all.items() if had}
    return STATUS[judged(values, "river", "III")["class"]]


def river_status(classes: Sequence[str]) -> str:
    good = Fraction(sum(one in CLASSES[:3] for one in classes), len(classes))
    worst = Fraction(classes.count("worse"), len(classes))
    if good >= Fraction(3, 4):
        return "优" if good >= Fraction(9, 10) else "良好"
    return "轻度污染" if worst < Fraction(1, 5) else "中度污染" if worst < Fraction(2, 5) else "重度污染"


@topic
def water_city_index(given: dict[str, Any]) -> dict[str, Any]:
    cities: dict[str, list[dict[str, Any]]] = {}
    if not given["sections"]:
        raise Refused("no sections")
    for row in given["sections"]:
        body = one_of(row.get("body", "river"), ("river", "lake"))
        index = Fraction(0)
        if all(value is None for item, value in row.items() if item not in ("city", "section", "body")):
            raise Refused("no items")
        for item, raw in row.items():
            if item in ("city", "section", "body") or raw is None:
                continue
            value = number(raw, 0)
            if item == "pH":
                index += 7 - value if value <= 7 else (value - 7) / 2
            elif item in WATER_NAMES and (limits := surface_limits(item, body)):
                limit = Fraction(Decimal(limits[2]))
                if item == "DO" and value == 0:
                    raise Refused("no oxygen: the index has no value")
                index += limit / value if item == "DO" else value / limit
        cities.setdefault(row["city"], []).append({"body": body, "index": index})
    rows = [{"city": name, "index": sum(one["index"] for one in had) / len(had)} for name, had in cities.items()]
    rows.sort(key=lambda one: one["index"])
    for row in rows:
        row["place"] = 1 + sum(other["index"] < row["index"] for other in rows)
    return {"cities": rows}


@topic
def trophic_index(given: dict[str, Any]) -> dict[str, Any]:
    formulas = {
        "chla": (2.5, 1.086, 0.2663),
        "TP": (9.436, 1.624, 0.1879),
        "TN": (5.453, 1.694, 0.1790),
        "SD": (5.118, -1.94, 0.1834),
        "CODMn": (0.109, 2.661, 0.1834),
    }
    items = []
    for name, (constant, slope, weight) in formulas.items():
        value = number(given[name])
        if value <= 0:
            raise Refused(f"{name} is not above zero")
        items.append({"item": name, "index": 10 * (constant + slope * math.log(value)), "weight": weight})
    index = sum(one["index"] * one["weight"] for one in items)
    state = ("贫营养", "中营养", "轻度富营养", "中度富营养", "重度富营养")
    edges = (index >= 30, index > 50, index > 60, index > 70)
    return {"index": index, "state": {"zh": state[sum(edges)]}, "items": items}


@topic
def drinking_source(given: dict[str, Any]) -> dict[str, Any]:
    """Judge table 1 by class and tables 2 and 3 by their single limits."""
    singles = {name: Fraction(Decimal(limit)) for name, limit, _ in TABLES["source"]}
    if not given["values"]:
        raise Refused("no values")
    basic = {name: value for name, value in given["values"].items() if name in WATER_NAMES or name == "pH"}
    result = water_class({**given, "values": basic}) if basic else {"class": None, "items": [], "attained": True}
    items = [{**one, "name": {"zh": WATER_NAMES.get(one["item"], one["item"])}} for one in result["items"]]
    for name, value in given["values"].items():
        if name not in basic:
            if name not in singles:
                raise Refused(f"no limit for {name}")
            exact = number(value, 0)
            over = exact > singles[name]
            items.append({"name": {"zh": name}, "over": over, "multiple": exact / singles[name] - 1 if over else None})
    over = [one for one in items if one["over"] and one.get("item") not in ("TN", "coliforms")]
    return {"kept": not over, "class": result["class"], "items": items}


@topic
def water_temperature(given: dict[str, Any]) -> dict[str, Any]:
    """Weekly means may rise by 1 and fall by 2 degrees."""
    if day(given["day"]) < date(2002, 6, 1):
        raise Refused("before the standard")
    changes = [number(one["measured"]) - number(one["natural"]) for one in given["weeks"]]
    if not changes:
        raise Refused("no week")
    weeks = [{"temperature_change": change, "over": not -2 <= change <= 1} for change in changes]
    rise, fall = max(0, *changes), max(0, *(-change for change in changes))
    return {
        "kept": not any(one["over"] for one in weeks),
        "largest_rise": rise,
        "largest_fall": fall,
        "weeks": weeks,
    }


@topic
def water_period(given: dict[str, Any]) -> dict[str, Any]:
    """Means of months, then of the months of a quarter or year, whatever the number of samples."""
    if not given["samples"]:
        raise Refused("no samples")
    years = one_of(given["period"], ("quarter", "year")) == "year"
    groups: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
    for row in given["samples"]:
        on = day(row["day"])
        label = str(on.year) if years else f"{on.year}-Q{(on.month + 2) // 3}"
        months = groups.setdefault(label, {}).setdefault(row["section"], {})
        months.setdefault(on.strftime("%Y-%m"), []).append(row)
    periods = []
    for label, several in sorted(groups.items()):
        sections = []
        for name, by_month in several.items():
            values = {}
            for item in WATER_NAMES:
                means = []
                for rows in by_month.values():
                    had = [number(row[item], 0) for row in rows if row.get(item) is not None]
                    means += [sum(had) / len(had)] if had else []
                if means:
                    values[item] = sum(means) / len(means)
            first = next(iter(by_month.values()))[0]
            said = judged(values, first.get("body", "river"), first.get("target", "III"))
            valid = not years or len(by_month) >= 8
            sections.append({"section": name, "months_counted": len(by_month), "valid": valid} | said)
        periods.append({"period": label, "sections": sections})
    return {"periods": periods}
