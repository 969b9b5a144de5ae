"""The page that goes with a bundle, in both languages; its text stands in the files beside this one."""

from pathlib import Path

from qingyuan.showing.logic.evidence.gathering import Gathered


def page(found: Gathered, language: str) -> str:
    """The page; `language` is "en" or "zh"."""
    case, head = found.case, found.head
    text = Path(__file__).with_name(f"readme.{language}.md").read_text(encoding="utf-8")
    titles = {"title_en": case.title_en, "title_zh": case.title_zh}
    return text.format(number=case.number, size=head.size, root=head.root.hex(), **titles)
