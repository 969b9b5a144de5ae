"""How long a page of environment quality takes for a year of many stations, with the year before beside it.

`python bench/environment_quality.py` makes a database of its own with 100 air stations and 100 sections, two years of
day values each, and asks for the pages as a leader does: the whole answer, queries and template included. Beside them
stand two other ways to the same numbers: a row a day, and the day means among the readings.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from qingyuan.kit.postgres import Postgres

STATIONS, TIMES = 100, 7
YEARS = (2025, 2026)
UNTIL = date(2026, 11, 21)
AIR = {"a34004": 36.0, "a34002": 62.0, "a21026": 9.0, "a21004": 38.0, "a21005": 0.7, "a05024": 80.0}
WATER = {"w01001": 7.6, "w01009": 7.0, "w01019": 3.2, "w21003": 0.5, "w21011": 0.12, "w21001": 1.6, "w01010": 18.0}
LIKE_A_DAY_A_ROW = """
CREATE TABLE bench_day AS SELECT channel_id, statistic, (month + (n - 1)::int) AS day, v AS value
FROM recording_dayvalues, unnest(values) WITH ORDINALITY AS u(v, n);
ALTER TABLE bench_day ADD PRIMARY KEY (channel_id, statistic, day); ANALYZE bench_day
"""


def main() -> int:
    """Print one line a figure."""
    with tempfile.TemporaryDirectory(prefix="qingyuan-bench-") as folder:
        Path(folder).chmod(0o755)  # the user of PostgreSQL has to reach what lies in it
        os.environ["QINGYUAN_DATA"] = folder
        postgres = Postgres(Path(folder) / "postgres")
        postgres.start()
        try:
            os.environ["DATABASE_URL"] = postgres.url
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
            _measure()
        finally:
            postgres.stop()
    return 0


def _measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    leader = _fill()
    from django.db import connection
    from django.test import Client

    from qingyuan.kit import clock

    client = Client(headers={"host": "localhost"})
    client.force_login(leader)
    with clock.wound_to(datetime.combine(UNTIL, datetime.min.time(), clock.SHANGHAI) + timedelta(days=1, hours=10)):
        for name, address in (
            ("air, a year", "/environment/?year=2026&part=year"),
            ("air, a month", "/environment/?year=2026&part=11"),
            ("water, a year", "/environment/water/?year=2026&part=year"),
            ("water, a month", "/environment/water/?year=2026&part=11"),
        ):
            asked = partial(_page, client, address)
            print(f"page: {name}, {STATIONS} stations and the year before: {_of(asked)}")
    with connection.cursor() as cursor:
        cursor.execute(LIKE_A_DAY_A_ROW)
    _read_alone()


def _page(client: object, address: str) -> None:
    answer = client.get(address)  # type: ignore[attr-defined]
    if answer.status_code != 200:
        raise SystemExit(f"{address}: found {answer.status_code}, expected 200")


def _read_alone() -> None:
    """The stored numbers alone, two years of the air stations, in the two shapes."""
    from django.db import connection

    from qingyuan.recording.queries import day_values
    from qingyuan.sensing.queries import Channel

    ids = list(Channel.objects.filter(station__kind="ambient-air").values_list("pk", flat=True))

    def months() -> None:
        for year in YEARS:
            day_values(ids, date(year, 1, 1), date(year, 12, 31))

    def rows() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT channel_id, statistic, day, value FROM bench_day WHERE channel_id = ANY(%s)", [ids])
            cursor.fetchall()

    print(f"read: a month a row (day_values): {_of(months)}")
    print(f"read: a day a row, the same numbers: {_of(rows)}")


def _of(work: Callable[[], None]) -> str:
    took, spent = [], []
    for _ in range(TIMES):
        started, began = time.perf_counter(), time.process_time()
        work()
        took.append(time.perf_counter() - started)
        spent.append(time.process_time() - began)
    return (
        f"median {1000 * statistics.median(took):.0f} ms, least {1000 * min(took):.0f} ms,"
        f" of which this process {1000 * statistics.median(spent):.0f} ms"
    )


def _fill() -> object:
    from shapely.geometry import box

    from qingyuan.people.api import register_organisation, register_person
    from qingyuan.places import api as places

    shape = box(100, 30, 101, 31)
    for path in ("01", "01/01", "01/01/01"):
        places.draw_cell(path.replace("/", ""), path=path, title_zh="区", title_en="Area", shape=shape, label=(100, 30))
    bureau = register_organisation("bureau", title_zh="局", title_en="Bureau", kind="bureau")
    for kind, channels in (("ambient-air", AIR), ("surface-water", WATER)):
        for number in range(STATIONS):
            _station(kind, number, channels)
    return register_person("leader", name_zh="领导", name_en="Leader", role="leader", organisation=bureau)


def _station(kind: str, number: int, channels: dict[str, float]) -> None:
    import numpy as np

    from qingyuan.places import api as places
    from qingyuan.recording.models import DayValues
    from qingyuan.sensing.api import define_channel

    random = np.random.default_rng(number)
    code = f"{kind}-{number}"
    station = places.register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.5, lat=30.5)
    rows = []
    for factor, level in channels.items():
        unit = {"a21005": "mg/m3", "w01001": "dimensionless", "w01010": "°C"}.get(factor, "µg/m3")
        channel = define_channel(station, factor=factor, unit="mg/L" if factor[0] == "w" and unit[0] == "µ" else unit)
        for year in YEARS:
            for month in range(1, 13):
                first = date(year, month, 1)
                days = (date(year + month // 12, month % 12 + 1, 1) - first).days
                for statistic in ("max_8h", "max_1h") if factor == "a05024" else ("mean",):
                    values = (level * random.lognormal(0.0, 0.3, days)).round(2).tolist()
                    rows.append(DayValues(channel=channel, statistic=statistic, month=first, values=values))
    DayValues.objects.bulk_create(rows)


if __name__ == "__main__":
    sys.exit(main())
