"""The forms of the state that an outfall came into, and of a water body."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from shapely import GEOSException
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from qingyuan.places.geometry import from_wkb
from qingyuan.places.queries import OutfallState, WaterBody, WaterLevel, water_bodies
from qingyuan.showing.views.papers.forms import day_field

NOTHING = ("", "—")
MOST_SHAPE = 500_000


class StepForm(forms.Form):
    """Into which state an outfall came, and when."""

    state = forms.ChoiceField(label=_("State"), widget=forms.RadioSelect)
    on = day_field(_("Day"))
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3}),
        help_text=_("What was seen or done: result of sampling, source traced, measure, acceptance."),
    )  # fmt: skip

    def __init__(self, following: Any, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["state"].choices = [(one.value, OutfallState(one).label) for one in following]  # type: ignore[attr-defined]


class WaterForm(forms.Form):
    """A river or lake with its shape."""

    code = forms.SlugField(label=_("Code"), max_length=32)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=120)
    title_en = forms.CharField(label=_("Title (English)"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"))
    level = forms.ChoiceField(label=_("Managed by"), choices=[NOTHING, *WaterLevel.choices], required=False)
    into = forms.ModelChoiceField(
        WaterBody.objects.none(), label=_("Flows into"), to_field_name="code", required=False, empty_label="—"
    )
    into_km = forms.FloatField(
        label=_("Joins it at kilometre"), min_value=0, required=False, widget=forms.NumberInput({"step": "any"})
    )
    shape = forms.CharField(
        label=_("Shape"), max_length=MOST_SHAPE, widget=forms.Textarea({"rows": 6, "class": "qy-code"}),
        help_text=_("GeoJSON in WGS-84: a LineString drawn downstream, or a Polygon; a Feature holding one is fine."),
    )  # fmt: skip

    def __init__(self, row: WaterBody | None, data: Any = None) -> None:
        initial = None
        if row is not None:
            names = ("code", "title_zh", "title_en", "kind", "level", "into_km")
            initial = {name: getattr(row, name) for name in names}
            initial |= {"into": row.into.code if row.into else "", "shape": json.dumps(mapping(from_wkb(row.shape)))}
        super().__init__(data, initial=initial)
        self.row = row
        self.fields["kind"].choices = [("river", gettext("River")), ("lake", gettext("Lake or reservoir"))]  # type: ignore[attr-defined]
        others = water_bodies() if row is None else water_bodies().exclude(pk=row.pk)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]
        self.fields["code"].disabled = row is not None

    def clean_code(self) -> str:
        """A code that no other water body has."""
        code: str = self.cleaned_data["code"]
        if self.row is None and water_bodies().filter(code=code).exists():
            raise forms.ValidationError(gettext("Found a code that another water body has, expected a free one."))
        return code

    def clean_shape(self) -> BaseGeometry:
        """The geometry in the text."""
        try:
            told = json.loads(self.cleaned_data["shape"])
            if told.get("type") == "FeatureCollection" and len(told["features"]) == 1:
                told = told["features"][0]
            return shape(told["geometry"] if told.get("type") == "Feature" else told)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, GEOSException) as error:
            raise forms.ValidationError(gettext("Found no geometry, expected GeoJSON of one line or area.")) from error
