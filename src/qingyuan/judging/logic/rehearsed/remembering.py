"""What detectors said of what they were shown, kept in the data folder, so that no rehearsal looks at the same twice.

What a detector says is a function of its code, its settings, the series and the context, and of nothing else. So an
answer is found by a digest of just these (`Keys`): every reading with its time and mark, of the channel and of all that
stands around it, every limit, record and setting, and the science library itself. There is no name, date or number of
a row in it that could stand for something that has changed meanwhile. What cannot be digested is not kept.

Answers lie in drawers, one file for some channels, which is written beside its place and then renamed. Of two processes
that write one drawer at the same moment the later one stands; what is lost is computed again, and so is what does not
fit its check sum.
"""

import io
import os
import pickle
import struct
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np
import structlog

import qingyuan_science
from qingyuan.judging.logic.passes import Pass
from qingyuan_science.detect import Context, Detector, Finding
from qingyuan_science.series import Series

CHANNELS_A_DRAWER = 20
MOST_A_DRAWER = 20_000_000  # bytes; the answers that were asked for longest ago go first
LEFT_BEHIND_S = 3600  # of a process that ended while it wrote
DAY_S = 86_400
SUFFIX = ".looks"
_STARTED = time.time()
_ATOMS = frozenset((NoneType, bool, int, float, str, date, datetime, np.float64))
_SEVERAL = frozenset((tuple, dict, MappingProxyType))
SHORT = 100  # what is longer is digested
OUR_OWN = "qingyuan_science."
_PLAIN = {
    ("numpy", "dtype"), ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"), ("datetime", "date"),
}  # fmt: skip
_HEAD = struct.Struct("<32s16sII")  # key, check sum, day on which it was asked for last, bytes that follow
_log = structlog.get_logger("rehearsal")


