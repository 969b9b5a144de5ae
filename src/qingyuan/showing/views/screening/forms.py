"""The forms of a screening: what it is called and looks at, and one part for each condition."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.conditions import MOST_CLUES, MOST_DAYS, Condition, Definition, unit_words
from qingyuan.judging.fact import FACTS, Comparison, Fact
from qingyuan.judging.queries import Schedule, Screening, Subject
from qingyuan.places.queries import GridCell
from qingyuan.showing.views.judging.forms import FactorField, SettingsForm
from qingyuan.showing.wording import cited, said
from qingyuan_science.plugins import Parameter, parameters_of

COMPARISONS = (
    (Comparison.AT_LEAST, _("at least")),
    (Comparison.AT_MOST, _("at most")),
    (Comparison.UNKNOWN, _("is unknown")),
)


class ScreeningForm(forms.Form):
    """Everything but the conditions."""

    title_zh = forms.CharField(label=_("Title"), max_length=120)
    title_en = forms.CharField(label=_("Title (English)"), max_length=120, required=False)
    industry = forms.CharField(
        label=_("Industry code"),
        max_length=8,
        required=False,
        help_text=_("The code or its beginning, such as 46; empty for every industry."),
    )
    cell = forms.ModelChoiceField(
        GridCell.objects.none(), label=_("Grid cell"), to_field_name="code", required=False, empty_label=_("All")
    )
    management = forms.ChoiceField(
        label=_("Permit"),
        required=False,
        choices=[("", _("All")), ("key", _("Key management")), ("simplified", _("Simplified management"))],
    )
    subject = forms.ChoiceField(widget=forms.HiddenInput, choices=Subject.choices, required=False)
    days = forms.IntegerField(label=_("Last days"), min_value=1, max_value=MOST_DAYS)
    schedule = forms.ChoiceField(
        label=_("When it runs"),
        choices=Schedule.choices,
        help_text=_("By itself after 06:00, over its owner’s territory."),
    )
    enabled = forms.BooleanField(label=_("Enabled"), required=False)
    enters = forms.IntegerField(
        label=_("Clues entered by themselves"),
        min_value=0,
        max_value=MOST_CLUES,
        required=False,
        help_text=_(
            "Of each run by the timer so many of those listed first become clues under the owner’s name; "
            "dispatch rules send them to the grid worker. 0: people enter them."
        ),
    )
    needed = forms.IntegerField(
        label=_("How many conditions must be met"),
        min_value=1,
        required=False,
        help_text=_("Empty: all of them. 1: any of them."),
    )

    def __init__(self, cells: QuerySet[GridCell], *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["cell"].queryset = cells  # type: ignore[attr-defined]
        self.of = str(self.data.get("subject") or self.initial.get("subject") or Subject.ENTERPRISE)
        if self.of == Subject.CELL:
            del self.fields["industry"], self.fields["management"]

    @staticmethod
    def initial_of(row: Screening | None, subject: str = Subject.ENTERPRISE) -> dict[str, Any]:
        """What the form shows first."""
        if row is None:
            return {"days": 30, "schedule": Schedule.BY_HAND, "enabled": True, "enters": 0, "subject": subject}
        names = (
            "title_zh", "title_en", "subject", "industry", "management", "days", "schedule", "enabled", "needed",
            "enters",
        )  # fmt: skip
        return {name: getattr(row, name) for name in names} | {"cell": row.cell.code if row.cell else ""}

    def definition(self, conditions: tuple[Condition, ...]) -> Definition:
        """What was asked for."""
        given = self.cleaned_data
        return Definition(conditions=conditions, **given | {"enters": given["enters"] or 0, "subject": self.of})


class ThresholdInput(forms.NumberInput):
    """A number that the browser does not insist on: what is unknown has no threshold."""

    def use_required_attribute(self, initial: Any) -> bool:
        """Leave it to the form."""
        return False


class ConditionForm(SettingsForm):
    """One condition: a fact that was chosen before, its settings, and the threshold."""

    fact = forms.CharField(widget=forms.HiddenInput)
    factor = FactorField()
    comparison = forms.ChoiceField(label=_("Comparison"), choices=COMPARISONS)
    threshold = forms.FloatField(
        label=_("Threshold"),
        widget=ThresholdInput(attrs={"step": "any"}),
        error_messages={"required": _("Found no threshold, expected a number.")},
    )

    def __init__(self, fact: str, *values: Any, **named: Any) -> None:
        super().__init__(fact, *values, **named)
        self.kind: type[Fact] | None = FACTS.get(fact) if fact in FACTS else None
        self.title = said(self.kind.title) if self.kind else fact
        if self.kind is None or not self.kind.by_factor:
            del self.fields["factor"]
        elif self.kind.needs_factor:
            self.fields["factor"].required = True
            self.fields["factor"].help_text = gettext("Its code, such as w01018.")
        unit = said(unit_words(self.kind.unit)) if self.kind else ""
        if unit:
            self.fields["threshold"].label = gettext("Threshold, %(unit)s") % {"unit": unit}

    @staticmethod
    def specs_for(code: str) -> tuple[Parameter, ...]:
        """The settings of the fact."""
        return tuple(parameters_of(FACTS.get(code))) if code in FACTS else ()

    @property
    def about(self) -> str:
        """What the number does not show, and where it comes from."""
        if self.kind is None:
            return gettext("This fact is not installed any more.")
        source = str(cited(self.kind.source)) if self.kind.source else ""
        return " ".join(part for part in (said(self.kind.validity), source) if part)

    def clean(self) -> dict[str, Any]:
        """No threshold is needed where it is asked for what is not known."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("comparison") == Comparison.UNKNOWN:
            self.errors.pop("threshold", None)
        return cleaned

    @staticmethod
    def initial_of(one: Condition) -> dict[str, Any]:
        """What the form shows first for a saved condition."""
        settings = {f"set-{name}": value for name, value in one.parameters.items()}
        named = {"fact": one.fact, "factor": one.factor, "comparison": one.comparison, "threshold": one.threshold}
        return named | settings

    def condition(self) -> Condition:
        """What was asked for."""
        given = self.cleaned_data
        return Condition(
            given["fact"],
            Comparison(given["comparison"]),
            given.get("threshold"),
            given.get("factor", ""),
            self.settings(),
        )
