"""`qingyuan reset-demo`: throw the demo's data away."""

import argparse
import shutil
import socket
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command, own_postgres
from qingyuan.project.folders import data_folder


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _run(options: argparse.Namespace) -> int:
    folder, postgres = Path(data_folder()), own_postgres()
    if _somebody_listens():
        sys.stderr.write("the platform runs: stop it first (Ctrl-C where it was started)\n")
        return 1
    if not options.yes and not _agreed(folder):
        sys.stdout.write("nothing was deleted\n")
        return 1
    postgres.stop()
    for name in ("postgres", "lake", "media", "log"):
        shutil.rmtree(folder / name, ignore_errors=True)
    sys.stdout.write(f"deleted: the database, the lake, media and logs in {folder}\n")
    return 0


def _agreed(folder: Path) -> bool:
    try:
        return input(f"Delete all data in {folder}? Type yes: ") == "yes"
    except EOFError:
        return False


def _somebody_listens() -> bool:
    from qingyuan.project.settings import GATEWAY_HOST, GATEWAY_PORT

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((GATEWAY_HOST, GATEWAY_PORT)) == 0


RESET = Command("delete the demo's database, lake, media and logs", _run, _options, needs_platform=False)
