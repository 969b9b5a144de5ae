from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.models.listening import Listening
from qingyuan.judging.models.severity import SeverityLevel
from qingyuan.judging.models.suspected import ExcludedPlace, ProblemSpot, ProblemState, SpotRule, SuspectedProblem
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, GridCell, Point, Station, StationKind
from qingyuan.sensing.queries import Channel

__all__ = [
    "BlindSpot",
    "Dismissal",
    "ExcludedPlace",
    "Finding",
    "FindingState",
    "Listening",
    "Override",
    "Placed",
    "ProblemSpot",
    "ProblemState",
    "Rehearsal",
    "RehearsalState",
    "RehearsedFinding",
    "Review",
    "ReviewedFinding",
    "RunState",
    "Schedule",
    "Screening",
    "ScreeningRow",
    "ScreeningRun",
    "SettledType",
    "SeverityLevel",
    "SpotRule",
    "Subject",
    "SuspectedProblem",
    "Watch",
    "WatchKind",
]


class WatchKind(models.TextChoices):
    """Which readings a watch wants; hours and days as sent go before those computed here."""

    REALTIME = "r", _("Real-time values")
    MINUTE = "m", _("Minute means")
    HOUR = "h", _("Hour means")
    DAY = "d", _("Day means")


class Placed(models.Model):
    """Where a rule holds: a station, an enterprise, an industry (the beginning of its code), or everywhere."""

    station_kind = models.CharField(max_length=16, choices=StationKind, blank=True, verbose_name=_("Kind of station"))
    industry = models.CharField(
        max_length=8,
        blank=True,
        verbose_name=_("Industry code"),
        help_text=_("The code or its beginning; empty for every industry."),
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Enterprise")
    )
    station = models.ForeignKey(
        Station, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Station")
    )
    factor = models.CharField(max_length=24, blank=True, verbose_name=_("Factor"))
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        abstract = True

    @property
    def where(self) -> str:
        """The narrowest place that the rule names; empty for everywhere."""
        return str(self.station or self.enterprise or self.industry or "")


class Watch(Placed):
    """Which detector, with which settings, looks at which channels; an empty condition means every one.

    Of several rules for a detector and a kind, the one of the narrowest place holds. One that is not enabled says that
    the detector does not look there.
    """

    detector = models.CharField(max_length=40, verbose_name=_("Detector"))
    parameters = models.JSONField(default=dict, blank=True, verbose_name=_("Parameters"))
    kind = models.CharField(max_length=1, choices=WatchKind, default=WatchKind.HOUR, verbose_name=_("Kind"))
    enabled = models.BooleanField(default=True, verbose_name=_("Enabled"))

    class Meta:
        verbose_name = _("Watch rule")
        verbose_name_plural = _("Watch rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.detector} {self.where or self.station_kind or '*'} {self.factor or '*'} {self.kind}"


class Override(Placed):
    """Some settings of a detector that differ at a place for a time, with the reason."""

    detector = models.CharField(max_length=40, verbose_name=_("Detector"))
    parameters = models.JSONField(verbose_name=_("Parameters"))
    reason = models.TextField(verbose_name=_("Reason"))
    set_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(editable=False, verbose_name=_("Set at"))

    class Meta:
        verbose_name = _("Override of settings")
        verbose_name_plural = _("Overrides of settings")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.detector} {self.where or self.station_kind or '*'} {self.factor or '*'} {self.parameters}"


