"""What a bureau sets about its casework: rules and time limits. Both have editions and are never changed in place."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from qingyuan.dispatching import api
from qingyuan.dispatching.models import DispatchRule, LegalBasisEdition, TimeLimitEdition
from qingyuan.dispatching.queries import CASE_TYPES
from qingyuan.dispatching.time_limits import shipped
from qingyuan.judging.queries import DETECTORS
from qingyuan.kit.log import Origin
from qingyuan_science.standards.procedure.violations import violations


class DispatchRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule with the first day on which it holds."""

    detector = forms.ChoiceField(
        label=_("Detector"),
        required=False,
        choices=lambda: [("", "—"), *((one.code, f"{one.title.zh} {one.title.en}") for one in DETECTORS)],
    )
    case_type = forms.ChoiceField(
        label=_("Case type"), choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in CASE_TYPES]
    )
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = DispatchRule
        fields = (
            "title_zh", "title_en", "priority", "detector", "station_kind", "cell", "severity_from",
            "case_type", "organisation", "person", "valid_from",
        )  # fmt: skip


class TimeLimitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A time limit with the first day on which it holds."""

    limit = forms.ChoiceField(
        label=_("Time limit"),
        choices=lambda: [(one.code, f"{one.title.zh} {one.title.en}") for one in shipped().values()],
    )
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = TimeLimitEdition
        fields = ("limit", "hours", "document", "valid_from")


class LegalBasisForm(forms.ModelForm):  # type: ignore[type-arg]
    """An article of a law with the first day on which it holds."""

    violation = forms.ChoiceField(
        label=_("Kind of violation"),
        choices=lambda: [(one.code, f"{one.name.zh} {one.name.en}") for one in violations()],
    )
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = LegalBasisEdition
        fields = ("violation", "law", "article", "valid_from")


class Editions(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are added and retired, and stay as they were."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DispatchRule)
class DispatchRuleAdmin(Editions):
    form = DispatchRuleForm
    list_display = (
        "title_zh",
        "priority",
        "detector",
        "station_kind",
        "cell",
        "severity_from",
        "organisation",
        "known",
    )
    actions = ("retire",)

    def save_model(self, request: HttpRequest, obj: DispatchRule, form: Any, change: bool) -> None:
        obj.pk = api.add_rule(origin=_origin(request), **form.cleaned_data).pk

    @admin.action(description=_("Retire from now on"), permissions=["add"])
    def retire(self, request: HttpRequest, chosen: QuerySet[DispatchRule]) -> None:
        for rule in chosen:
            api.retire_rule(rule.pk, _origin(request))


@admin.register(TimeLimitEdition)
class TimeLimitAdmin(Editions):
    form = TimeLimitForm
    list_display = ("limit", "hours", "document", "valid", "known")

    def save_model(self, request: HttpRequest, obj: TimeLimitEdition, form: Any, change: bool) -> None:
        values = form.cleaned_data
        edition = api.set_time_limit(values.pop("limit"), values.pop("hours"), origin=_origin(request), **values)
        obj.pk = edition.pk


@admin.register(LegalBasisEdition)
class LegalBasisAdmin(Editions):
    form = LegalBasisForm
    list_display = ("violation", "law", "article", "valid", "known")

    def save_model(self, request: HttpRequest, obj: LegalBasisEdition, form: Any, change: bool) -> None:
        values = form.cleaned_data
        obj.pk = api.set_legal_basis(values.pop("violation"), origin=_origin(request), **values).pk


def _origin(request: HttpRequest) -> Origin:
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
