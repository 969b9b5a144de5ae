"""Forms of enforcement pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ControlListForm(forms.Form):
    """A list of key dischargers: which, from when, and a line for each enterprise."""

    document = forms.CharField(
        label=_("List"), max_length=160, help_text=_("Title and year of the list that names it.")
    )
    since = forms.DateField(label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    until = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Empty while it has none."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    rows = forms.CharField(
        label=_("Enterprises"),
        help_text=_("One a line, or pasted out of a workbook: credit code or name, then the level (国控, 省控, 市控)."),
        widget=forms.Textarea(attrs={"rows": 10, "class": "qy-code", "placeholder": "91500000XXXXXXXXXX, 国控"}),
    )
