from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TracingConfig(AppConfig):
    name = "qingyuan.tracing"
    label = "tracing"
    verbose_name = _("Tracing")

    def ready(self) -> None:
        from qingyuan_science.trace import TRACERS

        TRACERS.load("qingyuan_science.trace")
        TRACERS.load_entry_points("qingyuan.tracers")
