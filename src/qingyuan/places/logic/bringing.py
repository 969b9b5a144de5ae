"""Permits out of a spreadsheet: kept as brought, tried, entered together, and taken back (doors in `places.api`)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.events import PermitSheetEntered, PermitSheetUndone
from qingyuan.places.logic import editions
from qingyuan.places.logic.papers import ENTERED, enter_permit, tell, withdraw_paper
from qingyuan.places.logic.stated import OwnLimit, OwnTotal, check_reason
from qingyuan.places.models import Enterprise, Permit, PermitSheet, SheetPermit
from qingyuan.places.queries import known_now, permit_sheet

MOST_BYTES = 5 * 1024 * 1024
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class GivenPermit:
    """A permit as a spreadsheet states it."""

    enterprise: Enterprise
    number: str
    management: str
    days: tuple[date, date | None]
    limits: tuple[OwnLimit, ...]
    totals: tuple[OwnTotal, ...]


@dataclass(frozen=True)
class Brought:
    """What became, or would become, of a permit: `new`, `changed`, `unchanged`, or `refused` and why."""

    given: GivenPermit
    outcome: str
    why: str = ""
    permit: Permit | None = None
    before: Permit | None = None


@dataclass(frozen=True)
class Undone:
    """How many permits were withdrawn, how many before them hold again, and how many somebody changed since."""

    withdrawn: int
    restored: int
    kept: int


def bring_permits(user: User, name: str, raw: bytes) -> PermitSheet:
    """Keep a spreadsheet of permits until it is entered, for a day at most.

    Parameters
    ----------
    user : User
    name : str
        Of the file.
    raw : bytes

    Returns
    -------
    PermitSheet

    Raises
    ------
    BadInput
        It is empty or too large.
    """
    if not 0 < len(raw) <= MOST_BYTES:
        raise BadInput(
            _("Found %(found)s bytes, expected 1 to %(most)s.") % {"found": f"{len(raw):,}", "most": f"{MOST_BYTES:,}"},
            "file",
        )
    now = clock.now()
    PermitSheet.objects.filter(entered_at=None, made_at__lt=now - KEPT_FOR).delete()
    return PermitSheet.objects.create(
        name=name[:200], body=raw, sha256=hashlib.sha256(raw).hexdigest(), made_by=user, made_at=now
    )


def try_permits(given: Sequence[GivenPermit]) -> list[Brought]:
    """What entering permits would do; nothing stays written.

    Parameters
    ----------
    given : sequence of GivenPermit

    Returns
    -------
    list of Brought
        In the same order.
    """
    with transaction.atomic():
        found = [_brought(one, "-", log.PLATFORM) for one in given]
        transaction.set_rollback(True)
    return [replace(one, permit=None) for one in found]


@transaction.atomic
def enter_permits(sheet_id: int, user: User, given: Sequence[GivenPermit], origin: Origin) -> list[Brought]:
    """Enter the permits of a spreadsheet; one that is refused leaves the others as they are.

    Parameters
    ----------
    sheet_id : int
    user : User
        Who brought it.
    given : sequence of GivenPermit
        Each follows the edition of its number that holds on its first day; one that says the same is left alone.
    origin : Origin

    Returns
    -------
    list of Brought
        In the same order.

    Raises
    ------
    NotFound
        There is no such spreadsheet of the user's.
    Refused
        It was entered already, or holds nothing that can be entered.
    """
    sheet = PermitSheet.objects.select_for_update(of=("self",)).get(pk=permit_sheet(user, sheet_id).pk)
    if sheet.entered_at is not None:
        raise Refused(_("This spreadsheet was entered already."))
    found = [_brought(one, _("Spreadsheet %(name)s") % {"name": sheet.name}, origin) for one in given]
    entered = [one for one in found if one.permit is not None]
    if not entered:
        raise Refused(_("Nothing in the spreadsheet can be entered."))
    SheetPermit.objects.bulk_create(SheetPermit(sheet=sheet, permit=one.permit, before=one.before) for one in entered)
    sheet.entered_at = clock.now()
    sheet.save(update_fields=["entered_at"])
    log.write(PermitSheetEntered(id=sheet.pk, name=sheet.name, sha256=sheet.sha256, permits=len(entered)), origin)
    return found


@transaction.atomic
def undo_permits(sheet_id: int, user: User, why: str, origin: Origin) -> Undone:
    """Take back what a spreadsheet brought: its permits never held, and what they took the place of holds again.

    Parameters
    ----------
    sheet_id : int
    user : User
        Who entered it, or an administrator.
    why : str
        Cannot be left out.
    origin : Origin

    Returns
    -------
    Undone
        A permit that was changed or ended since is left alone.

    Raises
    ------
    NotFound
        There is no such spreadsheet that the user may see.
    Forbidden
        It is somebody else's.
    BadInput
        No reason is given.
    Refused
        It was not entered, or undone already.
    """
    sheet = PermitSheet.objects.select_for_update(of=("self",)).get(pk=permit_sheet(user, sheet_id).pk)
    if sheet.made_by_id != user.pk and user.role != Role.ADMINISTRATOR:
        raise Forbidden(_("Only who entered a spreadsheet, or an administrator, may undo it."))
    check_reason(why)
    if sheet.entered_at is None or sheet.undone_at is not None:
        raise Refused(_("There is nothing to undo."))
    ends = [_taken_back(one, why, origin) for one in sheet.permits.select_related("permit", "before").order_by("-pk")]
    sheet.undone_at, sheet.undone_by, sheet.undone_why = clock.now(), user, why.strip()
    sheet.save(update_fields=["undone_at", "undone_by", "undone_why"])
    told = Undone(sum(one is not None for one in ends), sum(bool(one) for one in ends), ends.count(None))
    log.write(PermitSheetUndone(id=sheet.pk, withdrawn=told.withdrawn, kept=told.kept), origin, why.strip())
    return told


def _brought(given: GivenPermit, why: str, origin: Origin) -> Brought:
    before = _followed_by(given)
    if before is not None and _says(before) == _states(given):
        return Brought(given, "unchanged", before=before)
    values = {name: getattr(given, name) for name in ("number", "management", "days", "limits", "totals")}
    try:
        permit = enter_permit(given.enterprise, **values, replaces=before, why=why, origin=origin)
    except (BadInput, Refused) as error:
        return Brought(given, "refused", str(error))
    return Brought(given, "changed" if before else "new", permit=permit, before=before)


def _followed_by(given: GivenPermit) -> Permit | None:
    """The edition that holds on the first day, as known now."""
    return known_now(Permit.objects.filter(number=given.number, valid__contains=given.days[0])).first()


def _says(permit: Permit) -> tuple[Any, ...]:
    upper = permit.valid.upper
    limits = permit.limits.values_list("station", "factor", "averaging", "high", "unit", "low", "basis")
    totals = permit.totals.values_list("factor", "kilograms", "station")
    return (
        permit.enterprise_id, permit.management, (permit.valid.lower, upper and upper - timedelta(days=1)),
        set(limits), set(totals),
    )  # fmt: skip


def _states(given: GivenPermit) -> tuple[Any, ...]:
    limits = {(one.station.pk, *list(vars(one).values())[1:]) for one in given.limits}
    totals = {(one.factor, one.kilograms, one.station and one.station.pk) for one in given.totals}
    return given.enterprise.pk, given.management, given.days, limits, totals


def _taken_back(one: SheetPermit, why: str, origin: Origin) -> bool | None:
    """Whether what was before holds again; None where somebody changed the permit since."""
    permit, before = one.permit, one.before
    try:
        with transaction.atomic():
            withdraw_paper(permit, why=why, origin=origin)
            if before is None:
                return False
            row = _restored(before, permit)
            if row is None:
                return False
            tell(ENTERED, row, permit, why=why, origin=origin)
            return True
    except Refused:
        return None


def _restored(before: Permit, permit: Permit) -> Permit | None:
    """The edition before, as long as it held; None where somebody changed what was left of it."""
    if before.valid.lower >= permit.valid.lower:
        return editions.again(before)  # type: ignore[return-value]
    left = known_now(Permit.objects.filter(number=permit.number, valid__startswith=before.valid.lower)).first()
    if left is None or left.valid.upper != permit.valid.lower:
        return None
    return editions.prolonged(left, before.valid.upper)
