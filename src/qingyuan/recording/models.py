from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from qingyuan.places.geometry import BoxField
from qingyuan_science.mobile.track import GAP_S

KINDS = {
    "r": "real-time, as sent",
    "m": "minute means, as sent",
    "M": "minute means, computed here",
    "t": "ten-minute means, as sent",
    "T": "ten-minute means, computed here",
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


class MeansDone(models.Model):
    """Up to when the means of a kind were computed by the clock."""

    kind = models.CharField(max_length=1, primary_key=True)
    up_to = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} up to {self.up_to}"


class Disagreement(models.Model):
    """A mean that a device sent, and the one computed here of the same period, differ beyond the tolerance.

    `kind` is the letter of the mean as sent; `share` is the difference as a share of the computed mean, and `tolerance`
    what of it was allowed. [1]
    """

    channel = models.ForeignKey("sensing.Channel", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=1)
    at = models.DateTimeField()
    sent = models.FloatField()
    computed = models.FloatField()
    share = models.FloatField()
    tolerance = models.FloatField()
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "channel")
        constraints = (models.UniqueConstraint(fields=("channel", "kind", "at"), name="one_disagreement_a_period"),)

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.at}: sent {self.sent}, computed {self.computed}"


class DayValues(models.Model):
    """The valid value of each day of a month, in the channel's unit, for pages that look at years of many stations.

    `values` holds one number for each day of the month, NaN where the day has no valid one. `statistic` says which: the
    mean, or of ozone in ambient air the largest 8-hour mean or the largest hour. Everything can be computed anew from
    readings.
    """

    channel = models.ForeignKey("sensing.Channel", on_delete=models.PROTECT, related_name="+")
    statistic = models.CharField(max_length=8)
    month = models.DateField()  # its first day
    values = ArrayField(models.FloatField(null=True))

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel", "statistic", "month"), name="one_row_of_days_a_month"),
        )

    def __str__(self) -> str:
        return f"{self.channel_id} {self.statistic} {self.month}"


class Drive(models.Model):
    """A drive of a monitor that moves, cut out of its positions; it belongs to the cells that it crossed.

    `positions` were believed, `refused` were not. `shape` is its simplified line. `starts_at` stays what it was first
    known by, unless earlier positions come. Everything can be computed anew from readings.
    """

    station = models.ForeignKey("places.Station", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    positions = models.PositiveIntegerField()
    refused = models.PositiveIntegerField(default=0)
    metres = models.FloatField()
    stood_s = models.FloatField(default=0.0)
    shape = models.BinaryField()
    bounds = BoxField()
    cells = models.ManyToManyField("places.GridCell", related_name="+")

    class Meta:
        ordering = ("-starts_at", "-pk")
        indexes = (
            models.Index(fields=("station", "-starts_at"), name="drive_of_station"),
            models.Index(fields=("-ends_at",), name="drive_ended"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.station_id} {self.starts_at}"

    def is_running(self, now: datetime) -> bool:
        """Whether it goes on as far as is known: its last position is younger than what would end it."""
        return self.ends_at > now - timedelta(seconds=GAP_S)


class MarkedSpan(models.Model):
    """A time at an outlet that somebody marked; `code` is a kind of mark of the rules, `letter` what values take of it.

    Beyond `counts_until` the mark changes nothing, because a yearly cap is used up. A withdrawn mark stays as a row, so
    that what was known before can still be told.
    """

    station = models.ForeignKey("places.Station", on_delete=models.PROTECT, related_name="+")
    channels = models.ManyToManyField("sensing.Channel", related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    counts_until = models.DateTimeField()
    code = models.CharField(max_length=32)
    letter = models.CharField(max_length=1, blank=True)
    reason = models.TextField()
    evidence_name = models.CharField(max_length=160, blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-starts_at", "-id")
        indexes = (models.Index(fields=("station", "starts_at"), name="mark_of_station"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="a_mark_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return f"mark {self.pk} {self.code}"

    @property
    def late(self) -> bool:
        """Whether it was marked after the rule's deadline."""
        return self.marked_at > self.due_at

    @property
    def evidence_path(self) -> Path:
        """Where the bytes of its evidence lie."""
        return Path(settings.MEDIA_ROOT) / self.evidence_sha256[:2] / self.evidence_sha256


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
