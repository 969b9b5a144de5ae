"""Write the vectors of `generated/`: inputs laid out by rule, what is expected asked of the reference.

`--check` says which files are out of date instead. Vectors written by hand stand beside this file and are left alone.
"""

import json
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "reference"))
sys.path.insert(0, str(HERE))

from asking import TABLES  # noqa: E402
from drawn import DRAWN  # noqa: E402
from run import ABSENT, REFERENCE, answers, at  # noqa: E402

STATUSES = {"verified": "verified", "verified_secondary": "second-hand", "partly": "partly", "unverified": "unverified"}
EDITION_DAYS = {"2012": ("2016-01-01", "2026-02-28"), "2026": ("2026-03-01", "2031-01-01")}
QUIET = {"SO2": 5, "NO2": 8, "PM10": 9, "PM2.5": 4, "CO": 0.2}
Asked = dict[str, Any]


def asked(topic: str, given: Any, paths: list[str], cited: str, **more: Any) -> Asked:
    """One vector without what is expected; `cited` is document, edition and clause between bars."""
    document, edition, clause = cited.split("|")
    return {
        "topic": topic,
        "given": given,
        "paths": paths,
        "tolerance": more.pop("tolerance", "exact"),
        "clause": {"document": document, "edition": edition, "clause": clause},
        "status": STATUSES[more.pop("status", "verified")],
        "origin": more.pop("origin", "independent reference"),
    }


def written(value: Any) -> Any:
    """A decimal as JSON writes it: whole where it is whole."""
    exact = Decimal(str(value))
    return int(exact) if exact == int(exact) else float(exact)


def next_up(limit: str) -> Any:
    """The limit and one unit of its last digit."""
    return written(Decimal(limit) + Decimal(1).scaleb(Decimal(limit).as_tuple().exponent))  # type: ignore[arg-type]


# ---------------------------------------------------------------- ambient air


def air_index() -> Iterator[Asked]:
    """Each break point of each column: at it, and a step to either side."""
    for edition, columns in TABLES["breakpoints"].items():
        for column, points in columns.items():
            for index, limit in points:
                step = Decimal("0.1") if column.startswith("CO") else Decimal(1)
                for value in (Decimal(limit) - step, Decimal(limit), Decimal(limit) + step):
                    if value >= 0 and (index or value != Decimal(limit)):
                        yield from one_column(edition, column, written(value))


def one_column(edition: str, column: str, value: Any) -> Iterator[Asked]:
    item, _, time = column.partition("_")
    first, last = EDITION_DAYS[edition]
    paths = ["items[item={}].iaqi"]
    cited = f"HJ 633|{edition}|" + ("表1 Table 1, 4.3" if edition == "2012" else "表3 Table 3, 4.2")
    if time == "24h" or column == "O3_8h" or (column == "O3_1h" and edition == "2012"):
        name = column if item == "O3" else item
        values = {**QUIET, "O3_8h": 10, "O3_1h": 12} | {name: value}
        if edition == "2026":
            del values["O3_1h"]
        yield asked(
            "air_index_day",
            {"day": first if value == int(value) else last, "concentrations": values},
            [*(p.replace("{}", name) for p in paths), "aqi", "primary"],
            cited,
        )
    if time == "1h":
        values = {**QUIET, "O3": 12} | (
            {"O3_8h": 10, "PM10_24h": 9, "PM2.5_24h": 4, "SO2_24h": 5} if edition == "2012" else {}
        )
        if edition == "2012":
            del values["PM10"], values["PM2.5"]
        values[item] = value
        yield asked(
            "air_index_hour",
            {"at": f"{first}T08:00:00+08:00", "concentrations": values},
            [*(p.replace("{}", item) for p in paths), "aqi", "primary"],
            cited,
        )


def air_days() -> Iterator[Asked]:
    """Days drawn by chance, in both editions, with fractions to be rounded first."""
    chance = random.Random(633)
    for number in range(60):
        edition = "2012" if number % 2 else "2026"
        values = {
            "SO2": round(chance.uniform(2, 60), 1),
            "NO2": round(chance.uniform(5, 120), 1),
            "PM10": round(chance.uniform(5, 380), 1),
            "PM2.5": round(chance.uniform(3, 260), 1),
            "CO": round(chance.uniform(0.2, 3), 2),
            "O3_8h": round(chance.uniform(20, 260), 1),
        }
        if edition == "2012":
            values["O3_1h"] = round(values["O3_8h"] * 1.2, 1)
        day = f"20{19 + number % 7}-07-{1 + number % 28:02d}" if edition == "2012" else f"2026-07-{1 + number % 28:02d}"
        yield asked(
            "air_index_day",
            {"day": day, "concentrations": values},
            ["edition", "aqi", "level", "primary", *(f"items[item={i}].iaqi" for i in values)],
            f"HJ 633|{edition}|4",
        )


