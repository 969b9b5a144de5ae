"""The forms of what is built at a site, and of the authority's own alarm thresholds."""

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.kit import clock
from qingyuan.places.api import enter_project, enter_threshold
from qingyuan.places.queries import Alarmed, GridCell, Stage, StationKind, cells
from qingyuan.sensing.queries import MEDIUM, Channel, channels
from qingyuan.showing.views.papers.forms import DaysForm, day_field
from qingyuan.showing.wording import said
from qingyuan_science.standards import StandardsError, find_factor

PARTICLES = ("a34002", "a34004", "a34001")  # what is measured at building sites


class ProjectForm(DaysForm):
    """What is built at a site, by whom, and in which stage it is."""

    enter = staticmethod(enter_project)
    name = forms.CharField(label=_("Project"), max_length=120)
    builder = forms.CharField(label=_("Builder"), max_length=120)
    stage = forms.ChoiceField(
        label=_("Stage"), choices=Stage.choices, help_text=_("The next stage is entered as a change of this one.")
    )
    field_order = ("name", "builder", "stage", "since", "until", "why")


class ThresholdForm(DaysForm):
    """Above which value the authority wants to be alarmed: of a kind of stations in an area, or at one station."""

    station_kind = forms.ChoiceField(label=_("Kind of station"), choices=StationKind.choices, initial="dust-site")
    cell = forms.ModelChoiceField(
        GridCell.objects.none(), label=_("Area"), to_field_name="code", empty_label=None,
        help_text=_("It holds in all of the area; a narrower area goes before it, and a station before any area."),
    )  # fmt: skip
    stage = forms.ChoiceField(
        label=_("Stage"), choices=[("", _("Every stage")), *Stage.choices], required=False,
        help_text=_("Only of construction-dust sites; it is that of the site’s project on the day of the data."),
    )  # fmt: skip
    factor = forms.ChoiceField(label=_("Factor"))
    averaging = forms.ChoiceField(label=_("Averaging time"), choices=Alarmed.choices, initial=Alarmed.HOUR)
    high = forms.FloatField(label=_("Alarm above"), min_value=0, widget=forms.NumberInput({"step": "any"}))
    unit = forms.CharField(label=_("Unit"), max_length=16, initial="µg/m3")
    issued_by = forms.CharField(label=_("Authority that set it"), max_length=80)
    set_on = day_field(_("Set on"), required=False, help_text=_("The day of the decision; the first day when empty."))
    basis = forms.CharField(
        label=_("Legal basis"), max_length=200,
        help_text=_("The document by which the authority may set it; a finding names it."),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=400)
    field_order = (
        "station_kind", "cell", "stage", "factor", "averaging", "high", "unit", "issued_by", "set_on", "basis",
        "reason", "since", "until", "why",
    )  # fmt: skip

    def set_choices(self) -> None:
        areas = cells(self.viewer).filter(level__lte=2).order_by("path")
        self.fields["cell"].queryset = areas  # type: ignore[attr-defined]
        self.fields["factor"].choices = self._factors()  # type: ignore[attr-defined]
        if self.viewer.organisation_id and not self.row:
            self.fields["issued_by"].initial = self.viewer.organisation
        for name in ("station_kind", "cell") if self.owner is not None else ():
            del self.fields[name]  # the place stands already
        if self.row is not None or getattr(self.owner, "kind", StationKind.DUST) != StationKind.DUST:
            del self.fields["stage"]

    def _factors(self) -> list[tuple[str, str]]:
        if self.row is not None:
            return [(self.row.factor, _factor_title(self.row.factor, MEDIUM[self.row.station_kind]))]
        known = channels(self.viewer) if self.owner is None else Channel.objects.filter(station=self.owner)
        measured = known.order_by().values_list("factor", "station__kind").distinct()
        media = {code: MEDIUM[kind] for code, kind in measured}
        if getattr(self.owner, "kind", StationKind.DUST) == StationKind.DUST:
            media = {code: MEDIUM[StationKind.DUST] for code in PARTICLES} | media
        return [(code, _factor_title(code, medium)) for code, medium in media.items()]

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What the threshold says."""
        return super().initial_of(row) | {"cell": row.cell.code if row.cell else None}

    def given(self) -> dict[str, Any]:
        """Kind and stage stay those of the edition before."""
        kept = {"station_kind": self.row.station_kind, "stage": self.row.stage} if self.row is not None else {}
        return super().given() | kept

    @staticmethod
    def enter(owner: Any, **values: Any) -> Any:
        """Enter the threshold for the place that is given, or was chosen."""
        place = owner if owner is not None else values.pop("cell")
        return enter_threshold(place, **values)

    def clean(self) -> dict[str, Any]:
        """A threshold holds from no day long before it was set."""
        cleaned: dict[str, Any] = super().clean() or {}
        set_on, today = cleaned.get("set_on"), clock.now().astimezone(clock.SHANGHAI).date()
        if set_on is not None and set_on > today:
            self.add_error("set_on", gettext("Found a day to come, expected the day of the decision"))
        return cleaned


def _factor_title(code: str, medium: str) -> str:
    try:
        title = said(find_factor(code, medium=medium).title)
    except (StandardsError, ValueError):
        return code
    return f"{title} ({code})" if (get_language() or "zh").startswith("en") else f"{title}（{code}）"
