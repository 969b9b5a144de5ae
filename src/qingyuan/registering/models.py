"""Tables of the list of fixed sources: builds, sources, the rows they are made of, and pairs that people decide."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, GridCell
from qingyuan_science.linking import Answer


class BuildState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Build(models.Model):
    """One building of the list. `read` counts the rows of each list that went in, `counts` what changed."""

    state = models.CharField(max_length=8, choices=BuildState, default=BuildState.WAITING)
    lists = ArrayField(models.CharField(max_length=48))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)
    read = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Source(models.Model):
    """One enterprise of the list, out of the rows that lists have of it.

    `fields` has for each field what is taken and what else lists say, with the lists; `conflicts` names the fields in
    which they contradict each other. `since` and `until` are the builds that it came with and went with.
    """

    title = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40, blank=True)
    permit = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    industry = models.CharField(max_length=40, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, null=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    lists = ArrayField(models.CharField(max_length=48), default=list)
    fields = models.JSONField(default=dict)
    conflicts = ArrayField(models.CharField(max_length=12), default=list)
    since = models.ForeignKey(Build, on_delete=models.PROTECT, related_name="+")
    until = models.ForeignKey(Build, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("title", "pk")
        indexes = (models.Index(fields=("title", "id"), name="source_standing", condition=models.Q(until=None)),)

    def __str__(self) -> str:
        return self.title or self.code


class WrittenRow(models.Model):
    """An enterprise as a list writes it; however many records of the list write it so, it is one row.

    `mark` is what stays the same while the list writes it so. A row without a source stood in no list at the last
    build.
    """

    of = models.CharField(max_length=48)
    mark = models.CharField(max_length=40)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="rows")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=40, blank=True)
    permit = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=300, blank=True)
    industry = models.CharField(max_length=40, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    records = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("of", "mark")
        constraints = (models.UniqueConstraint(fields=("of", "mark"), name="one_row_a_way_of_writing"),)

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def key(self) -> str:
        """What names it among the rows of all lists."""
        return f"{self.of}:{self.mark}"

    def as_given(self) -> dict[str, Any]:
        """The row as `qingyuan_science.linking` takes it."""
        told = {name: getattr(self, name) for name in ("name", "code", "permit", "address", "industry", "lon", "lat")}
        return {"id": self.key, "list": self.of, **told}


ANSWERS = (
    (Answer.SAME, _("The same enterprise")),
    (Answer.DIFFERENT, _("Two enterprises")),
    (Answer.UNSURE, _("Cannot be told")),
)


class Question(models.Model):
    """Whether some sources are one enterprise, asked of a person through their pairs; open while a pair of it is.

    `gain` is how many enterprises the answer will likely take out of the list, by how much they matter.
    """

    gain = models.FloatField()
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ("-gain", "pk")
        indexes = (models.Index(fields=("-gain", "id"), name="question_by_gain"),)

    def __str__(self) -> str:
        return f"{self.pk}"


class Pair(models.Model):
    """Two rows that may be of one enterprise; open until there is an answer.

    One without a question is only noted: the list may hold an enterprise twice, and nobody is asked about it.
    `terms` is the evidence with its log-likelihoods, `moved` the rows that an answer moved from which source. An answer
    that was taken back stays on file, and the pair is asked again.
    """

    one = models.ForeignKey(WrittenRow, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(WrittenRow, on_delete=models.CASCADE, related_name="+")
    question = models.ForeignKey(Question, on_delete=models.SET_NULL, null=True, related_name="pairs")
    probability = models.FloatField()
    terms = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    answer = models.SmallIntegerField(choices=ANSWERS, null=True)
    why = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    moved = models.JSONField(default=list)
    back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    back_at = models.DateTimeField(null=True)
    back_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-probability", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("one", "other"), condition=models.Q(back_at=None), name="one_answer_that_holds_a_pair"
            ),
        )
        indexes = (models.Index(fields=("-probability",), name="pair_open", condition=models.Q(answer=None)),)

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class ChangeKind(models.TextChoices):
    NEW = "new", _("New")
    GONE = "gone", _("No longer in any list")
    JOINED = "joined", _("Joined")
    PARTED = "parted", _("Parted")
    CHANGED = "changed", _("Changed")


class Change(models.Model):
    """What became of a source: in a build, or between builds by a person's answer (`build` is then None)."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, null=True, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("build", "kind"), name="change_of_build"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"
