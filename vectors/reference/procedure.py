"""Procedure: time that counts, colours, grids, fines, emergency cuts, scores of forecasts, means of sampled days."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from air import air_edition, ambient, level_of
from asking import Refused, day, number, one_of, places, rounded, topic, whole


def moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise Refused(f"{value!r} is no time")
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Refused(str(error)) from error
    if at.tzinfo is None:
        raise Refused(f"{value} has no zone")
    return at


def seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 1_000_000)


@topic
def daily_fine(given: dict[str, Any]) -> dict[str, Any]:
    """From the day after service to that of the re-check, which falls within thirty days."""
    served, again = day(given["served"]), day(given["rechecked"])
    if served < date(2015, 1, 1) or not 1 <= (again - served).days <= 30:
        raise Refused("no re-check in time")
    amount = given.get("amount_a_day")
    if amount is not None and number(amount) <= 0:
        raise Refused("no fine")
    days = (again - served).days
    return {
        "first_day": (served + timedelta(1)).isoformat(),
        "days_fined": days,
        "fine_in_all": None if amount is None else number(amount) * days,
        "recheck_until": (served + timedelta(30)).isoformat(),
    }


@topic
def emergency_cuts(given: dict[str, Any]) -> dict[str, Any]:
    """Shares of what the whole area emits: 10, 20 and 30 % by the level, or the plan's own."""
    if day(given["day"]) < date(2018, 10, 1):
        raise Refused("before the rule")
    least = {"yellow": 10, "orange": 20, "red": 30}[one_of(given["level"], ("yellow", "orange", "red"))]
    asked = Fraction(least) if given.get("own_least") is None else number(given["own_least"])
    if not 0 < asked <= 100:
        raise Refused("no share")
    names = [row["source"] for row in given["sources"] if row["source"]]
    if len(set(names)) < len(names):
        raise Refused("each source once")
    told = []
    for item in ("SO2", "NOx", "PM", "VOCs"):
        total = cut = Fraction(0)
        for row in given["sources"]:
            amount, share = number(row.get(item) or 0, 0), number(row.get("cut", 0), 0)
            if share > 100:
                raise Refused("more than all")
            total, cut = total + amount, cut + amount * share / 100
        if total:
            told.append({"item": item, "share_cut": cut / total * 100, "reached": cut / total * 100 >= asked})
    if not told:
        raise Refused("nothing emitted")
    return {"kept": all(one["reached"] for one in told), "least_share": asked, "pollutants": told}


@topic
def supervision_colour(given: dict[str, Any]) -> dict[str, Any]:
    """Yellow with a quarter of the term left, red with half of it gone again; by days, three before and any beyond."""
    begun, due, at = (moment(given[name]) for name in ("begun", "due", "at"))
    by_share = one_of(given.get("rule", "by_share"), ("by_share", "by_days")) == "by_share"
    if due <= begun or at < begun:
        raise Refused("no such term")
    term, marks = seconds(due - begun), []
    for name, usual in (("yellow_left", 25 if by_share else 3), ("red_over", 50 if by_share else 0)):
        own = Fraction(usual) if given.get(name) is None else number(given[name], 0)
        if name == "yellow_left" and by_share and own > 100:
            raise Refused("more than the term")
        marks.append(own * term / 100 if by_share else own * 86400)
    stood: list[tuple[datetime, datetime]] = []
    for row in given.get("stops", []):
        first, last = moment(row["first"]), at if row.get("last") is None else moment(row["last"])
        one_of(row["reason"], ("hearing", "notice", "monitoring", "appraisal"))
        if first < begun or last < first or begun < datetime.fromisoformat("2010-03-01T00:00:00+08:00"):
            raise Refused("no such stop")
        stood.append((min(first, at), min(last, at)))
    edges = sorted({edge for stop in stood for edge in stop})
    stopped = sum(
        (seconds(b - a) for a, b in pairwise(edges) if any(s <= a and b <= e for s, e in stood)),
        Fraction(0),
    )
    used = seconds(at - begun) - stopped
    red = used >= term + marks[1] if marks[1] else used > term
    return {
        "colour": "red" if red else "yellow" if used >= term - marks[0] else "green",
        "overdue": used > term,
        "hours_used": used / 3600,
        "hours_left": (term - used) / 3600,
        "hours_stopped": stopped / 3600,
    }


