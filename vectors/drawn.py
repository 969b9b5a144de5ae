"""Questions drawn by chance, always the same ones, for `generate.py` to have answered by the reference."""

import random
from collections.abc import Callable, Iterator
from typing import Any

Given = dict[str, Any]
Drawn = tuple[Given, list[str]]

PERIOD = "HJ 663|2013|评价 assessment of a city and a period"
WATER = "环办〔2011〕22号|2011|断面与河流水质评价 sections and rivers"
TAX = "环境保护税法|2018|附表一、附表二，第13条 annexes 1 and 2, article 13"
SUBSTITUTES = "HJ 75|2017|表5、表6 Tables 5 and 6"
CLASS_NAMES = ("Ⅰ类", "II", "Ⅲ类", "IV", "Ⅴ类", "劣Ⅴ类")


def air(chance: random.Random, *, old: bool) -> dict[str, float]:
    """Concentrations of a day."""
    tops = {"SO2": 60, "NO2": 120, "PM10": 260, "PM2.5": 160, "CO": 4, "O3_8h": 260} | ({"O3_1h": 300} if old else {})
    return {name: round(chance.uniform(1, top), 2 if name == "CO" else 1) for name, top in tops.items()}


def cities(chance: random.Random) -> Iterator[Drawn]:
    for number in range(20):
        day = ("2025-12-01", "2026-12-01")[number % 2]
        points = [{"point": name, **air(chance, old=number % 2 == 0)} for name in "ABCDE"[: 2 + number % 4]]
        means = [f"means[item={name}].mean" for name in ("SO2", "NO2", "PM10", "PM2.5", "CO", "O3_8h")]
        yield {"day": day, "points": points}, ["edition", "aqi", "primary", *means]


def periods(chance: random.Random) -> Iterator[Drawn]:
    for number in range(16):
        month = ("2025-11", "2026-02", "2026-03", "2026-07")[number % 4]
        days = [{"day": f"{month}-{one:02d}", **air(chance, old=False)} for one in range(1, 20 + number % 9)]
        names = ("PM2.5", "SO2", "CO", "O3_8h")
        figures = ("percentile_value", "days_over", "valid")
        paths = [f"items[item={name}].{figure}" for name in names for figure in figures]
        yield {"period": "month", "days": days}, ["items[item=PM2.5].mean", *paths]


def good_days(chance: random.Random) -> Iterator[Drawn]:
    for number in range(12):
        days = [
            {"day": f"2026-{2 + one // 15:02d}-{14 + one % 15:02d}", **air(chance, old=one < 15)}
            for one in range(6 + number, 25)
        ]
        yield {"days": days}, ["good_days", "valid_days", "share", "by_category[level=3].days"]


def months(chance: random.Random) -> Iterator[Drawn]:
    for number in range(24):
        names = "甲乙丙丁戊己庚辛壬癸"[: 1 + number % 10]
        samples = [
            {"section": name, "day": f"2026-10-{day:02d}", "body": "river", "pH": round(chance.uniform(6.5, 8.5), 1),
             "DO": round(chance.uniform(2, 9), 1), "NH3-N": round(chance.uniform(0.1, 2.2), 2),
             "TP": round(chance.uniform(0.02, 0.45), 2)}
            for name in names
            for day in (5, 20)
        ]  # fmt: skip
        classes = [f"months[0].sections[section={name}].class" for name in names]
        yield {"samples": samples}, ["months[0].whole_status.zh", "months[0].shares.share_good", *classes]


def targets(chance: random.Random) -> Iterator[Drawn]:
    for number in range(12):
        sections = [
            {"section": str(one), "class": chance.choice(CLASS_NAMES), "target": chance.choice(CLASS_NAMES[1:5])}
            for one in range(1 + number)
        ]
        paths = ["attained_ratio", "attained_sections", "missed", "share_best", "share_good", "share_worst"]
        yield {"sections": sections}, paths


def changes(chance: random.Random) -> Iterator[Drawn]:
    for number in range(12):
        sections = [
            {"section": str(one), "before": chance.choice(CLASS_NAMES), "after": chance.choice(CLASS_NAMES)}
            for one in range(2 + number)
        ]
        yield {"sections": sections}, ["change", "improved", "deteriorated", "before.share_good", "after.share_worst"]


def loads(chance: random.Random) -> Iterator[Drawn]:
    for number in range(16):
        rows = [
            {
                "day": f"2026-10-{one:02d}",
                "concentration": None if chance.random() < 0.1 else chance.randint(0, 900) / 10,
                "flow": chance.randint(0, 90_000),
            }
            for one in range(1, 3 + number)
        ]
        given = {"medium": ("water", "gas")[number % 2], "periods": rows}
        yield given, ["mass", "flow", "weighted_mean", "missing_periods"]


