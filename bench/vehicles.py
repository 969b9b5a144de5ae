"""The page of a fleet of five million vehicles, beside the same counts over the same rows by plain SQL and by DuckDB.

    python bench/vehicles.py                    5,000,000 vehicles in fifty files: many minutes, 4 GB of disk
    python bench/vehicles.py --vehicles 1e6     1 million in ten files

The registry is built through the real door of files, as `records.py` does, and each delivery is counted by the handler
of the loop. Then one row in a hundred of one file is delivered again, changed. The rivals scan: PostgreSQL the known
editions of the registry, DuckDB a column file of the same values. All three must come to the same counts. The database
is deleted at the end.
"""

import argparse
import csv
import io
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from _pages import district, took

FILE_ROWS = 100_000
TITLES = (
    "号牌号码", "号牌种类", "车辆识别代号", "车辆类型", "使用性质", "燃料种类", "排放标准", "初次登记日期", "总质量",
    "排量", "发动机型号", "机动车所有人", "所有人统一社会信用代码", "机动车状态", "登记地行政区划代码",
)  # fmt: skip
TYPES = (
    ("小型轿车", "非营运", 60), ("小型普通客车", "非营运", 14), ("小型轿车", "出租客运", 1),
    ("轻型厢式货车", "货运", 8), ("重型半挂牵引车", "货运", 4), ("重型自卸货车", "货运", 3),
    ("中型厢式货车", "货运", 2), ("大型普通客车", "公交客运", 1), ("大型普通客车", "公路客运", 1),
    ("普通二轮摩托车", "非营运", 6),
)  # fmt: skip
FUELS, STAGES = (("汽油", 60), ("柴油", 20), ("纯电动", 14), ("天然气", 6)), ("国三", "国四", "国五", "国六")
DIVISIONS = tuple(f"1101{number:02d}" for number in range(1, 17))
ADDRESSES = {
    "the page": "/vehicles/",
    "of one division": "/vehicles/?division=110103",
    "as it was known the day before": "/vehicles/?known={yesterday}",
    "the spreadsheet": "/vehicles/table/?form=xlsx",
}
KINDS = "type, use, fuel, stage"


