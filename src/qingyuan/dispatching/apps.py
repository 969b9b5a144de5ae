from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchingConfig(AppConfig):
    name = "qingyuan.dispatching"
    label = "dispatching"

    def ready(self) -> None:
        from qingyuan.dispatching.case_types import CASE_TYPES

        CASE_TYPES.load_entry_points("qingyuan.case_types")

    verbose_name = _("Dispatching")
