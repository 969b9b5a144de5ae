"""The form of a platform above."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.forwarding.queries import (
    KEPT,
    Cipher,
    Destination,
    Edition,
    Form,
    Names,
    Network,
    OwnLate,
    OwnMean,
    What,
    destination,
    made_from,
)
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell, Station, StationKind, stations

TAKEN = {"new"}  # an address of its own
PLAIN = (
    "title_zh", "title_en", "host", "port", "tls", "tls_authority", "edition", "form", "what", "kinds", "levels",
    "cell", "over_time_s", "re_count", "at_once", "per_second", "keep_hours", "lag_minutes", "passes_commands",
    "enabled", "reason", "cipher", "enciphered_in_clear", "own_means", "own_wait_minutes", "own_mark", "own_late",
)  # fmt: skip


class DestinationForm(forms.Form):
    """A platform above as a page asks for it; a password that is shown as a star stays as it is."""

    code = forms.SlugField(label=gettext_lazy("Code"), max_length=40)
    title_zh = forms.CharField(label=gettext_lazy("Title (Chinese)"), max_length=120)
    title_en = forms.CharField(label=gettext_lazy("Title (English)"), max_length=120)
    host = forms.CharField(label=gettext_lazy("Address"), max_length=255)
    port = forms.IntegerField(label=gettext_lazy("Port"), min_value=1, max_value=65535)
    tls = forms.BooleanField(label=gettext_lazy("Over TLS"), required=False)
    tls_authority = forms.CharField(
        label=gettext_lazy("Certificate that vouches for it"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("In PEM form; empty where one of the well-known authorities vouches."),
    )
    edition = forms.ChoiceField(label=gettext_lazy("Edition"), choices=Edition.choices, initial=Edition.E2017)
    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=Form.choices,
        help_text=gettext_lazy(
            "As received: the bytes of the device pass unchanged, with a new header where numbers or passwords differ."
            " What came by other doors, or in another edition, is made anew in any case."
        ),
    )
    cipher = forms.ChoiceField(
        label=gettext_lazy("Security"),
        choices=Cipher.choices,
        help_text=gettext_lazy(
            "SM4 is for platforms of HJ 212-2025 only: the content of data is enciphered as its annex A describes,"
            " which was read at second hand and recomputed with its examples. That cipher text goes as bytes is likely,"
            " and was tried with no real platform yet."
        ),
    )
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=32,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "The key that the platform above registered for this line: 16 characters, or 32 hex digits. It is kept"
            " enciphered and never shown again; left empty, it stays as it is."
        ),
    )
    enciphered_in_clear = forms.BooleanField(
        label=gettext_lazy("What devices encipher goes on in the clear"),
        required=False,
        help_text=gettext_lazy(
            "For a line that does not encipher. Ticked: content that came enciphered leaves readable to everybody on"
            " the way, unless TLS or a closed network protects it. Not ticked: it is not handed on, but counted."
        ),
    )
    what = forms.MultipleChoiceField(
        label=gettext_lazy("What is handed on"),
        choices=What.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=["r", "m", "h", "d", "s"],
    )
    own_means = forms.MultipleChoiceField(
        label=gettext_lazy("Means computed here, where a device sent none"),
        choices=OwnMean.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "For a time of which a station sent nothing of that kind. Those that change later, by late data or marks,"
            " are handed on again. A platform that computes its own means needs none of it."
        ),
    )
    own_wait_minutes = forms.IntegerField(
        label=gettext_lazy("Waits for the device’s own, minutes"), min_value=1, initial=60,
        help_text=gettext_lazy("After the end of the period."),
    )  # fmt: skip
    own_late = forms.TypedChoiceField(
        label=gettext_lazy("The device’s own, after ours went"),
        choices=OwnLate.choices,
        required=False,
        empty_value=OwnLate.CORRECTS.value,
        help_text=gettext_lazy(
            "It is the device’s own that counts, so it goes on, in 2025 marked as sent again. Withheld, it stands under"
            " “Not arrived” until somebody sends it."
        ),
    )
    own_mark = forms.CharField(
        label=gettext_lazy("Mark of means computed here"),
        max_length=4,
        required=False,
        initial="CALC",
        help_text=gettext_lazy(
            "Stands in EFlag, the flag that HJ 212-2017 and 2025 leave to whoever makes the values; agree on it with"
            " the platform above. Left empty, or in the edition of 2005, nothing tells it that a mean was computed."
        ),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of stations"),
        choices=StationKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked: all kinds. The same holds for levels and area."),
    )
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("Levels of the network"),
        choices=Network.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cell = forms.ModelChoiceField(
        GridCell.objects.order_by("path"), label=gettext_lazy("Area"), to_field_name="code", required=False
    )
    stations = forms.ModelMultipleChoiceField(
        Station.objects.none(),
        label=gettext_lazy("Stations by name"),
        to_field_name="code",
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy(
            "Beside those that fit kinds, levels and area. Where nothing of that is given and none named, all."
        ),
    )
    identities = forms.CharField(
        label=gettext_lazy("Numbers that it gave"),
        required=False,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "A line each: MN of the device or code of the station, then MN, password, system code and SM4 key as the"
            " platform above gave them; - for what stays as it is, * for a password or key that is kept and not shown."
        ),
    )
    valid_from = forms.DateField(
        label=gettext_lazy("Beginning with"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("For a new one: what came since then is handed on too."),
    )
    valid_to = forms.DateField(
        label=gettext_lazy("Up to, not including"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=400,
        help_text=gettext_lazy("Such as the order that asks for it, with its number."),
    )
    over_time_s = forms.IntegerField(
        label=gettext_lazy("Waits for an answer, s"),
        min_value=1,
        max_value=99,
        initial=10,
        help_text=gettext_lazy("HJ 212: 10 s and 3 repeats on mobile links, 5 s and 3 repeats on wires."),
    )
    re_count = forms.IntegerField(label=gettext_lazy("Repeats"), min_value=0, max_value=99, initial=3)
    at_once = forms.IntegerField(
        label=gettext_lazy("Unanswered at once"), min_value=1, max_value=5000, initial=200,
        help_text=gettext_lazy("How many packets may be on their way without an answer; 1 waits for each."),
    )  # fmt: skip
    per_second = forms.IntegerField(label=gettext_lazy("Packets per second at most"), min_value=1, required=False)
    keep_hours = forms.IntegerField(
        label=gettext_lazy("Not older than, hours"), min_value=1, required=False,
        help_text=gettext_lazy("What waited longer is left out and counted. Empty: everything is handed on."),
    )  # fmt: skip
    lag_minutes = forms.IntegerField(
        label=gettext_lazy("Lags after, minutes"), min_value=1, initial=30,
        help_text=gettext_lazy("When a packet has waited for so long, administrators are told."),
    )  # fmt: skip
    passes_commands = forms.BooleanField(
        label=gettext_lazy("Pass its commands on to devices, but for those that only an administrator may give"),
        required=False,
    )
    enabled = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)
    made_from = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, viewer: User, data: Any = None, *, destination: Destination | None = None) -> None:
        super().__init__(data, initial=_initial(destination) if destination else None)
        self.destination = destination
        self.fields["stations"].queryset = stations(viewer).order_by("code")  # type: ignore[attr-defined]
        if destination is not None:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if code in TAKEN or destination(code) is not None:
            raise forms.ValidationError(_("There is a platform with this code already; choose another one."))
        return code

    def clean_identities(self) -> dict[str, Names]:
        """The lines as names; a star is the password or key that is kept."""
        found: dict[str, Names] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["identities"].splitlines())):
            own, *rest = line.split()
            if not rest or len(rest) > 4 or own in found:
                raise forms.ValidationError(
                    _("Found “%(line)s”, expected one line each: own number, MN, password, system code, key.")
                    % {"line": " ".join((own, rest[0], *("…" for _secret in rest[1:]))) if rest else line}
                )
            mn, password, system, key = ("" if text == "-" else text for text in (*rest, "-", "-", "-")[:4])
            found[own] = Names(mn, password, system, key)
        return found

    def told(self) -> dict[str, Any]:
        """What `define_destination` takes."""
        given = self.cleaned_data
        return {
            "code": self.destination.code if self.destination else given["code"],
            "values": {name: given[name] for name in PLAIN} | ({"key": given["key"]} if given["key"] else {}),
            "made_from": given["made_from"],
            "valid_from": given["valid_from"],
            "valid_to": given["valid_to"],
            "stations": given["stations"],
            "identities": given["identities"],
        }


def _initial(one: Destination) -> dict[str, Any]:
    lines = (
        " ".join((row.own, row.mn or "-", KEPT if row.password else "-", row.system or "-", KEPT if row.key else "-"))
        for row in one.identities.all()
    )
    return {name: getattr(one, name) for name in PLAIN if name != "cell"} | {
        "cell": one.cell.code if one.cell else "",
        "stations": [station.code for station in one.stations.all()],
        "identities": "\n".join(lines),
        "valid_from": one.valid.lower,
        "valid_to": one.valid.upper,
        "made_from": made_from(one),
    }
