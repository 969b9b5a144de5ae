"""What documents name exists: pages, pictures, paths of the repository, `make` targets, `qingyuan` commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qingyuan.project.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.][\w.-]*(?:/[\w.-]+)+/?")
FOLDERS = ("src", "tests", "web", "docs", "tools", "bench", "requirements", ".ci")
SOURCE = (".py", ".ts", ".css", ".html", ".toml", ".csv", ".md")
MADE_HERE = (".venv", "node_modules", "dist")
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def code_in(document: Path) -> Iterator[str]:
    """Text between backticks, and indented lines of code."""
    text = document.read_text(encoding="utf-8")
    yield from SPAN.findall(text)
    for block in re.findall(r"\n\n((?: {4}.*\n?)+)", text):
        yield from (line.strip() for line in block.splitlines())


def paths_in(document: Path) -> Iterator[str]:
    """What looks like a path of the repository; a pattern such as `tests/platform/<stage>` names no file."""
    for code in code_in(document):
        for found in PATH.findall(code) if not set(code) & set("<*{…") else ():
            inside = found.split("/", 1)[0] in FOLDERS and "://" not in code
            if (inside or found.endswith(SOURCE)) and not set(found.split("/")) & set(MADE_HERE):
                yield found.partition("::")[0]


def targets_in(document: Path) -> Iterator[str]:
    """Addresses of links and pictures inside the repository."""
    for one, other in LINK.findall(document.read_text(encoding="utf-8")):
        target = (one or other).partition("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            yield target


@every_document
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    assert [target for target in targets_in(document) if not (document.parent / target).exists()] == []


@every_document
def test_paths_of_the_repository_exist(document: Path) -> None:
    below = (ROOT, ROOT / "src", ROOT / "src" / "qingyuan", ROOT / "src" / "qingyuan" / "showing")
    missing = [path for path in paths_in(document) if not any((folder / path).exists() for folder in below)]
    assert missing == []


@every_document
def test_make_targets_and_commands_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = [code for code in code_in(document) if not code.startswith("#")]
    made = {found for code in named for found in re.findall(r"(?:^|\s)make ([a-z-]+)", code)}
    called = {found for code in named for found in re.findall(r"(?:^|[\s/])qingyuan ([a-z][a-z0-9-]*)", code)}
    assert made - targets == set()
    assert called - set(COMMANDS) == set()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_page_is_in_the_index(page: Path) -> None:
    listed = {(INDEX.parent / target).resolve() for target in targets_in(INDEX)}
    assert page == INDEX or page in listed


def test_what_does_not_exist_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[gone](gone.md) `src/qingyuan/gone.py` `kit/gone.py`\n\n    make nothing\n    qingyuan nowhere\n")
    for check in (
        test_links_and_pictures_lead_somewhere,
        test_paths_of_the_repository_exist,
        test_make_targets_and_commands_exist,
    ):
        with pytest.raises(AssertionError):
            check(page)
