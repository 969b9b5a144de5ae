"""What satellites saw, joined into suspected problems, and the rows that say which of them become clues."""

from django.contrib.postgres.fields import DateRangeField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.models.severity import SeverityLevel
from qingyuan.places.queries import Enterprise, GridCell, Point
from qingyuan.sensing.queries import Spot, SpotKind, Sureness


class SpotRule(models.Model):
    """How spots of a kind are joined into suspected problems, and from how sure on these become clues.

    Of several in force the one of the kind goes before the one of every kind, then the newer one.
    """

    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    kind = models.CharField(
        max_length=16, choices=SpotKind, blank=True, verbose_name=_("Kind"), help_text=_("Empty for every kind.")
    )
    least = models.PositiveSmallIntegerField(
        choices=Sureness, default=Sureness.NOMINAL, verbose_name=_("Least confidence of a clue")
    )
    near_m = models.FloatField(
        default=1000.0, validators=[MinValueValidator(0.0)], verbose_name=_("Joined within (m)"),
        help_text=_("Spots so near to each other are one problem."),
    )  # fmt: skip
    within_hours = models.FloatField(
        default=24.0, validators=[MinValueValidator(0.0)], verbose_name=_("Joined within (h)"),
        help_text=_("Spots so near in time are one problem."),
    )  # fmt: skip
    severity = models.PositiveSmallIntegerField(
        choices=SeverityLevel, default=SeverityLevel.MINOR, verbose_name=_("Severity")
    )
    reason_zh = models.TextField(verbose_name=_("Reason (Chinese)"))
    reason_en = models.TextField(verbose_name=_("Reason (English)"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Rule for what satellites see")
        verbose_name_plural = _("Rules for what satellites see")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en

    @property
    def reason(self) -> str:
        return self.reason_zh if (get_language() or "zh").startswith("zh") else self.reason_en


class ExcludedPlace(models.Model):
    """Where spots of a kind are no clue, such as around an enterprise that is known to burn or to give off heat."""

    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    kind = models.CharField(
        max_length=16, choices=SpotKind, blank=True, verbose_name=_("Kind"), help_text=_("Empty for every kind.")
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Enterprise")
    )
    industry = models.CharField(
        max_length=8, blank=True, verbose_name=_("Industry code"),
        help_text=_("Around every enterprise whose industry code begins so."),
    )  # fmt: skip
    lon = models.FloatField(null=True, blank=True, verbose_name=_("Longitude"))
    lat = models.FloatField(null=True, blank=True, verbose_name=_("Latitude"))
    within_m = models.FloatField(validators=[MinValueValidator(0.0)], verbose_name=_("Within (m)"))
    reason_zh = models.TextField(verbose_name=_("Reason (Chinese)"))
    reason_en = models.TextField(verbose_name=_("Reason (English)"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Excluded place")
        verbose_name_plural = _("Excluded places")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en

    @property
    def reason(self) -> str:
        return self.reason_zh if (get_language() or "zh").startswith("zh") else self.reason_en


class ProblemState(models.TextChoices):
    CLUE = "clue", _("Clue")
    UNSURE = "unsure", _("Not sure enough")
    EXCLUDED = "excluded", _("At an excluded place")
    NO_RULE = "no-rule", _("No rule fits")
    WITHDRAWN = "withdrawn", _("Taken back")


class SuspectedProblem(models.Model):
    """What spots near in space and time show together, and why it was made a clue, or was not.

    `lon` and `lat` are those of the surest spot. `why` is said by the rule, or the excluded place, as it was then.
    """

    kind = models.CharField(max_length=16, choices=SpotKind)
    state = models.CharField(max_length=12, choices=ProblemState)
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    sureness = models.PositiveSmallIntegerField(choices=Sureness)
    count = models.PositiveIntegerField(default=0)
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    why_zh = models.TextField()
    why_en = models.TextField()
    finding = models.OneToOneField("judging.Finding", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-last_at", "-pk")
        indexes = (
            models.Index(fields=("kind", "last_at"), name="problem_of_kind"),
            models.Index(fields=("cell", "-last_at"), name="problem_of_cell"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    @property
    def sentence(self) -> str:
        return self.sentence_zh if (get_language() or "zh").startswith("zh") else self.sentence_en

    @property
    def why(self) -> str:
        return self.why_zh if (get_language() or "zh").startswith("zh") else self.why_en

    @property
    def place(self) -> Point:
        """Where it is."""
        return Point(self.cell, self.lon, self.lat)


class ProblemSpot(models.Model):
    """A spot of a suspected problem; each belongs to one."""

    problem = models.ForeignKey(SuspectedProblem, on_delete=models.CASCADE, related_name="spots")
    spot = models.OneToOneField(Spot, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("spot__observed_at", "pk")

    def __str__(self) -> str:
        return f"{self.problem_id} {self.spot_id}"
