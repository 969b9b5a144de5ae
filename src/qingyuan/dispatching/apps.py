from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DispatchingConfig(AppConfig):
    name = "qingyuan.dispatching"
    label = "dispatching"

    def ready(self) -> None:
        from qingyuan.dispatching.case_types import CASE_TYPES
        from qingyuan.judging.fact import FACTS

        CASE_TYPES.load_entry_points("qingyuan.case_types")
        FACTS.load("qingyuan.dispatching.facts")

    verbose_name = _("Dispatching")
