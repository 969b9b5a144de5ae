"""Building sites and what an authority set for itself there: projects, stage by stage, and alarm thresholds."""

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.places.models.ledger import GridCell, Station, StationKind
from qingyuan.places.models.papers import Paper, one_at_a_time


class Stage(models.TextChoices):
    """How far the work on a building site is, as far as it decides what dust is to be expected."""

    DEMOLITION = "demolition", _("Demolition")
    EARTHWORK = "earthwork", _("Earthwork")
    OTHER = "other", _("Other work")


class Alarmed(models.TextChoices):
    """The values for which an alarm threshold may be set."""

    REALTIME = "realtime", _("Real-time value")
    MINUTE = "minute", _("Minute mean")
    HOUR = "hour", _("Hour mean")
    DAY = "day", _("Day mean")


class SiteProject(Paper):
    """What is built at a site, by whom, and in which stage it is; by days, an edition a stage."""

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Site"))
    name = models.CharField(max_length=120, verbose_name=_("Project"))
    builder = models.CharField(max_length=120, verbose_name=_("Builder"))
    stage = models.CharField(max_length=12, choices=Stage, verbose_name=_("Stage"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Project of a site")
        verbose_name_plural = _("Projects of sites")
        ordering = ("station", "valid")
        constraints = one_at_a_time("one_project_of_a_site_at_a_time", "station")

    def __str__(self) -> str:
        return f"{self.name} {self.get_stage_display()}"


class AlarmThreshold(Paper):
    """Above which value an authority wants to be alarmed: of a kind of stations in an area, or at one of them.

    It is the authority's own and no limit of a standard. `scope` names place, kind and stage in one, so that no two
    hold at a time.
    """

    scope = models.CharField(max_length=96, editable=False)
    station_kind = models.CharField(max_length=16, choices=StationKind, verbose_name=_("Kind of station"))
    cell = models.ForeignKey(
        GridCell, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Area")
    )
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Site")
    )
    stage = models.CharField(max_length=12, choices=Stage, blank=True, default="", verbose_name=_("Stage"))
    factor = models.CharField(max_length=24, verbose_name=_("Factor"))
    averaging = models.CharField(max_length=8, choices=Alarmed, verbose_name=_("Averaging time"))
    high = models.FloatField(validators=[MinValueValidator(0.0)], verbose_name=_("Threshold"))
    unit = models.CharField(max_length=16, verbose_name=_("Unit"))
    issued_by = models.CharField(max_length=80, verbose_name=_("Authority that set it"))
    set_on = models.DateField(verbose_name=_("Set on"))
    basis = models.CharField(max_length=200, verbose_name=_("Legal basis"))
    reason = models.CharField(max_length=400, verbose_name=_("Reason"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Alarm threshold of the authority")
        verbose_name_plural = _("Alarm thresholds of the authority")
        ordering = ("station_kind", "factor", "averaging", "scope", "valid")
        constraints = (
            *one_at_a_time("one_alarm_threshold_at_a_time", "scope", "factor", "averaging"),
            models.CheckConstraint(
                condition=models.Q(station=None, cell__isnull=False) | models.Q(station__isnull=False, cell=None),
                name="threshold_for_one_place",
            ),
        )

    def __str__(self) -> str:
        return f"{self.factor} {self.get_averaging_display()} {self.high:g} {self.unit}"
