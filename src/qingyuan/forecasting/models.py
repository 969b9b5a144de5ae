from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.places.queries import Station, StationKind
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
