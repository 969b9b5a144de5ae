from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.queries import Station, StationKind
from qingyuan.sensing.queries import Channel


class WatchKind(models.TextChoices):
    """Which readings a watch wants; hours and days as sent go before those computed here."""

    REALTIME = "r", _("Real-time values")
    MINUTE = "m", _("Minute means")
    HOUR = "h", _("Hour means")
    DAY = "d", _("Day means")


class Watch(models.Model):
    """Which detector, with which settings, looks at which channels; an empty condition means every one."""

    detector = models.CharField(max_length=40, verbose_name=_("Detector"))
    parameters = models.JSONField(default=dict, blank=True, verbose_name=_("Parameters"))
    kind = models.CharField(max_length=1, choices=WatchKind, default=WatchKind.HOUR, verbose_name=_("Kind"))
    station_kind = models.CharField(max_length=16, choices=StationKind, blank=True, verbose_name=_("Kind of station"))
    station = models.ForeignKey(
        Station, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    factor = models.CharField(max_length=24, blank=True, verbose_name=_("Factor"))
    enabled = models.BooleanField(default=True, verbose_name=_("Enabled"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Watch rule")
        verbose_name_plural = _("Watch rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.detector} {self.station or self.station_kind or '*'} {self.factor or '*'} {self.kind}"


class BlindSpot(models.Model):
    """Readings that a watch should have judged and could not, with the reason; a blind spot is counted, not hidden."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="+", verbose_name=_("Watch"))
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", verbose_name=_("Channel"))
    reason = models.CharField(max_length=300, verbose_name=_("Reason"))
    count = models.PositiveIntegerField(default=0, verbose_name=_("Count"))
    first_at = models.DateTimeField(verbose_name=_("First time"))
    last_at = models.DateTimeField(verbose_name=_("Last time"))

    class Meta:
        verbose_name = _("Blind spot")
        verbose_name_plural = _("Blind spots")
        ordering = ("-last_at",)
        constraints = (models.UniqueConstraint(fields=("watch", "channel", "reason"), name="one_blind_spot_a_reason"),)

    def __str__(self) -> str:
        return f"{self.watch_id} {self.channel_id} {self.reason}"


class FindingState(models.TextChoices):
    OPEN = "open", _("Open")
    CLEARED = "cleared", _("Cleared")
    DISMISSED = "dismissed", _("Dismissed")


class SeverityLevel(models.IntegerChoices):
    """The severities of `qingyuan_science.detect`, as forms and filters show them."""

    NOTICE = 1, _("Notice")
    MINOR = 2, _("Minor")
    MAJOR = 3, _("Major")
    CRITICAL = 4, _("Critical")


class Finding(models.Model):
    """What a detector saw at one channel: when, how much against what, by which clause, and the values that show it.

    `started_at` and `ended_at` bound the time of the data; the other instants are the platform's. `parameters` and
    `edition` are what it takes to run the detector again as it ran then.
    """

    detector = models.CharField(max_length=40)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=1, choices=WatchKind)
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.OPEN)
    severity = models.PositiveSmallIntegerField(choices=SeverityLevel)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    dismissed_why = models.TextField(blank=True)
    peak = models.FloatField()
    unit = models.CharField(max_length=16)
    limit_low = models.FloatField(null=True)
    limit_high = models.FloatField(null=True)
    limit_code = models.CharField(max_length=120, blank=True)
    limit_title_zh = models.CharField(max_length=80, blank=True)
    limit_title_en = models.CharField(max_length=80, blank=True)
    standard = models.CharField(max_length=40, blank=True)
    clause_zh = models.CharField(max_length=120, blank=True)
    clause_en = models.CharField(max_length=120, blank=True)
    times_over = models.FloatField()
    confidence = models.FloatField()
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    evidence = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    edition = models.JSONField(default=dict)

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("detector", "channel", "kind"),
                condition=models.Q(state="open"),
                name="one_open_finding_a_channel",
            ),
        )
        indexes = (
            models.Index(fields=("channel", "detector", "kind", "ended_at"), name="finding_of_channel"),
            models.Index(fields=("state", "-opened_at"), name="finding_state"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"

    @property
    def title(self) -> str:
        return self._said(self.title_zh, self.title_en)

    @property
    def sentence(self) -> str:
        return self._said(self.sentence_zh, self.sentence_en)

    @property
    def limit_title(self) -> str:
        return self._said(self.limit_title_zh, self.limit_title_en)

    @property
    def clause(self) -> str:
        return self._said(self.clause_zh, self.clause_en)

    @staticmethod
    def _said(zh: str, en: str) -> str:
        return zh if (get_language() or "zh").startswith("zh") else en
