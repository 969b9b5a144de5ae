"""The forms about judging: settings of a detector, overrides, clues, and trying a detector out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import DETECTORS, Dismissal, SeverityLevel, WatchKind, kinds_for
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, Station, StationKind, enterprises, stations
from qingyuan.sensing.queries import Channel
from qingyuan.showing.forms import InstantField
from qingyuan.showing.logic.factors import capital
from qingyuan.showing.logic.judging.pollution import types_of_pollution
from qingyuan.showing.logic.judging.words import amount_words, specs_of
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Parameter, Text
from qingyuan_science.standards import UnknownFactor, find_factor

PREFIX = "set-"


@dataclass(frozen=True)
class Places:
    """What somebody may choose from."""

    stations: QuerySet[Station]
    enterprises: QuerySet[Enterprise]

    @property
    def industries(self) -> list[tuple[str, str]]:
        """Codes and names of their industries, and of the divisions that these belong to."""
        rows = self.enterprises.exclude(industry_code="").order_by("industry_code")
        names = rows.values_list("industry_code", "industry_zh", "industry_en")
        named = {code: said(Text(zh, en)) for code, zh, en in names}
        return sorted(({code[:2]: "" for code in named} | named).items())

    @classmethod
    def of(cls, user: User) -> "Places":
        """Those in the territory, by code and by name."""
        return cls(stations(user).order_by("code"), enterprises(user).order_by("title_zh", "code"))


class Suggesting(forms.TextInput):
    """A text with suggestions, each a value and what it means."""

    def __init__(self, name: str) -> None:
        super().__init__(attrs={"list": name})
        self.suggested: list[tuple[str, str]] = []

    def render(self, *values: Any, **named: Any) -> SafeString:
        """The field, and the list that the browser offers."""
        options = format_html_join("", '<option value="{}">{}</option>', self.suggested)
        shown = super().render(*values, **named)
        return format_html('{}<datalist id="{}">{}</datalist>', shown, self.attrs["list"], options)


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


class PlacedForm(SettingsForm):
    """Settings of a detector at one place: a station, an enterprise, or an industry."""

    detector = forms.CharField(widget=forms.HiddenInput)
    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Station"), to_field_name="code", empty_label="—", required=False,
        help_text=_("Give one place: a station, an enterprise or an industry."),
    )  # fmt: skip
    enterprise = forms.ModelChoiceField(
        Enterprise.objects.none(), label=_("Enterprise"), to_field_name="code", empty_label="—", required=False,
        help_text=_("All its outlets and meters."),
    )  # fmt: skip
    industry = forms.CharField(
        label=_("Industry code"), required=False, max_length=8, widget=Suggesting("industries"),
        help_text=_("Industry code or its beginning, such as 46."),
    )  # fmt: skip
    factor = FactorField()
    place_needed = True

    def __init__(self, detector: str, places: "Places", *values: Any, **named: Any) -> None:
        super().__init__(detector, *values, **named)
        self.fields["detector"].initial = detector
        self.fields["station"].queryset = places.stations  # type: ignore[attr-defined]
        self.fields["enterprise"].queryset = places.enterprises  # type: ignore[attr-defined]
        self.fields["industry"].widget.suggested = places.industries

    def clean(self) -> dict[str, Any]:
        """One place at most, and one at least where a place is needed."""
        found = super().clean() or self.cleaned_data
        given = [name for name in ("station", "enterprise", "industry") if found.get(name)]
        if len(given) > 1:
            named = ", ".join(str(self.fields[name].label) for name in given)
            self.add_error(given[-1], gettext("Found %(found)s, expected one place") % {"found": named})
        elif not given and self.place_needed and not {"station", "enterprise", "industry"} & set(self.errors):
            self.add_error("station", gettext("Choose a station, an enterprise or an industry"))
        return found

    def place(self) -> dict[str, Any]:
        """Where it holds, as rules take it."""
        return {name: self.cleaned_data[name] for name in ("station", "enterprise", "industry", "factor")}


class WatchForm(PlacedForm):
    """Which detector looks where, at what, from when on."""

    place_needed = False
    field_order = ("detector", "kind", "station", "enterprise", "industry", "station_kind", "factor", "looks")
    kind = forms.ChoiceField(label=_("Readings"), choices=WatchKind.choices, initial=WatchKind.HOUR)
    station_kind = forms.ChoiceField(
        label=_("Kind of station"), required=False, choices=[("", "—"), *StationKind.choices]
    )
    looks = forms.ChoiceField(
        label=_("What the rule says"), initial="yes",
        choices=[("yes", _("The detector looks there")), ("no", _("The detector does not look there"))],
        help_text=_("A rule of a narrower place goes before a wider one, also where it says not to look."),
    )  # fmt: skip
    valid_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Of the data that are judged. What is stored already is not judged again by itself."),
    )  # fmt: skip

    def __init__(self, detector: str, places: "Places", *values: Any, **named: Any) -> None:
        super().__init__(detector, places, *values, **named)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in kinds_for(detector)
        ]
        self.fields["station"].help_text = gettext(
            "Give one place at most: without a station, an enterprise or an industry the rule holds everywhere."
        )

    def place(self) -> dict[str, Any]:
        """With the kind of station."""
        return {**super().place(), "station_kind": self.cleaned_data["station_kind"]}


class OverrideForm(PlacedForm):
    """Which settings differ at a place, for how long and why."""

    valid_from = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class ClueForm(forms.Form):
    """What somebody noticed, where and when."""

    station = forms.ModelChoiceField(
        Station.objects.none(), label=_("Place"), to_field_name="code", empty_label=_("Choose a station")
    )
    what = forms.CharField(label=_("What was noticed"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)
    since = InstantField(label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = InstantField(label=_("To"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), required=False)
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
