"""`qingyuan calc TOPIC`: a question as JSON in, the result and the clauses applied out."""

import argparse
import json
import sys
from typing import Any

from qingyuan.project.commands._command import Command


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", nargs="?", help="code of a calculation; without one, all are listed")
    parser.add_argument(
        "--lines", action="store_true", help='answer each line {"topic": …, "given": …} with a line, see vectors'
    )


def _run(options: argparse.Namespace) -> int:
    from qingyuan_science import calc
    from qingyuan_science.plugins import UnknownPlugin

    calc.load()
    if options.lines:
        return _answer_lines()
    if options.topic is None:
        sys.stdout.writelines(f"{topic.code:28} {topic.title.en} {topic.title.zh}\n" for topic in calc.TOPICS)
        return 0
    try:
        said = calc.answer(options.topic, _question())
    except (calc.CalcError, UnknownPlugin) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(_written(said.as_json(), 2) + "\n")
    return 0


def _answer_lines() -> int:
    """One process for any number of questions; a line that cannot be answered says why and stops nothing."""
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.write(_written(_line_answered(line)) + "\n")
            sys.stdout.flush()
    return 0


def _written(said: dict[str, Any], indent: int | None = None) -> str:
    """JSON as UTF-8 can hold it: half a surrogate pair, which a question may bring, stays an escape."""
    return json.dumps(said, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace").decode()


def _line_answered(line: bytes) -> dict[str, Any]:
    from qingyuan_science import calc

    try:
        asked = json.loads(line)
        code, given = asked["topic"], asked["given"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        return {"error": f'{error!r}: no JSON object with "topic" and "given"'}
    if code not in [topic.code for topic in calc.TOPICS]:
        return {"unsupported": True}
    if not isinstance(given, dict):
        return {"refused": f"given: found {type(given).__name__}, expected a JSON object"}
    try:
        return calc.answer(code, given).as_json()
    except calc.CalcError as error:
        return {"refused": str(error)}


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
