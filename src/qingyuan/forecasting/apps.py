from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ForecastingConfig(AppConfig):
    name = "qingyuan.forecasting"
    label = "forecasting"
    verbose_name = _("Forecasting")

    def ready(self) -> None:
        from qingyuan_science.forecast import FORECASTERS

        FORECASTERS.load("qingyuan_science.forecast")
        FORECASTERS.load_entry_points("qingyuan.forecasters")
