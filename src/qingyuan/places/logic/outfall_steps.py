"""Writing down the states that outfalls come into (doors in `places.api`)."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.events import OutfallMoved, OutfallStepWithdrawn
from qingyuan.places.logic.stated import check_reason
from qingyuan.places.models import Outfall, OutfallState, OutfallStep
from qingyuan.places.queries import next_states


@transaction.atomic
def move_outfall(
    outfall: Outfall, state: str, on: date, *, user: User | None = None, note: str = "", origin: Origin = log.PLATFORM
) -> OutfallStep:
    """Write down that an outfall came into a state.

    Parameters
    ----------
    outfall : Outfall
    state : str
        A value of `OutfallState`.
    on : date
        The day on which it came into it.
    user : User, optional
        Who writes it down.
    note : str
    origin : Origin

    Returns
    -------
    OutfallStep

    Raises
    ------
    BadInput
        The day lies before that of the step before, or in the future.
    Refused
        That state does not follow the one it is in.
    """
    before = _last_step(outfall)
    now_in = before.state if before else ""
    if state not in next_states(now_in):
        words = {
            "found": OutfallState(state).label if state in OutfallState.values else state or "—",
            "expected": ", ".join(str(one.label) for one in next_states(now_in)) or _("none"),
        }
        raise Refused(_("Found next state %(found)s, expected one of: %(expected)s") % words)
    clock.check_day(on, "on")
    today = clock.now().astimezone(clock.SHANGHAI).date()
    if on > today or (before and on < before.on):
        span = {"found": on, "first": before.on if before else clock.FIRST_DAY, "last": today}
        raise BadInput(_("Found day %(found)s, expected %(first)s to %(last)s") % span, "on")
    step = OutfallStep.objects.create(
        outfall=outfall, state=state, on=on, note=note.strip(), by=user, entered_at=clock.now()
    )
    log.write(OutfallMoved(id=outfall.pk, state=state, on=on.isoformat()), origin, note.strip())
    return step


@transaction.atomic
def withdraw_step(outfall: Outfall, *, why: str, origin: Origin = log.PLATFORM) -> None:
    """Take back the newest step of an outfall, which was written down by mistake.

    Parameters
    ----------
    outfall : Outfall
    why : str
        Cannot be left out.
    origin : Origin

    Raises
    ------
    BadInput
        No reason is given.
    Refused
        It has no step.
    """
    check_reason(why)
    step = _last_step(outfall)
    if step is None:
        raise Refused(_("There is no step to take back."))
    step.withdrawn_at, step.withdrawn_why = clock.now(), why.strip()
    step.save(update_fields=["withdrawn_at", "withdrawn_why"])
    again = _last_step(outfall)
    log.write(
        OutfallStepWithdrawn(id=outfall.pk, step=step.pk, state=again.state if again else ""), origin, why.strip()
    )


def _last_step(outfall: Outfall) -> OutfallStep | None:
    Outfall.objects.select_for_update().get(pk=outfall.pk)
    return OutfallStep.objects.filter(outfall=outfall, withdrawn_at=None).order_by("-pk").first()
