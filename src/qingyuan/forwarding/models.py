from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.sealed import SealedText
from qingyuan.places.queries import StationKind


class Edition(models.TextChoices):
    """Which HJ 212 a platform above speaks."""

    E2005 = "2005", "HJ/T 212-2005"
    E2017 = "2017", "HJ 212-2017"
    E2025 = "2025", "HJ 212-2025"


class Cipher(models.TextChoices):
    """How content is enciphered on a line of 2025, as its annex A has it."""

    NONE = "none", _("in the clear")
    SM4 = "sm4", _("SM4, cipher text as bytes")
    LITERAL = "sm4-literal", _("SM4, cipher text written as {0x…}")


class Form(models.TextChoices):
    """In which form packets are handed on."""

    RECEIVED = "received", _("as received")
    ANEW = "anew", _("made anew out of stored values")


class What(models.TextChoices):
    """What is handed on."""

    REALTIME = "r", _("Real-time values (2011)")
    MINUTE = "m", _("Minute values (2051)")
    HOUR = "h", _("Hour values (2061)")
    DAY = "d", _("Day values (2031)")
    TOLD = "s", _("States, alarms and what else devices tell")


class OwnMean(models.TextChoices):
    """Which of the means that are computed here are handed on; letters are those of the kinds of readings."""

    MINUTE = "M", _("Minute means computed here (2051)")
    TEN_MINUTE = "T", _("Ten-minute means computed here (2051)")
    HOUR = "H", _("Hour means computed here (2061)")
    DAY = "D", _("Day means computed here (2031)")


class OwnLate(models.TextChoices):
    """What becomes of a mean that a device sends after ours was handed on for the same time."""

    CORRECTS = "corrects", _("goes on, in place of ours")
    WITHHELD = "withheld", _("is withheld and shown")


class Network(models.TextChoices):
    """Levels of the network by which stations are chosen."""

    NATIONAL = "national", _("National station")
    PROVINCIAL = "provincial", _("Provincial station")
    MUNICIPAL = "municipal", _("Municipal station")
    MICRO = "micro", _("Micro-station")


