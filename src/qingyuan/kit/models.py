from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One line of the chained log: a fact, who made it true, when, from where and why.

    `hash` covers the line and the hash before it, so a changed, dropped or reordered line is found.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=96)
    actor = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("seq",)
        indexes = (
            models.Index(fields=("subject", "seq"), name="entry_subject"),
            models.Index(fields=("act", "seq"), name="entry_act"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.subject}"


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
