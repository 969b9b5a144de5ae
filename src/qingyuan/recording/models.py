from django.conf import settings
from django.db import models

KINDS = {
    "r": "real-time, as sent",
    "m": "minute means, as sent",
    "h": "hour means, as sent",
    "H": "hour means, computed here",
    "d": "day means, as sent",
    "D": "day means, computed here",
}


class Reading(models.Model):
    """One value of a channel. The table is partitioned by day and made by hand in the first migration.

    `kind` is a letter of `KINDS`; `mark` a letter of `qingyuan_science.series.Mark`. `at` is the instant of a real-time
    value, and the start of the period of a mean.
    """

    pk = models.CompositePrimaryKey("channel_id", "kind", "at")
    channel = models.ForeignKey("sensing.Channel", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=1)
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    total = models.FloatField(null=True)
    mark = models.CharField(max_length=1)
    received_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "recording_reading"

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.at} {self.value}"


class ImportDraft(models.Model):
    """A table that somebody uploaded and has not confirmed yet; nothing of it is stored as readings or evidence."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    body = models.BinaryField()  # compressed
    size = models.BigIntegerField()
    layout = models.JSONField(default=dict)  # settings of the connector of tables
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """A table that was taken in: what it changed, what of it could not be read, and whether it was undone.

    Which readings it made, and what stood where it changed one, are rows of `recording_importedreading`, a table made
    by hand in the migration.
    """

    feed = models.ForeignKey("sensing.Feed", on_delete=models.PROTECT, related_name="+")
    segment = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    layout = models.JSONField(default=dict)  # settings of the connector of tables
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)  # said again further down in the same table; the last one counts
    fault_counts = models.JSONField(default=dict)
    faults = models.BinaryField(default=bytes)  # all of them as compressed CSV
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(blank=True)
    removed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)  # changed by somebody else since, so undoing left them alone

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"

    @property
    def faulty(self) -> int:
        """How many rows or cells could not be taken in as they stand."""
        return sum(self.fault_counts.values())
