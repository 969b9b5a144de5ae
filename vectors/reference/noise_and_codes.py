"""Noise, codes with their check characters, dates and procedure."""

import math
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

from asking import TABLES, Refused, day, number, one_of, rounded, topic, whole

NOISE = {
    "ambient": ("GB 3096-2008", date(2008, 10, 1)),
    "factory": ("GB 12348-2008", date(2008, 10, 1)),
    "community": ("GB 22337-2008", date(2008, 10, 1)),
    "construction": ("GB 12523-2011", date(2012, 7, 1)),
}


def correction_for(level: Fraction, background: object) -> int | None:
    """Give what table 4 takes off; None where the background is less than 3 dB below the level."""
    if background is None:
        return 0
    difference = level - number(background, 0)
    if difference < 0:
        raise Refused("no background is above what was measured")
    if difference < 3:
        return None
    if difference > 10:
        return 0
    nearest = rounded(difference)
    return -3 if nearest == 3 else -2 if nearest <= 5 else -1


@topic
def noise_limit(given: dict[str, Any]) -> dict[str, Any]:
    """Take the background off by GB 12348 table 4, round to whole decibels, compare."""
    on, kind, period = day(given["day"]), one_of(given["kind"], NOISE), one_of(given["period"], ("day", "night"))
    document, since = NOISE[kind]
    if on < since:
        raise Refused("before the standard")
    if kind == "construction" and on >= date(2026, 1, 1):
        document = "GB 12523-2025"
    zone = "" if given["zone"] == "site" else given["zone"]
    found = [int(limit) for name, _, z, p, limit in TABLES["noise"] if (name, z, p) == (document, zone, period)]
    if not found:
        raise Refused("no such zone")
    limit = found[0] - (10 if given.get("indoors") else 0)
    result: dict[str, Any] = {"edition": document, "limit": limit, "peak_limit": None}
    if period == "night" and document != "GB 12523-2025":
        frequent = kind in ("factory", "community") and given.get("peak_kind", "sudden") == "frequent"
        result["peak_limit"] = limit + (10 if frequent else 15)
    if given.get("level") is None:
        return result
    level = number(given["level"], 0)
    if level > 200:
        raise Refused("nothing is that loud")
    correction = correction_for(level, given.get("background"))
    if correction is None:
        return result | {"correction": None, "corrected": None, "rounded": None, "over": None}
    exact = rounded(level + correction)
    over = exact > limit
    return result | {
        "correction": correction,
        "corrected": level + correction,
        "rounded": exact,
        "over": over,
        "decibels_over": exact - limit if over else 0,
    }


@topic
def noise_level(given: dict[str, Any]) -> dict[str, Any]:
    levels = [number(one) for one in given["levels"]]
    weights = (
        [number(one) for one in given["durations"]]
        if given.get("durations") is not None
        else [Fraction(1)] * len(levels)
    )
    if not levels or len(weights) != len(levels) or any(one <= 0 for one in weights):
        raise Refused("levels and how long each lasts")

    def energy(chosen: list[int], more: float = 0) -> float:
        power = sum(float(weights[n]) * 10 ** (float(levels[n]) / 10) for n in chosen)
        return 10 * math.log10(power / sum(float(weights[n]) for n in chosen)) + more

    result: dict[str, Any] = {"leq": energy(list(range(len(levels)))), "highest": max(levels), "lowest": min(levels)}
    if given.get("first_hour") is not None:
        hours = [(whole(given["first_hour"]) + n) % 24 for n in range(len(levels))]
        for name, wanted in (("day_level", range(6, 22)), ("night_level", (*range(6), 22, 23))):
            chosen = [n for n, hour in enumerate(hours) if hour in wanted]
            result[name] = energy(chosen) if chosen else None
    return result


LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 leaves out I, O, S, V and Z


def credit_check(first: str) -> str:
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(LETTERS.index(letter) * weight for letter, weight in zip(first, weights, strict=True))
    return LETTERS[(31 - total % 31) % 31]


def organisation_check(first: str) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(alphabet.index(letter) * weight for letter, weight in zip(first, weights, strict=True)) % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


