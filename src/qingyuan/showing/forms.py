"""The forms of the pages: the fields of acts, and records with their photos."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.dispatching.queries import NO_VIOLATION, Case, NextAct, people_for, violation_title
from qingyuan.inspecting.queries import InspectionForm, RectificationForm
from qingyuan.kit.clock import check_day
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Station
from qingyuan.sensing.door import valid_key
from qingyuan.sensing.queries import DialectProfile
from qingyuan.showing.logic.enforcing.violations import kinds, suspected
from qingyuan.showing.logic.tracing.words import choices_of
from qingyuan.showing.wording import said
from qingyuan_science.hj212 import Keys, read_key
from qingyuan_science.standards import markings


class InstantField(forms.DateTimeField):
    """An instant of a time in which anything is measured or planned; the calendar's ends are of no zone."""

    def to_python(self, value: Any) -> datetime | None:
        try:
            found: datetime | None = super().to_python(value)
            if found is not None:
                check_day(found.date())
        except (BadInput, OverflowError) as error:
            raise ValidationError(str(error), code="invalid") from error
        return found


def _person(case: Case, field: Any) -> forms.Field:
    people = [(one.username, f"{one.name} · {one.username}") for one in people_for(case, field)]
    return forms.ChoiceField(choices=people, label=said(field.title))


def _text(case: Case, field: Any) -> forms.Field:
    return forms.CharField(label=said(field.title), widget=forms.Textarea(attrs={"rows": 3}))


def _violation(case: Case, field: Any) -> forms.Field:
    suspicion = suspected(case.finding)
    said_so = _("Suspected: %(what)s") % {"what": suspicion} if suspicion else ""
    return forms.ChoiceField(choices=_found(), label=said(field.title), help_text=said_so)


def _found() -> list[tuple[str, Any]]:
    """What a case may be found to be; nothing is chosen beforehand."""
    return [("", _("Choose")), *kinds(), (NO_VIOLATION, said(violation_title(NO_VIOLATION)))]


def _source(case: Case, field: Any) -> forms.Field:
    return forms.ChoiceField(choices=choices_of(case.finding), label=said(field.title))


MAKERS: dict[str, Callable[[Case, Any], forms.Field]] = {
    "person": _person, "source": _source, "text": _text, "violation": _violation,
}  # fmt: skip


"""A form field for each kind of field that a case type's move may ask for."""


class ActForm(forms.Form):
    """What one act asks for, and the reason."""

    def __init__(self, case: Case, chosen: NextAct | None, *values: Any) -> None:
        super().__init__(*values)
        if chosen is None:
            return
        for field in chosen.fields:
            self.fields[field.name] = MAKERS[field.kind](case, field)
        self.fields["why"] = forms.CharField(
            label=_("Reason") if chosen.reason else _("Note"),
            help_text=_("It goes into the log under your name and cannot be changed later."),
            required=chosen.reason,
            widget=forms.Textarea(attrs={"rows": 3}),
            max_length=2000,
        )


class ViolationForm(forms.Form):
    """Which violation a case was found to be, and why."""

    violation = forms.ChoiceField(label=_("Violation found"))
    why = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.fields["violation"].choices = _found()  # type: ignore[attr-defined]


class Photos(forms.ClearableFileInput):
    """A file field that takes several photos, from the camera where there is one."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos; the list is empty where none came."""

    widget = Photos(attrs={"accept": "image/*", "capture": "environment", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(PhotosField, self).clean(file, initial) for file in files]


class Record(forms.ModelForm):  # type: ignore[type-arg]
    """A record as a page asks for it. Sent twice it is kept once, so that a known `client_id` is no error here."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        for field in self.fields.values():
            if isinstance(field.widget, forms.RadioSelect):
                field.choices = [choice for choice in field.choices if choice[0]]  # type: ignore[attr-defined]

    def validate_unique(self) -> None:
        """Leave it to `inspecting.api`."""


class InspectionRecord(Record, InspectionForm):
    """The inspection: photos, large choices, then what is optional."""

    photos = PhotosField(label=_("Photos"), help_text=_("At least one, JPEG, PNG or WebP, 15 MB each at most."))
    field_order = ("photos", "production_state", "discharge_state", "treatment_state", "conclusion", "notes")

    class Meta(InspectionForm.Meta):
        widgets = {
            "production_state": forms.RadioSelect,
            "discharge_state": forms.RadioSelect,
            "treatment_state": forms.RadioSelect,
            "conclusion": forms.RadioSelect,
            "notes": forms.Textarea(attrs={"rows": 3}),
            **dict.fromkeys(("client_id", "device_at", "lon", "lat", "accuracy_m"), forms.HiddenInput),
        }


class RectificationRecord(Record, RectificationForm):
    """The rectification: what was done, when, and what shows it."""

    photos = PhotosField(label=_("Photos"), required=False, help_text=_("JPEG, PNG or WebP, 15 MB each at most."))
    field_order = ("measure", "finished_on", "photos", "notes")

    class Meta(RectificationForm.Meta):
        widgets = {
            "client_id": forms.HiddenInput,
            "measure": forms.Textarea(attrs={"rows": 4}),
            "finished_on": forms.DateInput(attrs={"type": "date"}),
            "notes": forms.Textarea(attrs={"rows": 2}),
        }


class MarkForm(forms.Form):
    """What happened at an outlet, to which factors, from when to when."""

    code = forms.ChoiceField(label=_("Kind of mark"))
    starts_at = InstantField(label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ends_at = InstantField(label=_("To (not included)"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    factors = forms.MultipleChoiceField(
        label=_("Factors"),
        help_text=_("None ticked means all of the station."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    evidence = forms.FileField(
        label=_("Evidence"), help_text=_("A PDF, JPEG or PNG file, 15 MB at most."), required=False
    )

    def __init__(
        self, station: Station, factors: list[tuple[int, str]], *values: Any, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(*values)
        self.initial = initial or {}
        language = get_language() or "zh-hans"
        kinds = [(one.code, one.title.in_language(language)) for one in markings() if station.kind in one.stations]
        self.fields["code"].choices = kinds  # type: ignore[attr-defined]
        self.fields["factors"].choices = factors  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    """Why a mark does not hold."""

    why = forms.CharField(
        label=_("Reason"),
        help_text=_("It goes into the log under your name and cannot be changed later."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class AdoptForm(forms.Form):
    """Which station a quarantined device belongs to."""

    station = forms.ModelChoiceField(Station.objects.order_by("code"), label=_("Station"), to_field_name="code")


class InspectForm(forms.Form):
    """A packet to take apart, and how its sender speaks."""

    raw = forms.CharField(
        label=_("Packet"),
        help_text=_("As text, beginning with ##; line ends may be written \\r\\n. Or its bytes as hex."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "qy-code"}),
        strip=False,
    )
    dialect = forms.ModelChoiceField(
        DialectProfile.objects.order_by("pk"), label=_("Dialect"), to_field_name="code", empty_label=None
    )
    key = forms.CharField(
        label=_("Key"),
        help_text=_("Only for an enciphered packet of 2025: 16 characters, or 32 hex digits. It is not kept."),
        required=False,
        max_length=32,
        validators=[valid_key],
    )

    def keys(self) -> Keys | None:
        """The key as the codec asks for it."""
        text = self.cleaned_data["key"]
        key = (read_key(text),) if text else ()
        return (lambda mn: key) if key else None
