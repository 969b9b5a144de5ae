import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from django.conf import settings as platform

from qingyuan.sensing.connector import (
    CONNECTORS,
    LONGEST_ADDRESS,
    Connector,
    Payload,
    Read,
    Receiver,
    Setting,
    Unreachable,
)
from qingyuan.sensing.connectors._bulletins import BULLETIN_FIELDS, read_bulletins
from qingyuan.sensing.connectors._bulletins import FORM as BULLETINS
from qingyuan.sensing.connectors._documents import FIELDS, ITEMS, NAME, TIME, read_document
from qingyuan.sensing.connectors._footage import FOOTAGE, RULE_SETTING, read_footage
from qingyuan.sensing.connectors._lidar import LIDAR, QUANTITY, read_scans
from qingyuan.sensing.connectors._records import FORM as RECORDS
from qingyuan.sensing.connectors._records import RECORD_FIELDS, read_records
from qingyuan.sensing.connectors._spots import FIRES, POLYGONS, SPOT_FIELDS, read_spots
from qingyuan.sensing.connectors.push import read_pushed
from qingyuan_science.plugins import Example, Source, Text

LOOK_S = 3.0
STILL_S = 2.0  # a file that did not change for so long, between two looks, is taken as written
LARGEST_FILE = 64 * 1024 * 1024
BATCH_FILES, BATCH_BYTES = 50, 32 * 1024 * 1024
LONGEST_NAME = 255  # bytes
MOST_STUCK = 100  # files that cannot be moved, before it is the folder that is in trouble
DONE, FAILED = "done", "failed"


def _inside(text: str) -> None:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"found {text!r}, expected a path below the folder for deliveries, such as meters")


def _pattern(text: str) -> None:
    if "/" in text or text.startswith("."):
        raise ValueError(f"found {text!r}, expected a pattern for names of files, such as *.csv")


_PLACE = (
    Setting(
        "path",
        Text("文件夹", "Folder"),
        Text("接收目录（QINGYUAN_INBOX）下的路径。", "Below the folder for deliveries (QINGYUAN_INBOX)."),
        required=True,
        check=_inside,
    ),
    Setting(
        "pattern",
        Text("文件名", "File names"),
        Text("如 *.csv；以点开头的文件不读。", "Such as *.csv; names that begin with a dot are left alone."),
        default="*",
        required=True,
        check=_pattern,
    ),
    Setting(
        "form",
        Text("文件内容", "Content"),
        Text(
            "带表头的 CSV、JSON，或与 HTTP 推送相同的文档；卫星火点（fires）或解译图斑（polygons）；"
            "摄像头的录像与图片（footage）；部门数据清单（records）；空气质量预报（bulletins）；激光雷达扫描（lidar）。",
            "CSV with a head, JSON, or the document that HTTP push takes; fires or polygons of satellites; footage of"
            " cameras; lists of departments (records); bulletins of air quality forecasts; scans"
            " of lidars.",
        ),
        default="csv",
        choices=("csv", "json", "push", FIRES, POLYGONS, FOOTAGE, RECORDS, BULLETINS, LIDAR),
    ),
)
_FIELDS = tuple(replace(one, default={NAME.name: "name", TIME.name: "at"}.get(one.name, one.default)) for one in FIELDS)


