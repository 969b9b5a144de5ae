from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.sealed import SealedText


class Role(models.TextChoices):
    """What a person is here; rights follow from role, territory and organisation."""

    DUTY_OFFICER = "duty_officer", _("Duty officer")
    ANALYST = "analyst", _("Analyst")
    ENFORCEMENT_OFFICER = "enforcement_officer", _("Enforcement officer")
    GRID_WORKER = "grid_worker", _("Grid worker")
    DEPARTMENT_HANDLER = "department_handler", _("Department handler")
    SUPERVISOR = "supervisor", _("Supervisor")
    LEADER = "leader", _("Leader")
    ENTERPRISE = "enterprise", _("Enterprise user")
    ADMINISTRATOR = "administrator", _("Administrator")


class Organisation(models.Model):
    """A bureau, a team, a department, a town office or an enterprise."""

    code = models.CharField(max_length=64, unique=True, verbose_name=_("Code"))
    title_zh = models.CharField(max_length=120, verbose_name=_("Title (Chinese)"))
    title_en = models.CharField(max_length=120, verbose_name=_("Title (English)"))
    kind = models.CharField(max_length=32, verbose_name=_("Kind"))

    class Meta:
        verbose_name = _("Organisation")
        verbose_name_plural = _("Organisations")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.title_zh if (get_language() or "zh").startswith("zh") else self.title_en


class People(UserManager["User"]):
    """Makes people from the command line; a superuser is an administrator."""

    use_in_migrations = False

    def create_superuser(self, *arguments: Any, **values: Any) -> "User":
        return super().create_superuser(*arguments, **{"role": Role.ADMINISTRATOR, **values})


class User(AbstractUser):
    """A person with a log-in, one role and one organisation."""

    objects: ClassVar[People] = People()

    name_zh = models.CharField(max_length=60, verbose_name=_("Name (Chinese)"))
    name_en = models.CharField(max_length=60, verbose_name=_("Name (English)"))
    role = models.CharField(max_length=32, choices=Role, verbose_name=_("Role"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("Organisation")
    )
    phone = models.CharField(max_length=20, blank=True, verbose_name=_("Phone"))

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("People")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        named = self.name_zh if (get_language() or "zh").startswith("zh") else self.name_en
        return named or self.username


class Presence(models.Model):
    """A person used the platform on a day (of Shanghai); one row a person and day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", verbose_name=_("Person"))
    day = models.DateField(verbose_name=_("Day"))

    class Meta:
        verbose_name = _("Presence")
        verbose_name_plural = _("Presences")
        constraints = (models.UniqueConstraint(fields=("day", "user"), name="one_presence_a_day"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Occasion(models.TextChoices):
    """What a person may be told of by a message."""

    TASK_GIVEN = "task_given", _("A task is given to me")
    DUE_SOON = "due_soon", _("A task of mine is due soon")
    OVERDUE = "overdue", _("A time limit has passed, with me or brought before me")
    LAGGING = "lagging", _("A platform above is not given its data (administrators)")
    FINDING = "finding", _("A finding was opened in my territory (duty officers)")


class Contact(models.Model):
    """One address at which a person is reached, and of what; `shown` says where, without what is secret in it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("Person"))
    address = SealedText(max_length=500, verbose_name=_("Address"))
    service = models.CharField(max_length=120)
    shown = models.CharField(max_length=160)
    occasions = ArrayField(models.CharField(max_length=16, choices=Occasion), verbose_name=_("Occasions"))
    severity_from = models.PositiveSmallIntegerField(verbose_name=_("Findings from this severity on"))
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, verbose_name=_("Language"))
    quiet_from = models.TimeField(null=True, blank=True, verbose_name=_("Quiet from"))
    quiet_to = models.TimeField(null=True, blank=True, verbose_name=_("Quiet to"))
    enabled = models.BooleanField(default=True, verbose_name=_("Switched on"))

    class Meta:
        verbose_name = _("Address at which a person is reached")
        verbose_name_plural = _("Addresses at which people are reached")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.shown

    @property
    def occasion_titles(self) -> list[str]:
        return [str(Occasion(one).label) for one in Occasion.values if one in self.occasions]


class ProgramToken(models.Model):
    """What lets a program read what a person may see; only the hash of it is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="program_tokens", verbose_name=_("Person"))
    title = models.CharField(max_length=80, verbose_name=_("For what"))
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(verbose_name=_("Issued"))
    used_on = models.DateField(null=True, verbose_name=_("Last used"))
    ended_at = models.DateTimeField(null=True, verbose_name=_("Withdrawn"))

    class Meta:
        verbose_name = _("Token of a program")
        verbose_name_plural = _("Tokens of programs")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.user_id} {self.title}"