def air_limits() -> Iterator[Asked]:
    """Each cell of GB 3095: the limit itself keeps, a step above it does not."""
    times = {"1h": "hour", "24h": "day", "daily_max_8h": "day_max_8h", "annual": "year", "quarter": "quarter"}
    for edition, since, until, item, time, grade, limit in TABLES["ambient"]:
        day = since if item < "P" else until or "2035-06-01"
        for value in (written(limit), 4.1 * written(limit) / 4 if item == "CO" else next_up(limit)):
            given = {"day": day, "averaging": times[time], "grade": grade, "values": {item: written(round(value, 6))}}
            name = item
            yield asked(
                "ambient_limit",
                given,
                ["over", f"items[item={name}].limit"],
                f"GB 3095|{edition[-4:]}|表1、表2 Tables 1 and 2",
                origin="table cell",
            )


def air_indices() -> Iterator[Asked]:
    chance = random.Random(3095)
    periods = (
        ("2025-01-01", "2025-12-31"),
        ("2026-04-01", "2026-12-31"),
        ("2031-01-01", "2031-12-31"),
        ("2026-01-01", "2026-12-31"),
    )
    for number in range(16):
        city = {
            "city": "甲",
            "SO2": chance.randint(3, 40),
            "NO2": chance.randint(8, 60),
            "PM10": chance.randint(20, 130),
            "PM2.5": chance.randint(9, 80),
            "CO": round(chance.uniform(0.4, 3), 1),
            "O3_8h": chance.randint(80, 220),
        }
        first, last = periods[number % 4]
        paths = ["by_standard[0].standard", "by_standard[0].cities[0].index"]
        paths += ["by_standard[1].standard", "by_standard[1].cities[0].index"] if number % 4 == 3 else []
        yield asked(
            "air_composite_index",
            {"first_day": first, "last_day": last, "cities": [city]},
            paths,
            "环办监测〔2018〕19号|2018|综合指数 composite index",
            status="verified_secondary",
            tolerance="0.006",
        )


def air_hours() -> Iterator[Asked]:
    """Days of hours with gaps: when a mean counts, and which window of eight hours is the highest."""
    chance = random.Random(8)
    for number in range(24):
        hours: list[Any] = [chance.randint(10, 180) for _ in range(24)]
        for gone in chance.sample(range(24), number % 12):
            hours[gone] = None
        yield asked(
            "air_means",
            {"hours": hours},
            ["daily_mean", "valid_hours", "maximum_8h"],
            "GB 3095|2026|表4 Table 4",
            status="unverified",
            tolerance="0.0006",
        )


# ---------------------------------------------------------------- surface water

CODES = {
    "溶解氧": "DO",
    "高锰酸盐指数": "CODMn",
    "化学需氧量": "COD",
    "五日生化需氧量": "BOD5",
    "氨氮": "NH3-N",
    "总磷": "TP",
    "铜": "Cu",
    "锌": "Zn",
    "氟化物": "F",
    "硒": "Se",
    "砷": "As",
    "汞": "Hg",
    "镉": "Cd",
    "铬(六价)": "Cr6",
    "铅": "Pb",
    "氰化物": "CN",
    "挥发酚": "phenols",
    "石油类": "petroleum",
    "阴离子表面活性剂": "LAS",
    "硫化物": "S",
}


def water_cells() -> Iterator[Asked]:
    """Each cell of table 1 that decides: at the limit, and a step on the bad side of it."""
    for name, waters, direction, *limits in TABLES["surface"]:
        if name not in CODES:
            continue
        for body in ("river", "lake") if waters == "both" else (waters,):
            if body == "lake" and waters == "both" and name not in ("溶解氧", "氨氮"):
                continue
            for limit in dict.fromkeys(limits):
                step = Decimal(1).scaleb(Decimal(limit).as_tuple().exponent - 1)  # type: ignore[operator]
                for value in (Decimal(limit), Decimal(limit) + (-step if direction == "min" else step)):
                    given = {"day": "2026-10-08", "body": body, "values": {"pH": 7.2, CODES[name]: written(value)}}
                    yield asked(
                        "water_class",
                        given,
                        ["class", "attained"],
                        "GB 3838|2002|表1 Table 1, 5.1",
                        origin="table cell",
                    )


