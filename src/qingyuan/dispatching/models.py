from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import Finding, SeverityLevel
from qingyuan.people.queries import Contact, Occasion, Organisation, Role, User
from qingyuan.places.queries import GridCell, Point, Station, StationKind


class DispatchRule(models.Model):
    """Which findings become which kind of case, and who is responsible; an empty condition fits everything.

    A rule is never changed in place: an edition is retired and another one added, so a case can show what was known.
    """

    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    priority = models.PositiveSmallIntegerField(
        default=10, help_text=_("The highest of the rules that fit is taken."), verbose_name=_("Priority")
    )
    detector = models.CharField(max_length=40, blank=True, verbose_name=_("Detector"))
    station_kind = models.CharField(max_length=16, choices=StationKind, blank=True, verbose_name=_("Kind of station"))
    cell = models.ForeignKey(
        GridCell, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Grid cell")
    )
    severity_from = models.PositiveSmallIntegerField(
        choices=SeverityLevel, default=SeverityLevel.NOTICE, verbose_name=_("Severity from")
    )
    case_type = models.CharField(max_length=40, verbose_name=_("Kind of case"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Organisation")
    )
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Person")
    )
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Dispatch rule")
        verbose_name_plural = _("Dispatch rules")
        ordering = ("-priority", "pk")

    def __str__(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class TimeLimitEdition(models.Model):
    """A bureau's own time limit for a step; it goes before the shipped one from a day on."""

    limit = models.CharField(max_length=60, verbose_name=_("Time limit"))
    hours = models.FloatField(validators=[MinValueValidator(0.1)], verbose_name=_("Hours"))
    document = models.CharField(max_length=160, verbose_name=_("Document"))
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Time limit of the bureau")
        verbose_name_plural = _("Time limits of the bureau")
        constraints = (
            ExclusionConstraint(
                name="one_time_limit_at_a_time",
                expressions=[
                    ("limit", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.limit} {self.hours:g} h"


class LegalBasisEdition(models.Model):
    """The article on which a bureau rests a kind of violation; it stands beside the shipped ones from a day on."""

    violation = models.CharField(max_length=24, verbose_name=_("Kind of violation"))
    law = models.CharField(max_length=160, verbose_name=_("Law"))
    article = models.CharField(max_length=120, verbose_name=_("Article"))
    valid = DateRangeField(verbose_name=_("Valid"))
    known = DateTimeRangeField(verbose_name=_("Known"))

    class Meta:
        verbose_name = _("Legal basis of the bureau")
        verbose_name_plural = _("Legal bases of the bureau")
        constraints = (
            ExclusionConstraint(
                name="one_article_of_a_law_at_a_time",
                expressions=[
                    ("violation", RangeOperators.EQUAL),
                    ("law", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.violation} {self.law} {self.article}"


class DayCount(models.Model):
    """How many cases were opened on a day; the row's lock makes their numbers gapless."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.last}"


NO_VIOLATION = "none"


class Case(models.Model):
    """One problem from the finding to the closure: where it stands, and by which rule it was opened.

    `violation` is the kind that a person found it to be, `NO_VIOLATION` for none, empty while nobody has said;
    `legal_bases` are the laws it rests on, frozen as they were known then.
    """

    number = models.CharField(max_length=24, unique=True)
    case_type = models.CharField(max_length=40)
    state = models.CharField(max_length=40)
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="+")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+")
    severity = models.PositiveSmallIntegerField(choices=SeverityLevel)
    title_zh = models.CharField(max_length=240)
    title_en = models.CharField(max_length=240)
    rule = models.ForeignKey(DispatchRule, on_delete=models.PROTECT, null=True, related_name="+")
    rule_zh = models.CharField(max_length=240)
    rule_en = models.CharField(max_length=240)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    overdue_told_to = models.CharField(max_length=32, choices=Role, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    violation = models.CharField(max_length=24, blank=True)
    violation_at = models.DateTimeField(null=True)
    violation_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    legal_bases = models.JSONField(default=list)

    class Meta:
        ordering = ("-opened_at", "-pk")
        indexes = (
            models.Index(fields=("state", "due_at"), name="case_state"),
            models.Index(fields=("station",), name="case_open", condition=models.Q(closed_at=None)),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en

    @property
    def place(self) -> Station | Point:
        """Where it is: a station, or a point in a grid cell."""
        return self.station or self.finding.place

    @property
    def gravest(self) -> int:
        """The severity at which it was opened, or that of its finding where that became graver since."""
        return max(self.severity, self.finding.severity)

    @property
    def rule_text(self) -> str:
        """The rule that fired, in the words that it had then."""
        return self.rule_zh if (get_language() or "zh").startswith("zh") else self.rule_en


class TaskClock(models.TextChoices):
    """How much of a task's time is left."""

    ON_TIME = "on_time", _("On time")
    DUE_SOON = "due_soon", _("Due soon")
    OVERDUE = "overdue", _("Overdue")
    DONE = "done", _("Done")


class Task(models.Model):
    """What is to be done about a case now, by whom, until when. An open case has exactly one open task."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    state = models.CharField(max_length=40)
    role = models.CharField(max_length=32, choices=Role)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_soon_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    warned_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.CharField(max_length=32, choices=Role, blank=True)

    class Meta:
        ordering = ("due_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=models.Q(done_at=None), name="one_open_task_a_case"),
        )
        indexes = (models.Index(fields=("due_at",), name="task_open", condition=models.Q(done_at=None)),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"

    def clock(self, now: datetime) -> TaskClock:
        """How the task stands against its time limit."""
        if self.done_at:
            return TaskClock.DONE
        if now >= self.due_at:
            return TaskClock.OVERDUE
        return TaskClock.DUE_SOON if now >= self.due_soon_at else TaskClock.ON_TIME


class Evidence(models.Model):
    """Something in a case's file: `subject` says what it is (`inspection/12`), `record` what it held when it was filed.

    Evidence that a later move voided stays in the file but no longer meets a demand.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=32)
    title_zh = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160)
    subject = models.CharField(max_length=96)
    sha256 = models.CharField(max_length=64)
    record = models.JSONField(default=dict)
    photos = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=("case", "subject"), name="one_evidence_a_subject"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.subject}"

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class MessageState(models.TextChoices):
    """How far a message has come."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")


class Message(models.Model):
    """What is told to a person at one address, about a case or a finding; the row is also the place in the queue.

    `key` says on what occasion, once for each address. `since` is when it happened, or when quiet hours were over;
    `next_at` when it may be tried.
    """

    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    service = models.CharField(max_length=120)
    shown = models.CharField(max_length=160)
    occasion = models.CharField(max_length=16, choices=Occasion)
    key = models.CharField(max_length=96)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=160)
    body = models.TextField()
    since = models.DateTimeField()
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=MessageState, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("contact", "key"), name="one_message_an_occasion"),)
        indexes = (
            models.Index(fields=("created_at",), name="message_created"),
            models.Index(
                fields=("service", "next_at"),
                name="message_open",
                condition=models.Q(state__in=("waiting", "sending")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.key} {self.state}"
