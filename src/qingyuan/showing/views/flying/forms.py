"""The forms of flights, of what was seen, and of areas."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from qingyuan.inspecting.queries import Category
from qingyuan.people.queries import User
from qingyuan.places.queries import StationKind, ZoneKind, stations, zones
from qingyuan.showing.forms import InstantField

_AT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")


class FlightForm(forms.Form):
    """A flight that was flown."""

    station = forms.ChoiceField(label=_("Drone"))
    zone = forms.ChoiceField(label=_("Area"))
    purpose = forms.CharField(label=_("Purpose"), max_length=200)
    pilot = forms.CharField(label=_("Pilot"), max_length=80)
    starts_at = InstantField(label=_("Took off (Beijing time)"), widget=_AT)
    ends_at = InstantField(label=_("Landed (Beijing time)"), widget=_AT)
    notes = forms.CharField(label=_("Notes"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, viewer: User, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        drones = stations(viewer).filter(kind=StationKind.DRONE).order_by("code")
        self.fields["station"].choices = [(one.code, f"{one.title} {one.code}") for one in drones]  # type: ignore[attr-defined]
        self.fields["zone"].choices = [(one.code, one.title) for one in zones(viewer)]  # type: ignore[attr-defined]


class ManyFiles(forms.ClearableFileInput):
    """Several files at once; the form checks that there is one, and the view reads them all."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name)


class PicturesForm(forms.Form):
    """Photos and clips of a flight."""

    pictures = forms.FileField(
        label=_("Photos and clips"),
        widget=ManyFiles(attrs={"multiple": True, "accept": "image/jpeg,image/png,image/webp,video/mp4,video/webm"}),
        help_text=_("JPEG, PNG or WebP of 15 MB, MP4 or WebM of 64 MiB at most; kept byte for byte."),
    )
    begins_at = InstantField(
        label=_("A clip begins at (Beijing time)"), required=False, widget=_AT,
        help_text=_("Photos say it themselves."),
    )  # fmt: skip


class SightingForm(forms.Form):
    """What was seen, where and when."""

    picture = forms.IntegerField(required=False, widget=forms.HiddenInput)
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    what = forms.CharField(label=_("What was seen"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    lon = forms.FloatField(label=_("Longitude (WGS-84)"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("Latitude (WGS-84)"), min_value=-90, max_value=90)
    at = InstantField(label=_("Seen at (Beijing time)"), widget=_AT)


class ZoneForm(forms.Form):
    """An area with its boundary."""

    code = forms.SlugField(label=_("Code"), max_length=32)
    title_zh = forms.CharField(label=_("Title (Chinese)"), max_length=120)
    title_en = forms.CharField(label=_("Title (English)"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=ZoneKind.choices)
    boundary = forms.CharField(
        label=_("Boundary"), widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("A polygon as GeoJSON, longitude and latitude in WGS-84."),
    )  # fmt: skip

    def clean_boundary(self) -> BaseGeometry:
        """The polygon."""
        try:
            told = json.loads(self.cleaned_data["boundary"])
            found = shape(told.get("geometry") or told)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError, ShapelyError) as error:
            raise forms.ValidationError(_("Expected a polygon as GeoJSON")) from error
        return found
