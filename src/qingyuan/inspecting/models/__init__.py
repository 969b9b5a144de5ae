from math import cos, hypot, radians
from pathlib import Path

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.dispatching.queries import Case, Task
from qingyuan.inspecting.models.flights import Category, Flight, FlightMedia, Sighting
from qingyuan.people.queries import User

__all__ = [
    "Category", "Conclusion", "DischargeState", "Flight", "FlightMedia", "Inspection", "Media", "ProductionState",
    "Rectification", "Sighting", "TreatmentState",
]  # fmt: skip

METRES_A_DEGREE = 111_320.0


class ProductionState(models.TextChoices):
    NORMAL = "normal", _("Producing normally")
    REDUCED = "reduced", _("Producing less than normal")
    STOPPED = "stopped", _("Not producing")
    NONE = "none", _("No production here")


class DischargeState(models.TextChoices):
    NORMAL = "normal", _("Discharge looks normal")
    ABNORMAL = "abnormal", _("Discharge looks abnormal")
    STOPPED = "stopped", _("Nothing is discharged")


class TreatmentState(models.TextChoices):
    RUNNING = "running", _("Treatment runs normally")
    ABNORMAL = "abnormal", _("Treatment runs abnormally")
    STOPPED = "stopped", _("Treatment does not run")
    NONE = "none", _("No treatment here")


class Conclusion(models.TextChoices):
    CONFIRMED = "confirmed", _("The problem is real")
    UNFOUNDED = "unfounded", _("The problem is not real")


class Record(models.Model):
    """What somebody put down for a case. `client_id` is made by the sending device: sent twice, it is kept once."""

    client_id = models.UUIDField(unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    notes = models.TextField(_("Notes"), blank=True)

    class Meta:
        abstract = True
        ordering = ("at", "pk")


class Inspection(Record):
    """What was seen on site: production, discharge and treatment, with where and when the device was."""

    device_at = models.DateTimeField(_("Time of the device"), null=True, blank=True)
    production_state = models.CharField(_("Production"), max_length=12, choices=ProductionState)
    discharge_state = models.CharField(_("Discharge"), max_length=12, choices=DischargeState)
    treatment_state = models.CharField(_("Treatment"), max_length=12, choices=TreatmentState)
    conclusion = models.CharField(_("Conclusion"), max_length=12, choices=Conclusion)
    lon = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)])
    lat = models.FloatField(null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)])
    accuracy_m = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)])

    def __str__(self) -> str:
        return f"inspection {self.pk}"

    @property
    def distance_m(self) -> float | None:
        """How far from the place of the case the device was; None when it did not say. [m]"""
        if self.lon is None or self.lat is None:
            return None
        place = self.case.place
        east = (self.lon - place.lon) * cos(radians(place.lat))
        return hypot(east, self.lat - place.lat) * METRES_A_DEGREE


class Rectification(Record):
    """What the responsible department had done about a problem."""

    measure = models.TextField(_("What was done"))
    finished_on = models.DateField(_("Finished on"))

    def __str__(self) -> str:
        return f"rectification {self.pk}"


class Media(models.Model):
    """A photo as it came, byte for byte; its hash names its file."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, null=True, related_name="media")
    rectification = models.ForeignKey(Rectification, on_delete=models.PROTECT, null=True, related_name="media")
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(inspection=None, rectification__isnull=False)
                | models.Q(inspection__isnull=False, rectification=None),
                name="media_of_one_record",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        return Path(settings.MEDIA_ROOT) / self.sha256[:2] / self.sha256
