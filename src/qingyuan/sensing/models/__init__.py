from django.contrib.postgres.indexes import BrinIndex, GistIndex
from django.db import models
from django.db.models.functions import MD5, Cast
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.sealed import SealedJSON, SealedText
from qingyuan.people.queries import Organisation
from qingyuan.places.geometry import BoxField
from qingyuan.sensing.brought.spotted import SpotKind, Sureness
from qingyuan.sensing.door import valid_key, valid_networks
from qingyuan.sensing.models.cameras import Camera, Door, Footage, FootageHold, LooksAt
from qingyuan.sensing.models.journals import JournalFile, Naming
from qingyuan.sensing.models.records import DataList, MatchedBy, Record, RecordFile, WrittenFirm
from qingyuan.sensing.models.scans import Scan
from qingyuan.sensing.models.vehicles import VehicleCount

__all__ = [
    "ENDED", "Camera", "Channel", "Command", "CommandState", "DataList", "DayStart", "Device", "DeviceReport",
    "DeviceState", "DialectProfile", "Door", "FaultCount", "Feed", "FeedName", "Footage", "FootageHold",
    "Instrument", "JournalFile", "LooksAt", "MatchedBy", "Naming", "PacketState", "RawPacket", "RawSegment",
    "Record", "RecordFile", "Scan", "Silence", "Spot", "SpotFile", "VehicleCount", "WaitingName", "WrittenFirm",
]  # fmt: skip


class DialectProfile(models.Model):
    """How one family of senders departs from the standard; a row, so that the codec needs no `if`.

    `settings` are the fields of `qingyuan_science.hj212.Dialect`.
    """

    code = models.CharField(max_length=40, unique=True, verbose_name=_("Code"))
    title_zh = models.CharField(max_length=80, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=80, verbose_name=_("Title (English)"))
    settings = models.JSONField(default=dict, verbose_name=_("Settings"))

    class Meta:
        verbose_name = _("Dialect profile")
        verbose_name_plural = _("Dialect profiles")

    def __str__(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class DeviceState(models.TextChoices):
    QUARANTINED = "quarantined", _("Quarantined")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


class Device(models.Model):
    """A data logger that speaks to the gateway, known by its MN."""

    mn = models.CharField(max_length=64, unique=True, verbose_name=_("MN"))
    state = models.CharField(
        max_length=12, choices=DeviceState, default=DeviceState.QUARANTINED, verbose_name=_("State")
    )
    password = models.CharField(max_length=32, blank=True, verbose_name=_("Password"))
    key = SealedText(
        max_length=32,
        blank=True,
        verbose_name=_("Key"),
        help_text=_("SM4 key of a device of 2025: 16 characters, or 32 hex digits."),
        validators=[valid_key],
    )
    former_keys = SealedText(max_length=1000, blank=True, editable=False)  # newest first, a line each
    addresses = models.CharField(
        max_length=400,
        blank=True,
        verbose_name=_("Allowed addresses"),
        help_text=_("Addresses or networks with spaces between them, such as 10.2.0.0/16; empty for any."),
        validators=[valid_networks],
    )
    dialect = models.ForeignKey(
        DialectProfile, on_delete=models.PROTECT, related_name="+", verbose_name=_("Dialect profile")
    )
    station = models.ForeignKey(
        "places.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    department = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Source department"),
        help_text=_(
            "Empty where it is that of the enterprise at whose station it stands, or else of the bureau itself."
        ),
    )
    keeps_samples = models.BooleanField(
        default=False,
        verbose_name=_("Retains samples"),
        help_text=_("A sampler is connected: when a limit is exceeded, the device is asked to retain a sample."),
    )
    first_seen_at = models.DateTimeField(verbose_name=_("First heard"))
    first_peer = models.CharField(max_length=64, blank=True, editable=False)
    last_seen_at = models.DateTimeField(null=True, verbose_name=_("Last heard"))
    last_peer = models.CharField(max_length=64, blank=True, verbose_name=_("Last address"))
    packets = models.BigIntegerField(default=0, verbose_name=_("Packets"))

    class Meta:
        verbose_name = _("Device")
        verbose_name_plural = _("Devices")
        ordering = ("mn",)
        indexes = (
            models.Index(fields=("first_peer",), name="stranger_of_address", condition=models.Q(state="quarantined")),
        )

    def __str__(self) -> str:
        return self.mn

    def keep_former(self, key: str) -> None:
        """Remember a key that holds no longer: what was enciphered with it stays readable."""
        former = [one for one in self.former_keys.split("\n") if one and one != key]
        if key:
            self.former_keys = "\n".join([key, *former])