def months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


@topic
def grid_patrol(given: dict[str, Any]) -> dict[str, Any]:
    """How often each level goes round in Chengde (2018) and Sanhe (2015), window by window from the first day."""
    rule = one_of(given.get("rule", "chengde"), ("chengde", "sanhe"))
    first, last, key = day(given["first_day"]), day(given["last_day"]), given.get("key_site", False)
    often: dict[Any, tuple[int, int, int]] = (  # times in so many days or months
        {
            ("county", True): (1, 7, 0), ("town", True): (2, 7, 0), ("town", False): (1, 15, 0),
            ("village", True): (1, 2, 0), ("village", False): (1, 2, 0),
        }
        if rule == "chengde"
        else {
            (level, one): window
            for one in (True, False)
            for level, window in {
                "village": (1, 1, 0), "village_area": (1, 7, 0), "town": (1, 7, 0),
                "county": (1, 0, 2), "night": (1, 0, 1),
            }.items()
        }
    )  # fmt: skip
    since = date(2018, 1, 1) if rule == "chengde" else date(2015, 1, 1)
    if (given["level"], key) not in often or last < since or not 0 <= (last - first).days < 3650:
        raise Refused("no such patrol")
    times, days, months = often[given["level"], key]
    done = {day(row["day"]) for row in given.get("patrols", [])}
    if any(not first <= one <= last for one in done):
        raise Refused("a patrol outside the time")
    starts = [first]
    while starts[-1] <= last:
        starts.append(months_later(first, months * len(starts)) if months else starts[-1] + timedelta(days))
    whole_windows = [(a, b) for a, b in pairwise(starts) if b - timedelta(1) <= last]
    kept = sum(sum(a <= one < b for one in done) >= times for a, b in whole_windows)
    result: dict[str, Any] = {
        "times": times,
        "windows": len(whole_windows),
        "windows_kept": kept,
        "share_kept": Fraction(kept * 100, len(whole_windows)) if whole_windows else None,
        "patrolled": kept == len(whole_windows) if whole_windows else None,
    }
    heads, workers = given.get("heads"), given.get("workers")
    if heads is not None and workers is not None and rule == "chengde":
        result["staffed"] = whole(heads) >= 1 and whole(workers) >= 2
    return result


@topic
def grid_assessment(given: dict[str, Any]) -> dict[str, Any]:
    full = {"arrangements": 20, "system": 30, "running": 50}
    shares = {part: number(given[part], 0) for part in full}
    if max(shares.values()) > 100:
        raise Refused("more than all")
    return {"score": sum(full[part] * share / 100 for part, share in shares.items())}


@topic
def electronic_supervision(given: dict[str, Any]) -> dict[str, Any]:
    warned = ("exempt_time", "violation_time", "fault_time", "network", "missing_data")
    matter = one_of(given["matter"], (*warned, "in_process", "after_event"))
    if day(given["day"]) < date(2020, 1, 1):
        raise Refused("before the rules")
    name = "事前预警" if matter in warned else "事中调度" if matter == "in_process" else "事后处理"
    return {"supervision_class": {"zh": name}, "needs_answer": False if matter in warned else None}


@topic
def performance_grade(given: dict[str, Any]) -> dict[str, Any]:
    asked = {
        "A": "自主减排",
        "benchmark": "自主减排",
        "B": "以限代停",
        "C": "以停代限",
        "D": "停产",
        "not_benchmark": "差异化管控",
    }
    return {"measure": {"zh": asked[one_of(given["grade"], asked)]}}


def half_level(aqi: Fraction) -> int:
    return 1 + sum(aqi > edge for edge in (25, 50, 75, 100, 125, 150, 175, 200, 250, 300, 400))


