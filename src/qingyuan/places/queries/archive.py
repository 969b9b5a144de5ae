"""Reads of the archive of sources: which of the four documents each enterprise has, and how long they hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.places.models import DocumentFile, DocumentKind, EmergencyPlan, Paper, Permit, SourceDocument
from qingyuan.places.queries.ledger import enterprises
from qingyuan.places.queries.papers import known_now

EXPIRES_WITHIN = 60  # days; our own choice
PERMIT, MONITORING, EIA, EMERGENCY = "permit", "monitoring", "eia", "emergency"
GROUPS = (PERMIT, MONITORING, EIA, EMERGENCY)
VALID, EXPIRING, EXPIRED, MISSING = "valid", "expiring", "expired", "missing"
ACCEPTED = (DocumentKind.ACCEPTANCE, DocumentKind.OWN_ACCEPTANCE)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """One of the four of an enterprise: its state on a day, its last day (None: without end, or not there).

    `papers` are those that count, `lacks` what is not there at all: of the assessment `approval` or `acceptance`.
    """

    group: str
    state: str
    until: date | None = None
    papers: tuple[Paper, ...] = ()
    lacks: tuple[str, ...] = ()


def documents(viewer: User) -> QuerySet[SourceDocument]:
    """Documents of enterprises in the viewer's territory, of every edition, without the bytes of their files.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of SourceDocument
    """
    found = SourceDocument.objects.filter(enterprise__in=enterprises(viewer)).select_related("enterprise", "file")
    return found.defer("file__body")


def document_file(viewer: User, document_id: int) -> DocumentFile:
    """The file of a document, with its bytes.

    Parameters
    ----------
    viewer : User
    document_id : int
        Number of the document, of whatever edition.

    Returns
    -------
    DocumentFile

    Raises
    ------
    NotFound
        There is no such document in the viewer's territory, or no file was brought of it.
    """
    row = documents(viewer).filter(pk=document_id, file__isnull=False).first()
    if row is None or row.file_id is None:
        raise NotFound(_("There is no file of document %(id)s in your territory.") % {"id": document_id})
    return DocumentFile.objects.get(pk=row.file_id)


def archives(enterprise_ids: Collection[int], on: date, ahead: int = EXPIRES_WITHIN) -> dict[int, tuple[Kept, ...]]:
    """How each of the four stands at enterprises on a day, as known now; by three queries.

    Parameters
    ----------
    enterprise_ids : collection of int
    on : date
    ahead : int
        From how many days before its last day on a document counts as expiring. [d]

    Returns
    -------
    dict of int to tuple of Kept
        For each enterprise one for each of `GROUPS`, in that order. A permit goes before copies of one, and the filing
        of an environmental emergency plan before a plan for heavy pollution.
    """
    own = {"enterprise__in": enterprise_ids}
    held: dict[int, list[Permit]] = defaultdict(list)
    plans: dict[int, list[EmergencyPlan]] = defaultdict(list)
    brought: dict[int, list[SourceDocument]] = defaultdict(list)
    for permit in known_now(Permit.objects.filter(**own)):
        held[permit.enterprise_id].append(permit)
    for plan in known_now(EmergencyPlan.objects.filter(**own)):
        plans[plan.enterprise_id].append(plan)
    for one in known_now(SourceDocument.objects.filter(**own)):
        brought[one.enterprise_id].append(one)

    def of(pk: int) -> tuple[Kept, ...]:
        """The four of one enterprise."""
        by_kind: dict[str, list[SourceDocument]] = defaultdict(list)
        for one in brought[pk]:
            by_kind[one.kind].append(one)
        approved = _kept(EIA, by_kind[DocumentKind.APPROVAL], on, ahead)
        accepted = _kept(EIA, [one for kind in ACCEPTED for one in by_kind[kind]], on, ahead)
        return (
            _kept(PERMIT, held[pk] or by_kind[DocumentKind.PERMIT], on, ahead),
            _kept(MONITORING, by_kind[DocumentKind.MONITORING], on, ahead),
            _both(approved, accepted),
            _kept(EMERGENCY, by_kind[DocumentKind.CONTINGENCY] or plans[pk], on, ahead),
        )

    return {pk: of(pk) for pk in enterprise_ids}


def _kept(group: str, papers: Iterable[Paper], on: date, ahead: int) -> Kept:
    """What of several papers counts: what holds longest of those that hold, else what ended last."""
    several = [one for one in papers if not one.valid.isempty]
    holding = [one for one in several if one.covers(on)]
    if not several:
        return Kept(group, MISSING)
    chosen = max(holding or several, key=lambda one: one.valid.upper or date.max)
    until = chosen.valid.upper and chosen.valid.upper - A_DAY
    if not holding:
        ended = until is not None and until < on
        return Kept(group, EXPIRED if ended else MISSING, until, (chosen,))
    soon = until is not None and (until - on).days < ahead
    return Kept(group, EXPIRING if soon else VALID, until, (chosen,))


def _both(approved: Kept, accepted: Kept) -> Kept:
    """The environmental assessment: approved, and what was built accepted; the worse of the two."""
    order = (MISSING, EXPIRED, EXPIRING, VALID)
    worse = min((approved, accepted), key=lambda one: order.index(one.state))
    named = (("approval", approved), ("acceptance", accepted))
    lacks = tuple(name for name, one in named if one.state == MISSING)
    return Kept(EIA, worse.state, worse.until, (*approved.papers, *accepted.papers), lacks)
