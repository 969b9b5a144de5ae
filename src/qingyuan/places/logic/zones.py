"""Drawing areas that are watched over."""

import hashlib

from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.places import geometry
from qingyuan.places.events import ZoneDrawn
from qingyuan.places.models import GridCell, Zone, ZoneKind

AREAS = ("Polygon", "MultiPolygon")


@transaction.atomic
def draw_zone(
    code: str, *, title_zh: str, title_en: str, kind: str, shape: BaseGeometry, origin: Origin = log.PLATFORM
) -> Zone:
    """Enter an area that is watched over, or draw it anew.

    Parameters
    ----------
    code : str
    title_zh, title_en : str
    kind : str
        A value of `ZoneKind`.
    shape : shapely geometry
        Polygon in WGS-84. [degree]
    origin : Origin

    Returns
    -------
    Zone

    Raises
    ------
    BadInput
        The shape is no valid area, touches no grid cell, or the kind is not known.
    """
    if shape.is_empty or not shape.is_valid or shape.geom_type not in AREAS:
        words = {"code": code, "found": shape.geom_type}
        raise BadInput(_("%(code)s: found %(found)s, expected a valid area") % words, "shape")
    if kind not in ZoneKind.values:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(ZoneKind.values)}, "kind")
    near = GridCell.objects.filter(bounds__meets=shape.bounds)
    touched = [one for one in near if geometry.from_wkb(one.shape).intersects(shape)]
    if not touched:
        raise BadInput(_("%(code)s: the area touches no grid cell") % {"code": code}, "shape")
    stored = geometry.to_wkb(shape)
    values = {
        "title_zh": title_zh, "title_en": title_en or title_zh, "kind": kind, "shape": stored, "bounds": shape.bounds,
    }  # fmt: skip
    zone = Zone.objects.update_or_create(code=code, defaults=values)[0]
    zone.cells.set(touched)
    log.write(ZoneDrawn(id=zone.pk, code=code, kind=kind, shape_sha256=hashlib.sha256(stored).hexdigest()), origin)
    return zone
