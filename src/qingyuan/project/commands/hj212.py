"""`qingyuan hj212 decode FILE`: packets in, one JSON object a line out."""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["decode"])
    parser.add_argument(
        "file", help="one raw packet, or one JSON object with a `raw` field, a line; - for standard input"
    )


def _run(options: argparse.Namespace) -> int:
    from qingyuan_science.hj212 import decode_lines

    with ExitStack() as stack:
        try:
            lines = sys.stdin.buffer if options.file == "-" else stack.enter_context(Path(options.file).open("rb"))
        except OSError as error:
            sys.stderr.write(f"{options.file} cannot be read: {error.strerror}\n")
            return 1
        for answer in decode_lines(lines):
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


HJ212 = Command("decode HJ 212 packets from a file", _run, _options, needs_platform=False)
