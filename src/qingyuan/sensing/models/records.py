from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import Organisation
from qingyuan.sensing.records.definition import About, Every, ListDefinition


class DataList(models.Model):
    """A list that another department or system delivers (数据清单).

    `definition` is a `ListDefinition`; the log keeps how it was before. `held` counts the records that are known now,
    `matched` those of them that an enterprise was found for. `namings_mark` is another one whenever somebody new is
    named by a list in bulk, or a naming means another enterprise; `namings_for` says who was the last on file when all
    of its namings were looked up.
    """

    code = models.SlugField(max_length=40, unique=True)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    about = models.CharField(max_length=12, choices=About)
    every = models.CharField(max_length=8, choices=Every, blank=True)
    definition = models.JSONField()
    held = models.BigIntegerField(default=0)
    matched = models.BigIntegerField(default=0)
    namings_mark = models.UUIDField(null=True)
    namings_for = models.CharField(max_length=42, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en

    @cached_property
    def defined(self) -> ListDefinition:
        """The definition, taken apart."""
        return ListDefinition.from_json(self.definition)

    @property
    def own_feed(self) -> str:
        """Code of the feed of files brought by hand and of what is posted."""
        return f"records-{self.code}"


class RecordFile(models.Model):
    """One delivery of a list, through whatever door; brought by hand it is seen first, then entered.

    Its bytes are evidence in `segment` once it is entered; `body` holds them until then. Of its rows `new` and
    `changed` ones made a record known, `repeated` ones were known as they are, `faulty` ones could not be read; the
    first of these are told in `faults`.
    """

    of = models.ForeignKey(DataList, on_delete=models.PROTECT, related_name="+")
    feed = models.ForeignKey("sensing.Feed", on_delete=models.PROTECT, null=True, related_name="+")
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
    changed = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    faulty = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    undone_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("of", "-id"), name="record_file_of_list"),
            models.Index(fields=("feed", "sha256"), name="record_file_of_bytes"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


class WrittenFirm(models.Model):
    """An enterprise as a list writes it, where that is not exact; open until a person has said which it is.

    What the person decided holds for the next delivery. `candidates` are those it may be, best first, each with its
    evidence; a decision without an enterprise says that it is none of ours.
    """

    of = models.ForeignKey(DataList, on_delete=models.PROTECT, related_name="+")
    written = models.CharField(max_length=400)  # what makes it the same: code, permit and plain name
    code = models.CharField(max_length=40, blank=True)
    permit = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    candidates = models.JSONField(default=list)
    first_at = models.DateTimeField()
    enterprise = models.ForeignKey("places.Enterprise", on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("of", "written")
        constraints = (models.UniqueConstraint(fields=("of", "written"), name="one_row_a_written_firm"),)
        indexes = (models.Index(fields=("of",), name="written_firm_open", condition=models.Q(decided_at=None)),)

    def __str__(self) -> str:
        return self.name or self.code or self.permit


class MatchedBy(models.IntegerChoices):
    """How the enterprise of a record was found."""

    CODE = 1, _("By credit code")
    PERMIT = 2, _("By permit number")
    NAME = 3, _("By name")
    PERSON = 4, _("Decided by a person")


class Record(models.Model):
    """One edition of a record. The table is partitioned by list and made by hand in its migration.

    `values` stand in the order of the list's columns, each as text in the one way in which it is written. The record
    holds from `since` to before `until` (days), and was known from `known_from` to before `known_to`. `line` is its
    row in the file; `written` is how it names its enterprise where that waits or was decided by a person.
    """

    pk = models.CompositePrimaryKey("of_id", "id")
    of = models.ForeignKey(DataList, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    id = models.BigIntegerField()
    key = models.TextField(db_collation="C")
    values = ArrayField(models.TextField(null=True))
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True)
    enterprise = models.ForeignKey(
        "places.Enterprise", on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    matched_by = models.PositiveSmallIntegerField(choices=MatchedBy, null=True)
    written = models.ForeignKey(
        WrittenFirm, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    file = models.ForeignKey(RecordFile, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    line = models.IntegerField()

    class Meta:
        managed = False
        db_table = "sensing_record"

    def __str__(self) -> str:
        return f"{self.of_id} {self.key}"