def water_samples() -> Iterator[Asked]:
    """Samples drawn by chance; what decides, what is beyond class III and by how much."""
    chance = random.Random(3838)
    for number in range(60):
        values = {
            "pH": round(chance.uniform(6.2, 8.8), 2),
            "DO": round(chance.uniform(1.5, 9), 2),
            "CODMn": round(chance.uniform(1, 17), 1),
            "NH3-N": round(chance.uniform(0.05, 2.6), 2),
            "TP": round(chance.uniform(0.01, 0.5), 3),
            "COD": round(chance.uniform(8, 50), 1),
            "F": round(chance.uniform(0.2, 1.8), 2),
        }
        body = "lake" if number % 3 == 0 else "river"
        given = {"day": "2025-05-06", "body": body, "values": values}
        paths = ["class", "status.zh", "over", *(f"items[item={name}].class" for name in values), "deciding"]
        yield asked(
            "water_class",
            given,
            [*paths, "items[item=NH3-N].multiple"],
            "GB 3838|2002|表1 Table 1, 5.1",
            tolerance="0.006",
        )


def lakes() -> Iterator[Asked]:
    chance = random.Random(22)
    for _ in range(20):
        given = {
            "chla": round(chance.uniform(0.5, 160), 1),
            "TP": round(chance.uniform(0.004, 0.6), 3),
            "TN": round(chance.uniform(0.1, 5), 2),
            "SD": round(chance.uniform(0.2, 6), 2),
            "CODMn": round(chance.uniform(1, 15), 1),
        }
        yield asked(
            "trophic_index",
            given,
            ["index", "state.zh", "items[item=chla].index", "items[item=SD].index"],
            "环办〔2011〕22号|2011|湖库营养状态评价 trophic state of lakes",
            status="verified_secondary",
            tolerance="0.06",
        )


def sources() -> Iterator[Asked]:
    for name, limit, group in TABLES["source"]:
        given = {"day": "2026-10-08", "values": {"pH": 7.2, "DO": 8, name: next_up(limit)}}
        table = "表2 Table 2" if group == "supplement" else "表3 Table 3"
        yield asked("drinking_source", given, ["kept"], f"GB 3838|2002|{table}", origin="table cell")
        kept = {"day": "2026-10-08", "values": {"pH": 7.2, "DO": 8, name: written(limit)}}
        yield asked("drinking_source", kept, ["kept"], f"GB 3838|2002|{table}", origin="table cell")


# ---------------------------------------------------------------- emissions


def discharges() -> Iterator[Asked]:
    """Each limit of waste water: the limit itself keeps, a step above it does not."""
    for standard, table, item, case, level, limit, when, status in TABLES["discharge"]:
        if limit in ("ND", "6-9") or "放射性" in item:
            continue
        document, _, edition = standard.rpartition("-")
        given: Asked = {
            "day": "2026-11-20",
            "standard": document,
            "level": level if level != "all" else "1A" if document[3] == "1" else "1",
        }
        given |= {"case": case} if case else {}
        given |= (
            {"built": {"old": "1996-05-01" if document == "GB 8978" else "2005-12-31", "new": "2006-01-01"}[when]}
            if when in ("old", "new")
            else {}
        )
        given |= {"water_temperature": {"warm": 12.1, "cold": 12}[when]} if when in ("warm", "cold") else {}
        for value in (written(limit), next_up(limit)):
            yield asked(
                "discharge_limit",
                given | {"values": {item: value}},
                ["over"],
                f"{document}|{edition}|{table.replace('Table', '表')} {table}",
                status=status,
                origin="table cell",
            )


