from django.db import models


class Entry(models.Model):
    """One line of the chained log: a fact, who made it true, when, from where and why.

    `hash` covers the line and the hash before it, so a changed, dropped or reordered line is found.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=64, db_index=True)
    subject = models.CharField(max_length=96)
    actor = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("seq",)
        indexes = (models.Index(fields=("subject", "seq"), name="entry_subject"),)

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.subject}"
