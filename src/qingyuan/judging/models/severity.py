from django.db import models
from django.utils.translation import gettext_lazy as _


class SeverityLevel(models.IntegerChoices):
    """The severities of `qingyuan_science.detect`, as forms and filters show them."""

    NOTICE = 1, _("Notice")
    MINOR = 2, _("Minor")
    MAJOR = 3, _("Major")
    CRITICAL = 4, _("Critical")
