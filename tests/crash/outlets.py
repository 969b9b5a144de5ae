"""Run as a program of its own: make the tables and enter some outlets with their limits, people and rules."""

import sys
from datetime import date

SINCE = date(2020, 1, 1)


def mn(number: int) -> str:
    """The number of an outlet's device."""
    return f"CRASH{number:019d}"


def enter(outlets: int) -> None:
    """Enter a town, a grid worker who answers for it, and outlets with one device each."""
    from django.core.management import call_command
    from django.db import transaction
    from shapely.geometry import box

    from qingyuan.dispatching.api import add_rule
    from qingyuan.judging.api import set_watch
    from qingyuan.people.api import register_organisation, register_person
    from qingyuan.places import api as places
    from qingyuan.sensing.api import register_device

    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        shape, label = box(100, 30, 100.2, 30.2), (100.1, 30.1)
        district = places.draw_cell("01", path="01", title_zh="区", title_en="District", shape=shape, label=label)
        places.draw_cell("0101", path="01/01", title_zh="镇", title_en="Town", shape=shape, label=label)
        bureau = register_organisation("bureau", title_zh="局", title_en="Bureau", kind="bureau")
        worker = register_person(
            "worker", name_zh="甲", name_en="A", role="grid_worker", organisation=bureau, encoded_password="!"
        )
        places.post_person(worker, district, valid_from=SINCE)
        set_watch("exceedance", kind="h", valid_from=SINCE)
        add_rule(title_zh="核查", title_en="Check", case_type="exceedance", valid_from=SINCE)
        for number in range(outlets):
            station = places.register_station(
                f"outlet-{number}", title_zh=f"{number} 号排口", title_en=f"Outlet {number}", kind="outlet-water",
                lon=100.1, lat=30.1,
            )  # fmt: skip
            places.apply_standard(station, standard="GB 18918-2002", level="1A", valid_from=SINCE)
            register_device(mn(number), station=station, password="123456")


if __name__ == "__main__":
    import django

    django.setup()
    enter(int(sys.argv[1]))
