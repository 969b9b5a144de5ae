"""The part of `records.py` that brings lists in bulk: electricity by meter and day through the door of files."""

import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from _pages import took

FILE_ROWS = 500_000  # meters; a file holds a day of so many
METERS_A_CUSTOMER = 5
FIRST = date(2024, 1, 1)
RIVALS = 4  # files that the rivals store too
DRAWS = 16  # how often what meters draw is thrown anew, before it comes again on other days
LOOKED_AT = (10, 20, 50, 100, 200, 400, 800, 1200, 1600)  # at so many million rows pages are asked for
TITLES = "用电户号,用电户名,统一社会信用代码,日期,用电量,最大需量\n".encode()


class Meters:
    """The meters of a region: who is customer of each, some of them enterprises on file; and what they drew on a day.

    A file holds a day of 500,000 of them, so that a day is one file or several.
    """

    def __init__(self, firms: list[tuple[str, str]], meters: int = FILE_ROWS) -> None:
        self.parts = max(1, meters // FILE_ROWS)
        self.frames = [_customers(firms, part * FILE_ROWS) for part in range(self.parts)]
        self.draws = [_drawn(number) for number in range(DRAWS)]

    def day(self, number: int) -> date:
        """Of which day a file is."""
        return FIRST + timedelta(days=number // self.parts)

    def file(self, number: int) -> bytes:
        """The bytes of a file."""
        import polars as pl

        energy, peak = self.draws[(number // self.parts + number) % DRAWS]
        buffer = io.BytesIO()
        self.frames[number % self.parts].with_columns(
            day=pl.lit(self.day(number).isoformat()), energy=energy, peak=peak
        ).write_csv(buffer, include_header=False)
        return TITLES + buffer.getvalue()


def _customers(firms: list[tuple[str, str]], first: int) -> Any:
    """Number, customer and code of the meters of a file."""
    import polars as pl

    number = pl.Series(range(first, first + FILE_ROWS))
    begin = first // METERS_A_CUSTOMER
    customers = range(begin, begin + FILE_ROWS // METERS_A_CUSTOMER)
    known = [firms[one // 10] if one % 10 == 0 and one // 10 < len(firms) else ("", _person(one)) for one in customers]
    of = number // METERS_A_CUSTOMER - begin
    return pl.DataFrame({
        "account": number.cast(pl.String).str.zfill(10),
        "customer": pl.Series([name for _code, name in known]).gather(of),
        "code": pl.Series([code for code, _name in known]).gather(of),
    })  # fmt: skip


def _drawn(number: int) -> tuple[Any, Any]:
    """What some meters drew on a day, and at most at once, as texts."""
    import polars as pl

    random = np.random.default_rng(number)
    usual = 5 + 200 * np.random.default_rng(0).pareto(3, FILE_ROWS)
    energy = np.round(usual * random.uniform(0.5, 1.5, FILE_ROWS), 2)
    peak = np.round(energy / 24 * random.uniform(1, 3, FILE_ROWS), 1)
    return pl.Series(energy).cast(pl.String), pl.Series(peak).cast(pl.String)


def _person(number: int) -> str:
    """A name of three letters; persons are customers of most meters."""
    return "赵钱孙李周吴郑王冯陈"[number % 10] + chr(0x4E00 + number // 10 % 3000) + chr(0x5E00 + number // 30_000)


@dataclass(frozen=True)
class Aim:
    """How many rows are to be delivered, of how many meters, and after how many minutes no further file is begun."""

    rows: int
    minutes: float
    meters: int = FILE_ROWS


@dataclass
class Run:
    """A run so far: what deliveries and the nights between have cost, in all and since pages were asked for last."""

    spent: Callable[[], Any]
    rows: int = 0
    window: int = 0
    costs: dict[str, Any] = field(default_factory=dict)

    def cost(self, name: str, act: Callable[[], object]) -> None:
        """Do something, and add what it costs."""
        before = self.spent()
        act()
        one = self.spent() - before
        for key in (name, f"{name} of late"):
            self.costs[key] = self.costs[key] + one if key in self.costs else one

    def tell(self) -> None:
        """What a row costs, over all and of late."""
        for name, its in self.costs.items():
            is_late = name.endswith("of late")
            if its is not None:
                _told(name, self.rows - self.window if is_late else self.rows, its)
        self.costs = {name: its for name, its in self.costs.items() if not name.endswith("of late")}
        self.window = self.rows


def measure(bureau: Any, firms: list[tuple[str, str]], aim: Aim, spent: Callable[[], Any]) -> None:
    """Deliver days until so many rows are there, tidy behind each month, and ask for pages again and again.

    A list that is there already goes on behind its last file.
    """
    from qingyuan.sensing.api.journals import compact_journals

    found, meters = _list(bureau), Meters(firms, aim.meters)
    done, begins, run = _files_of(found), time.perf_counter(), Run(spent)
    rivals: dict[str, Any] = {}
    for number in range(done, max(done + 1, aim.rows // FILE_ROWS)):
        raw = meters.file(number)
        run.cost("in bulk through the door of files", partial(_deliver, found, raw, number))
        run.rows += FILE_ROWS
        if number < RIVALS:
            _beside(raw, rivals, spent, is_last=number + 1 == RIVALS)
        if meters.day(number + 1).month != meters.day(number).month:
            run.cost("months written anew", compact_journals)
        if (number + 1) * FILE_ROWS in [one * 1_000_000 for one in LOOKED_AT] or number + 1 == RIVALS:
            run.tell()
            _sizes(found)
            _ask(bureau, firms, meters.day(number))
        if time.perf_counter() - begins > 60 * aim.minutes:
            break
    sys.stdout.write(f"whole run, with drawing the files: {time.perf_counter() - begins:.0f} s\n")
    run.tell()
    _sizes(found)
    _ask(bureau, firms, meters.day(_files_of(found) - 1))
    _again(found, meters, spent)
    _compact(found, spent)
    _sizes(found)
    _ask(bureau, firms, meters.day(_files_of(found) - 1))


def _list(bureau: Any) -> Any:
    """The list; beside it, where it is new, the table of COPY."""
    from django.db import connection

    from qingyuan.sensing.api.records import take_over_list
    from qingyuan.sensing.models import DataList

    known = DataList.objects.filter(code="electricity_days").first()
    if known is not None:
        return known
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE meter_day (account text, customer text, code text, day date, energy float8, peak float8)"
        )
    return take_over_list("electricity_days", bureau)


def _files_of(found: Any) -> int:
    from qingyuan.sensing.models import RecordFile

    return int(RecordFile.objects.filter(of=found, new=FILE_ROWS).count())


def _beside(raw: bytes, rivals: dict[str, Any], spent: Callable[[], Any], *, is_last: bool) -> None:
    """The same file through the rivals."""
    for name, act in (("polars", partial(_polars, raw)), ("COPY", partial(_copy, raw))):
        before = spent()
        act()
        rivals[name] = (rivals[name] + (spent() - before)) if name in rivals else spent() - before
    for name, its in rivals.items() if is_last else ():
        _told(f"{name}, the same rows", RIVALS * FILE_ROWS, its)


def _deliver(found: Any, raw: bytes, number: int) -> None:
    from qingyuan.sensing.api import Payload, take_in_payloads
    from qingyuan.sensing.api.records import feed_of_list

    payload = Payload(raw, f"electricity-{number}.csv", time.time_ns() // 1000)
    (delivery,) = take_in_payloads(feed_of_list(found), [payload], lambda *_: 0)
    if delivery.faults or delivery.records != FILE_ROWS:
        raise SystemExit(f"found {delivery.records} rows and {delivery.faults[:3]}, expected {FILE_ROWS} and no fault")


def _again(found: Any, meters: Meters, spent: Callable[[], Any]) -> None:
    """The first day once more, as it was; and with one row in a hundred corrected."""
    raw = meters.file(0)
    before = spent()
    _deliver(found, raw, 0)
    _told("a day delivered again as it was", FILE_ROWS, spent() - before)
    lines = raw.decode().splitlines(keepends=True)
    for place in range(1, len(lines), 100):
        lines[place] = f"{lines[place].rsplit(',', 1)[0]},0.5\n"
    before = spent()
    _deliver(found, "".join(lines).encode(), 0)
    _told("a day delivered again, one row in a hundred changed", FILE_ROWS, spent() - before)


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


def _ask(bureau: Any, firms: list[tuple[str, str]], last: date) -> None:
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

    week = (FIRST + timedelta(days=6)).isoformat()
    own, middle = "/records/lists/electricity_days/", (FIRST + (last - FIRST) // 2).isoformat()
    for name, address in {
        "first page": own,
        "page far behind": f"{own}?after={FIRST.isoformat()}~{(1 << 26) + 5000}",
        "a day in the middle": f"{own}?from={middle}&to={middle}",
        "one enterprise": f"{own}?enterprise={firms[Random(1).randrange(len(firms))][0]}",
        "one enterprise on one day": f"{own}?enterprise={firms[7][0]}&from={middle}&to={middle}",
        "one meter": f"{own}?q=0000123456",
        "a meter that is not there": f"{own}?q=0000123456X",
        "one enterprise in the first week": f"{own}?enterprise={firms[9][0]}&to={week}",
        "page of an enterprise": f"/enterprises/{firms[11][0]}/",
        "all lists": "/records/",
    }.items():
        sys.stdout.write(f"page: {name}: {took(partial(page, address))}\n")
    found = DataList.objects.get(code="electricity_days")
    ids = firm_ids(firms)
    last += timedelta(days=1)
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
