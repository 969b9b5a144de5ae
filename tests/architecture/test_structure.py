"""What imports cannot show: where foreign keys point, how large things are."""

import ast
import configparser
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
FILE_LINES, FUNCTION_LINES, FOLDER_MODULES, POSITIONAL = 600, 60, 15, 4
PLUGIN_FOLDERS = {"detect", "case_types", "layers", "connectors", "commands", "topics", "facts"}


def stages() -> list[str]:
    """The stages from the last to the first, as the contract file lists them."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    return contract["importlinter:contract:loop"]["layers"].split()


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def our_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model.__module__.startswith("qingyuan."):
            yield model


def test_every_foreign_key_points_back_along_the_loop() -> None:
    order = {stage: position for position, stage in enumerate(reversed(stages()))}
    forward = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.app_label in order
        and order[field.related_model._meta.app_label] > order[model._meta.app_label]
    ]
    assert forward == []


def test_no_foreign_key_leaves_a_name_on_another_stage() -> None:
    named = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.model.__module__.startswith("qingyuan.")
        and field.remote_field.related_name != "+"
        and field.related_model._meta.app_label != model._meta.app_label
    ]
    assert named == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_the_limit(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= FILE_LINES


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions()
        if (node.end_lineno or 0) - node.lineno - _docstring_lines(node) > FUNCTION_LINES
    ]
    assert long == []


def test_no_function_takes_more_positional_parameters_than_the_limit() -> None:
    many = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions()
        if len([argument for argument in node.args.args if argument.arg not in {"self", "cls"}]) > POSITIONAL
        and not _is_override(node)
    ]
    assert many == []


def test_no_folder_holds_more_modules_than_the_limit() -> None:
    full = [
        str(folder.relative_to(ROOT))
        for folder in {path.parent for path in SOURCES}
        if folder.name not in PLUGIN_FOLDERS and len(list(folder.glob("*.py"))) > FOLDER_MODULES + 1
    ]
    assert full == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "helpers", "common", "services", "manager", "misc"}
    assert [str(path) for path in SOURCES if path.stem in empty] == []


def test_no_stage_fetches_anothers_models_by_name() -> None:
    found = [str(path) for path in SOURCES if "apps.get_model(" in path.read_text()]
    assert found == []


DOORS = {"api", "queries"}


def test_nothing_waits_in_a_way_that_may_lose_a_cancellation() -> None:
    """Before Python 3.12 `asyncio.wait_for` drops one that comes as what it waits for is done: the task never ends."""
    assert [str(path) for path in SOURCES if "wait_for(" in path.read_text() and "asyncio" in _waits(path)] == []


def _waits(path: Path) -> set[str]:
    """What `wait_for` is asked of in a file."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    asked = (one for one in calls if isinstance(one, ast.Attribute) and one.attr == "wait_for")
    return {one.value.id for one in asked if isinstance(one.value, ast.Name)}


def _door(path: Path) -> str:
    """Of a file of a stage the module or package that it lies in, of `src/qingyuan/judging/api/clues.py` api."""
    parts = path.with_suffix("").parts
    return parts[3] if parts[:2] == ("src", "qingyuan") and len(parts) > 3 else ""


def test_public_doors_of_every_stage_are_documented() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in functions()
        if _door(path.relative_to(ROOT)) in DOORS and not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert bare == []


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len((ast.get_docstring(node) or "").splitlines()) + 2


def _is_override(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Signatures that Django or asyncio dictate."""
    return node.name in {"get_response", "from_db_value", "as_sql", "formfield_for_dbfield"}
