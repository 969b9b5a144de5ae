"""Areas that are watched over: nature reserves, protection zones of drinking-water sources, industrial parks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.places.geometry import BoxField
from qingyuan.places.models.ledger import GridCell, Titled


class ZoneKind(models.TextChoices):
    """What an area is protected or watched as."""

    RESERVE = "reserve", _("Nature reserve")
    WATER_SOURCE = "water-source", _("Protection zone of a drinking-water source")
    PARK = "industrial-park", _("Industrial park")


class Zone(Titled):
    """An area with a boundary of its own; it belongs to the grid cells that it touches."""

    code = models.CharField(max_length=32, unique=True, verbose_name=_("Code"))
    kind = models.CharField(max_length=16, choices=ZoneKind, verbose_name=_("Kind"))
    shape = models.BinaryField()
    bounds = BoxField()
    cells = models.ManyToManyField(GridCell, related_name="+")

    class Meta:
        verbose_name = _("Area watched over")
        verbose_name_plural = _("Areas watched over")
        ordering = ("code",)
