"""The vectors: well formed, answered alike by this library and by the reference, and able to tell a wrong answer."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from qingyuan_science import calc

calc.load()

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
STATUSES = {"verified", "second-hand", "partly", "unverified"}
REFUSAL = "input that the clause leaves no answer for"
ORIGINS = {
    "worked example of the standard",
    "paper",
    "table cell",
    "arithmetic by hand",
    "independent reference",
    REFUSAL,
}

Vector = dict[str, Any]


def _runner() -> ModuleType:
    found = importlib.util.spec_from_file_location("vectors_run", FOLDER / "run.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


run = _runner()
VECTORS: list[Vector] = list(run.vectors())
FAMILIES = sorted({one["family"] for one in VECTORS})
TOPICS = {topic.code for topic in calc.TOPICS}


def ours(vector: Vector) -> dict[str, Any]:
    """The library's answer, as it comes out of the command."""
    given = json.loads(json.dumps(vector["given"], default=float))
    try:
        said: dict[str, Any] = calc.answer(vector["topic"], given).as_json()
    except calc.CalcError as error:
        said = {"refused": str(error)}
    return json.loads(json.dumps(said), parse_float=Decimal)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def answered() -> list[tuple[Vector, dict[str, Any]]]:
    return [(one, ours(one)) for one in VECTORS]


def test_every_vector_says_what_it_must() -> None:
    for one in VECTORS:
        assert one["topic"] in TOPICS
        assert isinstance(one["given"], dict)
        assert one["expected"]
        assert one["tolerance"] == "exact" or Decimal(one["tolerance"]) > 0
        assert set(one["clause"]) == {"document", "edition", "clause"}
        assert all(one["clause"].values())
        assert one["status"] in STATUSES
        assert one["origin"] in ORIGINS
        assert ("refused" in one["expected"]) == (one["origin"] == REFUSAL)
        if one["origin"] == "arithmetic by hand":
            assert one["shown"]


def test_every_vector_has_a_name_of_its_own_and_asks_something_of_its_own() -> None:
    names = Counter(one["id"] for one in VECTORS)
    assert [name for name, count in names.items() if count > 1] == []
    by_hand = [one for one in VECTORS if not re.search("-g[0-9]+$", one["id"])]
    asked = Counter(json.dumps([one["topic"], one["given"]], default=str) for one in by_hand)
    assert [one for one, count in asked.items() if count > 1] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_the_library_passes_every_vector(family: str) -> None:
    asked = [one for one in VECTORS if one["family"] == family]
    assert [(one["id"], said) for one in asked if (said := run.judged(one, ours(one)))[0] != "passed"] == []


def test_the_reference_passes_every_vector_and_leaves_none_out() -> None:
    said = run.answers(run.REFERENCE, VECTORS, 100)
    told = [(one["id"], run.judged(one, answer)) for one, answer in zip(VECTORS, said, strict=True)]
    assert [one for one in told if one[1][0] != "passed"] == []


def test_the_reference_shares_nothing_with_the_library() -> None:
    for path in (FOLDER / "reference").glob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        mine = {one.stem for one in path.parent.glob("*.py")}
        assert set(imported) <= mine | set(sys.stdlib_module_names)