def gaps(chance: random.Random) -> Iterator[Drawn]:
    for _ in range(16):
        before = [chance.randint(0, 500) / 100 for _ in range(chance.choice((40, 200, 800)))]
        gap, capture = chance.choice((1, 24, 25, 90)), chance.choice((75, 82.5, 89.9, 90, 97))
        yield {"medium": "gas", "before": before, "gap": gap, "capture": capture}, ["amount", "whole_gap"]


def taxes(chance: random.Random) -> Iterator[Drawn]:
    for _ in range(30):
        names = chance.sample(("SO2", "NOx", "烟尘", "氨", "苯", "甲醛"), chance.randint(1, 5))
        outlets = [
            {"outlet": chance.choice(("DA001", "DA002")), "medium": "air", "pollutant": name,
             "amount": chance.randint(0, 9000) / 10, "below": chance.choice((0, 29, 30, 45, 50, 80)),
             "kept": chance.random() < 0.8}
            for name in names
        ]  # fmt: skip
        noise = [
            {
                "over": chance.randint(1, 20),
                "days": chance.randint(1, 31),
                "points": 2,
                "boundary": 100 + chance.randint(0, 1),
            }
        ]
        yield {"outlets": outlets, "air_rate": chance.choice((1.2, 4.8, 12)), "noise": noise}, ["tax"]


def equivalents(chance: random.Random) -> Iterator[Drawn]:
    names = (
        "COD",
        "BOD5",
        "氨氮",
        "总磷",
        "悬浮物",
        "石油类",
        "总汞",
        "总镉",
        "总铬",
        "六价铬",
        "总砷",
        "总铅",
        "总镍",
    )
    for _ in range(30):
        chosen = chance.sample(names, chance.randint(2, 9))
        given = {"medium": "water", "amounts": {name: chance.randint(1, 9000) / 100 for name in chosen}}
        yield given | {"ph": chance.randint(0, 140) / 10, "water": chance.randint(1, 400)}, ["taxed_equivalents"]


def levels(chance: random.Random) -> Iterator[Drawn]:
    for number in range(12):
        hours = [chance.randint(350, 800) / 10 for _ in range(24)]
        yield {"levels": hours, "first_hour": number}, ["leq", "day_level", "night_level", "highest", "lowest"]


def deadlines(chance: random.Random) -> Iterator[Drawn]:
    for number in range(20):
        start = f"20{20 + number % 9}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        given = {"start": start, "number": chance.randint(1, 60), "unit": ("working_day", "day", "month")[number % 3]}
        yield given, ["last_day", "is_worked", "next_worked_day"]


def warnings(chance: random.Random) -> Iterator[Drawn]:
    for _ in range(24):
        aqi = [chance.choice((90, 150, 151, 200, 201, 240, 300, 301, 350, 499)) for _ in range(chance.randint(2, 8))]
        yield {"issued_on": "2025-01-01", "aqi": aqi, "rule": "2018"}, ["level"]


Maker = Callable[[random.Random], Iterator[Drawn]]
DRAWN: tuple[tuple[str, Maker, str, str, str], ...] = (
    ("air_city_day", cities, PERIOD, "unverified", "0.0001"),
    ("air_period", periods, PERIOD, "unverified", "exact"),
    ("air_days_good", good_days, "HJ 633|2026|表1 Table 1", "verified", "exact"),
    ("water_month", months, WATER, "partly", "exact"),
    ("water_target", targets, WATER, "partly", "exact"),
    ("water_change", changes, WATER, "unverified", "exact"),
    ("emission_load", loads, "HJ 212|2017|附录 D annex D", "verified", "0.001"),
    ("missing_data_substitution", gaps, SUBSTITUTES, "verified_secondary", "0.0001"),
    ("environmental_tax", taxes, TAX, "partly", "0.05"),
    ("pollutant_equivalents", equivalents, "环境保护税法|2018|附表二 annex 2", "verified", "0.001"),
    ("noise_level", levels, "GB 3096|2008|3 术语和定义 terms", "unverified", "0.06"),
    ("working_days", deadlines, "行政处罚法|2021|第85条 article 85", "unverified", "exact"),
    (
        "heavy_pollution_level",
        warnings,
        "重污染天气应急预案修订要求|2018|预警分级 levels of warning",
        "partly",
        "exact",
    ),
)
