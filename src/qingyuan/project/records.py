"""The demo district's lists of other departments: taken over from the catalogue, delivered as files into folders."""

from pathlib import Path

from qingyuan.people import api as people
from qingyuan.people.queries import Organisation
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api.records import take_over_list
from qingyuan.sensing.connectors.folder import DONE, FAILED
from qingyuan.sensing.records.definition import MINUTES, Every
from qingyuan_science.worlds import World
from qingyuan_science.worlds.registers import DEPARTMENTS, Registers

FOLDER = "records"  # below the folder for deliveries; one folder a list
AWAITED = (
    ("tax", "qj-tax"),
    ("tax_payments", "qj-tax"),
    ("water_use", "qj-water"),
    ("muck_transport", "qj-urban"),
    ("weather_days", "qj-weather"),
)
"""Lists that are agreed and of which nothing came yet."""


def enter(new: World, homes: dict[str, Organisation]) -> None:
    """The departments, their lists, and the folders in which they put them."""
    for code, title in DEPARTMENTS:
        homes[code] = people.register_organisation(code, title_zh=title.zh, title_en=title.en, kind="department")
    for one in Registers(new).all:
        found = take_over_list(one.code, homes[one.department])
        feed = sensing.define_feed(
            f"records-{one.code}-folder", connector="folder", title_zh=f"{found.title_zh}（文件夹）",
            title_en=f"{found.title_en} (folder)",
            settings={"path": f"{FOLDER}/{one.code}", "pattern": "*.csv", "form": "records", "records": one.code},
        )  # fmt: skip
        sensing.name_department(feed, homes[one.department])
        sensing.set_pace(feed, MINUTES.get(Every(found.every)))
    for code, department in AWAITED:
        take_over_list(code, homes.get(department))


def put(world: World, inbox: Path) -> None:
    """Put the files that do not lie there yet into the folders, as the departments would."""
    for one in Registers(world).all:
        folder, name = inbox / FOLDER / one.code, f"{one.code}-{world.epoch:%Y%m%d}"
        folder.mkdir(parents=True, exist_ok=True)
        _put_once(folder, f"{name}.csv", one.csv)
        if one.corrected:  # its name comes behind that of the first, and so does its turn
            _put_once(folder, f"{name}_corrected.csv", one.corrections)


def _put_once(folder: Path, name: str, raw: bytes) -> None:
    if not any((folder / part / name).exists() for part in (".", DONE, FAILED)):
        hidden = folder / f".{name}"
        hidden.write_bytes(raw)
        hidden.rename(folder / name)
