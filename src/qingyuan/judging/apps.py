from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JudgingConfig(AppConfig):
    name = "qingyuan.judging"
    label = "judging"

    def ready(self) -> None:
        from qingyuan.judging.fact import FACTS
        from qingyuan_science.detect import DETECTORS

        DETECTORS.load("qingyuan_science.detect")
        DETECTORS.load_entry_points("qingyuan.detectors")
        FACTS.load("qingyuan.judging.facts")
        FACTS.load_entry_points("qingyuan.facts")

    verbose_name = _("Judging")
