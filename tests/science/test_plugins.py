import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from qingyuan_science.plugins import (
    BrokenPluginFile,
    CodeTaken,
    Example,
    IncompletePlugin,
    NotThisKind,
    ParameterOutOfBounds,
    Plugin,
    Registry,
    Source,
    Text,
    UnknownParameter,
    UnknownPlugin,
    WrongParameterType,
    catalogue_markdown,
    parameter,
    parameters_of,
    with_parameters,
)


@dataclass(frozen=True)
class Bell(Plugin):
    kind: ClassVar[Text] = Text("铃", "Bells")


@dataclass(frozen=True)
class Gong(Bell):
    code: ClassVar[str] = "gong"
    title: ClassVar[Text] = Text("锣", "Gong")
    source: ClassVar[Source] = Source("Handbook", "p. 3")
    examples: ClassVar[tuple[Example, ...]] = (Example(Text("敲一下", "one blow"), (Text("响", "it sounds"),)),)

    blows: int = parameter(1, "blows", 1, 9, title=Text("次数", "number of blows"))
    force: float = parameter(0.5, "N", 0.0, 10.0, title=Text("力度", "force of a blow"))
    muted: bool = parameter(False, "yes/no", False, True, title=Text("消音", "muted"))


@pytest.fixture
def bells() -> Registry[Bell]:
    registry = Registry(Bell)
    registry(Gong)
    return registry


def variant(**names: object) -> type[Bell]:
    return type("Variant", (Gong,), names)


def test_a_registered_plugin_is_found_by_its_code(bells):
    assert bells.get("gong") is Gong
    assert "gong" in bells


def test_plugins_come_in_the_order_of_registration(bells):
    first, second = bells(variant(code="b")), bells(variant(code="a"))
    assert list(bells) == [Gong, first, second]
    assert len(bells) == 3


def test_a_second_use_of_a_code_is_refused_and_names_the_first(bells):
    with pytest.raises(CodeTaken, match=r"'gong'.*Gong"):
        bells(variant())
    assert list(bells) == [Gong]


def test_a_class_of_another_kind_is_refused(bells):
    @dataclass(frozen=True)
    class Stranger(Plugin):
        code: ClassVar[str] = "stranger"

    with pytest.raises(NotThisKind, match="Bell"):
        bells(Stranger)


@pytest.mark.parametrize(
    "missing", [{"code": ""}, {"title": Text("锣", "")}, {"title": Text("", "x")}, {"source": None}]
)
def test_a_plugin_without_code_title_or_source_is_refused(bells, missing):
    with pytest.raises(IncompletePlugin):
        bells(variant(**{"code": "new", **missing}))


def test_an_unknown_code_lists_those_that_exist(bells):
    with pytest.raises(UnknownPlugin, match=r"'drum'.*gong"):
        bells.get("drum")


def test_parameters_are_listed_with_name_unit_and_bounds():
    blows, force, muted = parameters_of(Gong)
    assert (blows.name, blows.unit, blows.low, blows.high, blows.default) == ("blows", "blows", 1, 9, 1)
    assert force.title == Text("力度", "force of a blow")
    assert muted.default is False


def test_settings_make_a_plugin_and_the_rest_keeps_its_default():
    assert with_parameters(Gong, {"force": 2, "muted": True}) == Gong(blows=1, force=2.0, muted=True)
    assert isinstance(with_parameters(Gong, {"force": 2}).force, float)


@pytest.mark.parametrize("settings", [{"blows": 0}, {"blows": 10}, {"force": 10.01}, {"force": float("nan")}])
def test_a_value_out_of_bounds_is_refused_with_the_bounds(settings):
    with pytest.raises(ParameterOutOfBounds, match=r"expected (1 to 9|0\.0 to 10\.0)"):
        with_parameters(Gong, settings)


@pytest.mark.parametrize("settings", [{"blows": 1.5}, {"blows": True}, {"force": "2"}, {"muted": 1}, {"force": None}])
def test_a_value_of_another_type_is_refused(settings):
    with pytest.raises(WrongParameterType):
        with_parameters(Gong, settings)


def test_a_parameter_that_is_not_declared_is_refused_and_lists_those_that_are():
    with pytest.raises(UnknownParameter, match=r"'weight'.*blows, force, muted"):
        with_parameters(Gong, {"weight": 1})


@pytest.mark.parametrize(("code", "wording"), [("zh-hans", "锣"), ("zh_CN", "锣"), ("en", "Gong"), ("fr", "Gong")])
def test_a_text_reads_in_the_language_asked_for(code, wording):
    assert Gong.title.in_language(code) == wording


PLUGIN_FILE = """
from tests_bells import BELLS, Gong

@BELLS
class FromFile(Gong):
    code = "from_file"
"""


@pytest.fixture
def folder(tmp_path: Path, bells, monkeypatch):
    module = type(sys)("tests_bells")
    module.BELLS, module.Gong = bells, Gong
    monkeypatch.setitem(sys.modules, "tests_bells", module)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_a_bureaus_own_file_is_loaded_from_its_folder_once(bells, folder):
    (folder / "own.py").write_text(PLUGIN_FILE, encoding="utf-8")
    (folder / "_draft.py").write_text("raise RuntimeError", encoding="utf-8")
    bells.load_folder(folder)
    bells.load_folder(folder)
    assert [plugin.code for plugin in bells] == ["gong", "from_file"]


def test_a_broken_file_is_named_with_its_reason(bells, folder):
    (folder / "broken.py").write_text("1 / 0", encoding="utf-8")
    with pytest.raises(BrokenPluginFile, match=r"broken\.py: ZeroDivisionError"):
        bells.load_folder(folder)


def test_a_package_is_loaded_without_its_underscored_modules_and_inner_packages(bells, folder, monkeypatch):
    package = folder / "bell_plugins"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "own.py").write_text(PLUGIN_FILE, encoding="utf-8")
    (package / "_draft.py").write_text("raise RuntimeError", encoding="utf-8")
    (package / "inner" / "__init__.py").write_text("", encoding="utf-8")
    (package / "inner" / "deep.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    bells.load("bell_plugins")
    assert "from_file" in bells


def test_installed_packages_register_through_entry_points(bells, folder, monkeypatch):
    (folder / "bell_from_outside.py").write_text(PLUGIN_FILE, encoding="utf-8")
    about = folder / "bells-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bells\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[test.bells]\nouter = bell_from_outside\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    bells.load_entry_points("test.bells")
    assert "from_file" in bells


def test_the_catalogue_shows_title_source_parameters_and_examples_in_both_languages(bells):
    page = catalogue_markdown([bells])
    assert "## 铃 · Bells" in page
    assert "### 锣 · Gong (`gong`)" in page
    assert "Handbook, p. 3" in page
    assert "| `force` | 力度<br>force of a blow | N | 0.0 | 0.5 | 10.0 |" in page
    assert "- 敲一下 → 响" in page
    assert "- one blow → it sounds" in page


def test_the_catalogue_says_when_an_example_expects_silence():
    registry = Registry(Bell)
    registry(variant(examples=(Example(Text("不敲", "no blow"), ()),)))
    assert "- no blow → No finding" in catalogue_markdown([registry])
