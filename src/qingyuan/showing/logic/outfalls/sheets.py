"""Outfalls in a spreadsheet: one row each, to bring and to take away under the same titles."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Organisation, User
from qingyuan.places.api import GivenOutfall, OutfallFacts
from qingyuan.places.queries import (
    Bank,
    Enterprise,
    Entry,
    Outfall,
    OutfallEdition,
    Rhythm,
    Station,
    WaterBody,
    cell_at,
    cells,
    enterprises,
    known_now,
    outfall_editions,
    stations,
    water_bodies,
)
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.outfalls.words import class_words
from qingyuan.showing.logic.papers.sheets import Cells, SheetPart, Titles, day_in, empty_sheet, rows_in
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Text, folded
from qingyuan_science.standards.procedure.outfalls import outfall_types

HEADS = {
    "code": Text("临时编码", "Provisional code"), "official_code": Text("官方编码", "Official code"),
    "title_zh": Text("排污口名称", "Name (Chinese)"), "title_en": Text("英文名称", "Name (English)"),
    "kind": Text("排污口类型", "Class"), "water": Text("受纳水体", "Water body"), "bank": Text("岸别", "Bank"),
    "lon": Text("经度", "Longitude"), "lat": Text("纬度", "Latitude"), "river_km": Text("河道里程", "River kilometre"),
    "rhythm": Text("排放方式", "Mode of discharge"), "entry": Text("入河方式", "Way into the river"),
    "section": Text("控制断面", "Receiving section"), "enterprises": Text("排污单位", "Enterprises"),
    "responsible": Text("责任主体", "Responsible party"), "supervisor": Text("监管部门", "Supervising department"),
    "number": Text("批复或登记文号", "Approval or registration number"),
    "granted_on": Text("批复或登记日期", "Approved or registered on"),
    "granted_until": Text("批复有效期止", "Approval until"), "signposted_on": Text("立标日期", "Sign board put up on"),
    "stations": Text("监测点位", "Stations"), "remarks": Text("备注", "Notes"), "since": Text("生效日期", "First day"),
    "until": Text("失效日期", "Last day"),
}  # fmt: skip
OTHER = {
    "排污口编码": "official_code", "编码": "official_code", "名称": "title_zh", "排口名称": "title_zh",
    "入河排污口名称": "title_zh", "类型": "kind", "分类": "kind", "所在河流": "water", "受纳水体名称": "water",
    "入河排污口类型": "kind", "审批文号": "number", "Name": "title_zh",
}  # fmt: skip
NEEDED = ("title_zh", "kind", "water", "lon", "lat")
APART = re.compile(r"[,;\uff0c\uff1b\u3001\s]+")
CHOICES: dict[str, Any] = {"bank": Bank, "rhythm": Rhythm, "entry": Entry}
TEXTS = ("title_zh", "title_en", "official_code", "responsible", "number", "remarks")
DAYS = ("granted_on", "granted_until", "signposted_on")


@dataclass(frozen=True)
class Known:
    """What the cells of a spreadsheet may name, within the viewer's territory."""

    waters: dict[str, WaterBody]
    stations: dict[str, Station]
    enterprises: dict[str, Enterprise]
    organisations: dict[str, Organisation]
    kinds: dict[str, str]
    choices: dict[str, dict[str, str]]

    @classmethod
    def to(cls, viewer: User) -> "Known":
        """As far as the viewer sees."""
        return cls(
            _named(water_bodies()), _named(stations(viewer)), _named(enterprises(viewer)),
            _named(Organisation.objects.all()),
            {folded(name): one.names[-1].zh for one in outfall_types() for name in
             (one.names[-1].zh, one.names[-1].en)},
            {name: _labels(several) for name, several in CHOICES.items()},
        )  # fmt: skip


def outfalls_in(viewer: User, raw: bytes) -> list[SheetPart]:
    """The outfalls of a spreadsheet, one a row.

    Raises
    ------
    BadInput
        There is no row of titles, a column is missing, or no row follows.
    BadPayload
        It is neither CSV nor .xlsx.
    """
    rows = rows_in(raw, Titles(HEADS, OTHER, NEEDED))
    if not rows:
        raise BadInput(_("Found no row below the titles, expected one for each outfall."), "file")
    known = Known.to(viewer)
    return [_part(viewer, known, place, given) for place, given in rows]


def empty_outfalls() -> bytes:
    """A workbook with the titles of the columns, to be filled in."""
    return empty_sheet(HEADS)


def table_of(rows: Iterable[OutfallEdition]) -> Sheet:
    """The outfalls as the import takes them."""
    return Sheet("outfalls", list(HEADS), [said(head) for head in HEADS.values()], [_row(one) for one in rows])


def _row(row: OutfallEdition) -> list[Any]:
    told: dict[str, Any] = {name: getattr(row, name) for name in HEADS if hasattr(row, name)} | {
        "code": row.outfall.code,
        "kind": class_words(row),
        "water": row.water.code,
        **{name: getattr(row, f"get_{name}_display")() for name in CHOICES},
        "section": row.section.code if row.section else "",
        "supervisor": row.supervisor.code if row.supervisor else "",
        "enterprises": " ".join(one.enterprise.code for one in row.dischargers.all()),
        "stations": " ".join(one.station.code for one in row.monitors.all()),
        "since": row.valid.lower,
        "until": "",
    }
    return ["" if told.get(name) is None else told[name] for name in HEADS]


