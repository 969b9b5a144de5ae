"""The form of a document of a source, with its file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.places.api import BroughtFile, enter_document
from qingyuan.places.queries import DocumentKind
from qingyuan.showing.views.papers.forms import DaysForm


class DocumentForm(DaysForm):
    """A document of a source: what it is, who issued it, how long it holds, and what was brought of it."""

    enter = staticmethod(enter_document)
    kind = forms.ChoiceField(label=_("Kind of document"), choices=DocumentKind.choices)
    number = forms.CharField(
        label=_("Number of the document"),
        max_length=80,
        help_text=_("Of an acceptance or a plan, the number of its filing."),
    )
    title = forms.CharField(label=_("Title"), max_length=160, required=False)
    issued_by = forms.CharField(
        label=_("Issued by"), max_length=80,
        help_text=_("Or with whom it was filed; of its own acceptance, the enterprise."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False,
        help_text=_("PDF, JPEG or PNG, at most 15 MB; kept byte for byte, and its hash goes into the log."),
    )  # fmt: skip
    field_order = ("kind", "number", "title", "issued_by", "since", "until", "file", "why")

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the document says; its file is kept where no other is brought."""
        return {name: value for name, value in super().initial_of(row).items() if name != "file"}

    def given(self) -> dict[str, Any]:
        """The file as it came."""
        values = super().given()
        file = values["file"]
        return values | {"file": BroughtFile(str(file.name), file.read(), self.viewer) if file else None}
