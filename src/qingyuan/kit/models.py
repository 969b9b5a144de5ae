from django.db import models


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

    handler = models.CharField(max_length=96, primary_key=True)
    seq = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.handler} at {self.seq}"


class SetAside(models.Model):
    """A line that a handler could not take up, with the reason; the handler has moved on."""

    handler = models.CharField(max_length=96)
    seq = models.BigIntegerField()
    error = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.handler} {self.seq}: {self.error[:80]}"
