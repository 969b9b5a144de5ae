"""How long the list of compliance takes with the key dischargers of a city.

`python bench/compliance.py` makes a database of its own with 740 enterprises of two waste-water outlets each, four
pollutants and their limits, the newest hour and day of each, and asks for the list as a leader does.
"""

import sys
from datetime import datetime, timedelta
from typing import Any

from _pages import UNTIL, ask, district

ENTERPRISES, OUTLETS = 740, 2
LEVELS = {"w01018": 24.0, "w21003": 2.0, "w21011": 0.2, "w21001": 7.0}


def main() -> int:
    """Print one line a figure."""
    with district() as bureau:
        for number in range(ENTERPRISES):
            _enterprise(number, bureau)
        _newest()
        ask(bureau, {
            f"compliance of {ENTERPRISES} enterprises": "/compliance/",
            "the same of one state": "/compliance/?state=over",
            "the same as CSV": "/compliance/table/?form=csv",
        })  # fmt: skip
    return 0


def _enterprise(number: int, bureau: Any) -> None:
    from qingyuan.places import api as places
    from qingyuan.sensing.api import define_channel

    code = f"firm-{number}"
    owner = places.register_enterprise(
        f"9151BENCH{number:09d}", lon=100.5, lat=30.5, organisation=bureau, title_zh=code, title_en=code,
        industry_code="4620", industry_zh="污水处理", industry_en="Sewage treatment", management="key",
    )  # fmt: skip
    for outlet in range(OUTLETS):
        station = places.register_station(
            f"{code}-{outlet}", title_zh=code, title_en=code, kind="outlet-water", lon=100.5, lat=30.5, enterprise=owner
        )
        places.apply_standard(station, standard="GB 18918-2002", level="1A", valid_from=UNTIL.replace(year=2020))
        for factor in LEVELS:
            define_channel(station, factor=factor, unit="mg/L")


def _newest() -> None:
    """The hour before and the day before, one channel in a hundred far over its limit."""
    from django.db import connection

    from qingyuan.kit.clock import SHANGHAI
    from qingyuan.sensing.queries import Channel

    midnight = datetime.combine(UNTIL, datetime.min.time(), SHANGHAI)
    instants = {"h": midnight + timedelta(days=1, hours=9), "d": midnight}
    rows = [
        (one.pk, kind, at, LEVELS[one.factor] * (9.0 if number % 100 == 0 else 1.0), at + timedelta(hours=1))
        for number, one in enumerate(Channel.objects.order_by("pk"))
        for kind, at in instants.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO recording_latest VALUES (%s, %s, %s, %s, 'N', %s)", rows)


if __name__ == "__main__":
    sys.exit(main())
