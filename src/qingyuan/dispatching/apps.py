from django.apps import AppConfig


class DispatchingConfig(AppConfig):
    name = "qingyuan.dispatching"
    label = "dispatching"

    def ready(self) -> None:
        from qingyuan.dispatching.case_types import CASE_TYPES

        CASE_TYPES.load_entry_points("qingyuan.case_types")
