"""`qingyuan backup FOLDER`: everything that is kept, in one folder."""

import argparse
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="a new or empty folder")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.project import backup

    try:
        made = backup.back_up(options.folder)
    except backup.BackupFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for what in made.missing:
        sys.stderr.write(f"not in the backup: {what}\n")
    sys.stdout.write(f"backed up to {options.folder}: {made.files} files, {made.size / 2**20:,.1f} MB\n")
    return 0


BACKUP = Command("copy database, photos, anchors and lake into a folder, while the platform runs", _run, _options)
