from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ProjectConfig(AppConfig):
    name = "qingyuan.project"
    label = "project"

    def ready(self) -> None:
        from qingyuan.kit import delivery
        from qingyuan.loop import LOOP

        delivery.connect(LOOP)
        post_migrate.connect(delivery.subscribe, sender=apps.get_app_config("kit"))
