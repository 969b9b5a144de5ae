"""`qingyuan evidence CASE_NUMBER --out FILE.zip`: a case with its proofs, to be checked on another machine."""

import argparse
import sys
from pathlib import Path

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case_number", help="such as QY-20261122-0001")
    parser.add_argument("--out", type=Path, required=True, help="the .zip to write")


def _run(options: argparse.Namespace) -> int:
    from qingyuan.dispatching.queries import Case
    from qingyuan.kit.errors import Refused
    from qingyuan.showing.api import write_evidence

    case = Case.objects.filter(number=options.case_number).select_related("station__enterprise", "finding").first()
    if case is None:
        sys.stderr.write(f"there is no case {options.case_number}\n")
        return 1
    try:
        with options.out.open("xb") as file:
            write_evidence(case, file)
    except FileExistsError:
        sys.stderr.write(f"{options.out} exists: expected a new file\n")
        return 1
    except Refused as error:
        options.out.unlink()
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"wrote {options.out}, {options.out.stat().st_size:,} bytes; check it with verify.py inside\n")
    return 0


EVIDENCE = Command("write a case with its proofs as a .zip that anybody can check", _run, _options)
