"""The form of an outfall."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import Organisation
from qingyuan.places.api import OutfallFacts, enter_outfall
from qingyuan.places.queries import (
    Bank,
    Enterprise,
    Entry,
    Rhythm,
    Station,
    StationKind,
    WaterBody,
    cell_at,
    cells,
    enterprises,
    stations,
    water_bodies,
)
from qingyuan.showing.logic.outfalls.words import class_choices
from qingyuan.showing.views.papers.forms import DaysForm, day_field

NOTHING = ("", "—")


def _choice(label: Any, several: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[NOTHING, *several.choices], required=False)


class OutfallForm(DaysForm):
    """What is known of an outfall; `owner` is the outfall, None for a new one."""

    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=120)
    title_en = forms.CharField(label=_("Title (English)"), max_length=120, required=False)
    official_code = forms.CharField(
        label=_("Official code"), max_length=32, required=False,
        help_text=_("Such as FXX-420106-0001-GY-00; empty until it is given. The provisional code stays beside it."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("Class of outfall"), help_text=_("HJ 1312-2023"))
    water = forms.ModelChoiceField(
        WaterBody.objects.none(), label=_("Water body"), to_field_name="code", empty_label=_("Choose")
    )
    lon = forms.FloatField(
        label=_("Longitude"), min_value=-180, max_value=180, widget=forms.NumberInput({"step": "any"})
    )
    lat = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, widget=forms.NumberInput({"step": "any"}))
    bank = _choice(_("Bank"), Bank)
    river_km = forms.FloatField(
        label=_("River kilometre"), min_value=0, required=False, widget=forms.NumberInput({"step": "any"}),
        help_text=_("Measured along the line of the river where it is left empty."),
    )  # fmt: skip
    rhythm = _choice(_("Mode of discharge"), Rhythm)
    entry = _choice(_("Way into the river"), Entry)
    section = forms.ModelChoiceField(
        Station.objects.none(), label=_("Receiving section"), to_field_name="code", required=False, empty_label="—"
    )
    enterprises = forms.CharField(
        label=_("Enterprises that discharge through it"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Credit code or name, one a line; the main responsible party first."),
    )  # fmt: skip
    responsible = forms.CharField(
        label=_("Responsible party"), max_length=120, required=False, help_text=_("Where no enterprise is.")
    )
    supervisor = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Supervising department"), to_field_name="code", required=False,
        empty_label="—",
    )  # fmt: skip
    stations = forms.CharField(
        label=_("Stations that watch it"), required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("Code or name, one a line."),
    )  # fmt: skip
    number = forms.CharField(label=_("Approval or registration number"), max_length=60, required=False)
    granted_on = day_field(_("Approved or registered on"), required=False)
    granted_until = day_field(_("Approval or registration until"), required=False)
    signposted_on = day_field(_("Sign board put up on"), required=False)
    remarks = forms.CharField(label=_("Notes"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3}))

    def set_choices(self) -> None:
        several: dict[str, Any] = {
            "water": water_bodies(),
            "section": stations(self.viewer).filter(kind=StationKind.SURFACE_WATER).order_by("code"),
            "supervisor": Organisation.objects.exclude(kind="enterprise"),
        }
        for name, found in several.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", gettext("Choose")), *class_choices()]  # type: ignore[attr-defined]
        if self.owner is None:
            self.fields["code"] = forms.CharField(
                label=_("Provisional code"), max_length=32, required=False, help_text=_("The next free one when empty.")
            )
        given = list(self.fields)
        self.order_fields(
            ["code", *(name for name in given if name not in {"code", "since", "until"}), "since", "until"]
        )

    def initial_of(self, row: Any) -> dict[str, Any]:
        """What an edition says, rows by their codes."""
        return super().initial_of(row) | {
            "water": row.water.code,
            "section": row.section.code if row.section else "",
            "supervisor": row.supervisor.code if row.supervisor else "",
            "enterprises": "\n".join(one.enterprise.code for one in row.dischargers.select_related("enterprise")),
            "stations": "\n".join(one.station.code for one in row.monitors.select_related("station")),
        }

    def clean_enterprises(self) -> tuple[Enterprise, ...]:
        """The enterprises of the viewer's territory that the lines name."""
        return self._named(enterprises(self.viewer), self.cleaned_data["enterprises"])

    def clean_stations(self) -> tuple[Station, ...]:
        """The stations of the viewer's territory that the lines name."""
        return self._named(stations(self.viewer), self.cleaned_data["stations"])

    def _named(self, among: Any, text: str) -> tuple[Any, ...]:
        lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        found = among.filter(Q(code__in=lines) | Q(title_zh__in=lines) | Q(title_en__in=lines))
        by_name = {name: one for one in found for name in (one.title_zh, one.title_en, one.code)}
        missing = [line for line in lines if line not in by_name]
        if missing:
            words = {"found": ", ".join(missing)}
            raise forms.ValidationError(gettext("Found %(found)s, expected codes or names of your territory.") % words)
        return tuple(dict.fromkeys(by_name[line] for line in lines))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        lon, lat = given.get("lon"), given.get("lat")
        if lon is not None and lat is not None:
            cell = cell_at(lon, lat)
            if cell is None or not cells(self.viewer).filter(pk=cell.pk).exists():
                self.add_error("lon", gettext("Found a point outside your territory, expected one within it."))
        return given

    @staticmethod
    def enter(owner: Any, **values: Any) -> Any:
        """Enter what the form says."""
        apart = {name: values.pop(name) for name in ("days", "replaces", "why", "origin", "code") if name in values}
        return enter_outfall(owner, OutfallFacts(**values), **apart)
