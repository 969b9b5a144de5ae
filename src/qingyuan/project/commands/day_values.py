"""`qingyuan day-values`: compute the kept values of days anew, for a time before they were kept."""

import argparse
import sys
from datetime import date

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", type=date.fromisoformat, help="first day in China, as 2026-01-31")
    parser.add_argument("last", type=date.fromisoformat, help="last day in China")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.kit.errors import QingyuanError
    from qingyuan.recording.api import compute_day_values

    if options.last < options.first:
        sys.stderr.write(f"found {options.first} to {options.last}, expected the first day before the last\n")
        return 1
    try:
        changed = compute_day_values(options.first, options.last)
    except QingyuanError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{changed} rows, of a channel and a month each, were other than before\n")
    return 0


DAY_VALUES = Command("compute the day values of environment quality anew out of stored readings", _run, _options)
