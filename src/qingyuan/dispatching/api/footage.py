"""The verb that puts a clip or still of a camera into the file of a case."""

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.dispatching.logic import filing, moving
from qingyuan.dispatching.logic.filing import Item
from qingyuan.dispatching.models import Evidence
from qingyuan.dispatching.queries import MAY_FILE_FOOTAGE
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.errors import BadInput, Forbidden
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.sensing.api import hold_footage
from qingyuan.sensing.queries import Footage, cameras_of, footage_by_id
from qingyuan_science.plugins import Text


@transaction.atomic
def file_footage(case_id: int, footage_id: int, user: User, origin: Origin) -> Evidence:
    """Put a clip or still into the file of a case that goes on; from now on it is kept beyond its time.

    Parameters
    ----------
    case_id : int
    footage_id : int
    user : User
        One of `MAY_FILE_FOOTAGE`.
    origin : Origin

    Returns
    -------
    Evidence
        The piece that is there already when it was filed before.

    Raises
    ------
    NotFound
        There is no such case, clip or still in the user's territory.
    Forbidden
        The user's role may not.
    BadInput
        The camera looks at another place than that of the case.
    Refused
        The case has ended, or the bytes were removed in their time.
    """
    if user.role not in MAY_FILE_FOOTAGE:
        roles = ", ".join(str(role.label) for role in MAY_FILE_FOOTAGE)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
    case = moving.locked(case_id, user)
    moving.task_at_hand(case)
    seen = footage_by_id(user, footage_id)
    if case.station is not None and not cameras_of(user, case.station).filter(pk=seen.camera_id).exists():
        found = {"camera": seen.camera.title, "place": case.place.title}
        raise BadInput(_("Found a picture of %(camera)s, expected one of a camera at %(place)s.") % found, "case")
    hold_footage(user, footage_id, f"case/{case.pk}", origin)
    return filing.file(case, _item(seen), user, origin)


def _item(footage: Footage) -> Item:
    camera = footage.camera
    at = footage.starts_at.astimezone(SHANGHAI)
    zh, en = ("录像", "Clip") if footage.is_clip else ("图片", "Still")
    record = {
        "footage": footage.pk, "camera": camera.code, "looks_at": camera.looks_at, "sha256": footage.sha256,
        "content_type": footage.content_type, "bytes": footage.size, "told_at": footage.told_at.isoformat(),
        "starts_at": footage.starts_at.isoformat(), "ends_at": footage.ends_at.isoformat(), "door": footage.door,
        "received_at": footage.received_at.isoformat(),
    }  # fmt: skip
    title_zh, title_en = (f"{name} {at:%m-%d %H:%M:%S}" for name in (camera.title_zh, camera.title_en))
    title = Text(f"{zh}：{title_zh}"[:160], f"{en}: {title_en}"[:160])
    return Item("footage", title, f"footage/{footage.pk}", record)
