"""How long a page of environment quality takes for a year of many stations, with the year before beside it.

`python bench/environment_quality.py` makes a database of its own with 100 air stations and 100 sections, two years of
day values each, and asks for the pages as a leader does: the whole answer, queries and template included. Beside them
stand two other ways to the same numbers: a row a day, and the day means among the readings.
"""

import sys
from datetime import date

from _pages import YEARS, ask, district, months, took

STATIONS = 100
AIR = {"a34004": 36.0, "a34002": 62.0, "a21026": 9.0, "a21004": 38.0, "a21005": 0.7, "a05024": 80.0}
WATER = {"w01001": 7.6, "w01009": 7.0, "w01019": 3.2, "w21003": 0.5, "w21011": 0.12, "w21001": 1.6, "w01010": 18.0}
PAGES = {
    f"air, {STATIONS} stations, a year and the one before": "/environment/?year=2026&part=year",
    f"air, {STATIONS} stations, a month and that of the year before": "/environment/?year=2026&part=11",
    f"water, {STATIONS} sections, a year and the one before": "/environment/water/?year=2026&part=year",
    f"water, {STATIONS} sections, a month and that of the year before": "/environment/water/?year=2026&part=11",
}
LIKE_A_DAY_A_ROW = """
CREATE TABLE bench_day AS SELECT channel_id, statistic, (month + (n - 1)::int) AS day, v AS value
FROM recording_dayvalues, unnest(values) WITH ORDINALITY AS u(v, n);
ALTER TABLE bench_day ADD PRIMARY KEY (channel_id, statistic, day); ANALYZE bench_day
"""


def main() -> int:
    """Print one line a figure."""
    with district() as bureau:
        for kind, channels in (("ambient-air", AIR), ("surface-water", WATER)):
            for number in range(STATIONS):
                _station(kind, number, channels)
        ask(bureau, PAGES)
        _read_alone()
    return 0


def _read_alone() -> None:
    """The stored numbers alone, two years of the air stations, in the two shapes."""
    from django.db import connection

    from qingyuan.recording.queries import day_values
    from qingyuan.sensing.queries import Channel

    ids = list(Channel.objects.filter(station__kind="ambient-air").values_list("pk", flat=True))

    def a_month_a_row() -> None:
        for year in YEARS:
            day_values(ids, date(year, 1, 1), date(year, 12, 31))

    def a_day_a_row() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT channel_id, statistic, day, value FROM bench_day WHERE channel_id = ANY(%s)", [ids])
            cursor.fetchall()

    with connection.cursor() as cursor:
        cursor.execute(LIKE_A_DAY_A_ROW)
    print(f"read: a month a row (day_values): {took(a_month_a_row)}")
    print(f"read: a day a row, the same numbers: {took(a_day_a_row)}")


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
        for first, days in months():
            for statistic in ("max_8h", "max_1h") if factor == "a05024" else ("mean",):
                values = (level * random.lognormal(0.0, 0.3, days)).round(2).tolist()
                rows.append(DayValues(channel=channel, statistic=statistic, month=first, values=values))
    DayValues.objects.bulk_create(rows)


if __name__ == "__main__":
    sys.exit(main())