class Keys:
    """Digests of what detectors are shown; what several are shown is spelt once, as long as it is one object."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[object, str]] = {}

    def forget(self) -> None:
        """Let go of what was shown so far."""
        self._told.clear()

    def of(self, *shown: object) -> bytes:
        """The digest of objects in their order.

        Raises
        ------
        TypeError
            One holds something whose content is not known, such as an object of a plug-in from elsewhere.
        """
        return sha256(" ".join([self._spell(one, type(one)) for one in shown]).encode()).digest()

    def _tell(self, thing: Any) -> str:
        made = type(thing)
        if made in _ATOMS:
            return repr(thing)
        if made in _SEVERAL and not thing:  # often made anew
            return f"{made.__name__}()"
        told = self._told.get(id(thing))
        if told is None:
            told = self._told[id(thing)] = thing, self._spell(thing, made)
        return told[1]

    def _spell(self, thing: Any, made: type) -> str:
        if made in _ATOMS:
            return repr(thing)
        if made is tuple:
            return f"({','.join(map(self._tell, thing))})"
        if made in _SEVERAL:
            parts = [f"{self._tell(key)}:{self._tell(value)}" for key, value in thing.items()]
            return _short(f"{made.__name__}({','.join(parts)})")
        if made is Series:
            return str(thing.fingerprint.hex())
        name, names = _made_of(made)
        values = (thing.value,) if names is None else [getattr(thing, one) for one in names]
        return _short(f"{name}({','.join(map(self._tell, values))})")


@cache
def _made_of(made: type) -> tuple[str, tuple[str, ...] | None]:
    """What a class of the science library is called, and the names of its fields; None for one that is counted up."""
    name = f"{made.__module__}.{made.__qualname__}"
    if name.startswith(OUR_OWN) and issubclass(made, Enum):
        return name, None
    if name.startswith(OUR_OWN) and is_dataclass(made):
        return name, tuple(one.name for one in fields(made))
    raise TypeError(f"found {name}, expected something whose content is known")


def _short(spelt: str) -> str:
    return spelt if len(spelt) <= SHORT else sha256(spelt.encode()).hexdigest()


@cache
def edition() -> str:
    """A digest of the science library with what it computes by; empty where its files are newer than this process."""
    computes = repr([_version(one) for one in ("numpy", "numba", "scipy", "llvmlite")])
    computes += repr((os.uname().machine, os.sys.version, _processor()))  # type: ignore[attr-defined]
    return sources(Path(qingyuan_science.__file__).parent, "*", computes.encode())


def sources(root: Path, pattern: str, before: bytes) -> str:
    """A digest of what comes `before` and of all files of a folder; empty where one is newer than this process."""
    found = sha256(before)
    for path in sorted(root.rglob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            stands = path.stat()
            if max(stands.st_mtime, stands.st_ctime) > _STARTED:
                return ""
            found.update(f"{path.relative_to(root)} {stands.st_size} ".encode() + path.read_bytes())
    return found.hexdigest()


class Drawer:
    """The answers kept for some channels, by their keys."""

    def __init__(self, path: Path) -> None:
        self._path, self._changed = path, False
        self._today = int(time.time() // DAY_S)
        self._kept: dict[bytes, tuple[int, bytes, bytes]] = {}
        self._read()

    def get(self, key: bytes) -> bytes | None:
        """What is kept under a key; None where nothing is, or its check sum does not fit."""
        used, told, content = self._kept.get(key, (0, b"", b""))
        if told != _check_sum(key, content):
            return None
        if used != self._today:
            self._kept[key], self._changed = (self._today, told, content), True
        return content

    def put(self, key: bytes, content: bytes) -> None:
        """Keep something under a key."""
        self._kept[key], self._changed = (self._today, _check_sum(key, content), content), True

    def keep(self) -> None:
        """Write what has changed, the answers asked for last as far as there is room."""
        if not self._changed:
            return
        self._read()  # what others wrote meanwhile
        parts, room = [], MOST_A_DRAWER
        for key, (used, told, content) in sorted(self._kept.items(), key=lambda one: -one[1][0]):
            room -= _HEAD.size + len(content)
            if room >= 0:
                parts.append(_HEAD.pack(key, told, used, len(content)) + content)
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        beside.write_bytes(b"".join(parts))
        beside.replace(self._path)
        self._changed = False

    def _read(self) -> None:
        written, at = b"", 0
        with suppress(OSError):
            written = self._path.read_bytes()
        while at + _HEAD.size <= len(written):
            key, told, used, size = _HEAD.unpack_from(written, at)
            at += _HEAD.size
            self._kept.setdefault(key, (used, told, written[at : at + size]))
            at += size


class Remembering:
    """Detectors asked through what is kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._keys = folder, Keys()
        self._drawers: dict[int, Drawer] = {}

    def turn(self) -> None:
        """What was shown so far will not be shown again."""
        self._keys.forget()

    def findings(self, one: Pass, detector: Detector, series: Series, context: Context) -> Sequence[Finding]:
        """What the detector says of a series in a context, computed where it is not kept.

        One that does not learn from days before is asked: it answers sooner than its answers are found.
        """
        if not (detector.looks_back_days and detector.learns):
            return detector.findings(series, context)
        if context.limits and "limits" not in one.takes:  # there because another detector of the group takes them
            context = replace(context, limits=())
        try:
            key = self._keys.of(edition(), detector, series, context)
        except TypeError:
            return detector.findings(series, context)
        drawer = self.drawer(one.look.channel.pk)
        kept = drawer.get(key)
        found = None if kept is None or not edition() else unpacked(kept)
        if found is None:
            found = tuple(detector.findings(series, context))
            drawer.put(key, packed(found))
        return found

    def drawer(self, channel: int) -> Drawer:
        """The drawer in which the answers for a channel lie."""
        number = channel // CHANNELS_A_DRAWER
        if number not in self._drawers:
            self._drawers[number] = Drawer(self._folder / f"{number}{SUFFIX}")
        return self._drawers[number]

    def keep(self) -> None:
        """Write what is new; a folder that cannot be written to costs the memory, and nothing else."""
        if not edition():
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for drawer in self._drawers.values():
                drawer.keep()
        except OSError as error:
            _log.warning("looks not kept", reason=str(error))


def bound(folder: Path, most: int) -> None:
    """Remove what was used longest ago until a folder holds `most` bytes; and what processes left behind."""
    found: list[tuple[float, int, Path]] = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):  # removed meanwhile
                stands = path.stat()
                if path.name.startswith(".") and stands.st_mtime < time.time() - LEFT_BEHIND_S:
                    path.unlink()
                elif path.name.endswith(SUFFIX):
                    found.append((stands.st_mtime, stands.st_size, path))
    held = sum(size for _used, size, _path in found)
    for _used, size, path in sorted(found):
        if held <= most:
            return
        path.unlink(missing_ok=True)
        held -= size


def packed(found: Sequence[Any]) -> bytes:
    """Findings, or what holds them, as they are kept."""
    return zlib.compress(pickle.dumps(found, protocol=5), 1) if found else b""


def unpacked(content: bytes) -> Sequence[Any] | None:
    """What was packed; None where it holds anything but findings, or is damaged."""
    if not content:
        return ()
    try:
        found: Sequence[Any] = _Findings(io.BytesIO(zlib.decompress(content))).load()
    except (zlib.error, pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError, ValueError):
        return None
    return found


class _Findings(pickle.Unpickler):
    """Reads findings, and no other objects."""

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith(OUR_OWN) or (module, name) in _PLAIN:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"found {module}.{name}, expected what a finding is made of")


def _check_sum(key: bytes, content: bytes) -> bytes:
    return sha256(key + content).digest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """What the processor can do, by which loops are compiled and sums are taken."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                return line
    return ""