class BlindSpot(models.Model):
    """Readings that a watch should have judged and could not, with the reason; a blind spot is counted, not hidden."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="+", verbose_name=_("Watch"))
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+", verbose_name=_("Channel"))
    reason = models.CharField(max_length=300, verbose_name=_("Reason"))
    count = models.PositiveIntegerField(default=0, verbose_name=_("Count"))
    first_at = models.DateTimeField(verbose_name=_("First time"))
    last_at = models.DateTimeField(verbose_name=_("Last time"))

    class Meta:
        verbose_name = _("Blind spot")
        verbose_name_plural = _("Blind spots")
        ordering = ("-last_at",)
        constraints = (models.UniqueConstraint(fields=("watch", "channel", "reason"), name="one_blind_spot_a_reason"),)

    def __str__(self) -> str:
        return f"{self.watch_id} {self.channel_id} {self.reason}"


class FindingState(models.TextChoices):
    OPEN = "open", _("Open")
    CLEARED = "cleared", _("Cleared")
    DISMISSED = "dismissed", _("Dismissed")


class Dismissal(models.TextChoices):
    """Why a finding meant nothing: the kinds of false alarm, kept beside the finding as labels."""

    INSTRUMENT = "instrument", _("The instrument was faulty")
    SERVICE = "service", _("Maintenance or calibration")
    TRANSMISSION = "transmission", _("Transmission or data logger")
    START_STOP = "start-stop", _("Start-up or shut-down")
    NATURAL = "natural", _("Weather or another natural cause")
    PERMITTED = "permitted", _("Known and permitted")
    SETTING = "setting", _("The limit or the rule is set wrongly")
    DETECTOR = "detector", _("The values are ordinary")
    OTHER = "other", _("Another reason")


class Finding(models.Model):
    """What a detector saw at one channel: when, how much against what, by which clause, and the values that show it.

    `started_at` and `ended_at` bound the time of the data; the other instants are the platform's. `parameters` and
    `edition` are what it takes to run the detector again as it ran then. A finding that tells of the same as an earlier
    one, by its station, factor, `cause` and time, is `merged_into` that one. What people reported has no channel. What
    was seen where no station stands has a point in a grid cell.
    """

    detector = models.CharField(max_length=40)
    cause = models.CharField(max_length=40)
    station = models.ForeignKey(Station, on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=1, choices=WatchKind, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts")
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, null=True, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    state = models.CharField(max_length=12, choices=FindingState, default=FindingState.OPEN)
    severity = models.PositiveSmallIntegerField(choices=SeverityLevel)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    dismissed_why = models.TextField(blank=True)
    dismissed_code = models.CharField(max_length=16, choices=Dismissal, blank=True)
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    peak = models.FloatField()
    unit = models.CharField(max_length=16)
    limit_low = models.FloatField(null=True)
    limit_high = models.FloatField(null=True)
    limit_code = models.CharField(max_length=120, blank=True)
    limit_title_zh = models.CharField(max_length=80, blank=True)
    limit_title_en = models.CharField(max_length=80, blank=True)
    standard = models.CharField(max_length=40, blank=True)
    clause_zh = models.CharField(max_length=120, blank=True)
    clause_en = models.CharField(max_length=120, blank=True)
    times_over = models.FloatField()
    confidence = models.FloatField()
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    evidence = models.JSONField(default=list)
    signs = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    edition = models.JSONField(default=dict)

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("detector", "channel", "kind"),
                condition=models.Q(state="open"),
                name="one_open_finding_a_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(station__isnull=False, cell=None)
                | models.Q(station=None, cell__isnull=False, lon__isnull=False, lat__isnull=False),
                name="one_place_a_finding",
            ),
        )
        indexes = (
            models.Index(fields=("channel", "detector", "kind", "ended_at"), name="finding_of_channel"),
            models.Index(fields=("state", "-opened_at"), name="finding_state"),
            models.Index(fields=("station", "cause", "ended_at"), name="finding_of_station"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"

    @property
    def title(self) -> str:
        return self._said(self.title_zh, self.title_en)

    @property
    def sentence(self) -> str:
        return self._said(self.sentence_zh, self.sentence_en)

    @property
    def place(self) -> Station | Point:
        """Where it is: a station, or a point in a grid cell."""
        if self.station is not None:
            return self.station
        assert self.cell is not None  # noqa: S101 the row's constraint
        return Point(self.cell, self.lon or 0.0, self.lat or 0.0)

    @property
    def limit_title(self) -> str:
        return self._said(self.limit_title_zh, self.limit_title_en)

    @property
    def clause(self) -> str:
        return self._said(self.clause_zh, self.clause_en)

    @staticmethod
    def _said(zh: str, en: str) -> str:
        return zh if (get_language() or "zh").startswith("zh") else en


class SettledType(models.Model):
    """What type of pollution a finding really was, as a person settled it, with the signs as they were read then.

    `states` and `silent` are what `qingyuan_science.assess.pollution` learns from; `told` is what it had named, empty
    where it could not tell.
    """

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="settled_type")
    code = models.CharField(max_length=16)
    why = models.TextField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    kind = models.CharField(max_length=16, choices=StationKind)
    states = models.JSONField()
    silent = models.JSONField()
    told = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ("set_at", "pk")

    def __str__(self) -> str:
        return f"{self.finding_id} {self.code}"


class Subject(models.TextChoices):
    """What a screening looks at."""

    ENTERPRISE = "enterprise", _("Enterprises")
    CELL = "cell", _("Grid cells")


class Schedule(models.TextChoices):
    """When a screening runs by itself."""

    BY_HAND = "hand", _("Only by hand")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every Monday")


class Screening(models.Model):
    """A saved query over what is known of enterprises, or of grid cells.

    `conditions` are `conditions.Condition` as JSON. An empty part of the scope fits all of them. `needed` says how many
    conditions must be met, None for all.
    `enters` is how many clues a run by the timer enters by itself at most.
    """

    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=12, choices=Subject, default=Subject.ENTERPRISE)
    industry = models.CharField(max_length=8, blank=True)
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, null=True, related_name="+")
    management = models.CharField(max_length=16, blank=True)
    conditions = models.JSONField(default=list)
    needed = models.PositiveSmallIntegerField(null=True)
    days = models.PositiveSmallIntegerField(default=30)
    schedule = models.CharField(max_length=8, choices=Schedule, default=Schedule.BY_HAND)
    enabled = models.BooleanField(default=True)
    enters = models.PositiveSmallIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ScreeningRun(models.Model):
    """One run of a screening: over which time of the data, by whom, with the definition as it was then.

    It was asked for at `started_at`; `known_at` is when data were read. `ran_by` is None where the timer ran it, in the
    territory of the owner. Of `total` enterprises in scope `looked_at` are done, and of `unknown` some number was not
    known.
    """

    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    ran_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    span_start = models.DateTimeField()
    span_end = models.DateTimeField()
    definition = models.JSONField()
    versions = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("-started_at", "-pk")
        indexes = (models.Index(fields=("screening", "-started_at"), name="run_of_screening"),)

    def __str__(self) -> str:
        return f"run {self.pk} of {self.screening_id}"


class ScreeningRow(models.Model):
    """An enterprise or a grid cell that a run listed: its rank, and for each condition what its fact said."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.CASCADE, related_name="rows")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, null=True, related_name="+")
    rank = models.PositiveIntegerField()
    met = models.PositiveSmallIntegerField()
    beyond = models.FloatField()
    answers = models.JSONField()
    clue = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("run", "rank")
        constraints = (
            models.UniqueConstraint(fields=("run", "enterprise"), name="one_row_an_enterprise"),
            models.UniqueConstraint(fields=("run", "cell"), name="one_row_a_cell"),
            models.CheckConstraint(
                condition=models.Q(enterprise__isnull=False, cell=None) | models.Q(enterprise=None, cell__isnull=False),
                name="one_subject_a_row",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.rank} {self.enterprise_id or self.cell_id}"

    @property
    def subject(self) -> Enterprise | GridCell:
        """What was listed."""
        found = self.enterprise or self.cell
        assert found is not None  # noqa: S101 the row's constraint
        return found

    @property
    def within(self) -> GridCell:
        """The grid cell that it is in, or is."""
        return self.enterprise.cell if self.enterprise else self.subject  # type: ignore[return-value]


class RehearsalState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Rehearsal(models.Model):
    """A rule set run over days that have passed, with the rules as they were then; `known_at` is when data were read.

    `channels` of which `done` are finished; `blind` says by detector and reason how many looks could not judge.
    """

    title = models.CharField(max_length=120)
    rules = models.JSONField()
    first_day = models.DateField()
    last_day = models.DateField()
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=RehearsalState, default=RehearsalState.WAITING)
    channels = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField()
    blind = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk} {self.title}"


