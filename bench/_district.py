"""A district of waste-water outlets, entered through the doors that an authority would use."""

from datetime import date

from shapely.geometry import box

PASSWORD = "bench-district"  # noqa: S105 of a platform that lives for two minutes
OFFICER = "officer"
SINCE = date(2020, 1, 1)
FACTORS = ("w01018", "w21003", "w21011", "w21001", "w01012", "w22001", "w20117", "w20115", "w20120", "w01001")
DEVICE_PASSWORD = "123456"  # noqa: S105 the protocol's PW field


def enter(outlets: int) -> list[str]:
    """Enter a town, its people, rules and outlets with one device each; answers the devices' MN."""
    from django.db import transaction

    from qingyuan.dispatching.api import add_rule
    from qingyuan.judging.api import set_watch
    from qingyuan.places import api as places
    from qingyuan.sensing.api import register_device

    with transaction.atomic():
        _people()
        set_watch("exceedance", kind="h", valid_from=SINCE)
        add_rule(title_zh="超标核查", title_en="Check exceedance", case_type="exceedance", valid_from=SINCE)
        names = [f"BENCH{number:019d}" for number in range(outlets)]
        for number, mn in enumerate(names):
            titles = {"title_zh": f"{number} 号排口", "title_en": f"Outlet {number}"}
            place = {"lon": 100 + number % 100 / 1000, "lat": 30 + number // 100 / 1000}
            station = places.register_station(f"outlet-{number}", kind="outlet-water", **titles, **place)
            places.apply_standard(station, standard="GB 18918-2002", level="1A", valid_from=SINCE)
            register_device(mn, station=station, password=DEVICE_PASSWORD)
    return names


def _people() -> None:
    from qingyuan.people.api import register_organisation, register_person
    from qingyuan.places.api import draw_cell, post_person

    shape, label = box(99.9, 29.9, 100.2, 30.2), (100.05, 30.05)
    bureau = register_organisation("bureau", title_zh="生态环境局", title_en="Bureau", kind="bureau")
    district = draw_cell("01", path="01", title_zh="区", title_en="District", shape=shape, label=label)
    draw_cell("0101", path="01/01", title_zh="镇", title_en="Town", shape=shape, label=label)
    for username, role in ((OFFICER, "duty_officer"), ("worker", "grid_worker")):
        person = register_person(
            username, name_zh=username, name_en=username, role=role, organisation=bureau, password=PASSWORD
        )
        post_person(person, district, valid_from=SINCE)
