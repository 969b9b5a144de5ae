"""How far each handler of the loop has read the log, the lines that one could not take up, anchored heads, and jobs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

from qingyuan.kit.models import Anchor, Job, SetAside, Subscription

admin.site.unregister(ProcrastinateJob)  # `Job` says the same in the reader's language
STATES = {
    "todo": pgettext_lazy("job", "waiting"),
    "doing": pgettext_lazy("job", "running"),
    "succeeded": pgettext_lazy("job", "done"),
    "failed": pgettext_lazy("job", "failed"),
    "cancelled": pgettext_lazy("job", "cancelled"),
    "aborted": pgettext_lazy("job", "stopped"),
}


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    list_display = ("handler", "seq", "attempts", "retry_at")


@admin.register(SetAside)
class SetAsideAdmin(ReadOnly):
    list_display = ("at", "handler", "seq", "error")
    list_filter = ("handler",)


@admin.register(Anchor)
class AnchorAdmin(ReadOnly):
    list_display = ("at", "size", "root_text", "sent_at", "attempts", "error")
    fields = list_display
    readonly_fields = list_display

    @admin.display(description="SHA-256")
    def root_text(self, anchor: Anchor) -> str:
        return bytes(anchor.root).hex()


class StateFilter(admin.SimpleListFilter):
    """Jobs by their state."""

    title = _("State")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return tuple(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Jobs of the worker; waiting ones may be cancelled, failed ones tried again."""

    list_display = ("id", "name", "state", "scheduled", "tries", "asked")
    list_filter = (StateFilter,)
    fields = list_display
    readonly_fields = list_display
    ordering = ("-id",)
    actions = ("retry", "cancel")

    @admin.display(description=_("Name"), ordering="task_name")
    def name(self, job: Job) -> str:
        return job.task_name

    @admin.display(description=_("State"), ordering="status")
    def state(self, job: Job) -> str:
        return str(STATES.get(job.status, job.status))

    @admin.display(description=_("Due"), ordering="scheduled_at")
    def scheduled(self, job: Job) -> Any:
        return job.scheduled_at

    @admin.display(description=_("Attempts"), ordering="attempts")
    def tries(self, job: Job) -> int:
        return job.attempts

    @admin.display(description=_("Arguments"))
    def asked(self, job: Job) -> str:
        return ", ".join(f"{name}={value}" for name, value in job.args.items()) or gettext("none")

    retry = admin.action(description=_("Try again what failed"))(ProcrastinateJobAdmin.retry)
    cancel = admin.action(description=_("Cancel what waits"))(ProcrastinateJobAdmin.cancel)