def emissions() -> Iterator[Asked]:
    """Each limit of waste gas, of what was converted already; then with the oxygen of the plant."""
    for standard, table, level, item, case, limit, time, oxygen, status in TABLES["emission"]:
        document, _, edition = standard.rpartition("-") if standard.startswith("GB") else (standard, "", "2015")
        given: Asked = {
            "day": "2026-11-20",
            "standard": document,
            "level": level,
            "averaging": {"hourly": "hour", "daily": "day"}[time],
        }
        given |= {"case": case} if case else {}
        cited = (
            f"{document}|{edition}|{table.replace('Table', '表')} {table}"
            if table.startswith("Table")
            else f"{document}|{edition}|附表"
        )
        for value in (written(limit), next_up(limit)):
            more = {"converted": True} if oxygen else {}
            yield asked(
                "emission_limit",
                given | more | {"values": {item: value}},
                ["over"],
                cited,
                status=status,
                origin="table cell",
            )
        if oxygen and "." not in limit:
            more = {"oxygen": 12.5, "values": {item: written(Decimal(limit) * Decimal("0.55"))}}
            yield asked(
                "emission_limit",
                given | more,
                ["over", f"items[item={item}].converted"],
                cited,
                status=status,
                tolerance="0.001",
            )


def stacks() -> Iterator[Asked]:
    """Each rate of GB 16297, and between, above and below the heights of the table."""
    seen = set()
    for item, scope, grade, height, limit in TABLES["stack"]:
        given: Asked = {"item": item, "grade": grade, "stacks": [{"height": int(height), "rate": written(limit)}]}
        given |= {"case": scope} if scope and scope != "其它" else {}
        yield asked(
            "stack_rate",
            given,
            ["permitted_rate", "over"],
            "GB 16297|1996|表2 Table 2",
            origin="table cell",
            tolerance="0.0001",
        )
        if (item, scope, grade) not in seen:
            seen.add((item, scope, grade))
            for other in (17, 26, 110, 12):
                stack = given | {"stacks": [{"height": other}]}
                yield asked(
                    "stack_rate",
                    stack,
                    ["permitted_rate"],
                    "GB 16297|1996|附录 B annex B; 7.4",
                    status="unverified",
                    tolerance="0.006",
                )


def oxygen() -> Iterator[Asked]:
    for plant in ("coal_boiler", "oil_boiler", "gas_boiler", "coal_power", "gas_power", "gas_turbine", "incinerator"):
        for share in (0, 3.5, 11, 20.9):
            given = {"concentration": 35, "oxygen": share, "plant": plant}
            recalled = plant.endswith(("power", "turbine"))
            status = "unverified" if recalled else "verified_secondary" if plant == "incinerator" else "verified"
            yield asked(
                "oxygen_conversion",
                given,
                ["converted"],
                "GB 13271|2014|5.2" if "boiler" in plant else "HJ 212|2017|附录 D annex D",
                status=status,
                tolerance="0.001",
            )


def taxes() -> Iterator[Asked]:
    """Each equivalent value of the annex to the tax law."""
    for group, _, item, _value in TABLES["equivalents"]:
        given = {"medium": "air" if group == "air" else "water", "amounts": {item: 3}}
        yield asked(
            "pollutant_equivalents",
            given,
            ["taxed_equivalents"],
            "环境保护税法|2018|附表二 annex 2",
            origin="table cell",
            tolerance="0.001",
        )


# ---------------------------------------------------------------- noise, codes, packets


def noises() -> Iterator[Asked]:
    """Each limit of noise, and the correction at every difference from the background."""
    kinds = {
        "GB 3096-2008": "ambient",
        "GB 12348-2008": "factory",
        "GB 22337-2008": "community",
        "GB 12523-2011": "construction",
        "GB 12523-2025": "construction",
    }
    second = ("GB 3096-2008", "GB 12523-2025")
    for standard, _, zone, period, limit in TABLES["noise"]:
        document, _, edition = standard.rpartition("-")
        day = "2025-12-31" if edition == "2011" else "2026-01-01"
        for level in (int(limit) + 0.5, int(limit) + 0.6):
            given = {"day": day, "kind": kinds[standard], "zone": zone or "site", "period": period, "level": level}
            yield asked(
                "noise_limit",
                given,
                ["edition", "limit", "rounded", "over"],
                f"{document}|{edition}|表1 Table 1",
                status="verified_secondary" if standard in second else "verified",
                origin="table cell",
            )
    for tenths in (29, 30, 34, 35, 36, 44, 45, 46, 54, 55, 56, 65, 99, 100, 101, 104, 150):
        given = {
            "day": "2026-11-20",
            "kind": "factory",
            "zone": "2",
            "period": "day",
            "level": 62.0,
            "background": written((620 - tenths) / 10),
        }
        yield asked("noise_limit", given, ["correction", "rounded", "over"], "GB 12348|2008|5.7, 表4 Table 4")


