from django.apps import AppConfig


class InspectingConfig(AppConfig):
    name = "qingyuan.inspecting"
    label = "inspecting"
