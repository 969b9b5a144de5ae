"""What stands between an uploaded table and its import: a layout that is guessed or remembered, then checked."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import zstandard
from django.db import connection
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, stations
from qingyuan.recording.models import ImportDraft
from qingyuan.recording.queries import MAY_IMPORT
from qingyuan.sensing import api as sensing
from qingyuan.sensing.connector import CONNECTORS
from qingyuan.sensing.queries import MEDIUM, Channel, Feed, Layout, guess_table, layout_of, table_titles
from qingyuan_science.standards import UnknownFactor, find_factor
from qingyuan_science.units import UnitError, convert

CONNECTOR = "table"
KEPT_FOR = timedelta(hours=24)
BASES = ("measured", "converted")
_TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('recording.tables'), hashtext(%s))"


def may_import(user: User) -> None:
    """Refuse whoever may not import tables.

    Raises
    ------
    Forbidden
        Says which roles may.
    """
    if user.role not in MAY_IMPORT:
        roles = ", ".join(str(role.label) for role in MAY_IMPORT)
        raise Forbidden(_("Only these roles may import tables: %(roles)s") % {"roles": roles})


def keep(user: User, name: str, raw: bytes, layout: dict[str, str]) -> ImportDraft:
    """Keep an uploaded table until it is confirmed, for a day at most."""
    now = clock.now()
    return ImportDraft.objects.create(
        owner=user,
        name=name[:200],
        body=zstandard.compress(raw),
        size=len(raw),
        layout=layout,
        created_at=now,
        expires_at=now + KEPT_FOR,
    )


def first_layout(user: User, raw: bytes, sheet: str) -> dict[str, str]:
    """The layout by which the user's organisation imported a table with these titles before, else a guess."""
    guessed = guess_table(raw, sheet)
    settings = {**guessed.settings, "sheet": sheet}
    known = Feed.objects.filter(code=feed_code(user, guessed.titles)).first()
    if known is None:
        return settings
    return {**known.settings, "sheet": sheet, **{key: settings[key] for key in ("header", "first") if key in settings}}


def feed_code(user: User, titles: list[str]) -> str:
    """The code of the feed that remembers the layout of tables with these titles, for the user's organisation."""
    fingerprint = hashlib.sha256("\n".join(titles).encode()).hexdigest()[:16]
    return f"table-{user.organisation_id or 0}-{fingerprint}"


def feed_for(user: User, draft: ImportDraft, raw: bytes, origin: Origin) -> Feed:
    """The feed that remembers the draft's layout, brought up to date; until the transaction ends it stays as it is.

    People of one organisation whose tables have the same titles share it, each with a layout and stations of the own.

    Raises
    ------
    BadInput
        The layout names no station, one out of the user's scope, an unknown factor or a unit that does not convert.
    """
    settings = CONNECTORS.get(CONNECTOR).checked(draft.layout)
    layout = layout_of(settings)
    named = _stations(user, layout)
    for station in named:
        _check_columns(station, layout)
    code = feed_code(user, table_titles(raw, settings))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [code])
    known = Feed.objects.filter(code=code).first()
    if known is not None and known.settings == settings and set(known.stations.all()) == set(named):
        return known
    organisation = user.organisation
    titles = (organisation.title_zh, organisation.title_en) if organisation else (user.name_zh, user.name_en)
    feed = sensing.define_feed(
        code,
        connector=CONNECTOR,
        title_zh=f"{titles[0]} · 表格 {draft.name}"[:120],
        title_en=f"{titles[1]} · table {draft.name}"[:120],
        settings=settings,
        stations=named,
        origin=origin,
    )
    if known is None:
        sensing.name_department(feed, organisation, origin)
    return feed


def _stations(user: User, layout: Layout) -> list[Station]:
    codes = layout.stations_named
    if not codes:
        raise BadInput(_("Say which station the readings belong to."), "at")
    found = list(stations(user).filter(code__in=codes).order_by("code"))
    unknown = sorted(codes - {station.code for station in found})
    if unknown:
        said = _("Found station %(codes)s, expected one in your territory.")
        raise BadInput(said % {"codes": ", ".join(unknown)}, "at")
    return found


def _check_columns(station: Station, layout: Layout) -> None:
    medium = MEDIUM.get(station.kind, "") or None
    units = {(factor, basis): unit for factor, basis, unit in _channels(station)}
    for title, column in layout.columns.items():
        code, _slash, basis = column.name.rpartition(f"{station.code}/")[2].partition("/")
        if not code or ("/" in column.name and not (layout.at or layout.station) and station.code not in column.name):
            continue
        try:
            factor = find_factor(code, medium=medium)
            unit = units.get((factor.code, basis or BASES[0]), factor.unit)
            convert(1.0, column.unit or unit, unit)
        except (UnknownFactor, UnitError) as error:
            raise BadInput(f"{title}: {error}", "columns") from error
        if (basis or BASES[0]) not in BASES:
            raise BadInput(f"{title}: found {column.name!r}, expected FACTOR or FACTOR/converted", "columns")


def _channels(station: Station) -> Iterator[tuple[str, str, str]]:
    yield from Channel.objects.filter(station=station).values_list("factor", "basis", "unit")
