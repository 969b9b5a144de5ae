"""`qingyuan verify`: check the log, its anchored heads, raw packets, evidence and photos."""

import argparse
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--anchors", type=Path, help="a file of heads kept elsewhere; the platform's own if left out")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.project.verification import verify

    if options.anchors is not None and not options.anchors.exists():
        sys.stderr.write(f"{options.anchors}: there is no such file\n")
        return 2
    report = verify(options.anchors)
    for fault in report.faults:
        sys.stderr.write(f"broken: {fault}\n")
    sys.stdout.write(f"{'broken' if report.faults else 'whole'}: {report.summary()}\n")
    return 1 if report.faults else 0


VERIFY = Command("check that no line of the log, raw packet, record or photo was changed", _run, _options)
