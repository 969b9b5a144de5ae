"""Which channels are forecast, and from which chance on people are warned; a bureau edits the rows."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from qingyuan.forecasting.models import ForecastRule
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