@CONNECTORS
@dataclass(frozen=True)
class Folder(Connector):
    """Files that somebody puts into a folder; each is moved once it is committed."""

    code: ClassVar[str] = "folder"
    title: ClassVar[Text] = Text("文件夹（CSV、JSON）", "Watched folder (CSV, JSON)")
    source: ClassVar[Source] = Source("docs/explanation/doors.md", "watched folder")
    settings: ClassVar[tuple[Setting, ...]] = (
        *_PLACE, *_FIELDS, *SPOT_FIELDS, RULE_SETTING, *RECORD_FIELDS, *BULLETIN_FIELDS, QUANTITY,
    )  # fmt: skip
    listens: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "CSV:name,at,value 下一行 cod,2026-11-22 08:00,48.2",
                "CSV: name,at,value over cod,2026-11-22 08:00,48.2",
            ),
            (Text("一个观测值 48.2", "one observation of 48.2"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a file."""
        if settings["form"] == "push":
            return read_pushed(payload.raw)
        if settings["form"] in (FIRES, POLYGONS):
            return read_spots(payload, settings, settings["form"])
        if settings["form"] == LIDAR:
            return read_scans(payload, settings)
        if settings["form"] == FOOTAGE:
            return read_footage(payload, settings)
        if settings["form"] == RECORDS:
            return read_records(payload, settings, settings[ITEMS.name])
        if settings["form"] == BULLETINS:
            return read_bulletins(payload, settings)
        return read_document(payload, settings)

    @classmethod
    def films(cls, settings: Mapping[str, str]) -> bool:
        """Whether the files are footage."""
        return settings.get("form") == FOOTAGE

    async def listen(self, receiver: Receiver) -> None:
        """Look every few seconds; take in what lies still, then move it."""
        folder = Path(platform.INBOX) / receiver.settings["path"]
        before: dict[str, Mark] = {}
        watched = _Watched(folder, receiver)
        try:
            await asyncio.to_thread(_prepare, folder)
            await watched.put_taken_away()
            while True:
                found = await asyncio.to_thread(_lying, folder, receiver.settings["pattern"])
                still = [
                    name for name, mark in found.items() if before.get(name) == mark and watched.may_take(name, mark)
                ]
                before = found
                watched.stuck = {name: mark for name, mark in watched.stuck.items() if found.get(name) == mark}
                more = await watched.take_some({name: found[name] for name in sorted(still)})
                if not more:
                    await receiver.in_order()
                    await asyncio.sleep(LOOK_S)
        except OSError as error:
            raise Unreachable(f"{folder}: {error.strerror or error}") from error


Mark = tuple[int, int, int]  # inode, size in bytes, time of the last change in ns


def _is_old(mark: Mark) -> bool:
    return abs(time.time_ns() - mark[2]) > STILL_S * 1e9  # a sender's clock may be years ahead


def _prepare(folder: Path) -> None:
    for each in (folder, folder / DONE, folder / FAILED):
        each.mkdir(parents=True, exist_ok=True)
    root = Path(platform.INBOX).resolve()
    if not folder.resolve().is_relative_to(root):
        raise Unreachable(f"{folder}: found a link that leads out of {root}, expected a folder below it")


def _lying(folder: Path, pattern: str) -> dict[str, Mark]:
    """The files that lie in the folder now; links and hidden files are nobody's deliveries."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            fits = PurePosixPath(entry.name).match(pattern) and not entry.name.startswith(".")
            if fits and entry.is_file(follow_symlinks=False):
                found[entry.name] = _mark(entry.stat(follow_symlinks=False))
    return found


def _mark(stat: os.stat_result) -> Mark:
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)


@dataclass
class _Watched:
    """A folder, and the files in it that are left alone until they change: they cannot be moved."""

    folder: Path
    receiver: Receiver
    stuck: dict[str, Mark] = field(default_factory=dict)

    def may_take(self, name: str, mark: Mark) -> bool:
        return self.stuck.get(name) != mark and _is_old(mark)

    async def take_some(self, still: Mapping[str, Mark]) -> bool:
        """Take in some of the files and move them; whether there are more."""
        large = {name: mark for name, mark in still.items() if mark[1] > LARGEST_FILE}
        for name, mark in large.items():
            size = f"{mark[1]} bytes, expected at most {LARGEST_FILE}"
            await self._put_aside(name, mark, ("TooLarge", f"found {_storable(name)} of {size}"))
        wanted = _first({name: mark for name, mark in still.items() if name not in large})
        payloads, unreadable = await asyncio.to_thread(_read_files, self.folder, wanted)
        for name, why in unreadable.items():
            detail = f"found {_storable(name)} that cannot be opened ({why}), expected a file that can be read"
            await self._put_aside(name, wanted[name], ("Unreadable", detail))
        if payloads:
            await self._take_in(payloads)
        return bool(payloads) and len(wanted) < len(still) - len(large)

    async def _take_in(self, payloads: Mapping[str, tuple[Mark, Payload]]) -> None:
        taken = {_storable(name): list(mark) for name, (mark, _) in payloads.items()}
        kept, failed = self._committed()

        def position(readable: Sequence[bool]) -> Mapping[str, Any]:
            could_be_read = zip(payloads, readable, strict=True)
            return {
                "taken": kept | taken,
                "failed": [*failed, *(_storable(name) for name, could in could_be_read if not could)],
            }

        readable = await self.receiver.take_in([payload for _, payload in payloads.values()], position)
        for (name, (mark, _)), could_be_read in zip(payloads.items(), readable, strict=True):
            await self._put_away(name, mark, DONE if could_be_read else FAILED)

    async def put_taken_away(self) -> None:
        """Move what was committed before the process ended between the commit and the move."""
        taken, failed = self.receiver.position.get("taken", {}), self.receiver.position.get("failed", ())
        for name, mark in (await asyncio.to_thread(_lying, self.folder, "*")).items():
            stored = _storable(name)
            if taken.get(stored) == list(mark):
                await self._put_away(name, mark, FAILED if stored in failed else DONE)

    async def _put_aside(self, name: str, mark: Mark, fault: tuple[str, str]) -> None:
        await self.receiver.count(*fault, 1)
        await self._put_away(name, mark, FAILED)

    async def _put_away(self, name: str, mark: Mark, where: str) -> None:
        """Move a file; one that cannot be moved holds up no other."""
        try:
            await asyncio.to_thread(_move, self.folder, name, where)
        except OSError as error:
            self.stuck[name] = mark
            if len(self.stuck) > MOST_STUCK:  # it is not this one file
                raise
            detail = (
                f"found {_storable(name)} that cannot be moved ({error.strerror}), expected a file that can be moved"
            )
            await self.receiver.count("NotMoved", detail, 1)

    def _committed(self) -> tuple[dict[str, list[int]], list[str]]:
        """Of what cannot be moved that which is committed, as the position tells it: it must not be read again."""
        taken, failed = self.receiver.position.get("taken", {}), self.receiver.position.get("failed", ())
        stuck = {_storable(name): list(mark) for name, mark in self.stuck.items()}
        kept = {name: mark for name, mark in stuck.items() if taken.get(name) == mark}
        return kept, [name for name in kept if name in failed]


def _first(still: Mapping[str, Mark]) -> dict[str, Mark]:
    wanted: dict[str, Mark] = {}
    for name, mark in still.items():
        full = len(wanted) >= BATCH_FILES or sum(one[1] for one in wanted.values()) + mark[1] > BATCH_BYTES
        if wanted and full:
            break
        wanted[name] = mark
    return wanted


def _read_files(folder: Path, wanted: Mapping[str, Mark]) -> tuple[dict[str, tuple[Mark, Payload]], dict[str, str]]:
    """The bytes of the files that are still as they were seen; and why others cannot be opened."""
    found, unreadable = {}, {}
    for name, mark in wanted.items():
        try:
            with (folder / name).open("rb") as file:
                raw, now = file.read(), _mark(os.fstat(file.fileno()))
        except FileNotFoundError:  # somebody took it back
            continue
        except OSError as error:
            unreadable[name] = error.strerror or str(error)
            continue
        if now == mark:
            found[name] = (mark, Payload(raw, _storable(name)[:LONGEST_ADDRESS], time.time_ns() // 1_000))
    return found, unreadable


def _storable(name: str) -> str:
    """The name of a file as text: Linux lets it be any bytes, such as those of GBK."""
    return name.encode(errors="backslashreplace").decode()


def _move(folder: Path, name: str, where: str) -> None:
    target = folder / where / name
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        target = target.with_name(_another(name))
    with suppress(FileNotFoundError):  # somebody took it back
        (folder / name).rename(target)


def _another(name: str) -> str:
    """Another name that is no longer than Linux lets it be; the ending stays."""
    prefix = f"{time.time_ns()}-".encode()
    return os.fsdecode(prefix + os.fsencode(name)[-(LONGEST_NAME - len(prefix)) :])