class RehearsedFinding(models.Model):
    """What a rehearsal found. `merged` says that an earlier one of it tells of the same, as findings merge.

    `known` is the finding on file of the same station, factor and cause at that time, as it stood when it was compared.
    """

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.CASCADE, related_name="+")
    detector = models.CharField(max_length=40)
    cause = models.CharField(max_length=40)
    kind = models.CharField(max_length=1, choices=WatchKind)
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    factor = models.CharField(max_length=24)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(choices=SeverityLevel)
    peak = models.FloatField()
    times_over = models.FloatField()
    sentence_zh = models.TextField()
    sentence_en = models.TextField()
    merged = models.BooleanField(default=False)
    known = models.ForeignKey(Finding, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("-started_at", "pk")
        indexes = (
            models.Index(fields=("rehearsal", "merged", "-started_at"), name="rehearsed_of"),
            models.Index(fields=("rehearsal", "known"), name="rehearsed_known"),
        )

    def __str__(self) -> str:
        return f"{self.rehearsal_id} {self.detector} {self.station_id}"

    @property
    def sentence(self) -> str:
        return self.sentence_zh if (get_language() or "zh").startswith("zh") else self.sentence_en


class Review(models.Model):
    """A time of an enterprise judged again by what is known now; `done` of `total` steps are.

    `blind` says by detector and reason how many looks could not judge.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    why = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    known_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    blind = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk} {self.enterprise_id}"


class ReviewedFinding(models.Model):
    """A finding in which a review differs from what was on file: opened `anew`, or found no more."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    anew = models.BooleanField()

    class Meta:
        ordering = ("finding__started_at", "pk")
        constraints = (models.UniqueConstraint(fields=("review", "finding"), name="one_word_of_a_review"),)

    def __str__(self) -> str:
        return f"{self.review_id} {self.finding_id}"
