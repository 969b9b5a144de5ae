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


class SealedDay(models.Model):
    """A UTC day of one kind that lies in the lake: how many rows, and their sum (`lake.layout.checksums`), in hex.

    `version` is the version of the lake that holds it so. Whatever the hot table holds of the day stands over it.
    """

    day = models.DateField()
    kind = models.CharField(max_length=1)
    rows = models.BigIntegerField()
    checksum = models.CharField(max_length=16)
    version = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    restored_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "day"), name="sealed_day_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.kind}: {self.rows} rows"


class Sealing(models.Model):
    """A day on its way into the lake, written before the lake changes; the lake's log carries its number.

    So after a crash it is known whether the lake changed, and what it then holds: `holds` is kind → [rows, checksum].
    `fingerprint` is that of the hot rows it was made from. `number` is drawn by lot, so that no other database that the
    lake has known used it.
    """

    number = models.BigIntegerField(unique=True)
    day = models.DateField()
    fingerprint = models.CharField(max_length=64)
    holds = models.JSONField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    landed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.number} of {self.day}"
