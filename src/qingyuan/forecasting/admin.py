"""Which channels are forecast, and from which chance on people are warned; a bureau edits the rows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.forecasting.models import ForecastRule
from qingyuan.forecasting.told import rule_as_told
from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan_science.forecast import FORECASTERS


class ForecastRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule with a forecaster that is installed."""

    forecaster = forms.ChoiceField(
        label=_("Forecaster"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in FORECASTERS]
    )

    class Meta:
        model = ForecastRule
        fields = ("forecaster", "station_kind", "station", "factor", "chance", "within_hours", "enabled", "valid")


@admin.register(ForecastRule)
class ForecastRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ForecastRuleForm
    list_display = ("forecaster", "station_kind", "station", "factor", "chance", "within_hours", "enabled", "valid")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was forecast by it names it; it is ended or switched off

    def save_model(self, request: HttpRequest, obj: ForecastRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        origin = Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
        log.write(rule_as_told(obj), origin, ", ".join(form.changed_data))
