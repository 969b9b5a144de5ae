"""What satellites see and interpreters draw, before it is a row: kinds, how sure a product is, and one spot."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from qingyuan.places.geometry import to_wkb
from qingyuan_science.plugins import Text


class SpotKind(models.TextChoices):
    """What a spot shows, as those who interpret images for an environmental authority name it."""

    FIRE = "fire", _("Heat anomaly")
    STRAW = "straw", _("Open burning of straw")
    WASTE = "waste", _("Heap of solid waste")
    BARE_SOIL = "bare-soil", _("Bare soil")
    BLACK_WATER = "black-water", _("Black and odorous water")
    CONSTRUCTION = "construction", _("Construction or destruction of nature")
    OTHER = "other", _("Something else")


class Sureness(models.IntegerChoices):
    """The three classes in which VIIRS and MODIS products say how sure they are."""

    LOW = 1, _("Low")
    NOMINAL = 2, _("Nominal")
    HIGH = 3, _("High")


KIND_WORDS: Final = {
    SpotKind.FIRE: Text("热异常点", "heat anomaly"),
    SpotKind.STRAW: Text("秸秆露天焚烧", "open burning of straw"),
    SpotKind.WASTE: Text("固体废物堆放", "heap of solid waste"),
    SpotKind.BARE_SOIL: Text("裸露地表", "bare soil"),
    SpotKind.BLACK_WATER: Text("黑臭水体", "black and odorous water"),
    SpotKind.CONSTRUCTION: Text("施工或生态破坏", "construction or destruction of nature"),
    SpotKind.OTHER: Text("其他疑似问题", "something else"),
}
SURENESS_WORDS: Final = {
    Sureness.LOW: Text("低", "low"), Sureness.NOMINAL: Text("中", "nominal"), Sureness.HIGH: Text("高", "high"),
}  # fmt: skip


"""What sentences say, which are kept in both languages."""


@dataclass(frozen=True)
class Spotted:
    """One pixel or polygon of a product, in WGS-84. [degree]

    `told` is how sure the product is, as it says so; `where` the row or member of the file.
    """

    kind: SpotKind
    at: datetime
    shape: BaseGeometry
    product: str
    satellite: str
    instrument: str
    sureness: Sureness
    told: str
    attributes: dict[str, Any] = field(default_factory=dict)
    where: str = ""

    @property
    def key(self) -> str:
        """What makes it the same spot in whatever file it comes: kind, satellite, instant and shape."""
        parts = f"{self.kind}|{self.satellite}|{self.at.astimezone(UTC).isoformat()}|".encode()
        return hashlib.sha256(parts + to_wkb(self.shape)).hexdigest()
