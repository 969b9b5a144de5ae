"""The documents of a source of pollution beside its permit: as files, valid for days and known for a time."""

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import User
from qingyuan.places.models.ledger import Enterprise
from qingyuan.places.models.papers import Paper, one_at_a_time


class DocumentKind(models.TextChoices):
    """What a document of a source is."""

    PERMIT = "permit", _("Discharge permit (copy)")
    MONITORING = "monitoring", _("Online monitoring: acceptance and filing")
    APPROVAL = "eia-approval", _("EIA approval")
    ACCEPTANCE = "acceptance", _("Acceptance by the authority")
    OWN_ACCEPTANCE = "own-acceptance", _("Acceptance by the enterprise itself")
    CONTINGENCY = "contingency", _("Environmental emergency plan (filing)")


class DocumentFile(models.Model):
    """A file as somebody brought it, under its hash; one row, however many documents refer to it."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    body = models.BinaryField()
    brought_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    brought_at = models.DateTimeField()

    class Meta:
        verbose_name = _("File of a document")
        verbose_name_plural = _("Files of documents")

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """The hash of its bytes, which names it in the log."""
        return self.sha256


class SourceDocument(Paper):
    """A document of an enterprise, by days; `file` is what was brought of it."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="+", verbose_name=_("Enterprise"))
    kind = models.CharField(max_length=16, choices=DocumentKind, verbose_name=_("Kind of document"))
    number = models.CharField(max_length=80, verbose_name=_("Number of the document"))
    title = models.CharField(max_length=160, blank=True, verbose_name=_("Title"))
    issued_by = models.CharField(max_length=80, verbose_name=_("Issued by"))
    file = models.ForeignKey(
        DocumentFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("File")
    )
    valid = DateRangeField(verbose_name=_("Valid"))

    class Meta:
        verbose_name = _("Document of a source")
        verbose_name_plural = _("Documents of sources")
        ordering = ("enterprise", "kind", "-valid")
        constraints = one_at_a_time("one_edition_of_a_document_at_a_time", "enterprise", "kind", "number")

    def __str__(self) -> str:
        return self.number
