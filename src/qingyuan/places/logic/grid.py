"""Drawing grid cells, and drawing them anew from a day on (doors in `places.api`)."""

import hashlib
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.places import geometry
from qingyuan.places.events import CellDrawn, CellRedrawn
from qingyuan.places.logic import editions
from qingyuan.places.models import CellEdition, Enterprise, GridCell, Station
from qingyuan.places.queries import cells_at


@transaction.atomic
def draw_cell(
    code: str, *, path: str, title_zh: str, title_en: str, shape: BaseGeometry, label: tuple[float, float]
) -> GridCell:
    """Enter a grid cell; its parent is the cell whose path it continues.

    Parameters
    ----------
    code : str
    path : str
        Code chain such as `01/03/07`; its length is the level.
    title_zh, title_en : str
    shape : shapely geometry
        Polygon in WGS-84. [degree]
    label : (float, float)
        Where the name stands. [degree]

    Returns
    -------
    GridCell

    Raises
    ------
    BadInput
        The shape is not valid, or the parent is missing.
    """
    stored = _stored(code, shape)
    above, _dot, _last = path.rpartition("/")
    parent = GridCell.objects.filter(path=above).first()
    if above and parent is None:
        raise BadInput(f"cell {code}: no cell has the path {above!r} above {path!r}", "path")
    cell = GridCell.objects.create(
        code=code, path=path, level=path.count("/") + 1, title_zh=title_zh, title_en=title_en, parent=parent,
        shape=stored, bounds=shape.bounds, label_lon=label[0], label_lat=label[1],
    )  # fmt: skip
    editions.entered(_edition(cell, DateRange(None, None)))
    log.write(CellDrawn(id=cell.pk, code=code, shape_sha256=hashlib.sha256(stored).hexdigest()))
    return cell


@transaction.atomic
def redraw_cell(
    cell: GridCell, shape: BaseGeometry, *, since: date, why: str, origin: Origin = log.PLATFORM
) -> GridCell:
    """Draw a cell anew from a day on; stations and enterprises that then lie in another cell belong to that one.

    Parameters
    ----------
    cell : GridCell
    shape : shapely geometry
        Polygon in WGS-84. [degree]
    since : date
        The first day on which it holds, today or before.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    GridCell
        As it is today. How it was drawn before stays, for what was decided by it.

    Raises
    ------
    BadInput
        The shape is not valid, the reason is missing, or the day is to come or not after the drawing before.
    Refused
        Somebody drew it meanwhile.
    """
    stored = _stored(cell.code, shape)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    if not why.strip():
        raise BadInput(_("Say why"), "why")
    held = CellEdition.objects.get(cell=cell, valid__upper_inf=True, known__upper_inf=True)
    if since > today or (held.valid.lower is not None and since <= held.valid.lower):
        first = held.valid.lower or "—"
        raise BadInput(
            _("Found %(found)s, expected a day after %(first)s and not after %(today)s")
            % {"found": since, "first": first, "today": today},
            "since",
        )
    editions.followed(held, since)
    cell.shape, cell.bounds = stored, shape.bounds
    cell.save(update_fields=["shape", "bounds"])
    editions.entered(_edition(cell, DateRange(since, None)))
    moved = [_placed_anew(cell, held, rows) for rows in (Station.objects.all(), Enterprise.objects.all())]
    fact = CellRedrawn(
        id=cell.pk, code=cell.code, since=since.isoformat(), shape_sha256=hashlib.sha256(stored).hexdigest(),
        stations=moved[0], enterprises=moved[1],
    )  # fmt: skip
    log.write(fact, origin, why.strip())
    return cell


def _stored(code: str, shape: BaseGeometry) -> bytes:
    if not shape.is_valid or shape.is_empty:
        raise BadInput(f"cell {code}: found a shape that is not a valid polygon", "shape")
    return geometry.to_wkb(shape)


def _edition(cell: GridCell, valid: DateRange) -> CellEdition:
    return CellEdition(
        cell=cell, title_zh=cell.title_zh, title_en=cell.title_en, shape=cell.shape, bounds=cell.bounds, valid=valid
    )


def _placed_anew(cell: GridCell, before: CellEdition, of: QuerySet[Any]) -> list[str]:
    """Put what lies in the old or the new bounds into the smallest cell that holds it now; answers what moved."""
    wests, souths, easts, norths = zip(cell.bounds, before.bounds, strict=True)
    inside = Q(lon__range=(min(wests), max(easts)), lat__range=(min(souths), max(norths)))
    rows = list(of.filter(inside).select_for_update(of=("self",)).order_by("pk"))
    moved = []
    for row, now in zip(rows, cells_at([(row.lon, row.lat) for row in rows]), strict=True):
        if now is not None and now.pk != row.cell_id:
            row.cell = now
            row.save(update_fields=["cell"])
            moved.append(row.code)
    return moved
