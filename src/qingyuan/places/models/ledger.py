from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.places.geometry import BoxField


class Titled(models.Model):
    """What has a Chinese and an English title."""

    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class GridCell(Titled):
    """A unit of the grid tree: district, town or community; `path` is its code chain, such as `01/03/07`."""

    code = models.CharField(max_length=32, unique=True, verbose_name=_("Code"))
    path = models.CharField(max_length=64, unique=True, db_collation="C", verbose_name=_("Path"))
    level = models.PositiveSmallIntegerField(verbose_name=_("Level"))
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Cell above")
    )
    shape = models.BinaryField()
    bounds = BoxField()
    label_lon = models.FloatField()
    label_lat = models.FloatField()

    class Meta:
        verbose_name = _("Grid cell")
        verbose_name_plural = _("Grid cells")
        ordering = ("path",)
        indexes = (GistIndex(fields=("bounds",), name="gridcell_bounds"),)


class CellEdition(Titled):
    """How a grid cell was drawn, by days and by knowledge; the cell itself has what holds today."""

    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Grid cell"))
    shape = models.BinaryField()
    bounds = BoxField()
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Drawing of a grid cell")
        verbose_name_plural = _("Drawings of grid cells")
        indexes = (GistIndex(fields=("bounds",), name="celledition_bounds"),)
        constraints = (
            ExclusionConstraint(
                name="one_drawing_of_a_cell_at_a_time",
                expressions=[
                    ("cell", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.cell_id} {self.valid}"


class WaterLevel(models.TextChoices):
    """Who manages a water body."""

    BASIN = "basin", _("Basin")
    PROVINCIAL = "provincial", _("Province")
    MUNICIPAL = "municipal", _("City")
    COUNTY = "county", _("County or district")
    TOWN = "town", _("Town or village")


class WaterBody(Titled):
    """A river or a lake, as a line drawn downstream or an area; kilometres count from the upper end of the line."""

    code = models.CharField(max_length=32, unique=True, verbose_name=_("Code"))
    kind = models.CharField(max_length=16, verbose_name=_("Kind"))
    level = models.CharField(max_length=12, choices=WaterLevel, blank=True, default="", verbose_name=_("Managed by"))
    into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Flows into")
    )
    into_km = models.FloatField(null=True, blank=True, verbose_name=_("Joins it at kilometre"))
    shape = models.BinaryField()

    class Meta:
        verbose_name = _("Water body")
        verbose_name_plural = _("Water bodies")


class Enterprise(Titled):
    """One enterprise, one file; `code` is the unified social credit code."""

    code = models.CharField(max_length=18, unique=True, verbose_name=_("Code"))
    industry_code = models.CharField(max_length=8, verbose_name=_("Industry code"))
    industry_zh = models.CharField(max_length=60, verbose_name=_("Industry (Chinese)"))
    industry_en = models.CharField(max_length=60, verbose_name=_("Industry (English)"))
    management = models.CharField(max_length=16, verbose_name=_("Permit"))
    address_zh = models.CharField(max_length=160, blank=True, verbose_name=_("Address (Chinese)"))
    address_en = models.CharField(max_length=160, blank=True, verbose_name=_("Address (English)"))
    lon = models.FloatField(verbose_name=_("Longitude"))
    lat = models.FloatField(verbose_name=_("Latitude"))
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Grid cell"))
    organisation = models.ForeignKey(
        "people.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Organisation"),
    )

    class Meta:
        verbose_name = _("Enterprise")
        verbose_name_plural = _("Enterprises")
        ordering = ("code",)


class StationKind(models.TextChoices):
    OUTLET_WATER = "outlet-water", _("Waste-water outlet")
    OUTLET_GAS = "outlet-gas", _("Stack outlet")
    SURFACE_WATER = "surface-water", _("Surface-water station")
    AMBIENT_AIR = "ambient-air", _("Ambient-air station")
    POWER_METER = "power-meter", _("Electricity meter")
    WORKING_CONDITIONS = "working-state", _("Working-condition point")
    WEATHER = "weather", _("Weather station")
    DUST = "dust-site", _("Construction-dust site")
    FUME = "fume", _("Cooking-fume point")
    NOISE = "noise", _("Noise station")
    TRAFFIC = "traffic", _("Traffic checkpoint")
    VEHICLE = "vehicle", _("Mobile monitoring vehicle")
    DRONE = "drone", _("Drone")
    LIDAR = "lidar", _("Lidar")


MEASURES_WEATHER = (StationKind.AMBIENT_AIR, StationKind.WEATHER)
"""Kinds of stations that measure wind, temperature and what else the weather is."""

MOVES = (StationKind.VEHICLE, StationKind.DRONE)
"""Kinds of stations that move: where they are is among what they measure; their own place is where they are kept."""

BODIES = (("river", _("River")), ("lake", _("Lake or reservoir")))
SECTIONS = (
    ("", _("none")),
    ("national", _("National section")),
    ("provincial", _("Provincial section")),
    ("municipal", _("Municipal section")),
)


class Level(models.TextChoices):
    """Who runs a station of the environment, as the network's four levels say."""

    NONE = "", _("none")
    NATIONAL = "national", _("National station")
    PROVINCIAL = "provincial", _("Provincial station")
    MUNICIPAL = "municipal", _("Municipal station")
    MICRO = "micro", _("Micro-station")


class PointClass(models.TextChoices):
    """Of which class a point of monitoring or of video is; it has one, and drinking water goes before all."""

    NATIONAL = "national", _("State-controlled")
    PROVINCIAL = "provincial", _("Provincially controlled")
    MUNICIPAL = "municipal", _("City-controlled key enterprise")
    DISTRICT = "district", _("District key area")
    DRINKING = "drinking", _("Drinking-water source")


class Purpose(models.TextChoices):
    """For what a station of ambient air stands beside the points that its city is assessed by."""

    ASSESSMENT = "", _("Assessment or background point")
    SUPERSTATION = "superstation", _("Superstation")
    PHOTOCHEMICAL = "photochemical", _("Photochemical component station")
    TRANSPORT = "transport", _("Transport-channel station")


class Station(Titled):
    """A place where something is measured: an outlet of an enterprise, or a station of the environment.

    The last seven columns are the part that it plays in the monitoring network (`places.network`).
    """

    code = models.CharField(max_length=32, unique=True, verbose_name=_("Code"))
    kind = models.CharField(max_length=16, choices=StationKind, verbose_name=_("Kind"))
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Enterprise")
    )
    lon = models.FloatField(verbose_name=_("Longitude"))
    lat = models.FloatField(verbose_name=_("Latitude"))
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Grid cell"))
    reference_oxygen = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(20.9)],
        verbose_name=_("Reference oxygen content (%)"),
        help_text=_("Only where the permit says otherwise than the standard that binds the station."),
    )
    body = models.CharField(max_length=8, choices=BODIES, default="river", verbose_name=_("Kind of surface water"))
    section = models.CharField(max_length=12, choices=SECTIONS, blank=True, default="", verbose_name=_("Key section"))
    drinking_source = models.BooleanField(default=False, verbose_name=_("Drinking-water source"))
    key_area = models.BooleanField(default=False, verbose_name=_("Point of a district key area"))
    background = models.BooleanField(default=False, verbose_name=_("Background point"))
    purpose = models.CharField(
        max_length=16, choices=Purpose, blank=True, default="", verbose_name=_("Purpose of an air station")
    )
    level = models.CharField(
        max_length=12, choices=Level, blank=True, default="", verbose_name=_("Level in the network")
    )

    @property
    def kind_title(self) -> str:
        """The kind, or what it is more than that."""
        if self.level == Level.MICRO:
            return f"{self.get_kind_display()} · {self.get_level_display()}"
        return str(self.get_purpose_display() if self.purpose else self.get_kind_display())

    @property
    def is_assessed(self) -> bool:
        """Whether its values may count for the assessment of an area; those of micro-stations only show and warn."""
        return not self.purpose and self.level != Level.MICRO

    class Meta:
        verbose_name = _("Station")
        verbose_name_plural = _("Stations")
        ordering = ("code",)