def _part(viewer: User, known: Known, place: int, given: Cells) -> SheetPart:
    part = SheetPart(given.get("official_code") or given.get("code") or given["title_zh"], [place])
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(known, name, given.get(name, ""))
        except BadInput as fault:
            part.faults.append((place, str(fault)))
    if part.faults:
        return part
    since, until = values.pop("since"), values.pop("until")
    try:
        _check_place(viewer, values["lon"], values["lat"])
        on_file = _on_file(viewer, given.get("code", ""), values["official_code"])
        days = since or clock.now().astimezone(clock.SHANGHAI).date(), until
        part.given = GivenOutfall(on_file, given.get("code", ""), OutfallFacts(**values), days)
    except BadInput as fault:
        part.faults.append((place, str(fault)))
    return part


def _check_place(viewer: User, lon: float, lat: float) -> None:
    cell = cell_at(lon, lat)
    if cell is None or not cells(viewer).filter(pk=cell.pk).exists():
        words = {"lon": lon, "lat": lat}
        raise BadInput(_("Found the point %(lon).5f, %(lat).5f, expected one in your territory") % words, "lon")


def _on_file(viewer: User, code: str, official: str) -> Outfall | None:
    """The outfall that a row is about; None for a new one."""
    called = Q(outfall__code__iexact=code) if code else Q(pk__in=[])
    if official:
        called |= Q(official_code__iexact=official)
    found = {one.outfall for one in known_now(outfall_editions(viewer)).filter(called)}
    if len(found) > 1:
        words = {"code": code, "official": official}
        raise BadInput(
            _("Found codes %(code)s and %(official)s, which two outfalls have; expected those of one") % words
        )
    if found:
        return found.pop()
    elsewhere = Outfall.objects.filter(code__iexact=code).first() if code else None
    if elsewhere is not None and known_now(OutfallEdition.objects.filter(outfall=elsewhere)).exists():
        raise BadInput(_("Found code %(found)s, which an outfall outside your territory has") % {"found": code})
    return elsewhere


def _read_text(known: Known, name: str, text: str) -> str:
    if name == "title_zh" and not text:
        raise BadInput(_("found no name, expected one"))
    return text


def _read_kind(known: Known, name: str, text: str) -> str:
    return str(_of(known.kinds, HEADS["kind"], text))


def _read_choice(known: Known, name: str, text: str) -> str:
    return str(_of(known.choices[name], HEADS[name], text)) if text else ""


def _read_degrees(known: Known, name: str, text: str) -> float:
    most = 180.0 if name == "lon" else 90.0
    found = _number(text)
    if found is None or abs(found) > most:
        words = {"what": said(HEADS[name]), "found": text or "—", "most": most}
        raise BadInput(_("%(what)s: found %(found)s, expected degrees from -%(most)g to %(most)g") % words)
    return found


def _read_km(known: Known, name: str, text: str) -> float | None:
    if not text:
        return None
    found = _number(text)
    if found is None or found < 0:
        raise BadInput(_("%(what)s: found %(found)s, expected a number") % {"what": said(HEADS[name]), "found": text})
    return found


def _read_day(known: Known, name: str, text: str) -> date | None:
    return day_in(text, HEADS[name])


def _read_named(known: Known, name: str, text: str) -> Any:
    several: dict[str, Any] = {
        "water": known.waters, "section": known.stations, "supervisor": known.organisations,
    }  # fmt: skip
    among = several[name]
    if not text and name != "water":
        return None
    return _of(among, HEADS[name], text)


def _read_several(known: Known, name: str, text: str) -> tuple[Any, ...]:
    among: Any = known.enterprises if name == "enterprises" else known.stations
    whole = among.get(folded(text))  # a title may have blanks of its own
    if whole is not None:
        return (whole,)
    return tuple(dict.fromkeys(_of(among, HEADS[name], one) for one in APART.split(text) if one))


_READERS: dict[str, Callable[[Known, str, str], Any]] = {
    **dict.fromkeys(TEXTS, _read_text),
    "kind": _read_kind,
    **dict.fromkeys(CHOICES, _read_choice),
    **dict.fromkeys(("lon", "lat"), _read_degrees),
    "river_km": _read_km,
    **dict.fromkeys((*DAYS, "since", "until"), _read_day),
    **dict.fromkeys(("water", "section", "supervisor"), _read_named),
    **dict.fromkeys(("enterprises", "stations"), _read_several),
}
"""How the cell of each column is read."""


def _of(among: dict[str, Any], head: Text, text: str) -> Any:
    found = among.get(folded(text)) if text else None
    if found is None:
        shown = ", ".join(sorted({str(one) for one in among.values()})[:8]) or "—"
        words = {"what": said(head), "found": text or "—", "known": shown}
        raise BadInput(_("%(what)s: found %(found)s, expected one on file, such as: %(known)s") % words)
    return found


def _named(rows: Iterable[Any]) -> dict[str, Any]:
    """Rows by their titles and codes; a code goes before a title."""
    several = list(rows)
    titles = {folded(title): one for one in several for title in (one.title_zh, one.title_en)}
    return titles | {folded(one.code): one for one in several}


def _labels(several: Any) -> dict[str, str]:
    found = {folded(value): value for value in several.values}
    for language in ("zh-hans", "en", get_language() or "en"):
        with translation.override(language):
            found |= {folded(str(one.label)): one.value for one in several}
    return found


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if found == found and abs(found) < 1e6 else None
