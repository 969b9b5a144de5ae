"""The form of a feed: its own facts, and one field for each setting that its connector declares."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Organisation, User
from qingyuan.places.queries import Station, stations
from qingyuan.sensing.api import LONGEST_PACE
from qingyuan.sensing.queries import Connector, Feed, Setting, feed_by_code
from qingyuan.showing.wording import said

OWN = ("code", "title_zh", "title_en", "stations", "enabled")
TAKEN = {"new"}  # an address of its own
WORDS = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "json": "JSON",
    "csv": "CSV",
    "number": gettext_lazy("a plain number"),
    "footage": gettext_lazy("clips and stills of cameras"),
    "push": gettext_lazy("the document of HTTP push"),
}


class FeedForm(forms.Form):
    """A feed as a page asks for it; secrets that are left empty stay as they are."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    title_zh = forms.CharField(label=gettext_lazy("Title (Chinese)"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("Title (English)"), max_length=120)
    stations = forms.ModelMultipleChoiceField(
        Station.objects.none(),
        label=gettext_lazy("Stations"),
        to_field_name="code",
        required=False,
        help_text=gettext_lazy("Their channels may be named STATION/FACTOR by this feed, without a line in its table."),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    department = forms.ModelChoiceField(
        Organisation.objects.all(),
        label=gettext_lazy("Source department"),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("the bureau itself"),
        help_text=gettext_lazy("Whose data these are; the dispatch hub counts them there."),
    )
    every_minutes = forms.IntegerField(
        label=gettext_lazy("Comes at least every, minutes"),
        min_value=1,
        max_value=LONGEST_PACE,
        required=False,
        help_text=gettext_lazy(
            "After so long without anything it stands silent. Empty where it comes at no fixed pace."
        ),
    )
    enabled = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)

    def __init__(self, connector: type[Connector], viewer: User, data: Any = None, feed: Feed | None = None) -> None:
        super().__init__(data, initial=_initial(feed) if feed else None)
        self.connector, self.feed = connector, feed
        self.fields["stations"].queryset = stations(viewer).order_by("code")  # type: ignore[attr-defined]
        for setting in connector.settings:
            self.fields[_field_name(setting)] = _field(setting, feed)
        if feed is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code in TAKEN or feed_by_code(code) is not None:
            raise forms.ValidationError(_("There is a feed with this code already; choose another one."))
        return code

    def clean(self) -> dict[str, Any]:
        """The settings too must be what the connector takes."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            self.connector.checked(self.settings())
        except BadInput as error:
            name = f"setting-{error.field}"
            self.add_error(name if name in self.fields else None, str(error))
        return cleaned

    def settings(self) -> dict[str, str]:
        """The settings as they will be kept."""
        kept = self.feed.settings if self.feed else {}
        found = {}
        for setting in self.connector.settings:
            given = str(self.cleaned_data.get(_field_name(setting), "") or "")
            found[setting.name] = kept.get(setting.name, "") if setting.secret and not given else given
        return found

    def own(self) -> dict[str, Any]:
        """What a feed has whatever its connector is."""
        return {name: value for name, value in self.cleaned_data.items() if name in OWN}


def _field_name(setting: Setting) -> str:
    return f"setting-{setting.name}"


def _initial(feed: Feed) -> dict[str, Any]:
    own = {name: getattr(feed, name) for name in OWN if name != "stations"}
    named = {"department": feed.department.code if feed.department else "", "every_minutes": feed.every_minutes}
    return own | named | {"stations": [station.code for station in feed.stations.all()]}


def _field(setting: Setting, feed: Feed | None) -> forms.Field:
    kept = feed.settings.get(setting.name, "") if feed else ""
    common: dict[str, Any] = {"label": said(setting.title), "help_text": said(setting.help)}
    if setting.choices:
        choices = [(choice, WORDS.get(choice, choice)) for choice in setting.choices]
        return forms.ChoiceField(choices=choices, initial=kept or setting.default, **common)
    common["required"] = setting.required and not (setting.secret and kept)
    if setting.secret:
        if kept:
            common["help_text"] += " " + _("One is kept and not shown; leave this empty to keep it.")
        attributes = {"autocomplete": "off"}
        long = setting.lines > 1
        widget = forms.Textarea(attributes | {"rows": setting.lines}) if long else forms.PasswordInput(attributes)
        return forms.CharField(widget=widget, **common)
    return forms.CharField(initial=kept if feed else setting.default, **common)
