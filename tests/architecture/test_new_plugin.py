"""`make new` starts a plug-in that is known at once, says what is left to do, and refuses what cannot be started."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from qingyuan.project.plugins import registries
from qingyuan_science.plugins import Registry

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("detector", "forecaster", "tracer", "case_type", "map_layer", "connector", "fact", "grade")
REGISTRIES = dict(zip(KINDS, registries(), strict=True))
every_kind = pytest.mark.parametrize("kind", REGISTRIES)


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("new_plugin", ROOT / "tools" / "new_plugin.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = _tool()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A tree with the plug-ins of today and nothing else."""
    for kind in tool.KINDS.values():
        shutil.copytree(ROOT / kind.folder, tmp_path / kind.folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def registry(kind: str, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry of a kind, which forgets after the test what the test brought in."""
    found = REGISTRIES[kind]
    monkeypatch.setattr(found, "_by_code", {})
    return found


@every_kind
def test_a_new_plugin_can_be_imported_and_is_known_by_its_code(
    kind: str, registry: Registry, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(tool.start(kind, "sudden_drop", repository), folder)
    registry.load_folder(folder)
    plugin = registry.get("sudden_drop")
    assert plugin.__name__ == "SuddenDrop"
    assert isinstance(plugin(), registry.base_class)


@every_kind
def test_a_new_plugin_says_where_it_has_to_be_filled(kind: str, repository: Path) -> None:
    text = tool.start(kind, "sudden_drop", repository).read_text(encoding="utf-8")
    assert text.count("TODO") >= 5
    assert "code_of_the_plugin" not in text
    assert "NameOfThePlugin" not in text


@pytest.mark.parametrize("kind", ["detector"])
def test_a_new_detector_refuses_to_judge_before_it_is_filled(
    kind: str, registry: Registry, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(tool.start(kind, "flatline", repository), folder)
    registry.load_folder(folder)
    flatline = registry.get("flatline")
    assert {bool(example.expected) for example in flatline.examples} == {True, False}
    for example in flatline.examples:
        with pytest.raises(NotImplementedError, match=r"TODO flatline\.findings"):
            flatline().findings(example.series(), example.context())


@every_kind
def test_the_next_steps_name_the_file_the_suite_and_the_catalogue(
    kind: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main([kind, "flatline"], repository) == 0
    said = capsys.readouterr().out
    assert f"{tool.KINDS[kind].folder}/flatline.py" in said
    assert "pytest tests/conformance -k flatline" in said
    assert "make docs" in said


@pytest.mark.parametrize(
    ("kind", "code", "why"),
    [
        ("detector", "exceedance", "exceedance.py has already"),
        ("case_type", "exceedance", "exceedance.py has already"),
        ("map_layer", "stations", "stations.py has already"),
        ("fact", "hours_over_limit", "hours_over_limit.py has already"),
        ("detector", "class", "expected a name for a module"),
        ("detector", "Flatline", "expected a name for a module"),
        ("detector", "flat-line", "expected a name for a module"),
        ("detector", "_flat", "expected a name for a module"),
        ("detector", "3d", "expected a name for a module"),
        ("detector", "超标", "expected a name for a module"),
        ("detector", "a" * 41, "at most 40 letters"),
        ("model", "wind", "expected one of: detector, forecaster, tracer, case_type, map_layer, connector, fact"),
    ],
)
def test_what_cannot_be_started_is_refused_with_the_reason_and_nothing_is_written(
    kind: str, code: str, why: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(repository.rglob("*"))
    assert tool.main([kind, code], repository) == 1
    assert why in capsys.readouterr().err
    assert sorted(repository.rglob("*")) == before


def test_a_code_is_taken_by_what_a_class_declares_and_not_only_by_a_file_name(repository: Path) -> None:
    folder = repository / tool.KINDS["detector"].folder
    (folder / "exceedance.py").rename(folder / "over_the_limit.py")
    with pytest.raises(tool.CannotStart, match=r"'exceedance', which over_the_limit\.py has already"):
        tool.start("detector", "exceedance", repository)


def test_without_kind_and_code_the_call_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main([]) == 2
    assert "make new KIND=detector CODE=flatline" in capsys.readouterr().err
