from django.db import models

from qingyuan.sensing.models.records import DataList, MatchedBy, WrittenFirm


class Naming(models.Model):
    """How rows of a list in bulk write an enterprise, and whom that means; each row of the lake points here.

    Whoever is found or decided upon later is written here alone: no row of the lake changes. `question` is where a
    person decides; `asked` says whether candidates were looked for.
    """

    of = models.ForeignKey(DataList, on_delete=models.PROTECT, related_name="+")
    written = models.CharField(max_length=400)
    enterprise = models.ForeignKey("places.Enterprise", on_delete=models.PROTECT, null=True, related_name="+")
    matched_by = models.PositiveSmallIntegerField(choices=MatchedBy, null=True)
    asked = models.BooleanField(default=False)
    question = models.ForeignKey(WrittenFirm, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("of", "written"), name="one_naming_a_way_of_writing"),)
        indexes = (
            models.Index(fields=("enterprise",), name="naming_matched", condition=models.Q(enterprise__isnull=False)),
        )

    def __str__(self) -> str:
        return self.written


class JournalFile(models.Model):
    """One Parquet file of a list in bulk in the lake. These rows say which files make up the list.

    Between what its rows lie: when they are of, the first column of the key, whom they name, and which deliveries
    brought them; `ended` of them are editions that are known no longer.
    """

    of = models.ForeignKey(DataList, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=300, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    month = models.CharField(max_length=7)
    rows = models.BigIntegerField()
    ended = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_naming = models.BigIntegerField(null=True)
    last_naming = models.BigIntegerField(null=True)
    first_lead = models.TextField(db_collation="C")
    last_lead = models.TextField(db_collation="C")
    first_delivery = models.BigIntegerField()
    last_delivery = models.BigIntegerField()

    class Meta:
        ordering = ("of", "month", "path")
        indexes = (models.Index(fields=("of", "month", "first_at"), name="journal_file_of_month"),)

    def __str__(self) -> str:
        return self.path
