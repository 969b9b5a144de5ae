from django.db import models
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob


class Line(models.Model):
    """What a line of the log says: a fact, who made it true, when, from where and why. `hash` covers all of it."""

    at = models.DateTimeField()
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=96)
    actor = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    hash = models.BinaryField(max_length=32)

    class Meta:
        abstract = True


class Written(Line):
    """A line of a transaction that has not committed; at commit it moves to `Entry`. Nobody ever sees a row here.

    `settled` is set when the rest of the transaction is checked, so that the line takes its number last of all.
    """

    settled = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"


class Entry(Line):
    """One line of the log, numbered in the order of commits without a gap: leaf `seq - 1` of the log's tree."""

    seq = models.BigIntegerField(primary_key=True)

    class Meta:
        ordering = ("seq",)
        indexes = (
            models.Index(fields=("subject", "seq"), name="entry_subject"),
            models.Index(fields=("act", "seq"), name="entry_act"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.subject}"


class Node(models.Model):
    """A complete subtree of the log's tree: over 2^level lines, from line `position * 2^level + 1` on."""

    pk = models.CompositePrimaryKey("level", "position")
    level = models.SmallIntegerField()
    position = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.level}/{self.position}"


class Anchor(models.Model):
    """A head of the log that was kept outside of the database; sent to another host where the settings name one."""

    size = models.BigIntegerField(verbose_name=_("Lines"))
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField(verbose_name=_("Time"))
    sent_at = models.DateTimeField(null=True, verbose_name=_("Sent at"))
    attempts = models.PositiveIntegerField(default=0, verbose_name=_("Attempts"))
    error = models.TextField(blank=True, verbose_name=_("Error"))

    class Meta:
        verbose_name = _("Anchored head of the log")
        verbose_name_plural = _("Anchored heads of the log")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.size} {bytes(self.root).hex()[:16]}"


class Subscription(models.Model):
    """How far a handler has read the log."""

    handler = models.CharField(max_length=96, primary_key=True, verbose_name=_("Handler"))
    seq = models.BigIntegerField(verbose_name=_("Line"))
    attempts = models.PositiveSmallIntegerField(default=0, verbose_name=_("Attempts"))
    retry_at = models.DateTimeField(verbose_name=_("Next attempt"))

    class Meta:
        verbose_name = _("Place of a handler in the log")
        verbose_name_plural = _("Places of the handlers in the log")

    def __str__(self) -> str:
        return f"{self.handler} at {self.seq}"


class SetAside(models.Model):
    """A line that a handler could not take up, with the reason; the handler has moved on."""

    handler = models.CharField(max_length=96, verbose_name=_("Handler"))
    seq = models.BigIntegerField(verbose_name=_("Line"))
    error = models.TextField(verbose_name=_("Error"))
    at = models.DateTimeField(verbose_name=_("Time"))

    class Meta:
        verbose_name = _("Line set aside")
        verbose_name_plural = _("Lines set aside")
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.handler} {self.seq}: {self.error[:80]}"


class Job(ProcrastinateJob):
    """Something that the worker does by the clock or because somebody asked for it."""

    class Meta:
        proxy = True
        verbose_name = _("Job of the worker")
        verbose_name_plural = _("Jobs of the worker")
