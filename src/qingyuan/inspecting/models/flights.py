"""Patrol flights of drones: over what, by whom, what was filmed, and what was seen."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import Finding
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, Zone


class Category(models.TextChoices):
    """What a patrol looks out for; our own list."""

    DISCHARGE = "discharge", _("Discharge into water")
    DISCOLOURED = "discoloured", _("Discoloured water or algae")
    WASTE = "waste", _("Dumped waste")
    SMOKE = "smoke", _("Smoke or open burning")
    DUST = "dust", _("Uncovered dust source")
    BUILDING = "building", _("Building or digging in a protected area")
    FARMING = "farming", _("Farming, fishing or bathing in a protected area")
    OTHER = "other", _("Other")


class Flight(models.Model):
    """One patrol flight; where it flew is told by the drives that are cut out of the drone's positions meanwhile."""

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Drone"))
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+", verbose_name=_("Area"))
    purpose = models.CharField(_("Purpose"), max_length=200)
    pilot = models.CharField(_("Pilot"), max_length=80)
    starts_at = models.DateTimeField(_("Took off"))
    ends_at = models.DateTimeField(_("Landed"))
    notes = models.TextField(_("Notes"), blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-starts_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_flight_lands_after_it_takes_off"
            ),
            models.UniqueConstraint(fields=("station", "starts_at"), name="one_flight_of_a_drone_at_a_time"),
        )

    def __str__(self) -> str:
        return f"flight {self.pk}"


class FlightMedia(models.Model):
    """A photo or clip of a flight, byte for byte; its hash names its file. Place and instant are its own (EXIF)."""

    flight = models.ForeignKey(Flight, on_delete=models.PROTECT, related_name="media")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    height_m = models.FloatField(null=True)

    class Meta:
        ordering = ("taken_at", "pk")
        constraints = (models.UniqueConstraint(fields=("flight", "sha256"), name="one_row_a_picture_of_a_flight"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_clip(self) -> bool:
        return self.content_type.startswith("video/")

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return Path(settings.MEDIA_ROOT) / self.sha256[:2] / self.sha256


class Sighting(models.Model):
    """What was seen on a flight, where and when; `finding` is what it became."""

    flight = models.ForeignKey(Flight, on_delete=models.PROTECT, related_name="sightings")
    media = models.ForeignKey(FlightMedia, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.CharField(_("Category"), max_length=16, choices=Category)
    what = models.TextField(_("What was seen"))
    lon = models.FloatField()
    lat = models.FloatField()
    at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"sighting {self.pk}"
