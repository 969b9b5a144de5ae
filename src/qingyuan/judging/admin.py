"""What an administrator sets about judging; a watch is ended and set anew, never changed in place."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.judging import api
from qingyuan.judging.models import BlindSpot, Watch
from qingyuan.judging.queries import DETECTORS
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin


class WatchForm(forms.ModelForm):  # type: ignore[type-arg]
    """A watch with the first day of the data that it judges."""

    detector = forms.ChoiceField(
        label=_("Detector"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in DETECTORS]
    )
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = Watch
        fields = ("detector", "kind", "station_kind", "station", "factor", "parameters", "valid_from")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            api.check_settings(values.get("detector", ""), values.get("parameters") or {})
        except BadInput as error:
            self.add_error("parameters", str(error))
        return values


@admin.register(Watch)
class WatchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = WatchForm
    list_display = ("detector", "kind", "station_kind", "station", "factor", "parameters", "valid")
    actions = ("end_today",)

    def has_change_permission(self, request: HttpRequest, obj: Watch | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Watch | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Watch, form: Any, change: bool) -> None:
        values = form.cleaned_data
        obj.pk = api.set_watch(values.pop("detector"), origin=_origin(request), **values).pk

    @admin.action(description=_("End with today"), permissions=["add"])
    def end_today(self, request: HttpRequest, chosen: QuerySet[Watch]) -> None:
        for watch in chosen:
            api.end_watch(watch.pk, clock.now().astimezone(clock.SHANGHAI).date(), _origin(request))


@admin.register(BlindSpot)
class BlindSpotAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("watch", "channel", "reason", "count", "first_at", "last_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BlindSpot | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BlindSpot | None = None) -> bool:
        return False


def _origin(request: HttpRequest) -> Origin:
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
