from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.places.geometry import BoxField


class Titled(models.Model):
    """What has a Chinese and an English title."""

    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class GridCell(Titled):
    """A unit of the grid tree: district, town or community; `path` is its code chain, such as `01/03/07`."""

    code = models.CharField(max_length=32, unique=True)
    path = models.CharField(max_length=64, unique=True, db_collation="C")
    level = models.PositiveSmallIntegerField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    shape = models.BinaryField()
    bounds = BoxField()
    label_lon = models.FloatField()
    label_lat = models.FloatField()

    class Meta:
        ordering = ("path",)
        indexes = (GistIndex(fields=("bounds",), name="gridcell_bounds"),)


class WaterBody(Titled):
    """A river or a lake, as a line or an area."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16)
    shape = models.BinaryField()


class Enterprise(Titled):
    """One enterprise, one file; `code` is the unified social credit code."""

    code = models.CharField(max_length=18, unique=True)
    industry_code = models.CharField(max_length=8)
    industry_zh = models.CharField(max_length=60)
    industry_en = models.CharField(max_length=60)
    management = models.CharField(max_length=16)
    address_zh = models.CharField(max_length=160, blank=True)
    address_en = models.CharField(max_length=160, blank=True)
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("code",)


class StationKind(models.TextChoices):
    OUTLET_WATER = "outlet-water", _("Waste-water outlet")
    OUTLET_GAS = "outlet-gas", _("Stack outlet")
    SURFACE_WATER = "surface-water", _("Surface-water station")
    AMBIENT_AIR = "ambient-air", _("Ambient-air station")


class Station(Titled):
    """A place where something is measured: an outlet of an enterprise, or a station of the environment."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16, choices=StationKind)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("code",)


class AppliedStandard(models.Model):
    """Which class of which standard binds a station, valid for a span of days and known for a span of time."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="+")
    standard = models.CharField(max_length=40)
    level = models.CharField(max_length=60)
    valid = DateRangeField()
    known = DateTimeRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_level_of_a_standard_at_a_time",
                expressions=[
                    ("station", RangeOperators.EQUAL),
                    ("standard", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.standard} {self.level}"


class Posting(models.Model):
    """A person's territory: the cell (with all below it) that the person answers for, by date and by knowledge."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+")
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")
    valid = DateRangeField()
    known = DateTimeRangeField()

    class Meta:
        constraints = (
            ExclusionConstraint(
                name="one_posting_to_a_cell_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("cell", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.cell_id}"