class StationDescription(models.Model):
    """What a party that delivers a station's data says of it and of where it stands, beside what the platform needs.

    `named` is false while only the place was told, and not yet what stands there. `place_geometry` is the GeoJSON line
    along which it stretches, of which the station's own place is the point halfway; none where it stands at one point.
    """

    station = models.OneToOneField(
        Station, on_delete=models.CASCADE, primary_key=True, related_name="described", verbose_name=_("Station")
    )
    named = models.BooleanField(default=True)
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict)
    place_name = models.CharField(max_length=120, blank=True)
    place_description = models.TextField(blank=True)
    place_properties = models.JSONField(default=dict)
    place_geometry = models.JSONField(null=True)

    class Meta:
        verbose_name = _("Description of a station")
        verbose_name_plural = _("Descriptions of stations")

    def __str__(self) -> str:
        return f"{self.station_id} {self.place_name}"


class AppliedStandard(models.Model):
    """Which class of which standard binds a station, valid for a span of days and known for a span of time."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="+", verbose_name=_("Station"))
    standard = models.CharField(max_length=40, verbose_name=_("Standard"))
    level = models.CharField(max_length=60, verbose_name=_("Level"))
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Standard that binds")
        verbose_name_plural = _("Standards that bind")
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

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("Person"))
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Grid cell"))
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Posting")
        verbose_name_plural = _("Postings")
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
