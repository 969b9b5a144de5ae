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


class Stream(models.Model):
    """A channel × kind that has readings or was announced, and what a feed says of it."""

    channel = models.ForeignKey("sensing.Channel", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=1)
    instrument = models.ForeignKey("sensing.Instrument", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("channel", "kind"), name="one_stream_a_channel_kind"),)

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.name}"
