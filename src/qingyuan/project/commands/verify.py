"""`qingyuan verify`: walk the chained log and the chain of raw segments."""

import argparse
import sys

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    from qingyuan.kit import log
    from qingyuan.kit.errors import LogBroken
    from qingyuan.sensing.api import verify_segments

    try:
        lines, segments = log.verify(), verify_segments()
    except LogBroken as error:
        sys.stderr.write(f"broken: {error}\n")
        return 1
    sys.stdout.write(f"whole: {lines} lines of the log, {segments} segments of raw packets\n")
    return 0


VERIFY = Command("check that no line of the log and no raw packet was changed", _run)
