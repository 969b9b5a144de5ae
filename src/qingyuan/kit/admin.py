"""How far each handler of the loop has read the log, the lines that one could not take up, and anchored heads."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from qingyuan.kit.models import Anchor, SetAside, Subscription


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
