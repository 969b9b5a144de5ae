from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise


class GradeRules(models.Model):
    """A bureau's own edition of the rules of a grade, valid for days and known for a time.

    `values` holds what differs from what is shipped: `weights` and `curves` by code, and `parameters` of the plug-in.
    """

    kind = models.CharField(max_length=40, verbose_name=_("Kind"))
    document = models.CharField(max_length=160, verbose_name=_("Document"))
    values = models.JSONField(default=dict)
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Rules of a grade")
        verbose_name_plural = _("Rules of grades")
        ordering = ("kind", "valid")
        constraints = (
            ExclusionConstraint(
                name="one_edition_of_rules_at_a_time",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.document


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class GradeRun(models.Model):
    """One evaluation of every enterprise over a time, by the rules as they were then.

    `year` is the calendar year that it is about, None for one over the twelve months up to a day. `known_at` is when
    data were read. `asked_by` is None where the timer asked.
    """

    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(null=True)
    span_start = models.DateTimeField()
    span_end = models.DateTimeField()
    rules = models.JSONField()
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.year or ''} {self.pk}"


class Grade(models.Model):
    """What an enterprise was graded; a later row of the same run takes the place of an earlier one, which stays.

    `items` are the indicators with points, and each measure's number, sentence, evidence and deduction; `signs` what
    moves the level beside the score; `said` why it is this level.
    """

    run = models.ForeignKey(GradeRun, on_delete=models.PROTECT, related_name="grades")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True)
    level = models.CharField(max_length=16, blank=True)
    assessed = models.FloatField()
    items = models.JSONField()
    signs = models.JSONField()
    said = models.JSONField()
    computed_at = models.DateTimeField()
    known_at = models.DateTimeField()
    newest = models.BooleanField(default=True)

    class Meta:
        ordering = ("-computed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "enterprise"), condition=models.Q(newest=True), name="one_newest_grade_of_a_run"
            ),
        )
        indexes = (models.Index(fields=("enterprise", "-computed_at"), name="grades_of_enterprise"),)

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.level} {self.score}"

    def measure(self, code: str) -> dict[str, Any] | None:
        """One of its measures, or None."""
        return next((one for item in self.items for one in item["measures"] if one["code"] == code), None)


class Sign(models.Model):
    """A veto item, an incident or a green item that a person entered about an enterprise, with the document."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    on = models.DateField()
    what = models.CharField(max_length=400)
    document = models.CharField(max_length=160)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.code} {self.on}"


class Objection(models.Model):
    """What an enterprise holds against a deduction or a sign, and the answer.

    `item` is the code of a measure, or `sign-` with its number. Once accepted, `points` and `value` no longer count in
    any evaluation whose time meets that of the grade.
    """

    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, related_name="objections")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=60)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    reason = models.TextField()
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    points = models.FloatField(default=0.0)
    value = models.FloatField(default=0.0)

    class Meta:
        ordering = ("-filed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "item"), condition=models.Q(accepted=None), name="one_open_objection_an_item"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.item}"

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en
