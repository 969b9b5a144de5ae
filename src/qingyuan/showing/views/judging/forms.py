"""The forms about judging: settings of a detector, overrides, clues, and trying a detector out."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import DETECTORS, Dismissal, SeverityLevel, WatchKind
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import capital
from qingyuan.showing.logic.judging.pollution import types_of_pollution
from qingyuan.showing.logic.judging.words import amount_words, specs_of
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Parameter
from qingyuan_science.standards import UnknownFactor, find_factor

PREFIX = "set-"


class SettingsForm(forms.Form):
    """A field for each number that a detector lets be set; an empty one leaves it as it is."""

    def __init__(self, detector: str, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.specs = self.specs_for(detector)
        for spec in self.specs:
            self.fields[f"{PREFIX}{spec.name}"] = _field(spec)

    @staticmethod
    def specs_for(code: str) -> tuple[Parameter, ...]:
        """What may be set."""
        return specs_of(code)

    def settings(self) -> dict[str, Any]:
        """The settings that were given, by name."""
        given = {spec.name: self.cleaned_data.get(f"{PREFIX}{spec.name}") for spec in self.specs}
        return {name: value for name, value in given.items() if value is not None}


class FactorField(forms.CharField):
    """A factor that the field knows or that some station measures, by its code of today; empty for every one."""

    def __init__(self) -> None:
        super().__init__(label=_("Factor"), required=False, max_length=24, help_text=_("Empty for every factor."))

    def clean(self, value: Any) -> str:
        """The code; a code of an older edition becomes that of today."""
        given = super().clean(value)
        if not given or Channel.objects.filter(factor=given).exists():
            return str(given)
        try:
            return find_factor(given).code
        except UnknownFactor:
            found = gettext("Found factor %(found)s, expected the code of one that is known, such as w01018")
            raise forms.ValidationError(found % {"found": given}) from None


def _field(spec: Parameter) -> forms.Field:
    help_text = gettext("%(low)s to %(high)s; %(usual)s where empty") % {
        "low": f"{spec.low:g}", "high": amount_words(spec, spec.high), "usual": f"{spec.default:g}"
    }  # fmt: skip
    if isinstance(spec.default, bool):
        yes_or_no = [
            ("", f"({gettext('yes') if spec.default else gettext('no')})"),
            ("True", gettext("yes")),
            ("False", gettext("no")),
        ]
        return forms.TypedChoiceField(
            label=capital(said(spec.title)),
            choices=yes_or_no,
            required=False,
            coerce=lambda text: text == "True",
            empty_value=None,
        )
    bounds: dict[str, Any] = {"min_value": spec.low, "max_value": spec.high, "required": False}
    kind = forms.IntegerField if isinstance(spec.default, int) else forms.FloatField
    widget = forms.NumberInput(attrs={"placeholder": f"{spec.default:g}", "step": "any"})
    return kind(label=capital(said(spec.title)), help_text=help_text, widget=widget, **bounds)


def with_settings() -> list[tuple[str, str]]:
    """Code and title of each detector that has a setting."""
    return [(one.code, said(one.title)) for one in DETECTORS if specs_of(one.code)]


class OverrideForm(SettingsForm):
    """Which settings differ at a station, for how long and why."""

    detector = forms.CharField(widget=forms.HiddenInput)
    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Station"), to_field_name="code", empty_label=_("Choose a station")
    )
    factor = FactorField()
    valid_from = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, detector: str, stations: QuerySet[Station], *values: Any) -> None:
        super().__init__(detector, *values)
        self.fields["detector"].initial = detector
        self.fields["station"].queryset = stations  # type: ignore[attr-defined]


class ClueForm(forms.Form):
    """What somebody noticed, where and when."""

    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Place"), to_field_name="code", empty_label=_("Choose a station")
    )
    what = forms.CharField(label=_("What was noticed"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)
    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(
        label=_("To"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), required=False
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=SeverityLevel.choices, coerce=int, initial=SeverityLevel.MINOR
    )

    def __init__(self, stations: QuerySet[Station], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["station"].queryset = stations  # type: ignore[attr-defined]


class DismissForm(forms.Form):
    """Why a finding means nothing: its kind, and in words."""

    code = forms.ChoiceField(label=_("Kind of false alarm"), choices=[("", "—"), *Dismissal.choices])
    why = forms.CharField(
        label=_("Why it means nothing"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why the finding means nothing")},
    )


class SettleTypeForm(forms.Form):
    """What type of pollution it really was, and what shows it."""

    type = forms.ChoiceField(label=_("Type of pollution"))
    shown_by = forms.CharField(
        label=_("What proves it"),
        help_text=_("What was found on site, a sample, a confession. It goes into the log under your name."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say what shows the type of pollution")},
    )

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["type"].choices = [("", "—"), *types_of_pollution()]  # type: ignore[attr-defined]


class TrialForm(SettingsForm):
    """Which detector to try with which settings, at which station and over how many days."""

    detector = forms.ChoiceField(label=_("Detector"))
    kind = forms.ChoiceField(label=_("Readings"), choices=WatchKind.choices, initial=WatchKind.HOUR)
    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Station"), to_field_name="code", empty_label=_("Choose a station")
    )
    factor = FactorField()
    days = forms.IntegerField(label=_("Last days"), min_value=1, max_value=366, initial=30)

    def __init__(self, detector: str, stations: QuerySet[Station], *values: Any, **named: Any) -> None:
        super().__init__(detector, *values, **named)
        language = get_language() or "zh-hans"
        titles = [(one.code, one.title.in_language(language)) for one in DETECTORS]
        self.fields["detector"].choices = titles  # type: ignore[attr-defined]
        self.fields["station"].queryset = stations  # type: ignore[attr-defined]

    @property
    def length(self) -> timedelta:
        """Over how long it is tried."""
        return timedelta(days=self.cleaned_data["days"])
