"""`qingyuan restore FOLDER`: make a platform from a backup, and check it."""

import argparse
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="what `qingyuan backup` made")
    parser.add_argument("--replace", action="store_true", help="throw away what this platform holds")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.project import backup
    from qingyuan.project.verification import verify

    try:
        backup.restore(options.folder, replace=options.replace)
    except backup.BackupFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    report = verify()
    for fault in report.faults:
        sys.stderr.write(f"broken: {fault}\n")
    sys.stdout.write(f"restored; {'broken' if report.faults else 'whole'}: {report.summary()}\n")
    return 1 if report.faults else 0


RESTORE = Command("make this platform what a backup holds, then check everything", _run, _options)
