from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "qingyuan.project"
    label = "project"

    def ready(self) -> None:
        from qingyuan.kit import delivery
        from qingyuan.loop import LOOP

        delivery.connect(LOOP)
