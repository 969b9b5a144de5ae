"""What a record must say; the doors check with these, and pages can draw them."""

from django import forms

from qingyuan.inspecting.models import Inspection, Rectification


class InspectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """The three parts of a site inspection (production, discharge, treatment), the conclusion, where and when."""

    class Meta:
        model = Inspection
        fields = (
            "client_id", "production_state", "discharge_state", "treatment_state", "conclusion", "notes",
            "device_at", "lon", "lat", "accuracy_m",
        )  # fmt: skip


class RectificationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What was done, and when it was finished."""

    class Meta:
        model = Rectification
        fields = ("client_id", "measure", "finished_on", "notes")