@topic
def credit_code(given: dict[str, Any]) -> dict[str, Any]:
    code = one_code(given)
    if re.fullmatch(r"[0-9A-Z]{8}", code):
        return {"fits": True, "check": organisation_check(code)}
    if re.fullmatch(r"[0-9A-Z]{8}-?[0-9X]", code):
        plain = code.replace("-", "")
        return {"fits": organisation_check(plain[:8]) == plain[8]}
    if not re.fullmatch(f"[{LETTERS}]{{2}}[0-9]{{6}}[{LETTERS}]{{9,10}}", code):
        return {"fits": False}
    check = credit_check(code[:17])
    if len(code) == 17:
        return {"fits": True, "check": check, "code": code + check}
    return {"fits": check == code[17], "check": check, "division": code[2:8], "organisation": code[8:17]}


def one_code(given: dict[str, Any]) -> str:
    if not isinstance(given["code"], str) or not given["code"].strip():
        raise Refused("no code")
    return given["code"].strip().upper()


@topic
def outlet_code(given: dict[str, Any]) -> dict[str, Any]:
    code = one_code(given)
    short = re.fullmatch(r"(DW|DA|YS|TA|TW|TN|TS)(\d{3})|(MF)(\d{4})", code)
    if short and int(short[2] or short[4]):
        return {"fits": True, "prefix": short[1] or short[3], "number": int(short[2] or short[4])}
    permit = re.fullmatch(r"(\w{18})(\d{3})(P)", code)
    if permit:
        fits = bool(credit_code({"code": permit[1]})["fits"])
        return {"fits": fits, "holder": permit[1], "site": int(permit[2]), "flag": permit[3]}
    return {"fits": False}


@topic
def device_number(given: dict[str, Any]) -> dict[str, Any]:
    code = one_code(given)
    if re.fullmatch("[0-9A-Z]{14}", code):
        return {"fits": True}
    if not re.fullmatch("[0-9A-F]{24}", code):
        return {"fits": False}
    cuts = (("header", 0, 2), ("manufacturer", 2, 9), ("object_class", 9, 15), ("serial", 15, 24))
    return {"fits": True, "segments": [{"part": name, "value": code[start:end]} for name, start, end in cuts]}


PROVINCES = set(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)


@topic
def division_code(given: dict[str, Any]) -> dict[str, Any]:
    code = one_code(given)
    if not re.fullmatch(r"\d{6}(\d{3}(\d{3})?)?", code) or code[:2] not in PROVINCES:
        return {"fits": False}
    above = []
    if not code.endswith("0000") or len(code) > 6:
        above.append(code[:2] + "0000")
        if len(code) > 6 or not code.endswith("00"):
            above.append(code[:4] + "00")
    return {"fits": True, "above": above + ([code[:6]] if len(code) > 6 else [])}


@topic
def outfall_code(given: dict[str, Any]) -> dict[str, Any]:
    parts = re.fullmatch(r"([A-Z]+)-(\d{6})-(\d{4})-([A-Z]{2})-(\d{2})", one_code(given))
    if not parts:
        return {"fits": False}
    return {
        "fits": True,
        "water_body": parts[1],
        "division": parts[2],
        "number": int(parts[3]),
        "outfall_kind": parts[4],
        "suffix": parts[5],
    }


@topic
def outfall_class(given: dict[str, Any]) -> dict[str, Any]:
    for first, second, third, procedure in TABLES["outfalls"]:
        if (third or second) == given["name"]:
            word = "设置审批" if procedure == "approval" else "登记"
            names = list(dict.fromkeys(one for one in (first, second, third) if one))
            return {"levels": [{"zh": one} for one in names], "procedure": {"zh": word}}
    raise Refused("no such class")


def free(on: date, given: dict[str, Any]) -> bool:
    if on in {day(row["day"]) for row in given.get("workdays", [])}:
        return False
    return on.weekday() >= 5 or on in {day(row["day"]) for row in given.get("holidays", [])}


