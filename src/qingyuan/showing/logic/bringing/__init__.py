"""A file brought by hand: the same words for all that comes so, from the form to the way back."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Role
from qingyuan.sensing.queries import connectors
from qingyuan.showing.request import Request
from qingyuan.showing.wording import said


def file_in(request: Request, kinds: str) -> tuple[str, bytes]:
    """The name and the bytes of the file in a form.

    Raises
    ------
    BadInput
        None came.
    """
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(_("Choose a file: %(kinds)s.") % {"kinds": kinds}, "file")
    return str(file.name), file.read()


def settings_of(connector: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """What a form asks of how a file is read: the settings of its connector, as far as given."""
    plugin = next(one for one in connectors() if one.code == connector)
    return [
        {"name": one.name, "title": said(one.title), "help": said(one.help), "choices": one.choices,
         "value": given.get(one.name) or one.default}
        for one in plugin.settings
    ]  # fmt: skip


def settings_given(connector: str, request: Request) -> dict[str, str]:
    """The settings that a form says, without those left empty."""
    plugin = next(one for one in connectors() if one.code == connector)
    told = {one.name: request.POST.get(one.name, "").strip() for one in plugin.settings}
    return {name: value for name, value in told.items() if value}


def file_state(*, entered: bool, undone: bool) -> dict[str, str]:
    """How a file stands, and the kind of its badge."""
    if undone:
        return {"state": _("Undone"), "state_kind": "idle"}
    if entered:
        return {"state": _("Entered"), "state_kind": "good"}
    return {"state": _("Not entered yet"), "state_kind": "waiting"}


def bringer(file: Any) -> str:
    """Who brought a file: a person, or the feed by which it came."""
    return str(file.brought_by.name if file.brought_by else file.feed.title)


def way_back(request: Request, file: Any, refusal: str, why: str) -> dict[str, Any]:
    """What the page of an entered file says of taking it back."""
    own = request.user.role == Role.ADMINISTRATOR or file.brought_by_id == request.user.pk
    return {"may_undo": own and file.undone_at is None, "error": refusal, "why": why}
