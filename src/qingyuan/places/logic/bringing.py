"""Papers out of a spreadsheet: kept as brought, tried, entered, taken back (doors in `places.api`)."""

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
from qingyuan.places.logic.disclosing import enter_disclosure
from qingyuan.places.logic.outfalls import GivenOutfall
from qingyuan.places.logic.papers import ENTERED, enter_permit, tell, withdraw_paper
from qingyuan.places.logic.stated import OwnLimit, OwnPenalty, OwnTotal, check_reason
from qingyuan.places.models import (
    Disclosure,
    Enterprise,
    OutfallEdition,
    Permit,
    PermitSheet,
    SheetDisclosure,
    SheetKind,
    SheetPermit,
)
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

    @property
    def figures(self) -> tuple[int, int]:
        """How many limits and totals it states."""
        return len(self.limits), len(self.totals)

    def link(self, sheet: PermitSheet, permit: Permit, before: Permit | None) -> SheetPermit:
        """What keeps with which spreadsheet an edition came."""
        return SheetPermit(sheet=sheet, permit=permit, before=before)

    def followed(self) -> Permit | None:
        """The edition that holds on the first day, as known now."""
        return known_now(Permit.objects.filter(number=self.number, valid__contains=self.days[0])).first()

    def enter(self, replaces: Permit | None, why: str, origin: Origin) -> Permit:
        """Enter it."""
        values = {name: getattr(self, name) for name in ("number", "management", "days", "limits", "totals")}
        return enter_permit(self.enterprise, **values, replaces=replaces, why=why, origin=origin)

    def said_by(self, permit: Permit) -> bool:
        """Whether an edition says the same."""
        upper = permit.valid.upper
        limits = permit.limits.values_list("station", "factor", "averaging", "high", "unit", "low", "basis")
        totals = permit.totals.values_list("factor", "kilograms", "station")
        return (
            permit.enterprise_id == self.enterprise.pk
            and permit.management == self.management
            and (permit.valid.lower, upper and upper - timedelta(days=1)) == self.days
            and set(limits) == {(one.station.pk, *list(vars(one).values())[1:]) for one in self.limits}
            and set(totals) == _amounts(self.totals)
        )


@dataclass(frozen=True)
class GivenDisclosure:
    """A disclosure as a spreadsheet states it."""

    enterprise: Enterprise
    year: int
    published_on: date | None
    number: str
    facilities: str
    amounts: tuple[OwnTotal, ...]
    penalties: tuple[OwnPenalty, ...]

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of its year."""
        return date(self.year, 1, 1), date(self.year, 12, 31)

    @property
    def figures(self) -> tuple[int, int]:
        """How many amounts and penalties it states."""
        return len(self.amounts), len(self.penalties)

    def link(self, sheet: PermitSheet, row: Disclosure, before: Disclosure | None) -> SheetDisclosure:
        """What keeps with which spreadsheet an edition came."""
        return SheetDisclosure(sheet=sheet, disclosure=row, before=before)

    def followed(self) -> Disclosure | None:
        """The edition of the year, as known now."""
        return known_now(Disclosure.objects.filter(enterprise=self.enterprise, year=self.year)).first()

    def enter(self, replaces: Disclosure | None, why: str, origin: Origin) -> Disclosure:
        """Enter it."""
        names = ("year", "published_on", "number", "facilities", "amounts", "penalties")
        values = {name: getattr(self, name) for name in names}
        return enter_disclosure(self.enterprise, **values, replaces=replaces, why=why, origin=origin)

    def said_by(self, row: Disclosure) -> bool:
        """Whether an edition says the same."""
        return (
            (row.published_on, row.permit_number, row.facilities) == (self.published_on, self.number, self.facilities)
            and set(row.amounts.values_list("factor", "kilograms", "station")) == _amounts(self.amounts)
            and set(row.penalties.values_list("number", "on", "what"))
            == {tuple(vars(one).values()) for one in self.penalties}
        )


Given = GivenPermit | GivenDisclosure | GivenOutfall


@dataclass(frozen=True)
class Brought:
    """What became, or would become, of a paper: `new`, `changed`, `unchanged`, or `refused` and why."""

    given: Given
    outcome: str
    why: str = ""
    paper: Any = None
    before: Any = None


@dataclass(frozen=True)
class Undone:
    """How many papers were withdrawn, how many before them hold again, and how many somebody changed since."""

    withdrawn: int
    restored: int
    kept: int


def bring_sheet(user: User, name: str, raw: bytes, kind: str = SheetKind.PERMIT) -> PermitSheet:
    """Keep a spreadsheet of permits or disclosures until it is entered, for a day at most.

    Parameters
    ----------
    user : User
    name : str
        Of the file.
    raw : bytes
    kind : str
        A value of `SheetKind`.

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
        kind=kind, name=name[:200], body=raw, sha256=hashlib.sha256(raw).hexdigest(), made_by=user, made_at=now
    )


