"""What is written down of an enterprise and of a reach: each row is an edition, valid for a time and known for a time.

A change closes what is known of the edition before and enters the next; nothing is deleted.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.models.ledger import Enterprise, GridCell, Station, Titled


class Management(models.TextChoices):
    """How a source of pollution is managed by its permit."""

    KEY = "key", _("Key management")
    SIMPLIFIED = "simplified", _("Simplified management")
    REGISTRATION = "registration", _("Registration")


class Averaged(models.TextChoices):
    """The means for which a permit states limits."""

    HOUR = "hour", _("Hour mean")
    DAY = "day", _("Day mean")


class Basis(models.TextChoices):
    """Of what a permit states a limit: of the value as measured, or as converted to the reference oxygen content."""

    MEASURED = "measured", _("As measured")
    CONVERTED = "converted", _("Converted to reference oxygen")


class OrderKind(models.TextChoices):
    """What an enterprise was ordered to do."""

    STOP_PRODUCTION = "stop-production", _("Stop production")
    STOP_DISCHARGE = "stop-discharge", _("Stop discharge")
    CUT_PRODUCTION = "cut-production", _("Cut production")


class WarningLevel(models.TextChoices):
    """Levels of heavy-pollution warnings."""

    YELLOW = "yellow", _("Yellow")
    ORANGE = "orange", _("Orange")
    RED = "red", _("Red")


class ControlLevel(models.TextChoices):
    """Whose list of key dischargers names an enterprise."""

    NATIONAL = "national", _("State-controlled")
    PROVINCIAL = "provincial", _("Provincially controlled")
    MUNICIPAL = "municipal", _("City-controlled")


class Use(models.TextChoices):
    """What an electricity meter feeds."""

    PRODUCTION = "production", _("Production equipment")
    TREATMENT = "treatment", _("Treatment equipment")
    OTHER = "other", _("Neither of the two")


SHARE = (MinValueValidator(0.0), MaxValueValidator(1.0))


class Paper(models.Model):
    """An edition of something written down; `parts` names the rows that belong to it."""

    parts: ClassVar[tuple[str, ...]] = ()
    known = DateTimeRangeField(verbose_name=_("Known"))
    valid: Any

    class Meta:
        abstract = True

    def holds(self, at: Any, known_at: datetime) -> bool:
        """Whether it holds at a day or instant, by what was known at an instant."""
        return self.was_known(known_at) and _within(self.valid, at)

    def covers(self, at: Any) -> bool:
        """Whether it says that it holds at a day or instant, whenever that was known."""
        return _within(self.valid, at)

    def was_known(self, at: datetime) -> bool:
        """Whether it was known at an instant."""
        return _within(self.known, at)


def _within(span: Any, at: Any) -> bool:
    return not span.isempty and (span.lower is None or span.lower <= at) and (span.upper is None or at < span.upper)


def one_at_a_time(name: str, *fields: str) -> tuple[ExclusionConstraint, ...]:
    """Of what is alike in some fields, one edition holds at a time."""
    same = [(field, RangeOperators.EQUAL) for field in fields]
    overlap = [("valid", RangeOperators.OVERLAPS), ("known", RangeOperators.OVERLAPS)]
    return (ExclusionConstraint(name=name, expressions=[*same, *overlap]),)


class Permit(Paper):
    """A pollutant discharge permit, by days."""

    parts = ("limits", "totals")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    number = models.CharField(max_length=22, verbose_name=_("Number of the permit"))
    management = models.CharField(max_length=16, choices=Management, verbose_name=_("Management"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Discharge permit")
        verbose_name_plural = _("Discharge permits")
        ordering = ("number", "valid")
        constraints = one_at_a_time("one_edition_of_a_permit_at_a_time", "number")

    def __str__(self) -> str:
        return self.number


class PermitLimit(models.Model):
    """A concentration that a permit allows at an outlet."""

    permit = models.ForeignKey(Permit, on_delete=models.CASCADE, related_name="limits")
    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Outlet"))
    factor = models.CharField(max_length=24, verbose_name=_("Factor"))
    averaging = models.CharField(max_length=8, choices=Averaged, verbose_name=_("Averaging time"))
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.MEASURED, verbose_name=_("Basis"))
    low = models.FloatField(null=True, verbose_name=_("At least"))
    high = models.FloatField(null=True, verbose_name=_("At most"))
    unit = models.CharField(max_length=16, verbose_name=_("Unit"))

    class Meta:
        ordering = ("station", "factor", "averaging", "basis")
        constraints = (
            models.UniqueConstraint(
                fields=("permit", "station", "factor", "averaging", "basis"), name="one_limit_of_a_permit_for_a_mean"
            ),
        )

    def __str__(self) -> str:
        return f"{self.station_id} {self.factor} {self.averaging} {self.basis}"


class PermitTotal(models.Model):
    """What a permit allows in a calendar year: at one outlet, or at all of the enterprise where none is named."""

    permit = models.ForeignKey(Permit, on_delete=models.CASCADE, related_name="totals")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Outlet")
    )
    factor = models.CharField(max_length=24, verbose_name=_("Factor"))
    kilograms = models.FloatField(validators=[MinValueValidator(0.0)], verbose_name=_("Allowed in a year (kg)"))

    class Meta:
        ordering = ("factor", "station")
        constraints = (
            models.UniqueConstraint(
                fields=("permit", "station", "factor"), nulls_distinct=False, name="one_total_of_a_permit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.station_id or '*'} {self.factor} {self.kilograms:g} kg"


class Disclosure(Paper):
    """What an enterprise disclosed about a calendar year as the law demands; it holds for the days of that year."""

    parts = ("amounts", "penalties")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    year = models.PositiveSmallIntegerField(verbose_name=_("Year"))
    published_on = models.DateField(null=True, blank=True, verbose_name=_("Disclosed on"))
    permit_number = models.CharField(max_length=22, blank=True, verbose_name=_("Number of the permit as declared"))
    facilities = models.TextField(blank=True, verbose_name=_("Treatment facilities as declared"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Disclosure of environmental information")
        verbose_name_plural = _("Disclosures of environmental information")
        ordering = ("enterprise", "-year")
        constraints = one_at_a_time("one_disclosure_of_a_year_at_a_time", "enterprise")

    def __str__(self) -> str:
        return str(self.year)


class DisclosedAmount(models.Model):
    """What a disclosure says was emitted in its year: at one outlet, or at all of the enterprise without one."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="amounts")
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Outlet")
    )
    factor = models.CharField(max_length=24, verbose_name=_("Factor"))
    kilograms = models.FloatField(validators=[MinValueValidator(0.0)], verbose_name=_("Declared amount (kg)"))

    class Meta:
        ordering = ("factor", "station")
        constraints = (
            models.UniqueConstraint(
                fields=("disclosure", "station", "factor"), nulls_distinct=False, name="one_amount_of_a_disclosure"
            ),
        )

    def __str__(self) -> str:
        return f"{self.station_id or '*'} {self.factor} {self.kilograms:g} kg"


