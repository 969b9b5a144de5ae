"""Of which findings the source is sought, and by which tracer; a bureau edits the rows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import DETECTORS
from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan.tracing.models import TraceRule
from qingyuan.tracing.told import rule_as_told
from qingyuan_science.plugins import PluginError, with_parameters
from qingyuan_science.trace import TRACERS


class TraceRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule with a tracer and a detector that are installed, and settings that the tracer takes."""

    tracer = forms.ChoiceField(
        label=_("Tracer"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in TRACERS]
    )
    detector = forms.ChoiceField(
        label=_("Detector"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in DETECTORS]
    )

    class Meta:
        model = TraceRule
        fields = ("tracer", "detector", "station_kind", "station", "parameters", "enabled", "valid")

    def clean_parameters(self) -> Any:
        return self.cleaned_data["parameters"] or {}  # an emptied box sets nothing

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        try:
            with_parameters(TRACERS.get(values.get("tracer", "")), values.get("parameters") or {})
        except PluginError as error:
            self.add_error("parameters", str(error))
        return values


@admin.register(TraceRule)
class TraceRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = TraceRuleForm
    list_display = ("tracer", "detector", "station_kind", "station", "parameters", "enabled", "valid")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was traced by it names it; it is ended or switched off

    def save_model(self, request: HttpRequest, obj: TraceRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        origin = Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
        log.write(rule_as_told(obj), origin, ", ".join(form.changed_data))
