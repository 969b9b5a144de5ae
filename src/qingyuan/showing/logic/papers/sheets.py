"""Permits out of a spreadsheet: a line for each limit or total, the permit's own columns beside it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.api import GivenDisclosure, GivenOutfall, GivenPermit
from qingyuan.places.queries import Enterprise, Management, Station, StationKind, enterprises, stations
from qingyuan.sensing.queries import table_rows
from qingyuan.showing.logic.papers.tables import Lines, plain
from qingyuan_science.plugins import Text, folded

OUTLETS = (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS)
HEAD_WITHIN = 10  # rows
HEADS = {
    "number": Text("许可证编号", "Number of the permit"), "management": Text("管理类别", "Management"),
    "since": Text("有效期始", "First day"), "until": Text("有效期止", "Last day"),
    "outlet": Text("排放口", "Outlet"), "factor": Text("污染物", "Factor"), "mean": Text("均值", "Mean"),
    "limit": Text("许可限值", "Limit"), "unit": Text("限值单位", "Unit of the limit"), "basis": Text("基准", "Basis"),
    "total": Text("年许可量", "Total of a year"), "total_unit": Text("年许可量单位", "Unit of the total"),
}  # fmt: skip
OTHER = {
    "排污许可证编号": "number", "证书编号": "number", "有效期起": "since", "起始日期": "since", "有效期至": "until",
    "截止日期": "until", "排放口编号": "outlet", "污染物种类": "factor", "监测因子": "factor", "浓度限值": "limit",
    "许可排放浓度限值": "limit", "限值": "limit", "单位": "unit", "年许可排放量": "total", "总量": "total",
    "总量单位": "total_unit",
}  # fmt: skip
NEEDED = ("number", "since", "outlet", "factor")
OF_PERMIT = ("management", "since", "until")
MANAGED = {
    **{word: Management.KEY for word in ("key", "重点", "重点管理")},
    **{word: Management.SIMPLIFIED for word in ("simplified", "简化", "简化管理")},
    **{word: Management.REGISTRATION for word in ("registration", "登记", "登记管理")},
}
_DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(?:\D.*)?")
Cells = dict[str, str]


@dataclass
class SheetPart:
    """The rows of one paper: what they state, or every row at fault."""

    number: str
    rows: list[int] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)
    given: GivenPermit | GivenDisclosure | GivenOutfall | None = None


@dataclass(frozen=True)
class Titles:
    """The columns of a spreadsheet: their titles, what else they are called, and those that are needed."""

    heads: dict[str, Text]
    other: dict[str, str]
    needed: tuple[str, ...]


def rows_in(raw: bytes, titles: Titles) -> list[tuple[int, Cells]]:
    """The rows below the titles that hold something, with their numbers.

    Raises
    ------
    BadInput
        There is no row of titles, or a column is missing.
    BadPayload
        It is neither CSV nor .xlsx.
    """
    rows = [[_text(cell) for cell in row] for row in table_rows(raw)]
    head, columns = _head(rows, titles)
    found = []
    for place, row in enumerate(rows[head:], head + 1):
        cells = {name: row[column] if column < len(row) else "" for name, column in columns.items()}
        if any(cells.values()):
            found.append((place, cells))
    return found


def permits_in(viewer: User, raw: bytes) -> list[SheetPart]:
    """The permits of a spreadsheet, in its order.

    Raises
    ------
    BadInput
        There is no row of titles, a column is missing, or no row follows.
    BadPayload
        It is neither CSV nor .xlsx.
    """
    parts: dict[str, list[tuple[int, Cells]]] = {}
    number = ""
    for place, cells in rows_in(raw, Titles(HEADS, OTHER, NEEDED)):
        number = cells["number"].upper() or number  # cells that were joined speak for the rows below
        parts.setdefault(number, []).append((place, cells))
    if not parts:
        raise BadInput(_("Found no row below the titles, expected one for each limit or total."), "file")
    return _read(viewer, parts)


def _read(viewer: User, parts: dict[str, list[tuple[int, Cells]]]) -> list[SheetPart]:
    codes = {number[:18] for number in parts}
    owners = {one.code: one for one in enterprises(viewer).filter(code__in=codes)}
    outlets: dict[int | None, list[Station]] = {}
    for one in stations(viewer).filter(enterprise__in=owners.values(), kind__in=OUTLETS).order_by("code"):
        outlets.setdefault(one.enterprise_id, []).append(one)
    found = []
    for number, rows in parts.items():
        owner = owners.get(number[:18])
        part = SheetPart(number, [place for place, _cells in rows])
        if owner is None:
            fault = _("found permit %(found)s, expected a number that begins with the credit code of an enterprise of"
                      " your territory")  # fmt: skip
            part.faults.append((part.rows[0], fault % {"found": number or "—"}))
        else:
            _state(part, rows, owner, Lines("", outlets.get(owner.pk, ())))
        found.append(part)
    return found


def _state(part: SheetPart, rows: Sequence[tuple[int, Cells]], owner: Enterprise, reader: Lines) -> None:
    limits, totals = [], []
    for place, cells in rows:
        try:
            if not cells.get("limit") and not cells.get("total"):
                raise BadInput(_("found neither a limit nor a total, expected one of them"))
            if cells.get("limit"):
                names = ("outlet", "factor", "mean", "limit", "unit", "basis")
                limits.append(reader.limit(*(cells.get(name, "") for name in names)))
            if cells.get("total"):
                unit = cells.get("total_unit") or "t"
                totals.append(reader.total(cells["outlet"], cells["factor"], cells["total"], unit))
        except BadInput as fault:
            part.faults.append((place, str(fault)))
    try:
        own = {name: said_once(rows, name, HEADS) for name in OF_PERMIT}
        days = day_in(own["since"], HEADS["since"]), day_in(own["until"], HEADS["until"]) if own["until"] else None
        if days[0] is None:
            raise BadInput(_("found no first day, expected one such as 2026-01-01"))
        management = _management(own["management"], owner)
        if not part.faults:
            part.given = GivenPermit(owner, part.number, management, (days[0], days[1]), tuple(limits), tuple(totals))
    except BadInput as fault:
        part.faults.append((part.rows[0], str(fault)))


def said_once(rows: Iterable[tuple[int, Cells]], name: str, heads: dict[str, Text]) -> str:
    """What the rows of one paper say in a column, which must be the same in all."""
    said = {cells[name] for _place, cells in rows if cells.get(name)}
    if len(said) > 1:
        words = {"what": _said(heads[name]), "found": ", ".join(sorted(said))}
        raise BadInput(_("%(what)s: found %(found)s in rows of one paper, expected the same in all") % words)
    return next(iter(said), "")


def day_in(text: str, head: Text) -> date | None:
    """The day in a cell, None where it is empty."""
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups())) if found else date.fromisoformat(text)
    except ValueError:
        words = {"what": _said(head), "found": text}
        raise BadInput(_("%(what)s: found %(found)s, expected a day such as 2026-01-01") % words) from None


def _management(word: str, owner: Enterprise) -> str:
    if not word:
        return owner.management
    try:
        return str(MANAGED[word.lower()])
    except KeyError:
        words = {"what": _said(HEADS["management"]), "found": word, "known": ", ".join(MANAGED)}
        raise BadInput(_("found %(what)s %(found)s, expected one of: %(known)s") % words) from None


def _head(rows: Sequence[Sequence[str]], titles: Titles) -> tuple[int, dict[str, int]]:
    """How many rows stand above the first one of the table, and what stands where."""
    heads, needed = titles.heads, titles.needed
    known = titles.other | {folded(title): name for name, text in heads.items() for title in (text.zh, text.en)}
    best: dict[str, int] = {}
    for place, row in enumerate(rows[:HEAD_WITHIN], 1):
        columns = {
            known[folded(cell)]: column for column, cell in reversed(list(enumerate(row))) if folded(cell) in known
        }
        if all(name in columns for name in needed):
            return place, columns
        best = max(best, columns, key=len)
    missing = ", ".join(_said(heads[name]) for name in needed if name not in best)
    raise BadInput(
        _("Found no row of titles with all columns that are needed; missing: %(missing)s.") % {"missing": missing},
        "file",
    )


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return plain(cell)
    return str(cell).strip()


def _said(text: Text) -> str:
    return text.zh if (get_language() or "zh").startswith("zh") else text.en


def empty_sheet(heads: dict[str, Text] = HEADS) -> bytes:
    """A workbook with the titles of the columns, to be filled in."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append([_said(text) for text in heads.values()])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 20
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()
