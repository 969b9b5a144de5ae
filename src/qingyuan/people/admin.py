"""People and organisations in the administration pages; who changes a person's role is a line of the log."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.kit import log
from qingyuan.kit.log import Origin
from qingyuan.people.events import PersonRegistered
from qingyuan.people.models import Organisation, Role, User


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "title_zh", "title_en", "kind")
    list_filter = ("kind",)
    search_fields = ("code", "title_zh", "title_en")


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "name_zh", "name_en", "role", "organisation", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("organisation",)
    search_fields = ("username", "name_zh", "name_en", "phone")
    autocomplete_fields = ("organisation",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Person"), {"fields": ("name_zh", "name_en", "role", "organisation", "phone", "email")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name_zh", "name_en", "role", "organisation", "password1", "password2")}),
    )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = obj.is_superuser = obj.role == Role.ADMINISTRATOR
        super().save_model(request, obj, form, change)
        origin = Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
        why = ", ".join(form.changed_data) if change else ""
        log.write(PersonRegistered(id=obj.pk, username=obj.username, role=obj.role), origin, why)
