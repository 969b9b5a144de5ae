"""Disclosures out of a spreadsheet: a line for each declared amount or penalty, the enterprise and year beside it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import User
from qingyuan.places.api import GivenDisclosure, OwnPenalty, OwnTotal
from qingyuan.places.queries import Enterprise, Station, enterprises, stations
from qingyuan.showing.logic.papers.sheets import (
    OUTLETS,
    Cells,
    SheetPart,
    Titles,
    day_in,
    empty_sheet,
    rows_in,
    said_once,
)
from qingyuan.showing.logic.papers.tables import Lines
from qingyuan_science.plugins import Text

HEADS = {
    "code": Text("统一社会信用代码", "Credit code"), "year": Text("披露年度", "Year"),
    "published_on": Text("披露日期", "Disclosed on"), "number": Text("许可证编号", "Number of the permit"),
    "facilities": Text("治理设施", "Treatment facilities"), "outlet": Text("排放口", "Outlet"),
    "factor": Text("污染物", "Factor"), "amount": Text("年排放量", "Amount of the year"),
    "unit": Text("排放量单位", "Unit of the amount"), "penalty": Text("处罚文号", "Number of the penalty"),
    "penalty_on": Text("处罚日期", "Day of the penalty"), "penalty_what": Text("处罚事由", "What for"),
}  # fmt: skip
OTHER = {
    "信用代码": "code", "企业代码": "code", "年度": "year", "年份": "year", "排污许可证编号": "number",
    "污染防治设施": "facilities",
    "排放口编号": "outlet", "污染物种类": "factor", "实际排放量": "amount", "排放量": "amount", "单位": "unit",
    "处罚决定书文号": "penalty", "决定书文号": "penalty", "违法事实": "penalty_what",
}  # fmt: skip
NEEDED = ("code", "year")
OF_DISCLOSURE = ("published_on", "number", "facilities")


def disclosures_in(viewer: User, raw: bytes) -> list[SheetPart]:
    """The disclosures of a spreadsheet, in its order.

    Raises
    ------
    BadInput
        There is no row of titles, a column is missing, or no row follows.
    BadPayload
        It is neither CSV nor .xlsx.
    """
    parts: dict[tuple[str, str], list[tuple[int, Cells]]] = {}
    code = year = ""
    for place, cells in rows_in(raw, Titles(HEADS, OTHER, NEEDED)):
        code, year = cells["code"].upper() or code, cells["year"] or year  # joined cells speak for the rows below
        parts.setdefault((code, year.removesuffix("年")), []).append((place, cells))
    if not parts:
        raise BadInput(_("Found no row below the titles, expected one for each amount or penalty."), "file")
    owners = {one.code: one for one in enterprises(viewer).filter(code__in={code for code, _year in parts})}
    outlets: dict[int | None, list[Station]] = {}
    for one in stations(viewer).filter(enterprise__in=owners.values(), kind__in=OUTLETS).order_by("code"):
        outlets.setdefault(one.enterprise_id, []).append(one)
    found = []
    for (number, told), rows in parts.items():
        part = SheetPart(f"{number} {told}", [place for place, _cells in rows])
        owner = owners.get(number)
        if owner is None:
            fault = _("found %(found)s, expected the credit code of an enterprise of your territory")
            part.faults.append((part.rows[0], fault % {"found": number or "—"}))
        else:
            _state(part, rows, owner, year=told, reader=Lines("", outlets.get(owner.pk, ())))
        found.append(part)
    return found


def empty_disclosures() -> bytes:
    """A workbook with the titles of the columns, to be filled in."""
    return empty_sheet(HEADS)


def _state(part: SheetPart, rows: Sequence[tuple[int, Cells]], owner: Enterprise, *, year: str, reader: Lines) -> None:
    amounts: list[OwnTotal] = []
    penalties: list[OwnPenalty] = []
    for place, cells in rows:
        try:
            _read(cells, reader, amounts, penalties)
        except BadInput as fault:
            part.faults.append((place, str(fault)))
    try:
        own = {name: said_once(rows, name, HEADS) for name in OF_DISCLOSURE}
        published = day_in(own["published_on"], HEADS["published_on"])
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise BadInput(_("found year %(found)s, expected one such as 2025") % {"found": year or "—"})
        if not part.faults:
            part.given = GivenDisclosure(
                owner, int(year), published, own["number"].upper(), own["facilities"], tuple(amounts), tuple(penalties)
            )
    except BadInput as fault:
        part.faults.append((part.rows[0], str(fault)))


def _read(cells: Cells, reader: Lines, amounts: list[Any], penalties: list[Any]) -> None:
    amount, penalty = cells.get("amount", ""), cells.get("penalty", "")
    if not amount and not penalty:
        raise BadInput(_("found neither an amount nor a penalty, expected one of them"))
    if amount:
        unit = cells.get("unit") or "t"
        amounts.append(reader.total(cells.get("outlet", ""), cells.get("factor", ""), amount, unit))
    if penalty:
        on = day_in(cells.get("penalty_on", ""), HEADS["penalty_on"])
        if on is None:
            raise BadInput(_("found no day of the penalty, expected one such as 2025-06-30"))
        penalties.append(OwnPenalty(penalty, on, cells.get("penalty_what", "")))