class DisclosedPenalty(models.Model):
    """A penalty that a disclosure names."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.CASCADE, related_name="penalties")
    number = models.CharField(max_length=60, verbose_name=_("Number of the document"))
    on = models.DateField(verbose_name=_("Day"))
    what = models.CharField(max_length=200, blank=True, verbose_name=_("What for"))

    class Meta:
        ordering = ("on", "number")
        constraints = (models.UniqueConstraint(fields=("disclosure", "number"), name="one_penalty_of_a_disclosure"),)

    def __str__(self) -> str:
        return self.number


class SheetKind(models.TextChoices):
    """What a spreadsheet holds."""

    PERMIT = "permit", _("Discharge permits")
    DISCLOSURE = "disclosure", _("Disclosures of environmental information")
    OUTFALL = "outfall", _("Outfalls")


class PermitSheet(models.Model):
    """A spreadsheet of papers as somebody brought it; once it was entered it stays on file."""

    kind = models.CharField(max_length=12, choices=SheetKind, default=SheetKind.PERMIT)
    name = models.CharField(max_length=200)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.name


class SheetPermit(models.Model):
    """An edition that came with a spreadsheet, and the one that it took the place of."""

    sheet = models.ForeignKey(PermitSheet, on_delete=models.CASCADE, related_name="permits")
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Permit, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.permit_id}"

    @property
    def paper(self) -> Permit:
        return self.permit


class SheetDisclosure(models.Model):
    """The same of disclosures."""

    sheet = models.ForeignKey(PermitSheet, on_delete=models.CASCADE, related_name="disclosures")
    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Disclosure, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.disclosure_id}"

    @property
    def paper(self) -> Disclosure:
        return self.disclosure


class Order(Paper):
    """A decision that an enterprise, or one of its outlets, has to stop or to produce less, by instants."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Outlet")
    )
    kind = models.CharField(max_length=16, choices=OrderKind, verbose_name=_("Kind of order"))
    number = models.CharField(max_length=60, verbose_name=_("Number of the document"))
    title = models.CharField(max_length=160, blank=True, verbose_name=_("Title"))
    issued_by = models.CharField(max_length=80, verbose_name=_("Issued by"))
    cut = models.FloatField(default=1.0, validators=SHARE, verbose_name=_("Share by which to cut"))
    valid = DateTimeRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Order to stop or cut")
        verbose_name_plural = _("Orders to stop or cut")
        ordering = ("-valid",)
        constraints = one_at_a_time("one_edition_of_an_order_at_a_time", "enterprise", "number")

    def __str__(self) -> str:
        return self.number


