"""Pages asked for as a leader does, on a database of their own with two years of kept values: how long they take."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from qingyuan.kit.postgres import Postgres

TIMES = 7
YEARS = (2025, 2026)
UNTIL = date(2026, 11, 21)


@contextmanager
def district(kept: str = "") -> Iterator[Any]:
    """Django on a new database with one area and one bureau, which is given; in a folder that is kept, if named."""
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as folder:
        Path(folder).chmod(0o755)  # the user of PostgreSQL has to reach what lies in it
        os.environ["QINGYUAN_DATA"] = folder
        postgres = Postgres(Path(folder) / "postgres")
        postgres.start()
        try:
            os.environ["DATABASE_URL"] = postgres.url
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
            yield _bureau()
        finally:
            postgres.stop()


def _bureau() -> Any:
    import django

    django.setup()
    from django.core.management import call_command
    from shapely.geometry import box

    from qingyuan.people.api import register_organisation
    from qingyuan.people.queries import Organisation
    from qingyuan.places.api import draw_cell

    call_command("migrate", verbosity=0, interactive=False)
    known = Organisation.objects.filter(code="bureau").first()
    if known is not None:
        return known
    shape = box(100, 30, 101, 31)
    for path in ("01", "01/01", "01/01/01"):
        draw_cell(path.replace("/", ""), path=path, title_zh="区", title_en="Area", shape=shape, label=(100, 30))
    return register_organisation("bureau", title_zh="局", title_en="Bureau", kind="bureau")


def months() -> Iterator[tuple[date, int]]:
    """The first day and the number of days of each month of both years."""
    for year in YEARS:
        for month in range(1, 13):
            first = date(year, month, 1)
            yield first, (date(year + month // 12, month % 12 + 1, 1) - first).days


def ask(bureau: Any, addresses: dict[str, str]) -> None:
    """Ask for pages in the morning after the last day, the whole answer, and print a line each by its name."""
    from django.test import Client

    from qingyuan.kit import clock
    from qingyuan.people.api import register_person

    leader = register_person("leader", name_zh="领导", name_en="Leader", role="leader", organisation=bureau)
    client = Client(headers={"host": "localhost"})
    client.force_login(leader)
    with clock.wound_to(datetime.combine(UNTIL, datetime.min.time(), clock.SHANGHAI) + timedelta(days=1, hours=10)):
        for name, address in addresses.items():
            print(f"page: {name}: {took(partial(_page, client, address))}", flush=True)


def _page(client: Any, address: str) -> None:
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: found {answer.status_code}, expected 200")


def took(work: Callable[[], None]) -> str:
    """How long something takes, by the clock and of this process."""
    clocks, spent = [], []
    for _ in range(TIMES):
        started, began = time.perf_counter(), time.process_time()
        work()
        clocks.append(time.perf_counter() - started)
        spent.append(time.process_time() - began)
    return (
        f"median {1000 * statistics.median(clocks):.0f} ms, least {1000 * min(clocks):.0f} ms,"
        f" of which this process {1000 * statistics.median(spent):.0f} ms"
    )
