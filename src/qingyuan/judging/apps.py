from django.apps import AppConfig


class JudgingConfig(AppConfig):
    name = "qingyuan.judging"
    label = "judging"

    def ready(self) -> None:
        from qingyuan_science.detect import DETECTORS

        DETECTORS.load("qingyuan_science.detect")
        DETECTORS.load_entry_points("qingyuan.detectors")
