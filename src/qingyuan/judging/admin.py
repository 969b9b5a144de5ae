"""What an administrator sets about judging; a watch is ended and set anew, never changed in place."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.judging import api
from qingyuan.judging.models import BlindSpot, ExcludedPlace, Override, SpotRule, Watch
from qingyuan.judging.queries import DETECTORS
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.kit.log import Origin


class WatchForm(forms.ModelForm):  # type: ignore[type-arg]
    """A watch with the first day of the data that it judges."""

    detector = forms.ChoiceField(
        label=_("Detector"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in DETECTORS]
    )
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = Watch
        fields = (
            "detector", "kind", "station_kind", "industry", "enterprise", "station", "factor", "parameters", "enabled",
            "valid_from",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            api.check_settings(values.get("detector", ""), values.get("parameters") or {})
        except BadInput as error:
            self.add_error("parameters", str(error))
            return values
        try:
            api.check_kind(values.get("detector", ""), values.get("kind", ""))
        except BadInput as error:
            self.add_error("kind", str(error))
        return values


@admin.register(Watch)
class WatchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = WatchForm
    list_display = (
        "detector", "kind", "station_kind", "industry", "enterprise", "station", "factor", "parameters", "enabled",
        "valid",
    )  # fmt: skip
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


class OverrideForm(forms.ModelForm):  # type: ignore[type-arg]
    """An override with its first and last day."""

    detector = forms.ChoiceField(
        label=_("Detector"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in DETECTORS]
    )
    valid_from = forms.DateField(label=_("Valid from"))
    last_day = forms.DateField(label=_("Last day"))

    class Meta:
        model = Override
        fields = (
            "detector", "parameters", "reason", "station_kind", "industry", "enterprise", "station", "factor",
            "valid_from", "last_day",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            api.check_settings(values.get("detector", ""), values.get("parameters") or {})
        except BadInput as error:
            self.add_error("parameters", str(error))
        if not (values.get("industry") or values.get("enterprise") or values.get("station")):
            self.add_error("station", _("Found no place, expected an industry, an enterprise or a station"))
        first, last = values.get("valid_from"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("Expected a last day that is not before the first"))
        return values


@admin.register(Override)
class OverrideAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = OverrideForm
    list_display = ("detector", "parameters", "industry", "enterprise", "station", "factor", "reason", "valid")
    actions = ("end_today",)

    def has_change_permission(self, request: HttpRequest, obj: Override | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Override | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Override, form: Any, change: bool) -> None:
        values = form.cleaned_data
        days = values.pop("valid_from"), values.pop("last_day")
        obj.pk = api.set_override(values.pop("detector"), days=days, origin=_origin(request), **values).pk

    @admin.action(description=_("End with today"), permissions=["add"])
    def end_today(self, request: HttpRequest, chosen: QuerySet[Override]) -> None:
        for one in chosen:
            api.end_override(one.pk, clock.now().astimezone(clock.SHANGHAI).date(), origin=_origin(request))


@admin.register(BlindSpot)
class BlindSpotAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("watch", "channel", "said", "count", "first_at", "last_at")

    @admin.display(description=_("Reason"), ordering="reason")
    def said(self, blind: BlindSpot) -> str:
        """Why a rule could not look, in the reader's language."""
        fault, _colon, sentence = blind.reason.partition(": ")
        return f"{title_of(fault)}: {in_words(sentence)}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BlindSpot | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BlindSpot | None = None) -> bool:
        return False


def _origin(request: HttpRequest) -> Origin:
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))


class SpotRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule, or an excluded place, with the first day of the observations that it is about."""

    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = SpotRule
        exclude = ("valid",)


@admin.register(SpotRule, ExcludedPlace)
class SpotRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Set and ended, never changed in place."""

    list_display = ("__str__", "kind", "reason", "valid")
    actions = ("end_today",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return forms.modelform_factory(self.model, form=SpotRuleForm, exclude=("valid",))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        setting = api.set_spot_rule if self.model is SpotRule else api.set_excluded_place
        obj.pk = setting(origin=_origin(request), **form.cleaned_data).pk

    @admin.action(description=_("End with today"), permissions=["add"])
    def end_today(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for row in chosen:
            api.end_spot_rule(row, clock.now().astimezone(clock.SHANGHAI).date(), _origin(request))