@topic
def air_forecast_score(given: dict[str, Any]) -> dict[str, Any]:
    """Levels, half levels and points; only what needs the forecast value alone."""
    pairs: dict[int, list[tuple[Fraction, Fraction]]] = {}
    for row in given["forecasts"]:
        air_edition(day(row["day"]))
        lead = whole(row["lead"])
        if row.get("observed") is not None and row.get("forecast") is not None:
            seen, said = number(row["observed"], 0), number(row["forecast"], 0)
            if max(seen, said) > 500:
                raise Refused("no such AQI")
            pairs.setdefault(lead, []).append((seen, said))
    if not given["forecasts"]:
        raise Refused("no forecast")

    def scores(rows: list[tuple[Fraction, Fraction]]) -> dict[str, Any]:
        off = [half_level(said) - half_level(seen) for seen, said in rows]
        levels = [abs(level_of(said) - level_of(seen)) for seen, said in rows]  # type: ignore[arg-type]
        errors = [abs(said - seen) for seen, said in rows]
        share = Fraction(100, len(rows))
        return {
            "forecasts": len(rows),
            "strict_level": sum(one == 0 for one in levels) * share,
            "half_level": sum(abs(one) <= 1 for one in off) * share,
            "half_level_high": sum(one > 1 for one in off) * share,
            "half_level_low": sum(one < -1 for one in off) * share,
            "level_points": Fraction(sum((100, 50, 25, 0, 0, 0)[one] for one in levels), len(rows)),
            "value_points": Fraction(
                sum(100 if e <= 25 else 80 if e <= 50 else 60 if e <= 100 else 30 if e <= 150 else 0 for e in errors),
                len(rows),
            ),
        }

    leads = {lead: scores(rows) for lead, rows in sorted(pairs.items())}
    result: dict[str, Any] = {"leads": [{"lead": lead, **one} for lead, one in leads.items()]}
    result["all"] = scores([pair for rows in pairs.values() for pair in rows])
    if {1, 2, 3} <= set(leads):
        weights = {1: Fraction(1, 2), 2: Fraction(3, 10), 3: Fraction(1, 5)}
        result["short_range"] = {
            name: sum(weight * leads[lead][name] for lead, weight in weights.items())
            for name in ("level_points", "value_points")
        }
    return result


@topic
def air_sampled_means(given: dict[str, Any]) -> dict[str, Any]:
    """Counts of table 4, and a mean against its limit where rounding does not decide for lead and benzo[a]pyrene."""
    item, period = (
        one_of(given["item"], ("TSP", "BaP", "Pb", "NOx")),
        one_of(given["period"], ("month", "quarter", "year")),
    )
    rows = {day(row["day"]): row for row in given["days"]}
    if not rows or len(rows) < len(given["days"]):
        raise Refused("each day once")
    last = max(rows)
    air_edition(last)
    length = {"month": 1, "quarter": 3, "year": 12}[period]
    begin = date(last.year, (last.month - 1) // length * length + 1, 1)
    end = months_later(begin, length) - timedelta(1)
    counts = {
        ("NOx", "month"): (25 if last.month == 2 else 27, 0, 20), ("NOx", "year"): (324, 0, 20),
        ("Pb", "quarter"): (15, 5, 24), ("Pb", "year"): (60, 5, 24),
        ("TSP", "year"): (60, 5, 24), ("BaP", "year"): (60, 5, 24),
    }  # fmt: skip
    if (item, period) not in counts or min(rows) < begin:
        raise Refused("no mean over such a time")
    needed, a_month, hours = counts[item, period]
    known = {}
    for on, row in rows.items():
        had = number(row.get("hours", 24), 0)
        if had > 24:
            raise Refused("more hours than a day has")
        if row.get("value") is not None and number(row["value"], 0) >= 0 and had >= hours:
            known[on] = number(row["value"])
    months = [(begin.year, begin.month + step) for step in range(length)]
    thin = [m for m in months if sum((on.year, on.month) == m for on in known) < a_month]
    valid = len(known) >= needed and not thin
    marks = [begin - timedelta(1), *sorted(known), end + timedelta(1)]
    result: dict[str, Any] = {
        "days_had": len(known), "days_needed": needed, "valid": valid,
        "longest_pause": max((b - a).days - 1 for a, b in pairwise(marks)),
        "mean": None, "limit": None, "over": None,
    }  # fmt: skip
    if known:
        mean = sum(known.values(), Fraction(0)) / len(known)
        try:
            written = ambient(last, item, {"year": "annual"}.get(period, period), given.get("grade", "2"))
        except Refused:
            return result | {"mean": rounded(mean, Fraction(1, 10000))}
        near, limit = rounded(mean, places(written)), Fraction(written)
        decided = item not in ("Pb", "BaP") or (near > limit) == (mean > limit)
        result |= {"mean": near, "limit": limit, "over": near > limit if valid and decided else None}
    return result