def try_sheet(given: Sequence[Given]) -> list[Brought]:
    """What entering papers would do; nothing stays written.

    Parameters
    ----------
    given : sequence of GivenPermit, of GivenDisclosure or of GivenOutfall

    Returns
    -------
    list of Brought
        In the same order.
    """
    with transaction.atomic():
        found = [_brought(one, "-", log.PLATFORM) for one in given]
        transaction.set_rollback(True)
    return [replace(one, paper=None) for one in found]


@transaction.atomic
def enter_sheet(sheet_id: int, user: User, given: Sequence[Given], origin: Origin) -> list[Brought]:
    """Enter the papers of a spreadsheet; one that is refused leaves the others as they are.

    Parameters
    ----------
    sheet_id : int
    user : User
        Who brought it.
    given : sequence of GivenPermit, of GivenDisclosure or of GivenOutfall
        Each follows the edition of the same paper that holds on its first day; one that says the same is left alone.
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
    entered = [one for one in found if one.paper is not None]
    if not entered:
        raise Refused(_("Nothing in the spreadsheet can be entered."))
    for one in entered:
        one.given.link(sheet, one.paper, one.before).save()
    sheet.entered_at = clock.now()
    sheet.save(update_fields=["entered_at"])
    fact = PermitSheetEntered(id=sheet.pk, name=sheet.name, sha256=sheet.sha256, permits=len(entered), kind=sheet.kind)
    log.write(fact, origin)
    return found


@transaction.atomic
def undo_sheet(sheet_id: int, user: User, why: str, origin: Origin) -> Undone:
    """Take back what a spreadsheet brought: its papers never held, and what they took the place of holds again.

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
        A paper that was changed or ended since is left alone.

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
    ends = [_taken_back(one.paper, one.before, why, origin) for one in links_of(sheet).order_by("-pk")]
    sheet.undone_at, sheet.undone_by, sheet.undone_why = clock.now(), user, why.strip()
    sheet.save(update_fields=["undone_at", "undone_by", "undone_why"])
    told = Undone(sum(one is not None for one in ends), sum(bool(one) for one in ends), ends.count(None))
    log.write(PermitSheetUndone(id=sheet.pk, withdrawn=told.withdrawn, kept=told.kept), origin, why.strip())
    return told


def _brought(given: Given, why: str, origin: Origin) -> Brought:
    before: Any = given.followed()
    if before is not None and given.said_by(before):
        return Brought(given, "unchanged", before=before)
    try:
        paper = given.enter(before, why, origin)
    except (BadInput, Refused) as error:
        return Brought(given, "refused", str(error))
    return Brought(given, "changed" if before else "new", paper=paper, before=before)


def _amounts(totals: Sequence[OwnTotal]) -> set[tuple[Any, ...]]:
    return {(one.factor, one.kilograms, one.station and one.station.pk) for one in totals}


def _taken_back(paper: Any, before: Any, why: str, origin: Origin) -> bool | None:
    """Whether what was before holds again; None where somebody changed the paper since."""
    try:
        with transaction.atomic():
            withdraw_paper(paper, why=why, origin=origin)
            if before is None:
                return False
            row = _restored(before, paper)
            if row is None:
                return False
            tell(ENTERED, row, paper, why=why, origin=origin)
            return True
    except Refused:
        return None


def links_of(sheet: PermitSheet) -> Any:
    """The editions that came with a spreadsheet."""
    return getattr(sheet, f"{sheet.kind}s")


def _restored(before: Any, paper: Any) -> Any:
    """The edition before, as long as it held; None where somebody changed what was left of it."""
    if before.valid.lower >= paper.valid.lower:
        return editions.again(before)
    same = "outfall" if isinstance(paper, OutfallEdition) else "number"
    kept = type(paper).objects.filter(valid__startswith=before.valid.lower, **{same: getattr(paper, same)})
    left = known_now(kept).first()
    if left is None or left.valid.upper != paper.valid.lower:
        return None
    return editions.prolonged(left, before.valid.upper)
