"""Places in the administration pages. Postings and applied standards have editions and are never changed in place."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.backends.postgresql.psycopg_any import DateRange
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.log import Origin
from qingyuan.places import api
from qingyuan.places.models import AppliedStandard, Enterprise, GridCell, Posting, Station, StationKind, WaterBody
from qingyuan.places.models.ledger import BODIES, SECTIONS, Level, Purpose
from qingyuan.places.network import NetworkPart, network_parts
from qingyuan_science.standards import editions


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the administration pages show, and do not change."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Drawn(Kept):
    """Shapes come in by import, not by typing."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(GridCell)
class GridCellAdmin(Drawn):
    list_display = ("path", "code", "title_zh", "title_en", "level")
    list_filter = ("level",)
    search_fields = ("code", "title_zh", "title_en")
    fields = ("code", "path", "level", "title_zh", "title_en", "parent")


@admin.register(WaterBody)
class WaterBodyAdmin(Drawn):
    list_display = ("code", "title_zh", "title_en", "kind")
    fields = ("code", "kind", "title_zh", "title_en")


@admin.register(Enterprise)
class EnterpriseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("code", "title_zh", "title_en", "industry_zh", "management", "cell")
    list_filter = ("management",)
    list_select_related = ("cell",)
    search_fields = ("code", "title_zh", "title_en")
    autocomplete_fields = ("cell", "organisation")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A station with its part in the monitoring network."""

    body = forms.ChoiceField(label=_("Kind of surface water"), choices=BODIES, required=False, initial="river")
    section = forms.ChoiceField(label=_("Key section"), choices=SECTIONS, required=False)
    drinking_source = forms.BooleanField(label=_("Drinking-water source"), required=False)
    key_area = forms.BooleanField(label=_("Point of a district key area"), required=False)
    background = forms.BooleanField(
        label=_("Background point"),
        required=False,
        help_text=_("A point of ambient air that does not count for the means of its area."),
    )
    purpose = forms.ChoiceField(
        label=_("Purpose of an air station"),
        choices=Purpose.choices,
        required=False,
        help_text=_("Superstations, component and transport-channel stations stand beside the points of assessment."),
    )
    level = forms.ChoiceField(
        label=_("Level in the network"),
        choices=Level.choices,
        required=False,
        help_text=_("Values of micro-stations show and warn, but no area is assessed by them."),
    )

    class Meta:
        model = Station
        fields = (
            "code", "title_zh", "title_en", "kind", "enterprise", "lon", "lat", "cell", "reference_oxygen",
        )  # fmt: skip

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if self.instance.pk:
            self.initial.update(network_parts([self.instance.pk])[self.instance.pk].as_told())

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("purpose") and given.get("kind") != StationKind.AMBIENT_AIR:
            self.add_error("purpose", _("Only a station of ambient air has a purpose of its own."))
        return given

    @property
    def part(self) -> NetworkPart:
        return NetworkPart(**{name: self.cleaned_data[name] for name in NetworkPart().as_told()})


@admin.register(Station)
class StationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = StationForm
    list_display = ("code", "title_zh", "title_en", "kind", "purpose", "level", "enterprise", "cell")
    list_filter = ("kind", "purpose", "level")
    list_select_related = ("enterprise", "cell")
    search_fields = ("code", "title_zh", "title_en")
    autocomplete_fields = ("cell", "enterprise")

    def save_model(self, request: HttpRequest, obj: Station, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        api.place_in_network(obj, form.part, _origin(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Edition(Kept):
    """Rows with editions: one is added from a day on, and ended with a last day; what was known stays."""

    ending: type[forms.ModelForm]  # type: ignore[type-arg]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_add_permission(request)) and (obj is None or obj.known is None or obj.known.upper is None)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return self.ending if change else super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj is None else [(None, {"fields": ("last_day", "why")})]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None  # the chained log has it


class EndingForm(forms.ModelForm):  # type: ignore[type-arg]
    """The last day of an edition, and why it ends."""

    last_day = forms.DateField(label=_("Last day"))
    why = forms.CharField(label=_("Reason"), widget=forms.Textarea)

    def clean_last_day(self) -> date:
        last_day: date = self.cleaned_data["last_day"]
        if last_day < self.instance.valid.lower:
            expected = {"day": self.instance.valid.lower}
            raise forms.ValidationError(_("The last day cannot be before %(day)s"), params=expected)
        return last_day


class PostingEndingForm(EndingForm):
    class Meta:
        model = Posting
        fields = ()


class StandardEndingForm(EndingForm):
    class Meta:
        model = AppliedStandard
        fields = ()


class PostingForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who answers for which cell, from which day on."""

    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = Posting
        fields = ("user", "cell", "valid_from")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        _refuse_second(Posting, given, "user", "cell")
        return given


