"""How long the list of emissions takes for a year of a hundred outlets, with the year before beside it.

`python bench/emissions.py` makes a database of its own with 100 enterprises of one outlet each, three pollutants and
their flow, two years of kept sums of days, and asks for the pages as a leader does: the whole answer, queries and
template included. Beside them stands one outlet for a year.
"""

import os
import sys
import tempfile
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from environment_quality import UNTIL, YEARS, _of, _page

from qingyuan.kit.postgres import Postgres

OUTLETS = 100
LOADS = {"w01018": 90.0, "w21003": 8.0, "w21011": 0.9}  # kg a day


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
    from django.test import Client

    from qingyuan.kit import clock

    client = Client(headers={"host": "localhost"})
    client.force_login(leader)
    with clock.wound_to(datetime.combine(UNTIL, datetime.min.time(), clock.SHANGHAI) + timedelta(days=1, hours=10)):
        for name, address in (
            (f"list, {OUTLETS} outlets, a year", "/emissions/?year=2026&part=year"),
            (f"list, {OUTLETS} outlets, a month", "/emissions/?year=2026&part=11"),
            (f"all rows as CSV, {OUTLETS} outlets, a year", "/emissions/table/?year=2026&part=year"),
            ("one outlet, a year", "/emissions/outlets/outlet-7/?year=2026&part=year"),
            ("a quarter's tax", f"/emissions/enterprises/{_code(7)}/tax/?year=2026&part=Q3&water_rate=1.4"),
        ):
            print(f"page: {name}, with the year before: {_of(partial(_page, client, address))}")


def _code(number: int) -> str:
    return f"9151BENCH{number:09d}"


def _fill() -> object:
    from shapely.geometry import box

    from qingyuan.people.api import register_organisation, register_person
    from qingyuan.places import api as places

    shape = box(100, 30, 101, 31)
    for path in ("01", "01/01", "01/01/01"):
        places.draw_cell(path.replace("/", ""), path=path, title_zh="区", title_en="Area", shape=shape, label=(100, 30))
    bureau = register_organisation("bureau", title_zh="局", title_en="Bureau", kind="bureau")
    for number in range(OUTLETS):
        _outlet(number, bureau)
    return register_person("leader", name_zh="领导", name_en="Leader", role="leader", organisation=bureau)


def _outlet(number: int, bureau: object) -> None:
    import numpy as np

    from qingyuan.places import api as places
    from qingyuan.recording.models import DayValues
    from qingyuan.sensing.api import define_channel

    random = np.random.default_rng(number)
    code = f"outlet-{number}"
    owner = places.register_enterprise(
        _code(number), lon=100.5, lat=30.5, organisation=bureau, title_zh=code, title_en=code, industry_code="4620",
        industry_zh="污水处理", industry_en="Sewage treatment", management="key",
    )  # fmt: skip
    station = places.register_station(
        code, title_zh=code, title_en=code, kind="outlet-water", lon=100.5, lat=30.5, enterprise=owner
    )
    rows = []
    for factor, level in {**LOADS, "w00000": 2400.0}.items():
        channel = define_channel(station, factor=factor, unit="m3/h" if factor == "w00000" else "mg/L")
        for year in YEARS:
            for month in range(1, 13):
                first = date(year, month, 1)
                days = (date(year + month // 12, month % 12 + 1, 1) - first).days
                amounts = (level * random.lognormal(0.0, 0.3, days)).round(2).tolist()
                hours = random.integers(20, 25, days).clip(max=24).astype(float).tolist()
                for statistic, values in (("amount", amounts), ("hours", hours), ("mean", amounts)):
                    rows.append(DayValues(channel=channel, statistic=statistic, month=first, values=values))
    DayValues.objects.bulk_create(rows)


if __name__ == "__main__":
    sys.exit(main())