def test_what_a_rival_needs_is_the_standard_library() -> None:
    imported = re.findall(r"^(?:from|import) (\w+)", (FOLDER / "run.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)


def test_every_calculation_has_vectors_or_a_reason_why_not() -> None:
    without = tomllib.loads((FOLDER / "without.toml").read_text(encoding="utf-8"))
    covered = {one["topic"] for one in VECTORS}
    assert covered | set(without) == TOPICS
    assert covered & set(without) == set()
    assert all(len(reason) > 20 for reason in without.values())


def test_every_clause_of_an_answer_says_how_far_it_was_checked(answered: list[tuple[Vector, dict[str, Any]]]) -> None:
    clauses = {
        (vector["topic"], one["document"], one["clause"], one["status"])
        for vector, answer in answered
        for one in answer.get("clauses", ())
    }
    assert sorted(f"{topic}: {document} {clause}" for topic, document, clause, status in clauses if not status) == []


def test_every_vector_notices_when_what_is_expected_is_changed(answered: list[tuple[Vector, dict[str, Any]]]) -> None:
    unnoticed = []
    for vector, answer in answered:
        for path, expected in vector["expected"].items():
            changed = {**vector, "expected": {**vector["expected"], path: spoilt(expected, vector["tolerance"])}}
            if path == "refused":
                changed["expected"] = {"anything": 1}
            if run.judged(changed, answer)[0] == "passed":
                unnoticed.append((vector["id"], path))
    assert unnoticed == []


def spoilt(expected: Any, tolerance: Any) -> Any:
    """Another value, just beyond what the tolerance bears."""
    if isinstance(expected, bool) or expected is None:
        return "something else" if expected is None else not expected
    if isinstance(expected, int | Decimal):
        step = Decimal(0) if tolerance == "exact" else Decimal(tolerance)
        return Decimal(expected) + 2 * step + abs(Decimal(expected)) * Decimal("1e-6") + Decimal("1e-9")
    if isinstance(expected, str):
        return expected + "x"
    if isinstance(expected, list):
        return [*expected, {"name": "more"} if expected and isinstance(expected[0], dict) else "more"]
    name = next(iter(expected))
    return {**expected, name: spoilt(expected[name], tolerance)}


def test_a_changed_vector_is_told_and_ends_the_run_with_a_failure(tmp_path: Path) -> None:
    line = json.loads((FOLDER / "rounding.jsonl").read_text(encoding="utf-8").splitlines()[0])
    wrong = {**line, "id": "changed", "expected": {"rounded": 13}}
    (tmp_path / "some.jsonl").write_text(f"{json.dumps(line)}\n{json.dumps(wrong)}\n", encoding="utf-8")
    command = (sys.executable, FOLDER / "run.py", "--folder", tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "FAILED reference changed [rounding] rounded: 12" in done.stdout
    assert f"FAILED reference {line['id']}" not in done.stdout


def test_a_rival_is_asked_line_by_line_and_may_leave_topics_out(tmp_path: Path) -> None:
    rival = tmp_path / "rival.py"
    rival.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        "    value = asked['given'].get('value')\n"
        "    ours = asked['topic'] == 'rounding' and isinstance(value, (int, float))\n"
        "    print(json.dumps({'result': {'rounded': round(value)}} if ours else {'unsupported': True}))\n"
    )
    command = (sys.executable, FOLDER / "run.py", "--no-reference", "--", sys.executable, rival)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1].split()
    passed, in_part, failed, unsupported = (int(one) for one in last[1:])
    assert passed + failed + unsupported == len(VECTORS)
    assert in_part == 0
    assert passed
    assert failed
    assert unsupported > len(VECTORS) - 50


def test_a_program_that_says_nothing_passes_nothing(tmp_path: Path) -> None:
    command = (
        sys.executable,
        FOLDER / "run.py",
        "--no-reference",
        "--topic",
        "rounding",
        "--",
        sys.executable,
        "-c",
        "",
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert int(done.stdout.splitlines()[-1].split()[1]) == 0


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"aqi": 94, "primary": ["PM2.5"], "exceeding": None}, "passed"),
        ({"aqi": 94, "primary": ["PM2.5"]}, "passed"),
        ({"aqi": 94}, "in part"),
        ({"aqi": 95}, "failed"),
        ({"aqi": 94, "primary": None}, "failed"),
        ({"aqi": 94, "primary": ["PM2.5"], "exceeding": []}, "failed"),
        ({}, "failed"),
        (None, "failed"),
    ],
)
def test_an_answer_that_leaves_something_out_passes_in_part_only(result: Any, kind: str) -> None:
    expected = {"aqi": 94, "primary": ["PM2.5"], "exceeding": None}
    assert run.judged({"expected": expected, "tolerance": "exact"}, {"result": result})[0] == kind


@pytest.mark.parametrize(
    ("expected", "found", "agree"),
    [
        (94, Decimal("94.0"), True),
        (94, "94", False),
        (1, True, False),
        (Decimal("0.3"), Decimal("0.30000000000000004"), True),
        (Decimal("0.3"), Decimal("0.3001"), False),
        (None, None, True),
        (None, 0, False),
        (0, None, False),
        (["a", "b"], ["b", "a"], True),
        (["a"], ["a", "a"], False),
        ([], [], True),
        ({"zh": "优"}, {"zh": "优", "en": "excellent"}, True),
        ({"zh": "优"}, {"en": "excellent"}, False),
        (1, Decimal("NaN"), False),
    ],
)
def test_values_agree_by_kind(expected: Any, found: Any, agree: bool) -> None:
    assert run.agrees(expected, found, Decimal(0)) is agree


def test_what_is_generated_is_what_the_reference_says_now() -> None:
    done = subprocess.run(
        (sys.executable, FOLDER / "generate.py", "--check"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
