"""The command `qingyuan`: one sub-command for each thing that people run."""

import argparse
import os
import sys
from collections.abc import Sequence

from qingyuan.project.commands import COMMANDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; the answer is the exit status."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that share small matrices mostly wait, busily
    parser = argparse.ArgumentParser(prog="qingyuan", description="Qingyuan (清源): from a raw packet to a closed case")
    chosen = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        sub = chosen.add_parser(name, help=command.help, description=command.help)
        command.options(sub)
    options = parser.parse_args(arguments)
    command = COMMANDS[options.command]
    try:
        return command.with_platform(options) if command.needs_platform else command.run(options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader of our output has gone; Python would complain once more when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
