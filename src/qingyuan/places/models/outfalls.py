"""Outfalls: where used water flows into a river or lake. One identity, editions of what is known of it, steps."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import Organisation, User
from qingyuan.places.models.ledger import Enterprise, GridCell, Station, Titled, WaterBody
from qingyuan.places.models.papers import Paper, PermitSheet


class Bank(models.TextChoices):
    """On which side it enters, as one looks down the river."""

    LEFT = "left", _("Left bank")
    RIGHT = "right", _("Right bank")


class Rhythm(models.TextChoices):
    """When it discharges."""

    CONTINUOUS = "continuous", _("Continuous")
    INTERMITTENT = "intermittent", _("Intermittent")
    STORM = "storm", _("In rain only")


class Entry(models.TextChoices):
    """How the water gets into the river."""

    DITCH = "ditch", _("Open ditch")
    PIPE = "pipe", _("Pipe")
    PUMP = "pump", _("Pump station")
    SLUICE = "sluice", _("Sluice")
    CULVERT = "culvert", _("Box culvert")
    OTHER = "other", _("Other way")


class OutfallState(models.TextChoices):
    """Where an outfall stands between being found and everyday supervision."""

    FOUND = "found", _("Surveyed")
    MONITORED = "monitored", _("Monitored")
    TRACED = "traced", _("Traced")
    RECTIFYING = "rectifying", _("Being rectified")
    RECTIFIED = "rectified", _("Rectified")
    SUPERVISED = "supervised", _("Under supervision")
    REMOVED = "removed", _("Removed")


class Outfall(models.Model):
    """One outfall. `code` is our own and never changes; the official one stands in its editions once it is given."""

    code = models.CharField(max_length=32, unique=True, verbose_name=_("Provisional code"))

    class Meta:
        verbose_name = _("Outfall")
        verbose_name_plural = _("Outfalls")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class OutfallEdition(Titled, Paper):
    """What is known of an outfall, by days; `kind` is the narrowest name of its class (HJ 1312-2023) in Chinese."""

    parts: ClassVar[tuple[str, ...]] = ("dischargers", "monitors")
    outfall = models.ForeignKey(Outfall, on_delete=models.PROTECT, related_name="+", verbose_name=_("Outfall"))
    official_code = models.CharField(max_length=32, blank=True, verbose_name=_("Official code"))
    kind = models.CharField(max_length=40, verbose_name=_("Class of outfall"))
    water = models.ForeignKey(WaterBody, on_delete=models.PROTECT, related_name="+", verbose_name=_("Water body"))
    bank = models.CharField(max_length=8, choices=Bank, blank=True, verbose_name=_("Bank"))
    lon = models.FloatField(verbose_name=_("Longitude"))
    lat = models.FloatField(verbose_name=_("Latitude"))
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Grid cell"))
    river_km = models.FloatField(null=True, blank=True, verbose_name=_("River kilometre"))
    rhythm = models.CharField(max_length=16, choices=Rhythm, blank=True, verbose_name=_("Mode of discharge"))
    entry = models.CharField(max_length=12, choices=Entry, blank=True, verbose_name=_("Way into the river"))
    section = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Receiving section")
    )
    responsible = models.CharField(max_length=120, blank=True, verbose_name=_("Responsible party"))
    supervisor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Supervising department"),
    )  # fmt: skip
    number = models.CharField(max_length=60, blank=True, verbose_name=_("Approval or registration number"))
    granted_on = models.DateField(null=True, blank=True, verbose_name=_("Approved or registered on"))
    granted_until = models.DateField(null=True, blank=True, verbose_name=_("Approval or registration until"))
    signposted_on = models.DateField(null=True, blank=True, verbose_name=_("Sign board put up on"))
    remarks = models.TextField(blank=True, verbose_name=_("Notes"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Outfall")
        verbose_name_plural = _("Outfalls")
        ordering = ("outfall__code", "valid")
        constraints = tuple(
            ExclusionConstraint(
                name=name,
                expressions=[
                    (same, RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
                condition=condition,
            )
            for name, same, condition in (
                ("one_edition_of_an_outfall_at_a_time", "outfall", None),
                ("one_outfall_of_an_official_code_at_a_time", "official_code", ~Q(official_code="")),
            )
        )

    @property
    def code(self) -> str:
        """By which it is called: the official code, or ours until there is one."""
        return self.official_code or self.outfall.code

    @property
    def state(self) -> str:
        """The state that the outfall is in now, as `places.queries.outfall_editions` puts it beside the row."""
        return str(getattr(self, "in_state", ""))


class OutfallDischarger(models.Model):
    """An enterprise that discharges through an outfall; of several, one is the main responsible party."""

    outfall = models.ForeignKey(OutfallEdition, on_delete=models.CASCADE, related_name="dischargers")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    main = models.BooleanField(default=False, verbose_name=_("Main responsible party"))

    class Meta:
        ordering = ("-main", "enterprise__code")
        constraints = (models.UniqueConstraint(fields=("outfall", "enterprise"), name="a_discharger_once"),)

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.enterprise_id}"


class OutfallMonitor(models.Model):
    """A station that watches what leaves an outfall."""

    outfall = models.ForeignKey(OutfallEdition, on_delete=models.CASCADE, related_name="monitors")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Station"))

    class Meta:
        ordering = ("station__code",)
        constraints = (models.UniqueConstraint(fields=("outfall", "station"), name="a_monitor_once"),)

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.station_id}"


class OutfallStep(models.Model):
    """An outfall came into a state on a day, as somebody wrote down; what was taken back stays on file."""

    outfall = models.ForeignKey(Outfall, on_delete=models.PROTECT, related_name="+", verbose_name=_("Outfall"))
    state = models.CharField(max_length=12, choices=OutfallState, verbose_name=_("State"))
    on = models.DateField(verbose_name=_("Day"))
    note = models.TextField(blank=True, verbose_name=_("Note"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Entered by"))
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.outfall_id} {self.state}"


class SheetOutfall(models.Model):
    """An edition that came with a spreadsheet, and the one that it took the place of."""

    sheet = models.ForeignKey(PermitSheet, on_delete=models.CASCADE, related_name="outfalls")
    outfall = models.ForeignKey(OutfallEdition, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(OutfallEdition, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.outfall_id}"

    @property
    def paper(self) -> OutfallEdition:
        return self.outfall
