from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluatingConfig(AppConfig):
    name = "qingyuan.evaluating"
    label = "evaluating"
    verbose_name = _("Evaluation")

    def ready(self) -> None:
        from qingyuan.judging.fact import FACTS
        from qingyuan_science.assess.grading import GRADINGS

        GRADINGS.load("qingyuan_science.assess.grades")
        GRADINGS.load_entry_points("qingyuan.grades")
        FACTS.load("qingyuan.evaluating.facts")