@admin.register(Posting)
class PostingAdmin(Edition):
    form = PostingForm
    ending = PostingEndingForm
    list_display = ("user", "cell", "valid", "known")
    list_select_related = ("user", "cell")
    autocomplete_fields = ("user", "cell")
    search_fields = ("user__username", "user__name_zh", "cell__title_zh")

    def save_model(self, request: HttpRequest, obj: Posting, form: Any, change: bool) -> None:
        if change:
            obj.pk = api.end_posting(obj, **_values(form), origin=_origin(request)).pk
        else:
            obj.pk = api.post_person(**_values(form), origin=_origin(request)).pk


class AppliedStandardForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which class of which standard binds a station, from which day on."""

    binds = forms.ChoiceField(label=_("Standard and level"), choices=lambda: _classes())
    valid_from = forms.DateField(label=_("Valid from"))

    class Meta:
        model = AppliedStandard
        fields = ("station",)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if "binds" in given:
            given["standard"], _bar, given["level"] = given.pop("binds").partition("|")
            _refuse_second(AppliedStandard, given, "station", "standard")
        return given


def _classes() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every class of every standard; one of which there are several editions goes by the day of the data."""
    language = get_language() or "zh-hans"
    found: dict[str, dict[str, str]] = {}
    heads: dict[str, str] = {}
    for one in editions():
        family = one.document.rpartition("-")[0] or one.document
        several = {each.document for each in editions() if each.document.startswith(f"{family}-")}
        name = family if len(several) > 1 else one.document
        heads[name] = f"{name} {one.title.in_language(language)}"
        classes = found.setdefault(name, {})
        classes |= {f"{name}|{level}": title.in_language(language) for level, title in one.levels.items()}
    return [(heads[name], list(classes.items())) for name, classes in found.items()]


def _refuse_second(table: type[Posting | AppliedStandard], given: dict[str, Any], *same: str) -> None:
    """Refuse what would hold beside an edition of the same; that one is to be ended first."""
    if not all(given.get(name) for name in (*same, "valid_from")):
        return
    asked = {name: given[name] for name in same}
    span = DateRange(given["valid_from"], None)
    there = table.objects.filter(**asked, known__upper_inf=True, valid__overlap=span).first()
    if there is not None:
        message = _("“%(there)s” holds from %(day)s on; end it before another begins.")
        raise forms.ValidationError(message, params={"there": there, "day": there.valid.lower})


@admin.register(AppliedStandard)
class AppliedStandardAdmin(Edition):
    form = AppliedStandardForm
    ending = StandardEndingForm
    list_display = ("station", "standard", "level", "valid", "known")
    list_filter = ("standard",)
    list_select_related = ("station",)
    autocomplete_fields = ("station",)
    search_fields = ("station__code", "station__title_zh", "standard")

    def save_model(self, request: HttpRequest, obj: AppliedStandard, form: Any, change: bool) -> None:
        if change:
            obj.pk = api.end_standard(obj, **_values(form), origin=_origin(request)).pk
        else:
            obj.pk = api.apply_standard(**_values(form), origin=_origin(request)).pk


def _values(form: Any) -> dict[str, Any]:
    values: dict[str, Any] = form.cleaned_data
    return values


def _origin(request: HttpRequest) -> Origin:
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
