"""What the facts about grid cells share."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from django.db.models import Q

from qingyuan.judging.fact import Asked, Link, Told
from qingyuan.judging.models import Finding
from qingyuan_science.plugins import Text

MOST_LINKS = 5
Row = TypeVar("Row")


def in_cells(cells: Collection[int]) -> Q:
    """Findings at stations in the cells, or at points in them."""
    return Q(station__cell__in=cells) | Q(cell__in=cells)


def cell_of(row: Finding) -> int:
    """The number of the cell that a finding is in."""
    return row.place.cell.pk


def told_by_cell(
    asked: Asked, rows: Mapping[int, Iterable[Row]], nothing: Text, says: Callable[[Row], tuple[Text, Link]]
) -> dict[int, Told]:
    """How many rows each cell has, with the first of them in words and links to some."""
    return {cell: _told(asked, list(rows.get(cell, ())), nothing, says) for cell in asked.cells}


def _told(asked: Asked, rows: list[Row], nothing: Text, says: Callable[[Row], tuple[Text, Link]]) -> Told:
    window = asked.words
    if not rows:
        return Told(0.0, Text(f"{window.zh}{nothing.zh}", f"{nothing.en} {window.en}"))
    first, shown = says(rows[0])[0], tuple(says(one)[1] for one in rows[:MOST_LINKS])
    sentence = Text(f"{window.zh}共 {len(rows)} 项，如：{first.zh}", f"{len(rows)} {window.en}, such as: {first.en}")
    return Told(float(len(rows)), sentence, shown)


def finding_says(row: Finding) -> tuple[Text, Link]:
    """A finding in words, with its page."""
    place = row.place
    title = Text(f"{place.title_zh} {row.title_zh}", f"{place.title_en}: {row.title_en}")
    return Text(row.sentence_zh, row.sentence_en), Link("finding", str(row.pk), title)
