"""Vehicle records of a city through the real door of files, beside plain COPY of the same rows into one table.

    python bench/records.py                    1,000,000 vehicles in ten files: some minutes, 2 GB of disk
    python bench/records.py --vehicles 5e6     5 million in fifty files
    python bench/records.py --bulk 100e6       100 million rows of electricity by meter and day, as a list in bulk

Ours reads the file, types each cell, makes the key, matches the owner to an enterprise, keeps the bytes as evidence,
merges with what is known and commits; COPY only stores the columns as text. Then the same files again with one row in a
hundred changed, and pages as an analyst opens them. The database is deleted at the end, unless a folder is named.
"""

import argparse
import csv
import io
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

import _bulk
import psutil
from _pages import district, took

FILE_ROWS = 100_000
FIRMS = 2_000
TITLES = (
    "号牌号码", "号牌种类", "车辆识别代号", "车辆类型", "使用性质", "燃料种类", "排放标准", "初次登记日期", "总质量",
    "排量", "发动机型号", "机动车所有人", "所有人统一社会信用代码", "机动车状态",
)  # fmt: skip
FUELS, STAGES = ("汽油", "柴油", "纯电动", "天然气"), ("国三", "国四", "国五", "国六")
PAGES = {
    "first page": "/records/lists/vehicles/",
    "page far behind": "/records/lists/vehicles/?after=500000",
    "by number plate": "/records/lists/vehicles/?q=%E4%BA%ACA00123",
    "of one enterprise": "/records/lists/vehicles/?enterprise={firm}",
    "statistics by fuel and stage": "/records/lists/vehicles/statistics/",
    "diesel of stage 3": "/records/lists/vehicles/?in.fuel=%E6%9F%B4%E6%B2%B9&in.stage=%E5%9B%BD%E4%B8%89",
    "all lists": "/records/",
}


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, of this process's processor time, and of that of the backend that serves it."""

    clock: float
    own: float
    postgres: float

    @classmethod
    def now(cls) -> "Spent":
        from django.db import connection

        connection.ensure_connection()
        backend = psutil.Process(connection.connection.info.backend_pid).cpu_times()
        return cls(time.perf_counter(), time.process_time(), backend.user + backend.system)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.clock + other.clock, self.own + other.own, self.postgres + other.postgres)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.clock - other.clock, self.own - other.own, self.postgres - other.postgres)