class Destination(models.Model):
    """A platform above to which data are handed on: what of, how, and how far it has come.

    Of stations those listed are chosen, and those that fit every one of kinds, levels and cell that is given; where
    nothing is listed or given, all. `position` is the number of the last raw packet that is settled.
    """

    code = models.SlugField(max_length=40, unique=True, verbose_name=_("Code"))
    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    host = models.CharField(max_length=255, verbose_name=_("Address"))
    port = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(65535)], verbose_name=_("Port")
    )
    tls = models.BooleanField(default=False, verbose_name=_("Over TLS"))
    tls_authority = models.TextField(
        blank=True,
        verbose_name=_("Certificate that vouches for it"),
        help_text=_("In PEM form; empty where one of the well-known authorities vouches."),
    )
    edition = models.CharField(max_length=4, choices=Edition, default=Edition.E2017, verbose_name=_("Edition"))
    cipher = models.CharField(max_length=12, choices=Cipher, default=Cipher.NONE, verbose_name=_("Security"))
    key = SealedText(max_length=32, blank=True, verbose_name=_("Key"))
    enciphered_in_clear = models.BooleanField(
        default=False, verbose_name=_("What devices encipher goes on in the clear")
    )
    form = models.CharField(max_length=8, choices=Form, default=Form.RECEIVED, verbose_name=_("Form"))
    what = ArrayField(models.CharField(max_length=1, choices=What), verbose_name=_("What is handed on"))
    own_means = ArrayField(
        models.CharField(max_length=1, choices=OwnMean),
        default=list,
        blank=True,
        verbose_name=_("Means computed here, where a device sent none"),
    )
    own_wait_minutes = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1)], verbose_name=_("Waits for the device’s own, minutes")
    )
    own_late = models.CharField(
        max_length=8, choices=OwnLate, default=OwnLate.CORRECTS, verbose_name=_("The device’s own, after ours went")
    )
    own_mark = models.CharField(max_length=4, default="CALC", blank=True, verbose_name=_("Mark of means computed here"))
    kinds = ArrayField(
        models.CharField(max_length=16, choices=StationKind), default=list, blank=True, verbose_name=_("Kinds")
    )
    levels = ArrayField(
        models.CharField(max_length=12, choices=Network),
        default=list,
        blank=True,
        verbose_name=_("Levels of the network"),
    )
    cell = models.ForeignKey(
        "places.GridCell", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Area")
    )
    stations = models.ManyToManyField("places.Station", related_name="+", blank=True, verbose_name=_("Stations"))
    valid = DateRangeField(verbose_name=_("Valid"))
    reason = models.TextField(verbose_name=_("Reason"))
    over_time_s = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(99)], verbose_name=_("Waits for an answer, s")
    )
    re_count = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(0), MaxValueValidator(99)], verbose_name=_("Repeats")
    )
    at_once = models.PositiveIntegerField(
        default=200, validators=[MinValueValidator(1), MaxValueValidator(5000)], verbose_name=_("Unanswered at once")
    )
    per_second = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("Packets per second at most"))
    keep_hours = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("Not older than, hours"))
    lag_minutes = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(1)], verbose_name=_("Lags after, minutes")
    )
    passes_commands = models.BooleanField(default=False, verbose_name=_("Passes its commands on"))
    enabled = models.BooleanField(default=True, verbose_name=_("Switched on"))

    position = models.BigIntegerField(default=0, editable=False)
    accepted = models.BigIntegerField(default=0, editable=False)
    left_out = models.BigIntegerField(default=0, editable=False)
    withheld = models.BigIntegerField(default=0, editable=False)  # came enciphered, and would go in the clear
    waiting = models.BigIntegerField(default=0, editable=False)
    oldest_waiting_at = models.DateTimeField(null=True, editable=False)
    rate = models.FloatField(default=0.0, editable=False)  # packets answered a second, of late
    own_to = models.JSONField(default=dict, editable=False)  # by kind, up to which period own means are settled [µs]
    own_seq = models.BigIntegerField(default=0, editable=False)  # line of the log up to which recomputed ones are
    own_handed = models.BigIntegerField(default=0, editable=False)
    own_refused = models.BigIntegerField(default=0, editable=False)
    own_withheld = models.BigIntegerField(default=0, editable=False)
    own_corrected = models.BigIntegerField(default=0, editable=False)  # of devices, handed on in place of ours
    own_qn = models.BigIntegerField(default=0, editable=False)  # the last QN that a mean of ours was given [ms]
    withheld_to = models.BigIntegerField(default=0, editable=False)  # run up to which what was withheld is entered
    withheld_wanted = models.BigIntegerField(default=0, editable=False)  # run up to which somebody wants it sent
    own_withheld_to = models.BigIntegerField(default=0, editable=False)  # the same of ours, by lines of the log
    own_withheld_wanted = models.BigIntegerField(default=0, editable=False)
    connected_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)
    answer = models.CharField(max_length=200, blank=True, editable=False)
    trouble = models.TextField(blank=True, editable=False)
    clock_offset_s = models.FloatField(null=True, editable=False)  # how far its clock is ahead of ours
    lagging_since = models.DateTimeField(null=True, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("Platform above")
        verbose_name_plural = _("Platforms above")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class Identity(models.Model):
    """By which numbers a platform above knows a device, or a station with data of another door; empty: our own."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="identities")
    own = models.CharField(max_length=64)  # the MN of a device, or the code of a station
    mn = models.CharField(max_length=64, blank=True)
    password = SealedText(max_length=32, blank=True)
    system = models.CharField(max_length=2, blank=True)
    key = SealedText(max_length=32, blank=True)
    former_key = SealedText(max_length=32, blank=True)  # what is on its way may still come under it
    key_at = models.DateTimeField(null=True)  # when the platform above set the key itself

    class Meta:
        ordering = ("own",)
        constraints = (models.UniqueConstraint(fields=("destination", "own"), name="one_identity_a_sender"),)

    def __str__(self) -> str:
        return f"{self.own} {self.mn}"


class Run(models.Model):
    """Packets that were settled together: those after `after` up to `up_to`; no packet is in two runs of a destination.

    `details` says of each packet when it was sent, when answered, how often it was sent and how it ended.
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    after = models.BigIntegerField()
    up_to = models.BigIntegerField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()
    accepted = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0)  # of those accepted: of devices, in place of ours
    details = models.BinaryField()  # compressed
    details_hash = models.BinaryField(max_length=32)
    sent_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("destination", "after"), name="one_run_from_a_packet"),)
        indexes = (models.Index(fields=("destination", "up_to"), name="run_of_packet"),)

    def __str__(self) -> str:
        return f"{self.destination_id} {self.after}-{self.up_to}"

    @property
    def hash_text(self) -> str:
        """The hash of the details, as the line of the log has it."""
        return bytes(self.details_hash).hex()