class Channel(models.Model):
    """A station × factor: the series that readings belong to. Gas factors have a converted (折算) channel too."""

    id = models.AutoField(primary_key=True)
    station = models.ForeignKey("places.Station", on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(max_length=24)
    basis = models.CharField(max_length=12, default="measured")
    unit = models.CharField(max_length=16)

    class Meta:
        ordering = ("station", "factor", "-basis")
        constraints = (
            models.UniqueConstraint(fields=("station", "factor", "basis"), name="one_channel_a_station_factor_basis"),
        )

    def __str__(self) -> str:
        return f"{self.station_id} {self.factor} {self.basis}"


class RawSegment(models.Model):
    """Packets as they came, one committed batch a row: compressed; the hash covers each, and the segment before."""

    received_at = models.DateTimeField()
    packets = models.PositiveIntegerField()
    body = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"segment {self.pk}"


class PacketState(models.TextChoices):
    DECODED = "decoded", _("Decoded")
    QUARANTINED = "quarantined", _("Quarantined")
    REJECTED = "rejected", _("Rejected")


class RawPacket(models.Model):
    """Where a packet lies in its segment, who sent it, and what became of it.

    Several packets have one row where they came in one read, end to end, and have one form: `packets` counts them.
    """

    segment = models.ForeignKey(  # written in one transaction with its segment: a check a row would show nothing
        RawSegment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    offset = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    packets = models.PositiveIntegerField(db_default=1)
    received_at = models.DateTimeField()
    peer = models.CharField(max_length=255)
    mn = models.CharField(max_length=64, blank=True)
    cn = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=12, choices=PacketState)
    error = models.CharField(max_length=32, blank=True)
    note = models.TextField(blank=True)
    read_again_at = models.DateTimeField(null=True)  # by what held then it was read, and not by what held on arrival

    class Meta:
        indexes = (
            BrinIndex(fields=("segment",), autosummarize=True, pages_per_range=16, name="packet_of_segment"),
            models.Index(fields=("mn", "received_at"), name="packet_of_device"),
            models.Index(fields=("state", "received_at"), name="packet_odd", condition=~models.Q(state="decoded")),
        )

    def __str__(self) -> str:
        return f"packet {self.pk} {self.mn} {self.cn}"


class FaultCount(models.Model):
    """How often one kind of fault came from one sender on one day; samples are the packets that name the fault."""

    day = models.DateField()
    error = models.CharField(max_length=32)
    peer = models.CharField(max_length=255)
    mn = models.CharField(max_length=64, blank=True)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ("-day", "-last_at")
        constraints = (models.UniqueConstraint(fields=("day", "error", "peer", "mn"), name="one_count_a_fault_a_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.error} {self.peer} {self.count}"


class CommandState(models.TextChoices):
    """Where a command stands; beside waiting and withdrawn, the states of `qingyuan_science.hj212.State`."""

    WAITING = "waiting", _("Waiting for the device")
    ASKED = "asked", _("Sent")
    ACCEPTED = "accepted", _("Accepted by the device")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused by the device")
    FAILED = "failed", _("Failed at the device")
    UNANSWERED = "unanswered", _("Not answered")
    UNFINISHED = "unfinished", _("Not finished in time")
    EXPIRED = "expired", _("Device did not connect in time")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ENDED = frozenset(CommandState) - {CommandState.WAITING, CommandState.ASKED, CommandState.ACCEPTED}


class Command(models.Model):
    """Something that a person or the platform asks of a device, from the asking to its end.

    `code` names a row of `qingyuan_science.hj212.REQUESTS`. `secrets` holds what nobody may read, until the end.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    arguments = models.JSONField(default=dict)
    secrets = SealedJSON(default=dict)
    state = models.CharField(max_length=12, choices=CommandState, default=CommandState.WAITING)
    asked_by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    why = models.TextField(blank=True)
    qn = models.CharField(max_length=20, blank=True)
    sent = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    uploads = models.PositiveIntegerField(default=0)
    qn_rtn = models.IntegerField(null=True)
    exe_rtn = models.IntegerField(null=True)
    answer = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("device", "-id"), name="command_of_device"),
            models.Index(
                fields=("state",), name="command_open", condition=models.Q(state__in=("waiting", "asked", "accepted"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.device_id} {self.code} {self.state}"

    @property
    def has_ended(self) -> bool:
        return CommandState(self.state) in ENDED


class Silence(models.Model):
    """A time in which a device was not heard though it usually is, and whether its history was asked for."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-ended_at",)
        indexes = (models.Index(fields=("ended_at",), name="silence_open", condition=models.Q(settled_at=None)),)

    def __str__(self) -> str:
        return f"{self.device_id} {self.began_at} {self.ended_at}"


class DeviceReport(models.Model):
    """What a device told of itself that is no reading: states, alarms, settings, site information, retained samples."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    values = models.JSONField()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(  # of what was said a hash: a log may be longer than an index takes
                "device", "kind", "subject", "at", MD5(Cast("values", models.TextField())), name="one_report_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.device_id} {self.kind} {self.subject} {self.at}"


class Feed(models.Model):
    """A party that delivers data by another door than HJ 212, and how they are read.

    A feed may name channels of its `stations` by the platform's codes; its own names are in its table of names.
    Without a `department` its data are the bureau's own; without `every_minutes` they come at no fixed pace.
    """

    code = models.SlugField(max_length=40, unique=True, verbose_name=_("Code"))
    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    connector = models.CharField(max_length=40, verbose_name=_("Connector"))
    settings = SealedJSON(default=dict, blank=True, verbose_name=_("Settings"))  # passwords among them
    stations = models.ManyToManyField("places.Station", related_name="+", blank=True, verbose_name=_("Stations"))
    enabled = models.BooleanField(default=True, verbose_name=_("Enabled"))
    department = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Source department"),
    )
    every_minutes = models.PositiveIntegerField(null=True, blank=True, editable=False)  # something comes so often [min]
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    position = models.JSONField(default=dict, blank=True, editable=False)  # how far a poll or a folder has been read
    last_seen_at = models.DateTimeField(null=True, editable=False)
    last_address = models.CharField(max_length=255, blank=True, editable=False)
    packets = models.BigIntegerField(default=0, editable=False)
    trouble = models.TextField(blank=True, editable=False)  # why it cannot be reached or listened to now

    class Meta:
        verbose_name = _("Feed")
        verbose_name_plural = _("Feeds")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en

    @property
    def sender(self) -> str:
        """What the feed's raw packets carry in place of an MN."""
        return f"feed:{self.code}"


class DayStart(models.Model):
    """How many packets had come of a sender when a day (of Shanghai) began; one row a sender, of the newest day."""

    sender = models.CharField(max_length=64, unique=True)
    day = models.DateField()
    packets = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.sender} {self.day} {self.packets}"


class FeedName(models.Model):
    """What a feed means by a name; without a channel, that the name is left out on purpose."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+", verbose_name=_("Feed"))
    name = models.CharField(max_length=200, verbose_name=_("Name"))
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Channel")
    )
    kind = models.CharField(max_length=1, default="r", verbose_name=_("Kind"))
    unit = models.CharField(max_length=16, blank=True, verbose_name=_("Unit"))

    class Meta:
        verbose_name = _("Name of a feed")
        verbose_name_plural = _("Names of feeds")
        ordering = ("feed", "name")
        constraints = (models.UniqueConstraint(fields=("feed", "name"), name="one_meaning_a_name"),)

    def __str__(self) -> str:
        return self.name


class WaitingName(models.Model):
    """A name that a feed sent and nobody has explained; its payloads wait until somebody does."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ("feed", "name")
        constraints = (models.UniqueConstraint(fields=("feed", "name"), name="one_waiting_row_a_name"),)

    def __str__(self) -> str:
        return self.name


class Instrument(models.Model):
    """What a feed says it measures with."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    encoding = models.CharField(max_length=120, blank=True)
    metadata = models.JSONField(default=str)
    properties = models.JSONField(default=dict)

    class Meta:
        ordering = ("feed", "name", "pk")

    def __str__(self) -> str:
        return self.name


class SpotFile(models.Model):
    """A product of satellites that came as a file: through the pages (seen first, then entered), a folder or a pull.

    Its bytes are evidence in `segment` once it is entered; `body` holds them until then. `known` spots came before in
    another file, `outside` ones lie in no grid cell; of the `faulty` rows the first are told in `faults`.
    """

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, related_name="+")
    segment = models.BigIntegerField(null=True)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(default=bytes)  # compressed
    settings = models.JSONField(default=dict)  # of the connector
    brought_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    undone_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("feed", "sha256"), name="spot_file_of_bytes"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class Spot(models.Model):
    """What a satellite saw at one instant, a pixel or a polygon, with the file and the row that say so.

    `told` is how sure the product says it is, `sureness` the class of that. `key` makes it the same in any file.
    """

    file = models.ForeignKey(SpotFile, on_delete=models.PROTECT, related_name="spots")
    where = models.CharField(max_length=40)
    kind = models.CharField(max_length=16, choices=SpotKind)
    product = models.CharField(max_length=40)
    satellite = models.CharField(max_length=40, blank=True)
    instrument = models.CharField(max_length=20, blank=True)
    observed_at = models.DateTimeField()
    shape = models.BinaryField()
    bounds = BoxField()
    lon = models.FloatField()
    lat = models.FloatField()
    cell = models.ForeignKey("places.GridCell", on_delete=models.PROTECT, related_name="+")
    sureness = models.PositiveSmallIntegerField(choices=Sureness)
    told = models.CharField(max_length=40, blank=True)
    attributes = models.JSONField(default=dict)
    key = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-observed_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("key",), condition=models.Q(withdrawn_at=None), name="one_row_a_spot"),
        )
        indexes = (
            models.Index(fields=("cell", "-observed_at"), name="spot_of_cell"),
            models.Index(fields=("-observed_at",), name="spot_observed"),
            GistIndex(fields=("bounds",), name="spot_bounds"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.observed_at}"
