from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegisteringConfig(AppConfig):
    name = "qingyuan.registering"
    label = "registering"
    verbose_name = _("List of fixed sources")
