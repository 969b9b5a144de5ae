"""How long the list of emissions takes for a year of a hundred outlets, with the year before beside it.

`python bench/emissions.py` makes a database of its own with 100 enterprises of one outlet each, three pollutants and
their flow, two years of kept sums of days, and asks for the pages as a leader does: the whole answer, queries and
template included. Beside them stands one outlet for a year.
"""

import sys

from _pages import ask, district, months

OUTLETS = 100
LOADS = {"w01018": 90.0, "w21003": 8.0, "w21011": 0.9}  # kg a day


def main() -> int:
    """Print one line a figure."""
    with district() as bureau:
        for number in range(OUTLETS):
            _outlet(number, bureau)
        ask(bureau, {
            f"list, {OUTLETS} outlets, a year": "/emissions/?year=2026&part=year",
            f"list, {OUTLETS} outlets, a month": "/emissions/?year=2026&part=11",
            f"all rows as CSV, {OUTLETS} outlets, a year": "/emissions/table/?year=2026&part=year",
            "one outlet, a year": "/emissions/outlets/outlet-7/?year=2026&part=year",
            "a quarter's tax": f"/emissions/enterprises/{_code(7)}/tax/?year=2026&part=Q3&water_rate=1.4",
        })  # fmt: skip
    return 0


def _code(number: int) -> str:
    return f"9151BENCH{number:09d}"


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
        for first, days in months():
            amounts = (level * random.lognormal(0.0, 0.3, days)).round(2).tolist()
            hours = random.integers(20, 25, days).clip(max=24).astype(float).tolist()
            for statistic, values in (("amount", amounts), ("hours", hours), ("mean", amounts)):
                rows.append(DayValues(channel=channel, statistic=statistic, month=first, values=values))
    DayValues.objects.bulk_create(rows)


if __name__ == "__main__":
    sys.exit(main())
