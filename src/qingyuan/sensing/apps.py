from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SensingConfig(AppConfig):
    name = "qingyuan.sensing"
    label = "sensing"
    verbose_name = _("Devices")

    def ready(self) -> None:
        """Register the connectors."""
        from qingyuan.sensing import connectors

        connectors.load()