class Why(models.TextChoices):
    """Why a packet did not get to the platform above."""

    REFUSED = "refused", _("Refused")
    UNANSWERED = "unanswered", _("Left unanswered")
    UNWRITABLE = "unwritable", _("Could not be written")
    LATE = "late", _("Decoded late")
    GROWN = "grown", _("More of it stored later")
    WITHHELD = "withheld", _("Came enciphered, would go in the clear")
    BEHIND = "behind", _("Came after ours had gone")
    TOO_OLD = "too-old", _("Decoded when it was too old")


class Undelivered(models.Model):
    """A packet that the platform above refused or did not answer, and can be sent again; or one that was decoded late.

    `number` is that of the packet among those of its row, from 1; of what was decoded late 0, which is the whole row.
    What was too old when it was decoded is not sent; its row only names it.
    """

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    packet = models.BigIntegerField()
    number = models.PositiveIntegerField()
    mn = models.CharField(max_length=64)
    cn = models.CharField(max_length=8)
    qn = models.CharField(max_length=20)
    why = models.CharField(max_length=12, choices=Why)
    said = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("destination", "packet", "number"), name="one_undelivered_a_packet"),
        )
        indexes = (
            models.Index(
                fields=("destination", "-id"), name="undelivered_open", condition=models.Q(delivered_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.destination_id} {self.packet}/{self.number} {self.why}"


class OwnUndelivered(models.Model):
    """A mean computed here that the platform above refused or did not answer, or that was withheld and is let go.

    `at` is the start of its period.
    """

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    station = models.ForeignKey("places.Station", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=1, choices=OwnMean)
    at = models.DateTimeField()
    why = models.CharField(max_length=12, choices=Why)
    said = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    noted_at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("destination", "station", "kind", "at"), name="one_own_undelivered"),
        )
        indexes = (
            models.Index(
                fields=("destination", "at"), name="own_undelivered_open", condition=models.Q(delivered_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.destination_id} {self.station_id} {self.kind} {self.at} {self.why}"


class Asked(models.Model):
    """What a platform above asked for, and what became of it."""

    destination = models.ForeignKey(Destination, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    mn = models.CharField(max_length=64, blank=True)
    cn = models.CharField(max_length=8)
    qn = models.CharField(max_length=20, blank=True)
    content = models.TextField(blank=True)
    outcome = models.CharField(max_length=16)
    qn_rtn = models.IntegerField(null=True)
    exe_rtn = models.IntegerField(null=True)
    uploads = models.PositiveIntegerField(default=0)
    command = models.ForeignKey("sensing.Command", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("destination", "-id"), name="asked_by_destination"),)

    def __str__(self) -> str:
        return f"{self.destination_id} {self.cn} {self.outcome}"


class Sent(models.Model):
    """Messages that were made here and settled together: of own means, or in answer to a request about the past.

    `messages` holds each with its bytes, compressed and sealed, since the password that the platform above gave is in
    them; `sent_hash` is the hash of all bytes that went out, end to end, as the line of the log has it.
    """

    destination = models.ForeignKey(Destination, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField()
    count = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    withheld = models.PositiveIntegerField()
    messages = SealedText()
    sent_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("destination", "-id"), name="sent_to_destination"),)

    def __str__(self) -> str:
        return f"{self.destination_id} {self.count}"
