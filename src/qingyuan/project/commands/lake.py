"""`qingyuan lake`: the history lake, seen and tended by hand; the worker tends it every night."""

import argparse
import sys
from collections.abc import Callable
from datetime import date

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("stats", help="what the lake holds")
    acts.add_parser("check", help="read all of it and compare it with what was sealed")
    acts.add_parser("seal", help="move old days from the hot table into it")
    acts.add_parser("expire", help="take out what is kept no longer")
    compact = acts.add_parser("compact", help="write months anew that lie in many files")
    compact.add_argument("--all", action="store_true", help="also those that lie in few")
    restore = acts.add_parser("restore", help="bring sealed days back to the hot table")
    restore.add_argument("first", type=date.fromisoformat, help="first UTC day, as 2026-01-31")
    restore.add_argument("last", type=date.fromisoformat, help="last UTC day")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.kit.errors import QingyuanError

    try:
        return _ACTS[options.act](options)
    except QingyuanError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1


def _stats(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import lake_stats
    from qingyuan.recording.queries import KINDS

    for held in lake_stats():
        sys.stdout.write(
            f"{KINDS.get(held.kind, held.kind):22} {held.first_at:%Y-%m-%d} to {held.last_at:%Y-%m-%d}"
            f" {held.rows:>14,} readings in {held.files:,} files of {held.months} months,"
            f" {held.size / 1e6:,.1f} MB, {held.size / held.rows:.2f} bytes each\n"
        )
    return 0


def _check(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import check_lake
    from qingyuan.sensing.api.journals import check_journals

    wrong = [*check_lake(), *check_journals()]
    for line in wrong:
        sys.stderr.write(f"wrong: {line}\n")
    if not wrong:
        sys.stdout.write("whole: every day of the lake is as it was sealed, every list in bulk as it was written\n")
    return 1 if wrong else 0


def _seal(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import seal_old_days

    for sealed in seal_old_days():
        rest = "" if sealed.dropped else "; in use, so it stays in the hot table until the next time"
        sys.stdout.write(f"{sealed.day}: {sealed.added} readings new, {sealed.replaced} replaced{rest}\n")
    return 0


def _compact(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import compact_lake
    from qingyuan.sensing.api.journals import compact_journals

    sys.stdout.write(f"{compact_lake(thoroughly=options.all)} months of readings written anew\n")
    sys.stdout.write(f"{compact_journals(thoroughly=options.all)} months of lists in bulk written anew\n")
    return 0


def _expire(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import expire_readings

    sys.stdout.write(f"{expire_readings()} readings taken out\n")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from qingyuan.recording.api import restore_days

    sys.stdout.write(f"{restore_days(options.first, options.last)} readings brought back\n")
    return 0


_ACTS: dict[str, Callable[[argparse.Namespace], int]] = {
    "stats": _stats,
    "check": _check,
    "seal": _seal,
    "compact": _compact,
    "expire": _expire,
    "restore": _restore,
}
LAKE = Command("see and tend the history lake", _run, _options)