def main() -> int:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vehicles", type=float, default=1e6)
    parser.add_argument("--once", action="store_true", help="leave the second delivery out")
    parser.add_argument("--bulk", type=float, default=0.0, help="rows of a list in bulk, in place of vehicles")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no further file in bulk after so long")
    parser.add_argument("--meters", type=float, default=5e5, help="of a list in bulk; a file holds 500,000 of a day")
    parser.add_argument("--folder", default="", help="keep the database there, and go on where an earlier run ended")
    options = parser.parse_args()
    files = max(1, int(options.vehicles) // FILE_ROWS)
    with district(options.folder) as bureau:
        firms = _firms(bureau)
        if options.bulk:
            _analyst(bureau)
            aim = _bulk.Aim(int(options.bulk), options.minutes, int(options.meters))
            _bulk.measure(bureau, firms, aim, Spent.now)
            return 0
        _list(bureau)
        rows = files * FILE_ROWS
        _told("first delivery", rows, (_imported(_file(one, firms), one) for one in range(files)))
        _told("plain COPY of the same rows", rows, (_copied(_file(one, firms)) for one in range(files)))
        if not options.once:
            again = (_imported(_file(one, firms, changed=100), files + one) for one in range(files))
            _told("delivered again, one in a hundred changed", rows, again)
        _sizes()
        _ask(bureau, {title: address.format(firm=firms[0][0]) for title, address in PAGES.items()})
    return 0


def _firms(bureau: Any) -> list[tuple[str, str]]:
    from qingyuan.places.api import register_enterprise
    from qingyuan.places.queries import Enterprise
    from qingyuan_science.standards.codes.credit import make_credit_code

    firms: list[tuple[str, str]] = list(Enterprise.objects.order_by("pk").values_list("code", "title_zh"))
    for number in range(len(firms), FIRMS):
        code, name = make_credit_code("9", "1", "110000", f"MA{number:06d}X"), f"第{number}货运有限公司"
        register_enterprise(
            code, lon=100.5, lat=30.5, organisation=bureau, title_zh=name, title_en=f"Freight {number}",
            industry_code="5431", industry_zh="货运", industry_en="Freight", management="simplified",
        )  # fmt: skip
        firms.append((code, name))
    return firms


def _list(bureau: Any) -> None:
    from django.db import connection

    from qingyuan.sensing.api.records import take_over_list

    take_over_list("vehicles", bureau)
    with connection.cursor() as cursor:
        columns = ", ".join(f"c{place} text" for place in range(len(TITLES)))
        cursor.execute(f"CREATE TABLE rival ({columns})")


def _file(number: int, firms: list[tuple[str, str]], changed: int = 0) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(TITLES)
    writer.writerows(_rows(number, firms, changed))
    return text.getvalue().encode()


def _rows(number: int, firms: list[tuple[str, str]], changed: int) -> Iterator[tuple[str, ...]]:
    random = Random(number)
    begin = date(2012, 1, 1)
    for place in range(FILE_ROWS):
        vehicle = number * FILE_ROWS + place
        fuel, stage = random.choice(FUELS), random.choice(STAGES)
        code, owner = random.choice(firms) if place % 10 == 0 else ("", "张三")
        state = "转出" if changed and place % changed == 0 else "正常"
        yield (
            f"京A{vehicle:07d}", "小型汽车", f"LVSHBENCH{vehicle:08d}", "小型轿车", "非营运", fuel, stage,
            (begin + timedelta(days=random.randrange(5000))).isoformat(), str(random.randrange(1200, 2400)), "1498",
            f"EA{random.randrange(999):03d}", owner, code, state,
        )  # fmt: skip


def _imported(raw: bytes, number: int) -> Spent:
    from qingyuan.sensing.api import Payload, take_in_payloads
    from qingyuan.sensing.api.records import feed_of_list
    from qingyuan.sensing.models import DataList

    feed = feed_of_list(DataList.objects.get(code="vehicles"))
    begins = Spent.now()
    (delivery,) = take_in_payloads(feed, [Payload(raw, f"vehicles-{number}.csv", time.time_ns() // 1000)], lambda *_: 0)
    spent = Spent.now() - begins
    if delivery.faults or delivery.records != FILE_ROWS:
        raise ValueError(
            f"found {delivery.records} records and {delivery.faults[:3]}, expected {FILE_ROWS} and no fault"
        )
    return spent


def _copied(raw: bytes) -> Spent:
    from django.db import connection, transaction

    begins = Spent.now()
    statement = "COPY rival FROM STDIN (FORMAT CSV, HEADER)"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(raw)
    return Spent.now() - begins


def _ask(bureau: Any, addresses: dict[str, str]) -> None:
    """Ask for pages as an analyst, who sees number plates."""
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(_analyst(bureau))

    def page(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: found {answer.status_code}, expected 200")

    for name, address in addresses.items():
        sys.stdout.write(f"page: {name}: {took(partial(page, address))}\n")


def _analyst(bureau: Any) -> Any:
    from qingyuan.people.api import register_person
    from qingyuan.people.queries import User

    known = User.objects.filter(username="analyst").first()
    return known or register_person("analyst", name_zh="分析", name_en="Analyst", role="analyst", organisation=bureau)


def _told(what: str, rows: int, parts: Iterable[Spent]) -> None:
    spent = sum(parts, Spent(0.0, 0.0, 0.0))
    sys.stdout.write(
        f"{what}: {rows:,} rows in {spent.clock:.1f} s, {rows / spent.clock:,.0f} a second; processor {spent.own:.1f} s"
        f" of this process and {spent.postgres:.1f} s of PostgreSQL\n"
    )
    sys.stdout.flush()


def _sizes() -> None:
    from django.db import connection

    from qingyuan.sensing.models import DataList

    found = DataList.objects.get(code="vehicles")
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE sensing_record_{found.pk:d}")
        for name in (f"sensing_record_{found.pk}", "rival", "sensing_rawsegment"):
            cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [name, name])
            table, indexes = cursor.fetchone()
            sys.stdout.write(f"{name}: {table / 1e6:,.0f} MB and {indexes / 1e6:,.0f} MB of indexes\n")
    sys.stdout.write(f"records known: {found.held:,}, of which with an enterprise {found.matched:,}\n")


if __name__ == "__main__":
    sys.exit(main())
