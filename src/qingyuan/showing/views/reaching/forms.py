"""The form of an address at which somebody is reached."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.judging.queries import SeverityLevel
from qingyuan.people.queries import Contact, Occasion, Role, User

USUAL = (Occasion.TASK_GIVEN, Occasion.DUE_SOON, Occasion.OVERDUE)


class WishesForm(forms.Form):
    """Of what an address is told, in which language, and when not."""

    occasions = forms.MultipleChoiceField(
        label=_("Told of"), choices=Occasion.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    severity_from = forms.TypedChoiceField(
        label=_("Findings from this severity on"),
        choices=SeverityLevel.choices,
        coerce=int,
        initial=SeverityLevel.MAJOR,
    )
    language = forms.ChoiceField(label=_("Language of the messages"), choices=settings.LANGUAGES)
    quiet_from = forms.TimeField(
        label=_("Quiet from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("Quiet to"),
        required=False,
        help_text=_("Shanghai time. What comes meanwhile is sent at the end of it."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, of: User, data: Any = None, kept: Contact | None = None) -> None:
        super().__init__(data, initial=_initial(of, kept))
        told = [choice for choice in Occasion.choices if choice[0] in _offered(of)]
        self.fields["occasions"].choices = told  # type: ignore[attr-defined]
        if of.role != Role.DUTY_OFFICER:
            del self.fields["severity_from"]


class AddressForm(WishesForm):
    """A new address with its wishes."""

    address = forms.CharField(
        label=_("Address"),
        max_length=500,
        help_text=_("The address that a robot of DingTalk, WeCom or Feishu shows for copying, or an e-mail address."),
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    field_order = ("address",)


def _offered(of: User) -> tuple[Occasion, ...]:
    """What a person of that role may be told of."""
    own = {Role.DUTY_OFFICER: (Occasion.FINDING,), Role.ADMINISTRATOR: (Occasion.LAGGING,)}
    return (*USUAL, *own.get(Role(of.role), ()))


def _initial(of: User, kept: Contact | None) -> dict[str, Any]:
    if kept is None:
        return {"occasions": list(_offered(of)), "language": get_language() or settings.LANGUAGE_CODE}
    names = ("occasions", "severity_from", "language", "quiet_from", "quiet_to")
    return {name: getattr(kept, name) for name in names}
