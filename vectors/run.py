"""Hold any program against the vectors: `python vectors/run.py -- COMMAND…`.

The command gets one line of JSON a vector on standard input, ``{"topic": …, "given": {…}}``, and answers each with one
line on standard output, in the same order: ``{"result": {…}}``, ``{"refused": "why"}`` for input that must be rejected,
or ``{"unsupported": true}`` for a topic that it does not know. The reference implementation is run beside it, so that
two implementations are seen to agree. Only Python's standard library is needed.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REFERENCE = (sys.executable, str(HERE / "reference"))
ABSENT = object()
STEP = re.compile(r"([^.\[\]]+)|\[([^\[\]=]+)=([^\[\]]*)\]|\[(\d+)\]")
NOISE_OF_BINARY = Decimal("1e-9")  # "exact" bears what a binary number cannot hold, and nothing else

Vector = dict[str, Any]


def vectors(folder: Path = HERE) -> Iterator[Vector]:
    """Read every vector with the family it belongs to, which is the name of its file."""
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield {**json.loads(line, parse_float=Decimal), "family": path.stem}


# ---------------------------------------------------------------- comparing


def at(value: Any, path: str) -> Any:
    """Follow a path such as ``items[item=NO2].iaqi`` or ``cities[0].index``; ABSENT where it leads nowhere."""
    for name, key, wanted, place in STEP.findall(path):
        if name:
            value = value.get(name, ABSENT) if isinstance(value, dict) else ABSENT
        elif not isinstance(value, list):
            return ABSENT
        elif place:
            value = value[int(place)] if int(place) < len(value) else ABSENT
        else:
            value = next((one for one in value if _named(one, key, wanted)), ABSENT)
    return value


def _named(value: Any, key: str, wanted: str) -> bool:
    for part in key.split("."):
        value = value.get(part, ABSENT) if isinstance(value, dict) else ABSENT
    return value is not ABSENT and str(value) == wanted


def agrees(expected: Any, found: Any, tolerance: Decimal) -> bool:
    """Compare what was found with what was expected, of which it may hold more."""
    if found is ABSENT or found is None:
        return expected is None
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None:
        return expected is found
    if isinstance(expected, int | Decimal):
        if not isinstance(found, int | Decimal) or not Decimal(found).is_finite():
            return False
        return abs(found - expected) <= max(tolerance, abs(expected) * NOISE_OF_BINARY)
    if isinstance(expected, list):
        return isinstance(found, list) and _lists_agree(expected, found, tolerance)
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            agrees(one, found.get(k, ABSENT), tolerance) for k, one in expected.items()
        )
    return bool(expected == found)


def _lists_agree(expected: list[Any], found: list[Any], tolerance: Decimal) -> bool:
    if len(expected) != len(found):
        return False
    if all(isinstance(one, str) for one in (*expected, *found)):
        return sorted(expected) == sorted(found)  # names have no order
    return all(agrees(one, other, tolerance) for one, other in zip(expected, found, strict=True))


def judged(vector: Vector, answer: Any) -> tuple[str, str]:
    """Say how an answer stands to a vector, ``passed``, ``in part``, ``failed`` or ``unsupported``, and why."""
    if not isinstance(answer, dict):
        return "failed", f"no JSON object but {answer!r}"
    if answer.get("unsupported") is True:
        return "unsupported", "the program does not know the topic"
    if vector["expected"].get("refused"):
        said = "" if "refused" in answer else f"not refused but answered {_short(answer.get('result', answer))}"
        return "failed" if said else "passed", said
    if "result" not in answer:
        return "failed", _short(answer)
    tolerance = Decimal(0) if vector["tolerance"] == "exact" else Decimal(vector["tolerance"])
    lacking = []
    for path, expected in vector["expected"].items():
        found = at(answer["result"], path)
        if found is ABSENT and expected is not None:
            lacking.append(path)
        elif not agrees(expected, found, tolerance):
            return "failed", f"{path}: {'nothing' if found is ABSENT else _short(found)}, expected {_short(expected)}"
    if lacking and len(lacking) == sum(one is not None for one in vector["expected"].values()):
        return "failed", f"nothing said of {', '.join(lacking)}"
    return ("in part", f"nothing said of {', '.join(lacking)}") if lacking else ("passed", "")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_written)
    return text if len(text) <= 200 else f"{text[:200]}…"


# ---------------------------------------------------------------- running


def answers(command: Sequence[str], asked: Sequence[Vector], seconds: float) -> list[Any]:
    """Ask a program everything, and return its answers in order; None for what it left out."""
    lines = [
        json.dumps({"topic": one["topic"], "given": one["given"]}, ensure_ascii=False, default=_written)
        for one in asked
    ]
    done = subprocess.run(
        command,
        input="\n".join(lines) + "\n",
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    said: list[Any] = []
    for line in done.stdout.splitlines():
        try:
            said.append(json.loads(line, parse_float=Decimal))
        except ValueError:
            said.append(line)
    return (said + [None] * len(asked))[: len(asked)]


def _written(value: Decimal) -> float:
    return float(value)


def counted(name: str, asked: Sequence[Vector], said: Sequence[Any]) -> dict[str, Counter[str]]:
    """Print what fails, and count by family."""
    counts: dict[str, Counter[str]] = {}
    for vector, answer in zip(asked, said, strict=True):
        kind, why = judged(vector, answer)
        counts.setdefault(vector["family"], Counter())[kind] += 1
        if kind == "failed":
            print(f"FAILED {name} {vector['id']} [{vector['topic']}] {why}   ({cited(vector)})")
    return counts


def cited(vector: Vector) -> str:
    """Say where what is expected stands, and how far that was checked."""
    clause = vector["clause"]
    edition = f"-{clause['edition']}" if clause["edition"] else ""
    return f"{clause['document']}{edition} {clause['clause']}; {vector['status']}; {vector['origin']}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", action="append", help="only vectors of this topic (may be given several times)")
    parser.add_argument("--seconds", type=float, default=600, help="time for each program [s]")
    parser.add_argument("--folder", type=Path, default=HERE, help="where the vectors lie")
    parser.add_argument("--no-reference", action="store_true", help="do not run the reference beside the command")
    parser.add_argument("command", nargs="*", help="the program, after --")
    options = parser.parse_args(arguments)
    asked = [one for one in vectors(options.folder) if not options.topic or one["topic"] in options.topic]
    if not asked:
        parser.error("there are no such vectors")
    programs = {} if options.no_reference else {"reference": REFERENCE}
    if options.command:
        programs["yours"] = tuple(options.command)
    told = {name: counted(name, asked, answers(one, asked, options.seconds)) for name, one in programs.items()}
    print(table(told))
    return 1 if any(count["failed"] for counts in told.values() for count in counts.values()) else 0


def table(told: dict[str, dict[str, Counter[str]]]) -> str:
    """Write how many vectors each program passed and failed, family by family."""
    kinds = ("passed", "in part", "failed", "unsupported")
    rows = [f"{'family':24}" + "".join(f"{f'{name}: {kind}':>24}" for name in told for kind in kinds)]
    families = sorted({family for counts in told.values() for family in counts})
    for family in families:
        rows.append(
            f"{family:24}" + "".join(f"{counts[family][kind]:>24}" for counts in told.values() for kind in kinds)
        )
    sums = (sum(count[kind] for count in counts.values()) for counts in told.values() for kind in kinds)
    return "\n".join([*rows, f"{'all':24}" + "".join(f"{one:>24}" for one in sums)])


if __name__ == "__main__":
    sys.exit(main())
