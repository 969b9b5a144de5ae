"""The form that starts a rehearsal: which rules, over which days, where."""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.api import always, export_rules, set_everywhere
from qingyuan.judging.queries import DETECTORS, WatchKind
from qingyuan.kit import clock
from qingyuan.places.queries import GridCell
from qingyuan.showing.views.judging.forms import PREFIX, SettingsForm

MOST_BYTES = 5_000_000


class RehearsalForm(SettingsForm):
    """Rules in force, those with one detector set otherwise, or those of a file."""

    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    source = forms.ChoiceField(
        label=_("Which rules"), widget=forms.RadioSelect, initial="force",
        choices=[
            ("force", _("The rules in force")),
            ("change", _("The rules in force, with one detector set otherwise")),
            ("file", _("A file of rules")),
        ],
    )  # fmt: skip
    held = forms.BooleanField(
        label=_("As if they had held all the time, whatever their first day"), required=False, initial=True
    )
    file = forms.FileField(label=_("File"), required=False, help_text=_("JSON, as the page Watch rules gives it out."))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    cell = forms.ModelChoiceField(GridCell.objects.none(), label=_("Area"), required=False, empty_label=_("Everywhere"))
    detector = forms.ChoiceField(label=_("Detector"))
    kind = forms.ChoiceField(label=_("Readings"), choices=WatchKind.choices, initial=WatchKind.HOUR)

    def __init__(self, detector: str, cells: QuerySet[GridCell], *values: Any, **named: Any) -> None:
        super().__init__(detector, *values, **named)
        language = get_language() or "zh-hans"
        self.fields["detector"].choices = [(one.code, one.title.in_language(language)) for one in DETECTORS]  # type: ignore[attr-defined]
        self.fields["detector"].initial = detector
        self.fields["cell"].queryset = cells  # type: ignore[attr-defined]
        self.fields["cell"].label_from_instance = lambda cell: f"{'— ' * (cell.level - 1)}{cell.title}"  # type: ignore[attr-defined]
        today = clock.now().astimezone(clock.SHANGHAI).date()
        self.fields["first_day"].initial, self.fields["last_day"].initial = today - timedelta(days=365), today

    def setting_fields(self) -> list[forms.BoundField]:
        """The fields of the detector's settings."""
        return [field for field in self if field.name.startswith(PREFIX)]

    def clean_file(self) -> Any:
        """The JSON in the file."""
        given = self.cleaned_data.get("file")
        if given is None:
            return None
        if given.size > MOST_BYTES:
            raise forms.ValidationError(gettext("Found a file of more than 5 MB, expected a rule set"))
        try:
            return json.loads(given.read())
        except UnicodeDecodeError as error:
            raise forms.ValidationError(gettext("Found bytes that are no text, expected a rule set in JSON")) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(gettext("Found no JSON: %(why)s") % {"why": error}) from error

    def clean(self) -> dict[str, Any]:
        """What is chosen must be there."""
        found = super().clean() or self.cleaned_data
        if found.get("source") == "file" and "file" in found and found["file"] is None:
            self.add_error("file", gettext("Choose a file of rules."))
        return found

    def usual_title(self) -> str:
        """What to call it where nobody says: which rules, over which days."""
        chosen = self.cleaned_data
        which = dict(self.fields["source"].choices)[chosen["source"]]  # type: ignore[attr-defined]
        return f"{which}, {chosen['first_day']} – {chosen['last_day']}"[:120]

    def rules(self) -> Any:
        """The rule set that was chosen."""
        chosen = self.cleaned_data
        rules = chosen["file"] if chosen["source"] == "file" else export_rules()
        if chosen["held"]:
            rules = always(rules, clock.now().astimezone(clock.SHANGHAI).date())
        if chosen["source"] == "change":
            rules = set_everywhere(rules, chosen["detector"], chosen["kind"], self.settings())
        return rules
