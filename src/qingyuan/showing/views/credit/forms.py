"""The forms of environmental credit: objections, answers, signs, and the bureau's rules."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.evaluating.queries import CREDIT, GRADINGS
from qingyuan.showing.logic.credit.words import curve_words, rule_words, told
from qingyuan.showing.wording import named, said
from qingyuan_science.plugins import parameters_of
from qingyuan_science.standards.procedure.credit import credit_signs


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **more)


def _words(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, **more)


class ObjectionForm(forms.Form):
    """What the objection is about, and why."""

    item = forms.ChoiceField(label=_("What it is about"))
    reason = _words(
        _("Why it is wrong"), help_text=_("It goes into the log under your name and cannot be changed later.")
    )

    def __init__(self, items: Mapping[str, Any], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        choices = [("", "—"), *((code, told(one)) for code, one in items.items())]
        self.fields["item"].choices = choices  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """Accept or refuse, with the reason."""

    accepted = forms.TypedChoiceField(
        label=_("Answer"),
        choices=[
            ("yes", _("Accept: the item is taken out and the grade computed anew")),
            ("no", _("Refuse: the grade stays")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = _words(_("Reason"), help_text=_("The enterprise reads it. It cannot be changed later."))


class SignForm(forms.Form):
    """A veto item, an incident or a green item."""

    code = forms.ChoiceField(label=_("Item"))
    on = _day(_("Day"))
    what = forms.CharField(label=_("What happened, or which item it is"), max_length=400)
    document = forms.CharField(label=_("Document that shows it"), max_length=160)

    def __init__(self, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        kinds = {"veto": _("Veto item"), "incident": _("Incident"), "green": _("Green item")}
        choices = [(one.code, named(kinds[one.kind], said(one.name))) for one in credit_signs()]
        self.fields["code"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why something is taken back."""

    why = _words(
        _("Why it is taken back"), help_text=_("It goes into the log under your name and cannot be changed later.")
    )


class CurveField(forms.CharField):
    """The corners of a curve: `0:0, 1:100`; empty for a measure that is not used."""

    def prepare_value(self, value: Any) -> Any:
        """A curve as people type it."""
        if isinstance(value, list):
            return ", ".join(f"{number:g}:{points:g}" for number, points in value)
        return value

    def clean(self, value: Any) -> list[list[float]]:
        """The corners."""
        text = str(super().clean(value)).replace("\uff0c", ",").replace("\uff1a", ":")
        try:
            return [[float(part) for part in pair.split(":", 1)] for pair in text.split(",") if pair.strip()]
        except ValueError:
            words = gettext("found %(found)s, expected corners such as 0:0, 1:100") % {"found": text}
            raise forms.ValidationError(words) from None


class RulesForm(forms.Form):
    """The bureau's edition: weights, curves, settings; each field shows what holds now and who says so."""

    document = forms.CharField(label=_("Document that sets them"), max_length=160)
    valid_from = _day(_("In force from"))

    def __init__(self, rules: Mapping[str, Any], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.rules = rules
        for one in rules["indicators"]:
            self.fields[f"weight-{one['code']}"] = forms.FloatField(
                label=f"{told(one)}, %", min_value=0, max_value=100, required=False, initial=one["weight"],
                help_text=_about(one), widget=forms.NumberInput({"step": "any"}),
            )  # fmt: skip
        for one in (each for each in rules["measures"] if each["indicator"]):
            self.fields[f"curve-{one['code']}"] = CurveField(
                label=told(one), required=False, initial=one["curve"], help_text=f"{curve_words(one)}. {_about(one)}"
            )
        for spec in parameters_of(GRADINGS.get(CREDIT)):
            now, tick = rules["parameters"][spec.name], isinstance(spec.default, bool)
            title = said(spec.title)
            self.fields[f"set-{spec.name}"] = (
                forms.BooleanField(label=title, required=False, initial=now)
                if tick
                else forms.FloatField(
                    label=f"{title}, {spec.unit}", min_value=spec.low, max_value=spec.high, initial=now
                )
            )

    def values_given(self) -> dict[str, Any]:
        """What was asked for, as `set_grade_rules` takes it."""
        given = self.cleaned_data
        parts = {"weight-": "weights", "curve-": "curves", "set-": "parameters"}
        return {
            name: {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
            for prefix, name in parts.items()
        }


def _about(one: Mapping[str, Any]) -> str:
    words = rule_words(one)
    own = gettext("our own choice") if words["own"] else words["checked"]
    return " · ".join(part for part in (words["source"], own) if part)
