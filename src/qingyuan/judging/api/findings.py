"""Verbs on a finding: deciding that it means nothing, looking at it again, asking what would change the verdict."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import FindingDismissed
from qingyuan.judging.logic import blindness, turning
from qingyuan.judging.logic.pollution import settle_fault
from qingyuan.judging.models import Dismissal, Finding, FindingState
from qingyuan.judging.queries import finding
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan_science import detect
from qingyuan_science.plugins import Parameter

MAY_DISMISS = (Role.DUTY_OFFICER, Role.ANALYST)


@dataclass(frozen=True)
class Turning:
    """From which value on of one setting a detector would no longer find what it found; None if no value does."""

    parameter: Parameter
    value: float
    turns_at: float | None


@transaction.atomic
def dismiss(finding_id: int, user: User, why: str, origin: Origin, *, code: str = Dismissal.OTHER) -> Finding:
    """Decide that a finding means nothing.

    Parameters
    ----------
    finding_id : int
    user : User
        A duty officer or an analyst.
    why : str
        The reason; it cannot be left out.
    origin : Origin
    code : str
        A value of `Dismissal`, the kind of false alarm; kept as a label to learn from.

    Returns
    -------
    Finding
        Dismissed with what was merged into it; while the same values last, no other finding is opened for them.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not dismiss.
    BadInput
        No reason is given, or there is no such kind of it.
    Refused
        It is dismissed already.
    """
    row = Finding.objects.select_for_update().get(pk=finding(user, finding_id).pk)
    if user.role not in MAY_DISMISS:
        roles = ", ".join(str(role.label) for role in MAY_DISMISS)
        raise Forbidden(_("Only these roles may dismiss a finding: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why the finding means nothing"), "why")
    if code not in Dismissal:
        expected = ", ".join(Dismissal.values)
        raise BadInput(
            _("Found kind “%(code)s”, expected one of: %(codes)s") % {"code": code, "codes": expected}, "code"
        )
    if row.state == FindingState.DISMISSED:
        raise Refused(_("The finding is dismissed already"))
    decided = {
        "state": FindingState.DISMISSED, "dismissed_at": clock.now(), "dismissed_by": user,
        "dismissed_why": why.strip(), "dismissed_code": code,
    }  # fmt: skip
    for name, value in decided.items():
        setattr(row, name, value)
    row.save(update_fields=list(decided))
    log.write(FindingDismissed(id=row.pk, detector=row.detector, code=code), origin, why.strip())
    row.parts.exclude(state=FindingState.DISMISSED).update(**decided)
    if code == Dismissal.INSTRUMENT:
        settle_fault(row, user, origin, why.strip())
    return row


def what_would_change(finding_id: int) -> list[Turning]:
    """How far each setting of a finding's detector would have to differ for it not to be found.

    Parameters
    ----------
    finding_id : int

    Returns
    -------
    list of Turning
        One for each number that may be set, over the readings as they stand now; empty for what people reported, and
        where the readings show it no more.

    Raises
    ------
    Refused
        The detector is not installed any more, or cannot judge the readings as they stand now; says why.
    """
    row = Finding.objects.select_related("channel__station__enterprise").get(pk=finding_id)
    try:
        return [Turning(*turned) for turned in (turning.turnings(row) if row.channel else ())]
    except blindness.REASONS as reason:
        raise Refused(_("The detector cannot look at it again: %(why)s") % {"why": reason}) from reason


def rerun(finding_id: int) -> tuple[detect.Finding, ...]:
    """Run the detector again as it ran when the finding last changed.

    Parameters
    ----------
    finding_id : int

    Returns
    -------
    tuple of qingyuan_science.detect.Finding
        What it says about the finding's time with the settings of then and the standards known then, over the readings
        as they stand now; empty if they no longer show anything.
    """
    row = Finding.objects.select_related("channel__station__enterprise").get(pk=finding_id)
    return turning.again(row, row.parameters) if row.channel else ()