def main() -> int:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vehicles", type=float, default=5e6)
    files = max(1, int(parser.parse_args().vehicles) // FILE_ROWS)
    with district() as bureau:
        _lists(bureau)
        page = _pages_of(bureau)
        spent: Counter[str] = Counter()
        for number in range(files):
            spent.update(_delivered(number, _rows(number)))
            if number % 10 == 9:
                _say(f"{(number + 1) * FILE_ROWS:,} vehicles: {_words(spent, number + 1)}; the page {took(page)}")
        _say(f"delivered: {files * FILE_ROWS:,} vehicles; {_words(spent, files)}")
        again = _delivered(files, _rows(0, changed=100))
        _say(f"one file again, one row in a hundred changed: {_words(Counter(again), 1)}")
        _sizes()
        _ask(page)
        _rivals()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _words(spent: "Counter[str]", files: int) -> str:
    counted = spent["counted"]
    return f"stored in {spent['stored']:.1f} s, counted in {counted:.1f} s ({counted / files:.2f} s a file)"


def _lists(bureau: Any) -> None:
    from qingyuan.sensing.api.records import take_over_list

    for code in ("vehicles", "vehicle_kilometres", "vehicle_factors"):
        take_over_list(code, bureau)
    text = "车型,燃料种类,排放阶段,年均行驶里程,来源文件,有效期起\n" + "".join(
        f"{kind},全部,全部,{far},bench,2020-01-01\n"
        for kind, far in (("小型客车", 12000), ("出租车", 100000), ("轻型货车", 28000), ("重型货车", 70000),
                          ("中型货车", 33000), ("公交车", 50000), ("大型客车", 45000), ("普通摩托车", 5000))
    )  # fmt: skip
    _taken_in("vehicle_kilometres", text.encode())


def _rows(number: int, changed: int = 0) -> Iterator[tuple[str, ...]]:
    random = Random(number)
    begin = date(2010, 1, 1)
    kinds = random.choices([one[:2] for one in TYPES], [one[2] for one in TYPES], k=FILE_ROWS)
    fuels = random.choices([one[0] for one in FUELS], [one[1] for one in FUELS], k=FILE_ROWS)
    for place in range(FILE_ROWS):
        vehicle, (kind, use), fuel = number * FILE_ROWS + place, kinds[place], fuels[place]
        stage = "" if fuel == "纯电动" else random.choice(STAGES)
        state = "注销" if changed and place % changed == 0 else "正常"
        yield (
            f"京A{vehicle:07d}", "小型汽车", f"LVSHBENCH{vehicle:08d}", kind, use, fuel, stage,
            (begin + timedelta(days=random.randrange(5800))).isoformat(), "1500", "1498", "EA111", "张三", "", state,
            random.choice(DIVISIONS),
        )  # fmt: skip


def _delivered(number: int, rows: Iterator[tuple[str, ...]]) -> dict[str, float]:
    """Seconds by the clock to store a file and to count it."""
    from qingyuan.kit import clock, delivery
    from qingyuan.kit.models import Subscription

    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(TITLES)
    writer.writerows(rows)
    begins = time.perf_counter()
    _taken_in("vehicles", text.getvalue().encode())
    stored = time.perf_counter()
    handler = "sensing.api.vehicles.count_vehicles"
    Subscription.objects.filter(handler=handler).update(retry_at=clock.now())
    while delivery.step(handler) is delivery.Step.SOME:
        pass
    return {"stored": stored - begins, "counted": time.perf_counter() - stored}


def _taken_in(code: str, raw: bytes) -> None:
    from qingyuan.sensing.api import Payload, take_in_payloads
    from qingyuan.sensing.api.records import feed_of_list
    from qingyuan.sensing.models import DataList

    feed = feed_of_list(DataList.objects.get(code=code))
    (taken,) = take_in_payloads(feed, [Payload(raw, f"{code}.csv", time.time_ns() // 1000)], lambda *_: 0)
    if taken.faults:
        raise SystemExit(f"{code}: found {taken.faults[:3]}, expected no fault")


def _sizes() -> None:
    from django.db import connection

    from qingyuan.sensing.models import DataList

    found = DataList.objects.get(code="vehicles")
    with connection.cursor() as cursor:
        for name in (f"sensing_record_{found.pk:d}", "sensing_vehiclecount"):
            cursor.execute(f"VACUUM ANALYZE {name}")
            cursor.execute(f"SELECT count(*), pg_table_size('{name}'), pg_indexes_size('{name}') FROM {name}")  # noqa: S608
            rows, table, indexes = cursor.fetchone()
            _say(f"{name}: {rows:,} rows, {table / 1e6:,.0f} MB and {indexes / 1e6:,.0f} MB of indexes")


def _pages_of(bureau: Any) -> Callable[..., None]:
    """Asks for a page as an analyst."""
    from django.test import Client

    from qingyuan.people.api import register_person

    client = Client(headers={"host": "localhost"})
    client.force_login(
        register_person("analyst", name_zh="分析", name_en="Analyst", role="analyst", organisation=bureau)
    )

    def page(address: str = "/vehicles/") -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: found {answer.status_code}, expected 200")

    return page


def _ask(page: Callable[..., None]) -> None:
    from qingyuan.kit import clock

    yesterday = (clock.now() - timedelta(days=1)).date()
    for name, address in ADDRESSES.items():
        _say(f"page: {name}: {took(partial(page, address.format(yesterday=yesterday)))}")


def _rivals() -> None:
    """The counts by kind, as a page without kept counts would have to make them each time."""
    from django.db import connection

    from qingyuan.sensing.models import DataList

    found = DataList.objects.get(code="vehicles")
    places = found.defined.places
    cells = ", ".join(f"values[{places[one] + 1}] AS {one}" for one in ("type", "use", "fuel", "stage", "state"))
    known = f"SELECT {cells}, since FROM sensing_record_{found.pk:d} WHERE known_to IS NULL"  # noqa: S608

    def ours() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {KINDS}, sum(vehicles) FROM sensing_vehiclecount WHERE state <> '注销' GROUP BY {KINDS}"  # noqa: S608
            )
            return sorted((*map(str, row[:4]), int(row[4])) for row in cursor.fetchall() if row[4])

    def scanned() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {KINDS}, count(*) FROM ({known}) AS k WHERE state <> '注销' GROUP BY {KINDS}")  # noqa: S608
            return sorted((*(one or "" for one in row[:4]), int(row[4])) for row in cursor.fetchall())

    _say(f"counts by kind, kept: {took(ours)}")
    _say(f"counts by kind, scan by PostgreSQL: {took(scanned)}")
    with tempfile.TemporaryDirectory() as folder:
        same = _by_duckdb(known, Path(folder))
    if not ours() == scanned() == same:
        raise SystemExit("the three come to different counts")
    _say(f"all three come to the same {len(same)} counts")


def _by_duckdb(known: str, folder: Path) -> Any:
    import duckdb
    from django.db import connection

    statement = f"COPY ({known}) TO STDOUT (FORMAT CSV, HEADER)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy, (folder / "known.csv").open("wb") as file:
        file.writelines(copy)
    rival = duckdb.connect()
    rival.execute(f"COPY (FROM read_csv('{folder}/known.csv', all_varchar = true)) TO '{folder}/known.parquet'")
    _say(f"the same values as a column file: {(folder / 'known.parquet').stat().st_size / 1e6:,.0f} MB")
    asked = f"SELECT {KINDS}, count(*) FROM '{folder}/known.parquet' WHERE state <> '注销' GROUP BY ALL"  # noqa: S608
    _say(f"counts by kind, DuckDB over that file: {took(lambda: rival.execute(asked).fetchall())}")
    return sorted((*(one or "" for one in row[:4]), int(row[4])) for row in rival.execute(asked).fetchall())


if __name__ == "__main__":
    sys.exit(main())