@topic
def working_days(given: dict[str, Any]) -> dict[str, Any]:
    """Count from the day after the event (行政处罚法 85: days are working days where the law says so)."""
    start = day(given["start"])
    if given.get("until") is not None:
        until = day(given["until"])
        return {"working_days": sum(not free(start + timedelta(n), given) for n in range(1, (until - start).days + 1))}
    if (given.get("process"), given.get("step")) == ("permit", "renewal_request") and start >= date(2021, 3, 1):
        last = start - timedelta(60)  # counted back from the end of the permit
        before = last
        while free(before, given):
            before -= timedelta(1)
        return {"last_day": last.isoformat(), "is_worked": not free(last, given), "last_worked_day": before.isoformat()}
    if (given.get("process"), given.get("step")) == ("penalty", "decision") and start >= date(2021, 7, 15):
        given = {**given, "number": 90, "unit": "day"}  # 行政处罚法 60: calendar days from the filing
    count, unit = whole(given["number"], 1), one_of(given.get("unit", "working_day"), ("day", "working_day", "month"))
    last = start
    if unit == "month":
        year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
        last = date(
            year, month + 1, min(start.day, (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day)
        )
    elif unit == "day":
        last = start + timedelta(count)
    else:
        while count:
            last += timedelta(1)
            count -= not free(last, given)
    following = last
    while free(following, given):
        following += timedelta(1)
    return {"last_day": last.isoformat(), "is_worked": not free(last, given), "next_worked_day": following.isoformat()}


@topic
def standards_in_force(given: dict[str, Any]) -> dict[str, Any]:
    on = day(given["day"]).isoformat()
    held = [
        {"standard": code} for code, since, until in TABLES["in_force"] if since <= on and (not until or on <= until)
    ]
    return {"standards": held}


WARNINGS = {
    "2018": {"red": ((4, 200), (2, 300)), "orange": ((3, 200),), "yellow": ((2, 200),)},
    "2024": {"red": ((3, 200), (1, 300)), "orange": ((2, 200),), "yellow": ((1, 200),)},
}
OR_ELSE = {("2018", "red"): (1, 499), ("2024", "orange"): (3, 150), ("2024", "yellow"): (2, 150)}


def longest(values: list[Fraction], above: int) -> int:
    best = run = 0
    for one in values:
        run = run + 1 if one > above else 0
        best = max(best, run)
    return best


@topic
def heavy_pollution_level(given: dict[str, Any]) -> dict[str, Any]:
    rule = one_of(given["rule"], WARNINGS)
    values = [number(one, 0) for one in given["aqi"]]
    if not values:
        raise Refused("no days")
    for level, conditions in WARNINGS[rule].items():
        days, above = OR_ELSE.get((rule, level), (10**9, 0))
        if all(longest(values, edge) >= days_ for days_, edge in conditions) or longest(values, above) >= days:
            return {"level": level}
    return {"level": None}


@topic
def rank_trend(given: dict[str, Any]) -> dict[str, Any]:
    """Correlate ranks with time; the probability is counted over all orders."""
    values = [number(one) for one in given["values"]]
    if not 5 <= len(values) <= 8:
        raise Refused("5 values or more; the reference counts the orders of up to 8")
    ranks = [Fraction(sum(o < one for o in values) * 2 + sum(o == one for o in values) + 1, 2) for one in values]

    def product(order: Any) -> Fraction:
        return Fraction(sum((n + 1) * rank for n, rank in enumerate(order)))

    here, orders = product(ranks), list(permutations(ranks))
    centre = Fraction(len(ranks) + 1, 2)
    spread = sum((n + 1 - centre) ** 2 for n in range(len(ranks)))
    own = sum((rank - centre) ** 2 for rank in ranks)
    if own == 0:
        return {"correlation": None}
    covariance = here - len(ranks) * centre**2
    falls = covariance < 0
    tail = sum(product(order) <= here if falls else product(order) >= here for order in orders)
    return {
        "correlation": float(covariance) / math.sqrt(spread * own),
        "probability_by_chance": Decimal(tail) / len(orders),
    }
