"""Writing down outfalls: what is known of them, edition by edition (doors in `places.api`)."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation
from qingyuan.places import geometry
from qingyuan.places.logic.papers import days_of, enter_edition
from qingyuan.places.models import (
    Bank,
    Enterprise,
    Entry,
    Outfall,
    OutfallDischarger,
    OutfallEdition,
    OutfallMonitor,
    PermitSheet,
    Rhythm,
    SheetOutfall,
    Station,
    StationKind,
    WaterBody,
)
from qingyuan.places.queries import cell_at, known_now
from qingyuan_science.standards.codes.outlets import outfall_code
from qingyuan_science.standards.errors import BadCode, UnknownEntry
from qingyuan_science.standards.procedure.outfalls import outfall_type

SLUG = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
FAR_KM = 2.0  # our own choice: a point farther from its river than that is a mistake in typing
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtext('places_outfall_code'))"


@dataclass(frozen=True)
class OutfallFacts:
    """What is written down of an outfall; the first of the `enterprises` is the main responsible party. [deg, km]"""

    title_zh: str
    kind: str
    water: WaterBody
    lon: float
    lat: float
    title_en: str = ""
    official_code: str = ""
    bank: str = ""
    river_km: float | None = None
    rhythm: str = ""
    entry: str = ""
    section: Station | None = None
    responsible: str = ""
    supervisor: Organisation | None = None
    number: str = ""
    granted_on: date | None = None
    granted_until: date | None = None
    signposted_on: date | None = None
    remarks: str = ""
    enterprises: tuple[Enterprise, ...] = ()
    stations: tuple[Station, ...] = ()

    def columns(self) -> dict[str, Any]:
        """What stands in the row itself."""
        apart = {"enterprises", "stations"}
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in apart}


def facts_of(row: OutfallEdition) -> OutfallFacts:
    """What an edition says."""
    names = [one.name for one in fields(OutfallFacts) if one.name not in {"enterprises", "stations"}]
    return OutfallFacts(
        **{name: getattr(row, name) for name in names},
        enterprises=tuple(one.enterprise for one in row.dischargers.select_related("enterprise")),
        stations=tuple(one.station for one in row.monitors.select_related("station")),
    )


@transaction.atomic
def enter_outfall(
    outfall: Outfall | None,
    facts: OutfallFacts,
    *,
    days: tuple[date, date | None],
    code: str = "",
    replaces: OutfallEdition | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> OutfallEdition:
    """Enter an outfall, or what is known of it anew.

    Parameters
    ----------
    outfall : Outfall or None
        None for one that is not on file.
    facts : OutfallFacts
        A river kilometre that is left out is measured along the line of the water body.
    days : (date, date or None)
        First and last day on which this holds.
    code : str
        Our own, provisional code of a new outfall; the next free one of the division when left out.
    replaces : OutfallEdition, optional
        The edition that this one follows.
    why : str
    origin : Origin

    Returns
    -------
    OutfallEdition

    Raises
    ------
    BadInput
        The class is none of the standard, the official code is not built as the rule says, another outfall has one of
        the codes, the point lies in no cell or far from its water body, a day or station is of the wrong kind.
    Refused
        The outfall has an edition already for these days, or the one to follow is no longer current.
    """
    values = _checked(facts)
    if outfall is None:
        outfall = _new(code.strip(), values)
    _check_official(values["official_code"], outfall)
    row = OutfallEdition(outfall=outfall, valid=days_of(days), **values)
    parts = [
        *(
            OutfallDischarger(outfall=row, enterprise=one, main=not place)
            for place, one in enumerate(facts.enterprises)
        ),
        *(OutfallMonitor(outfall=row, station=one) for one in facts.stations),
    ]
    return enter_edition(row, parts, replaces, why=why, origin=origin)


def _checked(facts: OutfallFacts) -> dict[str, Any]:
    values = {name: value.strip() if isinstance(value, str) else value for name, value in facts.columns().items()}
    if not values["title_zh"]:
        raise BadInput(_("Found no name, expected one"), "title_zh")
    values["title_en"] = values["title_en"] or values["title_zh"]
    values["kind"] = _kind(values["kind"])
    if values["official_code"]:
        values["official_code"] = _official(values["official_code"])
    for name, known in (("bank", Bank), ("rhythm", Rhythm), ("entry", Entry)):
        if values[name] and values[name] not in known.values:
            raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(known.values)}, name)
    for name in ("granted_on", "granted_until", "signposted_on"):
        day: date | None = getattr(facts, name)
        if day is not None:
            clock.check_day(day, name)
    if facts.granted_on and facts.granted_until and facts.granted_until < facts.granted_on:
        raise BadInput(_("Expected a last day that is not before the first"), "granted_until")
    _check_stations(facts)
    values["cell"] = cell_at(facts.lon, facts.lat)
    if values["cell"] is None:
        words = {"lon": facts.lon, "lat": facts.lat}
        raise BadInput(_("Found the point %(lon).5f, %(lat).5f, expected one in a grid cell") % words, "lon")
    values["river_km"] = _river_km(facts)
    return values


def _kind(name: str) -> str:
    try:
        return outfall_type(name).names[-1].zh
    except UnknownEntry as error:
        raise BadInput(
            _("Found class %(found)s, expected one of HJ 1312-2023") % {"found": name or "—"}, "kind"
        ) from error


def _official(text: str) -> str:
    try:
        return outfall_code(text).code
    except BadCode as error:
        raise BadInput(error.reason.in_language(get_language() or "zh-hans"), "official_code") from error


def _check_official(official: str, outfall: Outfall) -> None:
    """Refuse a code that another outfall has, officially or as ours."""
    if not official:
        return
    held = known_now(OutfallEdition.objects.filter(official_code=official)).exclude(outfall=outfall).first()
    if held is not None:
        words = {"code": official, "other": f"{held.title} ({held.outfall.code})"}
        raise BadInput(_("Found code %(code)s, which %(other)s has; expected one that no other outfall has") % words,
                       "official_code")  # fmt: skip


def _check_stations(facts: OutfallFacts) -> None:
    if facts.section is not None and facts.section.kind != StationKind.SURFACE_WATER:
        raise BadInput(_("%(station)s is no station of surface water") % {"station": facts.section}, "section")
    for one in facts.stations:
        if one.kind not in (StationKind.OUTLET_WATER, StationKind.SURFACE_WATER):
            raise BadInput(_("%(station)s measures no water") % {"station": one}, "stations")


def _river_km(facts: OutfallFacts) -> float | None:
    shape = geometry.from_wkb(facts.water.shape)
    along, aside = geometry.along_km(shape, facts.lon, facts.lat)
    if aside > FAR_KM:
        words = {"found": aside, "water": facts.water.title, "most": FAR_KM}
        raise BadInput(
            _("Found a point %(found).1f km from %(water)s, expected at most %(most)g km; check both")
            % words, "lon",
        )  # fmt: skip
    if facts.river_km is not None:
        if facts.river_km < 0:
            raise BadInput(
                _("Found river kilometre %(found)g, expected 0 or more") % {"found": facts.river_km}, "river_km"
            )
        return facts.river_km
    return None if along is None else round(along, 2)


def _new(code: str, values: dict[str, Any]) -> Outfall:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURNS)
    if code:
        if not set(code) <= SLUG or len(code) > 32 or not any(one.isdigit() for one in code):
            raise BadInput(
                _("Found code %(found)s, expected letters, digits and hyphens, at most 32 and a digit among them")
                % {"found": code},
                "code",
            )
        if Outfall.objects.filter(code__iexact=code).exists():
            raise BadInput(_("Found code %(found)s, which another outfall has") % {"found": code}, "code")
        return Outfall.objects.create(code=code)
    prefix = f"{_division(values['cell'])}-P"
    used = [
        one.removeprefix(prefix)
        for one in Outfall.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    ]
    last = max((int(one) for one in used if one.isascii() and one.isdigit()), default=0)
    return Outfall.objects.create(code=f"{prefix}{last + 1:04d}")


def _division(cell: Any) -> str:
    """The code of the top cell, which is a division's, without the noughts that statistics add."""
    while cell.parent is not None:
        cell = cell.parent
    return str(cell.code).removesuffix("000000")


