"""Cases of the enterprises asked about, counted."""

from collections.abc import Iterable

from qingyuan.dispatching.models import Case
from qingyuan.judging.fact import Asked, Link, Told
from qingyuan_science.plugins import Text

MOST_LINKS = 8


def link_to(case: Case) -> Link:
    """The page of a case."""
    return Link("case", str(case.pk), Text(f"{case.number} {case.title_zh}", f"{case.number} {case.title_en}"))


def counted(asked: Asked, cases: Iterable[Case], words: Text) -> dict[int, Told]:
    """How many cases each enterprise has; `words` say which are meant."""
    found: dict[int, list[Case]] = {one: [] for one in asked.enterprises}
    for case in cases:
        found[case.place.enterprise_id or 0].append(case)
    return {one: _told(several, words) for one, several in found.items()}


def _told(cases: list[Case], words: Text) -> Told:
    numbers = ", ".join(case.number for case in cases[:3])
    shown = Text(f":{numbers}", f": {numbers}") if cases else Text("", "")
    sentence = Text(f"{words.zh} {len(cases)} 件{shown.zh}", f"{words.en}: {len(cases)}{shown.en and f' ({numbers})'}")
    return Told(float(len(cases)), sentence, tuple(link_to(case) for case in cases[:MOST_LINKS]))
