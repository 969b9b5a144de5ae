"""The forms of cameras and of what is brought by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from qingyuan.sensing.queries import Camera
from qingyuan.showing.forms import InstantField

_AT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"})


class CameraForm(forms.ModelForm):  # type: ignore[type-arg]
    """A camera as a page asks for it; a live address that is left empty stays as it is."""

    place = forms.CharField(
        label=_("Stands at"), max_length=40,
        help_text=_("Code of a station, or of an enterprise if it looks at all of its stations."),
    )  # fmt: skip
    drop_live = forms.BooleanField(label=_("Remove the live address"), required=False)
    field_order = ("code", "title_zh", "title_en", "place", "looks_at", "infrared", "owner", "valid_from")

    class Meta:
        model = Camera
        fields = (
            "code", "title_zh", "title_en", "looks_at", "infrared", "owner", "valid_from", "gb_code", "live_url",
            "clock_ahead_s", "keep_days",
        )  # fmt: skip
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.initial.pop("live_url", None)
        if self.instance.pk is None:
            del self.fields["drop_live"]
        else:
            del self.fields["code"]
            self.initial["place"] = (self.instance.station or self.instance.enterprise).code

    def validate_constraints(self) -> None:
        """Leave it to `sensing.api`, which knows the place."""

    def values(self) -> dict[str, Any]:
        """What `sensing.api.keep_camera` takes."""
        told = {name: value for name, value in self.cleaned_data.items() if name in self.Meta.fields}
        for name in ("code", "valid_from"):
            told.pop(name, None)
        if not told["live_url"] and not self.cleaned_data.get("drop_live"):
            del told["live_url"]
        return told


class EndCameraForm(forms.Form):
    """From when on a camera is no longer in use, and why."""

    ended_on = forms.DateField(
        label=_("Ends on"), help_text=_("The first day on which it is not in use any more."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    why = forms.CharField(label=_("Why it ends"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class FootageForm(forms.Form):
    """A clip or a still that somebody brings."""

    begins_at = InstantField(
        label=_("Begins at (Beijing time)"), widget=_AT,
        help_text=_("When its first picture was taken, by the camera’s clock."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"),
        help_text=_("MP4 with H.264, AV1 or VP9, WebM with VP8, VP9 or AV1, JPEG or PNG; 64 MiB at most."),
        widget=forms.ClearableFileInput(attrs={"accept": "video/mp4,video/webm,image/jpeg,image/png"}),
    )  # fmt: skip
