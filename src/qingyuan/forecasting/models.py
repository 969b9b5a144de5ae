from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, Station, StationKind
from qingyuan.sensing.queries import Channel


class Real(models.FloatField):  # type: ignore[type-arg]
    """Four bytes for a figure, of which five digits are told."""

    def db_type(self, connection: Any) -> str:
        return "real"


class ForecastRule(models.Model):
    """Which channels are forecast, by which forecaster, and from which chance on people are warned.

    An empty condition means every one. Of several rules the one of the narrowest place holds; one that is not enabled
    says that nothing is forecast there.
    """

    station_kind = models.CharField(max_length=16, choices=StationKind, blank=True, verbose_name=_("Kind of station"))
    station = models.ForeignKey(
        Station, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    factor = models.CharField(max_length=24, blank=True, verbose_name=_("Factor"))
    forecaster = models.CharField(max_length=40, verbose_name=_("Forecaster"))
    chance = models.FloatField(
        validators=[MinValueValidator(0.05), MaxValueValidator(1.0)],
        verbose_name=_("Warn from this chance"),
        help_text=_("Chance of passing the limit from which people are warned, 0.05 to 1."),
    )
    within_hours = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(72)], verbose_name=_("Within hours")
    )
    enabled = models.BooleanField(default=True, verbose_name=_("Enabled"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Forecast rule")
        verbose_name_plural = _("Forecast rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.forecaster} {self.station or self.station_kind or '*'} {self.factor or '*'}"


class Issue(models.Model):
    """Forecasts that were stored together, with the hash of all they say."""

    issued_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.issued_at:%Y-%m-%d %H:%M}"


class Forecast(models.Model):
    """How the hour values of a channel were expected to go on, as stored before they came.

    It rests on hour values up to `rests_on` (the begin of the newest valid hour), as known at `issued_at`. Figures
    stand for the hours from `starts_at` on, none of which was over then: median, bounds of the 80 % interval, chance
    of having passed a limit by the end of each, and what is usual at that hour (empty where it was not known).
    `limits` are those that each hour is held against: from which hour on, code, low and high.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="forecasts")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(ForecastRule, on_delete=models.SET_NULL, null=True, related_name="+")
    issued_at = models.DateTimeField()
    rests_on = models.DateTimeField()
    starts_at = models.DateTimeField()
    newest = Real()
    unit = models.CharField(max_length=16)
    value = ArrayField(Real())
    low = ArrayField(Real())
    high = ArrayField(Real())
    chance = ArrayField(Real())
    usual = ArrayField(Real(), default=list)
    limits = models.JSONField(default=list)
    forecaster = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    basis_zh = models.TextField()
    basis_en = models.TextField()

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = (models.Index(fields=("channel", "-issued_at"), name="forecasts_of_channel"),)
        constraints = (models.UniqueConstraint(fields=("channel", "issued_at"), name="one_forecast_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.channel_id} {self.issued_at:%Y-%m-%d %H:%M}"

    @property
    def basis(self) -> str:
        return self.basis_zh if (get_language() or "zh").startswith("zh") else self.basis_en


class Standing(models.Model):
    """How forecasting stands at a channel: the newest hour looked at, and the forecast, or why there is none.

    `chance_24` and `chance_72` are those of the forecast within so many hours, by which lists are ranked.
    """

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="+")
    newest_at = models.DateTimeField()
    looked_at = models.DateTimeField()
    forecast = models.ForeignKey(Forecast, on_delete=models.SET_NULL, null=True, related_name="+")
    watched = models.BooleanField(default=False)
    chance_24 = models.FloatField(null=True)
    chance_72 = models.FloatField(null=True)
    why_zh = models.TextField(blank=True)
    why_en = models.TextField(blank=True)

    class Meta:
        ordering = ("channel",)

    def __str__(self) -> str:
        return f"{self.channel_id} {self.forecast_id or self.why_en}"

    @property
    def why(self) -> str:
        return self.why_zh if (get_language() or "zh").startswith("zh") else self.why_en


class Bulletin(models.Model):
    """A bulletin of air quality forecasts: a file that waits to be entered, or one whose bytes lie in a segment.

    Only `received_at` says when it was there; what it says of its own issue is in its days. `digest` is the hash of all
    that was stored of it, which the log holds.
    """

    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(default=bytes)  # compressed, while it waits
    connector = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    feed = models.CharField(max_length=40, blank=True)
    brought_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    segment = models.BigIntegerField(null=True)
    packet = models.BigIntegerField(null=True)
    days = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("segment", "sha256"), name="one_bulletin_of_bytes", condition=models.Q(segment__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class ForetoldDay(models.Model):
    """What a bulletin said of one day of one area.

    `lead` is the days from the day of arrival to the day that is foretold: 1 is tomorrow. A `late` one came after its
    day had begun and is never scored. `low` and `high` are the range that was published, or that of the levels that
    were; `given` says which of the three it was.
    """

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="foretold")
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")
    forecaster = models.CharField(max_length=80)
    issued_at = models.DateTimeField()
    received_at = models.DateTimeField()
    day = models.DateField()
    lead = models.SmallIntegerField()
    late = models.BooleanField()
    given = models.CharField(max_length=8)
    value = models.FloatField()
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    primary = ArrayField(models.CharField(max_length=8), default=list)
    concentrations = models.JSONField(default=dict)
    where = models.CharField(max_length=40)

    class Meta:
        ordering = ("day", "cell", "pk")
        indexes = (models.Index(fields=("cell", "day"), name="foretold_of_area"),)

    def __str__(self) -> str:
        return f"{self.cell_id} {self.day} {self.forecaster}"
