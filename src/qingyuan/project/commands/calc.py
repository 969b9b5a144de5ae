"""`qingyuan calc TOPIC`: a question as JSON in, the result and the clauses applied out."""

import argparse
import json
import sys
from typing import Any

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="?", help="code of a calculation; without one, all are listed")


def _run(options: argparse.Namespace) -> int:
    from qingyuan_science import calc
    from qingyuan_science.plugins import UnknownPlugin

    calc.load()
    if options.topic is None:
        sys.stdout.writelines(f"{topic.code:28} {topic.title.en} {topic.title.zh}\n" for topic in calc.TOPICS)
        return 0
    try:
        said = calc.answer(options.topic, _question())
    except (calc.CalcError, UnknownPlugin) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(said.as_json(), ensure_ascii=False, indent=2) + "\n")
    return 0


def _question() -> dict[str, Any]:
    from qingyuan_science import calc

    try:
        question = json.load(sys.stdin)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, too many digits, or nested too deeply
        raise calc.BadQuestion("the question", str(error), "a JSON object") from error
    if not isinstance(question, dict):
        raise calc.BadQuestion("the question", question, "a JSON object")
    return question


CALC = Command("answer a question by the standards, JSON in and out", _run, _options, needs_platform=False)
