from django.apps import AppConfig


class InspectingConfig(AppConfig):
    name = "qingyuan.inspecting"
    label = "inspecting"

    def ready(self) -> None:
        from qingyuan.judging.fact import FACTS

        FACTS.load("qingyuan.inspecting.facts")