def credit_codes() -> Iterator[Asked]:
    chance = random.Random(32100)
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for number in range(20):
        first = (
            "91"
            + chance.choice(("110000", "320100", "510112", "440300"))
            + "".join(chance.choice(letters) for _ in range(8))
        )
        code = first + organisation(first[8:])
        yield asked(
            "credit_code",
            {"code": code},
            ["check", "code"],
            "GB 32100|2015|校验码 check character",
            status="verified_secondary",
        )
        if number % 2:
            swapped = code[:9] + letters[(letters.index(code[9]) + 1) % 31] + code[10:]
            yield asked(
                "credit_code",
                {"code": swapped + "0"},
                ["fits"],
                "GB 32100|2015|校验码 check character",
                status="verified_secondary",
            )


def organisation(first: str) -> str:
    from noise_and_codes import organisation_check

    return organisation_check(first)


def packets() -> Iterator[Asked]:
    chance = random.Random(212)
    for number in range(24):
        flag = (0, 1, 4, 5, 8, 9)[number % 6]
        cn = ("2011", "2051", "2061", "2031")[number % 4]
        items = ";".join(
            f"w0100{n}-Avg={chance.randint(1, 9999) / 100},w0100{n}-Flag={chance.choice('NFMDCTB')}"
            for n in range(1, 2 + number % 5)
        )
        header = f"QN=2026112008{number:02d}00123;ST=32;CN={cn};PW=123456;MN=010000A8900016F000169DC0;Flag={flag};"
        segment = f"{header}CP=&&DataTime=20261120080000;{items}&&"
        yield asked("hj212_packet", {"text": segment}, ["length", "crc", "packet"], "HJ 212|2017|附录 A annex A")
        made = segment_packet(segment)
        yield asked(
            "hj212_packet",
            {"text": made},
            ["fits", "flag", "groups", "fields"],
            "HJ 212|2017|数据段结构 structure of the segment",
        )
        spoilt = made[:60] + ("0" if made[60] != "0" else "1") + made[61:]
        yield asked(
            "hj212_packet", {"text": spoilt}, ["fits", "crc_fits", "length_fits", "crc"], "HJ 212|2017|附录 A annex A"
        )


def segment_packet(segment: str) -> str:
    from packets import crc

    return f"##{len(segment):04d}{segment}{crc(segment.encode())}\r\n"


def drawn() -> Iterator[Asked]:
    """Whole questions drawn by chance, topic by topic."""
    for topic, maker, cited, status, tolerance in DRAWN:
        for given, paths in maker(random.Random(topic)):
            yield asked(topic, given, paths, cited, status=status, tolerance=tolerance)


FAMILIES = {
    "drawn": (drawn,),
    "air_index": (air_index, air_days),
    "air_limits_and_means": (air_limits, air_indices, air_hours),
    "surface_water": (water_cells, water_samples, lakes),
    "drinking_water": (sources,),
    "discharge": (discharges,),
    "emission": (emissions, oxygen),
    "stacks": (stacks,),
    "tax": (taxes,),
    "noise": (noises,),
    "codes": (credit_codes,),
    "packets": (packets,),
}


def family(name: str) -> str:
    """The lines of one file."""
    rows = [row for maker in FAMILIES[name] for row in maker()]
    lines = []
    for number, (row, said) in enumerate(zip(rows, answers(REFERENCE, rows, 300), strict=True), start=1):
        paths = row.pop("paths")
        if "result" not in said:
            raise SystemExit(f"the reference cannot answer {row}: {said}")
        found = {path: at(said["result"], path) for path in paths}
        expected = {path: None if one is ABSENT else one for path, one in found.items()}
        line = {
            "id": f"{name.replace('_', '-')}-g{number:03d}",
            "topic": row["topic"],
            "given": row["given"],
            "expected": expected,
        }
        lines.append(json.dumps({**line, **row}, ensure_ascii=False, default=float))
    return "\n".join(dict.fromkeys(lines)) + "\n"


def main() -> int:
    stale = []
    for name in FAMILIES:
        path = HERE / "generated" / f"{name}.jsonl"
        text = family(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path.relative_to(HERE)} {'is out of date' if '--check' in sys.argv else 'written'}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
