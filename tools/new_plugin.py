"""Starts a new plug-in from a template: `make new KIND=detector CODE=flatline`.

The new file can be imported at once and is known to its registry; its TODO marks make the conformance suite fail until
they are filled. Nothing else has to be changed for a plug-in to be found.
"""

import ast
import keyword
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).resolve().parent / "templates"
MARK = "TODO"
LONGEST_CODE = 40  # rows keep the code in a column of that width


class CannotStart(Exception):
    """What was asked for cannot be started; says what was found and what was expected."""


@dataclass(frozen=True)
class Kind:
    """A kind of plug-in: where its files lie, what has to be filled beside them, and how one is put to use."""

    folder: str
    use: str
    besides: tuple[str, ...] = ()


KINDS = {
    "detector": Kind(
        "src/qingyuan_science/detect", "In the administration pages, add a watch: it says what the detector looks at."
    ),
    "forecaster": Kind(
        "src/qingyuan_science/forecast", "In the administration pages, add a forecast rule that names it."
    ),
    "tracer": Kind(
        "src/qingyuan_science/trace",
        "In the administration pages, add a trace rule that names it.",
        ("Run bench/tracing.py: it tells what the tracer is worth where the truth is hidden from it.",),
    ),
    "case_type": Kind(
        "src/qingyuan/dispatching/case_types",
        "In the administration pages, add a dispatch rule that opens such cases.",
        ("Give its clocks their hours in src/qingyuan/dispatching/tables/time_limits.toml.",),
    ),
    "map_layer": Kind("src/qingyuan/showing/layers", "Open /map/: the layer stands in the tree."),
    "connector": Kind(
        "src/qingyuan/sensing/connectors",
        "In the administration pages, add a feed that is read by it.",
        ("Put recorded payloads and what they say into tests/payloads/<code>/.",),
    ),
    "fact": Kind(
        "src/qingyuan/judging/facts",
        "On the page Screening, add it to a screening as a condition.",
        (
            "Move it to the folder facts of a later stage if it needs that stage's tables.",
            "Run .venv/bin/python -m pytest tests/platform/judging/test_facts.py -k <code>.",
        ),
    ),
    "grade": Kind(
        "src/qingyuan_science/assess/grades",
        "Evaluations use it once rules name it (src/qingyuan/evaluating/rules.py).",
        ("Run .venv/bin/python -m pytest tests/conformance/test_grades.py -k <code>.",),
    ),
}


def start(kind: str, code: str, root: Path = ROOT) -> Path:
    """Write the file of a new plug-in and return where it is."""
    if kind not in KINDS:
        raise CannotStart(f"found KIND={kind!r}, expected one of: {', '.join(KINDS)}")
    _check_code(code)
    folder = root / KINDS[kind].folder
    path = folder / f"{code}.py"
    taken = {used: file for file in sorted(folder.glob("*.py")) for used in _codes_in(file)}
    if code in taken or path.exists():
        there = taken.get(code, path).name
        raise CannotStart(f"found CODE={code!r}, which {there} has already: expected an unused code")
    template = (TEMPLATES / f"{kind}.py").read_text(encoding="utf-8")
    name = "".join(part.capitalize() for part in code.split("_"))
    path.write_text(template.replace("code_of_the_plugin", code).replace("NameOfThePlugin", name), encoding="utf-8")
    return path


def _check_code(code: str) -> None:
    fits = code.isascii() and code.isidentifier() and code == code.lower() and not code.startswith("_")
    if not fits or keyword.iskeyword(code) or len(code) > LONGEST_CODE:
        expected = f"a name for a module, such as flatline or sudden_drop, of at most {LONGEST_CODE} letters"
        raise CannotStart(f"found CODE={code!r}, expected {expected}")


def _codes_in(file: Path) -> Iterator[str]:
    """The codes that the classes of a file declare."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        is_code = isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "code"
        if is_code and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def next_steps(kind: str, code: str, path: str) -> str:
    """What to do with the new file, in order."""
    steps = (
        f"Fill every {MARK} in {path}.",
        *KINDS[kind].besides,
        f"Run .venv/bin/python -m pytest tests/conformance -k {code} until it passes.",
        "Run make docs: it brings the plug-in into docs/reference/catalogue.md.",
        KINDS[kind].use,
    )
    numbered = [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    return "\n".join([f"wrote {path}", "next:", *numbered]) + "\n"


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    if len(arguments) != 2:
        sys.stderr.write(f"expected a kind ({', '.join(KINDS)}) and a code: make new KIND=detector CODE=flatline\n")
        return 2
    kind, code = arguments
    try:
        path = start(kind, code, root)
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(next_steps(kind, code, str(path.relative_to(root))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