class EmergencyPlan(Paper):
    """What an enterprise pledged to do in heavy pollution (一厂一策), by days."""

    parts = ("cuts",)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    exempt = models.BooleanField(default=False, verbose_name=_("Exempt"))
    grounds = models.CharField(max_length=200, blank=True, verbose_name=_("Why exempt"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Emergency plan")
        verbose_name_plural = _("Emergency plans")
        ordering = ("enterprise", "valid")
        constraints = one_at_a_time("one_emergency_plan_at_a_time", "enterprise")

    def __str__(self) -> str:
        return f"{self.enterprise_id}"


class PledgedCut(models.Model):
    """What a plan pledges at a level of warning."""

    plan = models.ForeignKey(EmergencyPlan, on_delete=models.CASCADE, related_name="cuts")
    level = models.CharField(max_length=8, choices=WarningLevel, verbose_name=_("Level"))
    cut = models.FloatField(validators=SHARE, verbose_name=_("Share by which to cut"))
    measures = models.CharField(max_length=400, blank=True, verbose_name=_("Measures"))

    class Meta:
        constraints = (models.UniqueConstraint(fields=("plan", "level"), name="one_pledge_a_level"),)

    def __str__(self) -> str:
        return f"{self.level} {self.cut:g}"


class PollutionWarning(Paper):
    """A heavy-pollution warning over a grid cell and all below it, by instants."""

    level = models.CharField(max_length=8, choices=WarningLevel, verbose_name=_("Level"))
    number = models.CharField(max_length=60, verbose_name=_("Number of the document"))
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="+", verbose_name=_("Area"))
    valid = DateTimeRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Heavy-pollution warning")
        verbose_name_plural = _("Heavy-pollution warnings")
        ordering = ("-valid",)
        constraints = one_at_a_time("one_edition_of_a_warning_at_a_time", "number", "cell")

    def __str__(self) -> str:
        return f"{self.number} {self.get_level_display()}"


class MeterUse(Titled, Paper):
    """What a meter, or one channel of it, feeds; the titles name the equipment. By days."""

    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Electricity meter")
    )
    factor = models.CharField(max_length=24, blank=True, verbose_name=_("Factor"))
    use = models.CharField(max_length=12, choices=Use, verbose_name=_("What it feeds"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Use of a meter")
        verbose_name_plural = _("Uses of meters")
        ordering = ("station", "factor", "valid")
        constraints = one_at_a_time("one_use_of_a_meter_at_a_time", "station", "factor")


class Reach(Paper):
    """That water comes from one station to another, and how long it takes; by days."""

    station = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Downstream station")
    )
    upstream = models.ForeignKey(
        Station, on_delete=models.PROTECT, related_name="+", verbose_name=_("Upstream station")
    )
    travel_hours = models.FloatField(
        validators=[MinValueValidator(0.0), MaxValueValidator(72.0)], verbose_name=_("Travel time (h)")
    )
    flows = models.BooleanField(default=False, verbose_name=_("The upstream station measures its flow"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Reach")
        verbose_name_plural = _("Reaches")
        ordering = ("station", "upstream")
        constraints = one_at_a_time("one_travel_time_of_a_reach_at_a_time", "station", "upstream")

    def __str__(self) -> str:
        return f"{self.upstream_id} → {self.station_id}"


class ControlListing(Paper):
    """That a list of key dischargers names an enterprise, and of which level; by days."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    level = models.CharField(max_length=12, choices=ControlLevel, verbose_name=_("Control level"))
    document = models.CharField(max_length=160, verbose_name=_("List"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Control level")
        verbose_name_plural = _("Control levels")
        ordering = ("enterprise", "valid")
        constraints = one_at_a_time("one_control_level_at_a_time", "enterprise")

    def __str__(self) -> str:
        return str(self.get_level_display())
