"""Devices and dialect profiles in the administration pages; the gateway takes a change up with its next packet."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation
from qingyuan.sensing.api.departments import department_named
from qingyuan.sensing.events import DeviceRegistered, DialectChanged
from qingyuan.sensing.logic.commanding import SET_KEY, SET_PASSWORD, forget_unsure
from qingyuan.sensing.logic.dialects import check_codes
from qingyuan.sensing.models import Device, DialectProfile
from qingyuan.sensing.queries import dialect_of, retaining_request
from qingyuan_science.hj212 import Dialect, Hj212Error


class DialectForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile whose settings the codec understands."""

    class Meta:
        model = DialectProfile
        fields = ("code", "title_zh", "title_en", "settings")

    def clean_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = self.cleaned_data["settings"] or {}
        tuples: Any = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
        try:
            check_codes(Dialect("checked", **tuples))
        except (TypeError, ValueError, Hj212Error) as error:
            message = _("The codec does not take these settings: %(why)s") % {"why": error}
            raise forms.ValidationError(message) from error
        return settings


@admin.register(DialectProfile)
class DialectProfileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = DialectForm
    list_display = ("code", "title_zh", "title_en", "settings")

    def save_model(self, request: HttpRequest, obj: DialectProfile, form: Any, change: bool) -> None:
        before = DialectProfile.objects.get(pk=obj.pk).settings if change else None
        super().save_model(request, obj, form, change)
        fact = DialectChanged(obj.pk, obj.code, obj.settings, before)
        log.write(fact, _origin(request), ", ".join(form.changed_data))


class DeviceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A device of which nothing is wanted that its edition does not know."""

    class Meta:
        model = Device
        fields = ("mn", "station", "department", "state", "dialect", "password", "key", "addresses", "keeps_samples")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        profile = given.get("dialect")
        if given.get("keeps_samples") and profile is not None and retaining_request(profile) is None:
            message = _("A device of %(edition)s cannot be asked to retain a sample.")
            self.add_error("keeps_samples", message % {"edition": dialect_of(profile).edition})
        return given


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("mn", "station", "state", "dialect", "last_seen_at")
    list_filter = ("state", "dialect")
    list_select_related = ("station", "dialect")
    search_fields = ("mn", "station__code", "station__title_zh")
    autocomplete_fields = ("station",)
    form = DeviceForm
    fields = DeviceForm.Meta.fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Device, form: Any, change: bool) -> None:
        obj.first_seen_at = obj.first_seen_at or clock.now()  # most devices enter by speaking; odd ones by hand, here
        before = Device.objects.select_related("dialect").filter(pk=obj.pk).first()
        if "key" in form.changed_data and before is not None:
            obj.keep_former(before.key)
            forget_unsure(before, SET_KEY)
        if "password" in form.changed_data and before is not None:
            forget_unsure(before, SET_PASSWORD)
        super().save_model(request, obj, form, change)
        station = obj.station.code if obj.station else ""
        spoke = before.dialect.code if before is not None else ""
        fact = DeviceRegistered(obj.pk, obj.mn, station, obj.dialect.code, spoke)
        log.write(fact, _origin(request), ", ".join(form.changed_data))
        if "department" in form.changed_data:
            named = Organisation.objects.filter(pk=form.initial.get("department")).first()
            log.write(department_named(obj, named), _origin(request))


def _origin(request: HttpRequest) -> Origin:
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