@dataclass(frozen=True)
class GivenOutfall:
    """An outfall as a spreadsheet states it; `outfall` where it is on file already."""

    outfall: Outfall | None
    code: str
    facts: OutfallFacts
    days: tuple[date, date | None]

    @property
    def figures(self) -> tuple[int, int]:
        """How many dischargers and stations it names."""
        return len(self.facts.enterprises), len(self.facts.stations)

    def link(self, sheet: PermitSheet, row: OutfallEdition, before: OutfallEdition | None) -> SheetOutfall:
        """What keeps with which spreadsheet an edition came."""
        return SheetOutfall(sheet=sheet, outfall=row, before=before)

    def followed(self) -> OutfallEdition | None:
        """The edition that holds on the first day, as known now."""
        if self.outfall is None:
            return None
        return known_now(OutfallEdition.objects.filter(outfall=self.outfall, valid__contains=self.days[0])).first()

    def enter(self, replaces: OutfallEdition | None, why: str, origin: Origin) -> OutfallEdition:
        """Enter it."""
        return enter_outfall(
            self.outfall, self.facts, code=self.code, days=self.days, replaces=replaces, why=why, origin=origin
        )

    def said_by(self, row: OutfallEdition) -> bool:
        """Whether an edition says the same."""
        try:
            checked = _checked(self.facts)
        except BadInput:
            return False
        del checked["cell"]
        return facts_of(row) == replace(self.facts, **checked) and _last_day(row) == self.days[1]


def _last_day(row: OutfallEdition) -> date | None:
    upper: date | None = row.valid.upper
    return upper and upper - timedelta(days=1)
