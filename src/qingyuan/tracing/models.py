from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import Finding
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, Outfall, Station, StationKind


class TraceRule(models.Model):
    """Of which findings the source is sought, by which tracer, with which settings.

    An empty condition means every one. Of several rules the one of the narrowest place holds; one that is not enabled
    says that nothing is sought there.
    """

    station_kind = models.CharField(max_length=16, choices=StationKind, blank=True, verbose_name=_("Kind of station"))
    station = models.ForeignKey(
        Station, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    detector = models.CharField(max_length=40, verbose_name=_("Detector"))
    tracer = models.CharField(max_length=40, verbose_name=_("Tracer"))
    parameters = models.JSONField(default=dict, blank=True, verbose_name=_("Parameters"))
    enabled = models.BooleanField(default=True, verbose_name=_("Enabled"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Rule of tracing")
        verbose_name_plural = _("Rules of tracing")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.tracer} {self.station or self.station_kind or '*'} {self.detector}"


class Trace(models.Model):
    """Where something that was found may have come from, as known at a time; a later one stands before it.

    `edition` is what it takes to say it again: tracer, version, settings, span of the data.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    tracer = models.CharField(max_length=40)
    edition = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    unknown = models.FloatField()
    cannot_tell_zh = models.TextField(blank=True)
    cannot_tell_en = models.TextField(blank=True)
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    look_next = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("finding", "-id"), name="traces_of_finding"),)

    def is_of(self, found: Finding) -> bool:
        """Whether it was made of the finding as it stands, its end and its numbers."""
        return (self.edition["to"], self.edition.get("of")) == (found.ended_at.isoformat(), found.sentence_zh)

    def __str__(self) -> str:
        return f"{self.finding_id} {self.tracer} {self.made_at:%Y-%m-%d %H:%M}"

    @property
    def sentence(self) -> str:
        return self.sentence_zh if (get_language() or "zh").startswith("zh") else self.sentence_en

    @property
    def cannot_tell(self) -> str:
        return self.cannot_tell_zh if (get_language() or "zh").startswith("zh") else self.cannot_tell_en


class Sourced(models.Model):
    """A known source: an enterprise, or an outfall of nobody in particular. `source` names it."""

    source = models.CharField(max_length=60)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    outfall = models.ForeignKey(Outfall, on_delete=models.PROTECT, null=True, related_name="+")
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        return self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en


class Suspect(Sourced):
    """A source that a trace looked at: how probable it is, and every piece of evidence with its log-likelihood."""

    trace = models.ForeignKey(Trace, on_delete=models.CASCADE, related_name="suspects")
    rank = models.PositiveSmallIntegerField()
    probability = models.FloatField()
    travel_hours = models.FloatField(null=True)
    is_estimated = models.BooleanField(default=False)
    distance_m = models.FloatField(null=True)
    evidence = models.JSONField(default=list)

    class Meta:
        ordering = ("trace", "rank")
        constraints = (models.UniqueConstraint(fields=("trace", "source"), name="one_suspect_a_source"),)

    def __str__(self) -> str:
        return f"{self.trace_id} {self.rank} {self.source} {self.probability:.2f}"


class Outcome(models.TextChoices):
    """What people found where they were sent."""

    OPEN = "", _("not settled")
    CONFIRMED = "confirmed", _("it was the source")
    REFUTED = "refuted", _("it was not the source")


class NamedSource(Sourced):
    """Which source a person named for a finding, and what going there showed; tracing learns from it.

    `probability` is what the tracer gave it then; `source` is `UNKNOWN` where none of the known ones was named.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    trace = models.ForeignKey(Trace, on_delete=models.PROTECT, null=True, related_name="+")
    probability = models.FloatField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    why = models.TextField(blank=True)
    named_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("finding", "-id"), name="named_for_finding"),)

    def __str__(self) -> str:
        return f"{self.finding_id} {self.source} {self.outcome}"


UNKNOWN = "unknown"
