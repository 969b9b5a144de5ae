from django.apps import AppConfig


class ShowingConfig(AppConfig):
    name = "qingyuan.showing"
    label = "showing"
