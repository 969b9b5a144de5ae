"""Making a record: checked, kept once, with its photos, and filed with its case in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from qingyuan.dispatching import api as dispatching
from qingyuan.dispatching.api import Item
from qingyuan.inspecting.forms import InspectionForm, RectificationForm
from qingyuan.inspecting.logic import photos as media
from qingyuan.inspecting.logic.photos import Photo
from qingyuan.inspecting.models import Inspection, Rectification
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan_science.plugins import Text

AnyRecord = TypeVar("AnyRecord", Inspection, Rectification)


Form = InspectionForm | RectificationForm


@dataclass(frozen=True)
class Draft:
    """Who puts what down for which case, from where."""

    case_id: int
    user: User
    origin: Origin
    values: Mapping[str, Any]
    photos: Sequence[Photo]


def kept_already(kind: type[AnyRecord], draft: Draft) -> AnyRecord | None:
    """The record that the same device has sent before; refused when it was for another case or by another person.

    It is looked for again once the case is locked, as a device may send it twice at once.
    """
    try:
        client_id = UUID(str(draft.values.get("client_id", "")))
    except ValueError as error:
        raise BadInput(_("client_id: expected a UUID made by the device"), "client_id") from error
    same = kind.objects.filter(client_id=client_id)
    there = same.first()
    if there is None:
        dispatching.task_for_evidence(draft.case_id, draft.user, kind.__name__.lower())
        there = same.first()
    if there is not None and (there.case_id, there.by_id) != (draft.case_id, draft.user.pk):
        raise Refused(_("A record with this client_id exists for another case or by another person"))
    return there


def make(kind: type[AnyRecord], form: Form, draft: Draft, title: Text) -> tuple[AnyRecord, list[str]]:
    """Check, keep and file; answers the record and the hashes of its photos."""
    name = kind.__name__.lower()
    task = dispatching.task_for_evidence(draft.case_id, draft.user, name)
    _check(form)
    looked = media.look_at(draft.photos)
    record: AnyRecord = form.save(commit=False)
    record.case, record.task, record.by, record.at = task.case, task, draft.user, clock.now()
    record.save()
    hashes = [one.sha256 for one in media.keep(looked, record)]
    content = {field: str(value) for field, value in form.cleaned_data.items() if value is not None}
    item = Item(name, title, f"{name}/{record.pk}", {**content, "photos": hashes}, len(hashes))
    dispatching.add_evidence(draft.case_id, draft.user, draft.origin, item)
    return record, hashes


def _check(form: Form) -> None:
    for name, messages in form.errors.items():
        label = form.fields[name].label if name in form.fields else name
        raise BadInput(f"{label}: {messages[0]}", name)
