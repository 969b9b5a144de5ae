"""The part of `records.py` that brings lists in bulk: electricity by meter and day through the door of files."""

import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from _pages import took

FILE_ROWS = 500_000  # meters; a file holds a day of all of them
METERS_A_CUSTOMER = 5
FIRST = date(2024, 1, 1)
RIVALS = 4  # files that the rivals store too
TITLES = "用电户号,用电户名,统一社会信用代码,日期,用电量,最大需量\n".encode()


class Meters:
    """The meters of a city: who is customer of each, some of them enterprises on file; and what they drew on a day."""

    def __init__(self, firms: list[tuple[str, str]]) -> None:
        import polars as pl

        number = pl.Series(range(FILE_ROWS))
        customers = FILE_ROWS // METERS_A_CUSTOMER
        known = [firms[one // 10] if one % 10 == 0 and one // 10 < len(firms) else ("", _person(one))
                 for one in range(customers)]  # fmt: skip
        of = number // METERS_A_CUSTOMER
        self.frame = pl.DataFrame({
            "account": number.cast(pl.String).str.zfill(10),
            "customer": pl.Series([name for _code, name in known]).gather(of),
            "code": pl.Series([code for code, _name in known]).gather(of),
        })  # fmt: skip

    def day(self, number: int) -> bytes:
        """The file of a day."""
        import polars as pl

        random = np.random.default_rng(number)
        usual = 5 + 200 * np.random.default_rng(0).pareto(3, FILE_ROWS)
        energy = np.round(usual * random.uniform(0.5, 1.5, FILE_ROWS), 2)
        peak = np.round(energy / 24 * random.uniform(1, 3, FILE_ROWS), 1)
        day = (FIRST + timedelta(days=number)).isoformat()
        buffer = io.BytesIO()
        self.frame.with_columns(
            day=pl.lit(day), energy=pl.Series(energy).cast(pl.String), peak=pl.Series(peak).cast(pl.String)
        ).write_csv(buffer, include_header=False)
        return TITLES + buffer.getvalue()


def _person(number: int) -> str:
    """A name of three letters; persons are customers of most meters."""
    return "赵钱孙李周吴郑王冯陈"[number % 10] + chr(0x4E00 + number // 10 % 3000) + chr(0x5E00 + number // 30_000)


@dataclass(frozen=True)
class Aim:
    """How many rows are to be delivered, and after how many minutes no further file is begun."""

    rows: int
    minutes: float


def measure(bureau: Any, firms: list[tuple[str, str]], aim: Aim, spent: Callable[[], Any]) -> None:
    """Deliver days until so many rows are there, beside rivals in the first of them; then ask and tidy."""
    from qingyuan.sensing.api.records import take_over_list

    found, meters, days = take_over_list("electricity_days", bureau), Meters(firms), max(1, aim.rows // FILE_ROWS)
    _rival_table()
    total, begins = None, time.perf_counter()
    rivals: dict[str, Any] = {}
    for number in range(days):
        raw = meters.day(number)
        before = spent()
        _deliver(found, raw, number)
        one = spent() - before
        total = one if total is None else total + one
        if number < RIVALS:
            for name, act in (("polars", partial(_polars, raw)), ("COPY", partial(_copy, raw))):
                before = spent()
                act()
                rivals[name] = (rivals[name] + (spent() - before)) if name in rivals else spent() - before
        is_late = time.perf_counter() - begins > 60 * aim.minutes
        if number + 1 == RIVALS or (number + 1) % 50 == 0 or number + 1 == days or is_late:
            _told("in bulk through the door of files", (number + 1) * FILE_ROWS, total)
            _sizes(found)
        if number + 1 == RIVALS:
            for name, its in rivals.items():
                _told(f"{name}, the same rows", RIVALS * FILE_ROWS, its)
        if is_late:
            days = number + 1
            break
    sys.stdout.write(f"whole run, with drawing the files: {time.perf_counter() - begins:.0f} s\n")
    _again(found, meters, spent)
    _ask(bureau, firms, days)
    _compact(found, spent)
    _sizes(found)
    _ask(bureau, firms, days)


def _deliver(found: Any, raw: bytes, number: int) -> None:
    from qingyuan.sensing.api import Payload, take_in_payloads
    from qingyuan.sensing.api.records import feed_of_list

    payload = Payload(raw, f"electricity-{number}.csv", time.time_ns() // 1000)
    (delivery,) = take_in_payloads(feed_of_list(found), [payload], lambda *_: 0)
    if delivery.faults or delivery.records != FILE_ROWS:
        raise SystemExit(f"found {delivery.records} rows and {delivery.faults[:3]}, expected {FILE_ROWS} and no fault")


def _again(found: Any, meters: Meters, spent: Callable[[], Any]) -> None:
    """The first day once more, as it was; and with one row in a hundred corrected."""
    raw = meters.day(0)
    before = spent()
    _deliver(found, raw, 0)
    _told("a day delivered again as it was", FILE_ROWS, spent() - before)
    lines = raw.decode().splitlines(keepends=True)
    for place in range(1, len(lines), 100):
        lines[place] = f"{lines[place].rsplit(',', 1)[0]},0.5\n"
    before = spent()
    _deliver(found, "".join(lines).encode(), 0)
    _told("a day delivered again, one row in a hundred changed", FILE_ROWS, spent() - before)


def _rival_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE meter_day (account text, customer text, code text, day date, energy float8, peak float8)"
        )


def _polars(raw: bytes) -> None:
    import polars as pl

    kinds = {"0": pl.String, "1": pl.String, "2": pl.String, "3": pl.Date, "4": pl.Float64, "5": pl.Float64}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rival.parquet"
        pl.read_csv(raw, has_header=False, skip_rows=1, schema=kinds).write_parquet(path, compression="zstd")
        sys.stdout.write(f"polars alone: {path.stat().st_size / FILE_ROWS:.2f} bytes a row\n")


def _copy(raw: bytes) -> None:
    from django.db import connection, transaction

    statement = "COPY meter_day FROM STDIN (FORMAT CSV, HEADER)"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(raw)


def _sizes(found: Any) -> None:
    from django.db import connection
    from django.db.models import Sum

    from qingyuan.sensing.models import JournalFile

    files = JournalFile.objects.filter(of=found)
    held = files.aggregate(rows=Sum("rows"), size=Sum("size"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('sensing_rawsegment'), pg_total_relation_size('meter_day')")
        evidence, rival = cursor.fetchone()
    rows, size = held["rows"], held["size"]
    sys.stdout.write(
        f"{rows:,} rows in {files.count():,} files of {size / 1e6:,.0f} MB: {size / rows:.2f} bytes each; evidence"
        f" {evidence / rows:.2f} bytes each; the table of COPY {rival / 1e6:,.0f} MB\n"
    )
    sys.stdout.flush()


def _compact(found: Any, spent: Callable[[], Any]) -> None:
    from qingyuan.sensing.api.journals import check_journals, compact_journals

    before = spent()
    months = compact_journals()
    _told(f"{months} months written anew", sum_of(found), spent() - before)
    before = spent()
    wrong = check_journals()
    _told(f"check: {len(wrong)} wrong", sum_of(found), spent() - before)


def sum_of(found: Any) -> int:
    """How many rows a list holds."""
    from django.db.models import Sum

    from qingyuan.sensing.models import JournalFile

    return int(JournalFile.objects.filter(of=found).aggregate(rows=Sum("rows"))["rows"] or 0)


def _ask(bureau: Any, firms: list[tuple[str, str]], days: int) -> None:
    from django.test import Client

    from qingyuan.people.queries import User
    from qingyuan.sensing.models import DataList
    from qingyuan.sensing.queries.journals import sums_by_period

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="analyst"))

    def page(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: found {answer.status_code}, expected 200")

    own, middle = "/records/lists/electricity_days/", (FIRST + timedelta(days=days // 2)).isoformat()
    for name, address in {
        "first page": own,
        "page far behind": f"{own}?after={FIRST.isoformat()}~{(1 << 26) + 5000}",
        "a day in the middle": f"{own}?from={middle}&to={middle}",
        "one enterprise": f"{own}?enterprise={firms[Random(1).randrange(len(firms))][0]}",
        "one enterprise on one day": f"{own}?enterprise={firms[7][0]}&from={middle}&to={middle}",
        "one meter": f"{own}?q=0000123456",
        "page of an enterprise": f"/enterprises/{firms[11][0]}/",
        "all lists": "/records/",
    }.items():
        sys.stdout.write(f"page: {name}: {took(partial(page, address))}\n")
    found = DataList.objects.get(code="electricity_days")
    ids = firm_ids(firms)
    last = FIRST + timedelta(days=days)
    span = (last - timedelta(days=35), last)
    sys.stdout.write(
        f"five weeks of {len(ids):,} enterprises by day: {took(partial(sums_by_period, found, ids, 'energy', span))}\n"
    )
    sys.stdout.flush()


def firm_ids(firms: list[tuple[str, str]]) -> list[int]:
    """The numbers of enterprises by their codes."""
    from qingyuan.places.queries import Enterprise

    return list(Enterprise.objects.filter(code__in=[code for code, _name in firms]).values_list("pk", flat=True))


def _told(what: str, rows: int, spent: Any) -> None:
    sys.stdout.write(
        f"{what}: {rows:,} rows in {spent.clock:.1f} s, {rows / spent.clock:,.0f} a second; processor {spent.own:.1f} s"
        f" of this process and {spent.postgres:.1f} s of PostgreSQL, {(spent.own + spent.postgres) / rows * 1e6:.2f} µs"
        " a row\n"
    )
    sys.stdout.flush()
