"""`qingyuan hj212 decode FILE`: packets in, one JSON object a line out."""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.project.commands._command import Command

if TYPE_CHECKING:
    from qingyuan_science.hj212 import Dialect, Keys


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["decode"])
    parser.add_argument(
        "file", help="one raw packet, or one JSON object with a `raw` field, a line; - for standard input"
    )
    parser.add_argument("--edition", choices=["2005", "2017", "2025"], help="edition that the senders follow")
    parser.add_argument(
        "--key", help="SM4 key of the senders (HJ 212-2025): 16 characters, or 32 hex digits; implies --edition 2025"
    )


def _run(options: argparse.Namespace) -> int:
    from qingyuan_science.hj212 import BadKey, decode_lines

    with ExitStack() as stack:
        try:
            dialect, keys = _senders(options.edition, options.key)
        except BadKey as error:
            sys.stderr.write(f"--key: {error}\n")
            return 1
        try:
            lines = sys.stdin.buffer if options.file == "-" else stack.enter_context(Path(options.file).open("rb"))
        except OSError as error:
            sys.stderr.write(f"{options.file} cannot be read: {error.strerror}\n")
            return 1
        for answer in decode_lines(lines, dialect, keys):
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    return 0


def _senders(edition: str | None, key: str | None) -> tuple["Dialect", "Keys | None"]:
    """How the senders speak, and their keys."""
    from qingyuan_science.hj212 import EDITION_2005, EDITION_2025_SM4, STANDARD, read_key

    if key:
        read = read_key(key)
        return EDITION_2025_SM4, lambda mn: (read,)
    return {"2005": EDITION_2005, "2025": EDITION_2025_SM4}.get(edition or "", STANDARD), None


HJ212 = Command("decode HJ 212 packets from a file", _run, _options, needs_platform=False)
