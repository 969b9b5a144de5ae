"""Reads of the list of fixed sources, scoped to the viewer's territory."""

from dataclasses import dataclass

from django.db.models import Count, F, Func, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import sees_whole_district, territory_of
from qingyuan.registering.models import (
    ANSWERS,
    Build,
    BuildState,
    Change,
    ChangeKind,
    Pair,
    Question,
    Source,
    WrittenRow,
)
from qingyuan.sensing.queries.records import DataList, data_lists
from qingyuan.sensing.records.definition import About

__all__ = [
    "ANSWERS",
    "LEDGER",
    "MAY_KEEP_SOURCES",
    "Build",
    "BuildState",
    "Change",
    "ChangeKind",
    "ListAtHand",
    "Pair",
    "Question",
    "Source",
    "WrittenRow",
    "answered_pairs",
    "build",
    "builds",
    "changes_of",
    "lists_at_hand",
    "lists_met",
    "noted_pairs",
    "open_pairs",
    "open_questions",
    "pair",
    "pairs_of_source",
    "question",
    "source",
    "sources",
]

MAY_KEEP_SOURCES = (Role.ANALYST, Role.ADMINISTRATOR)
LEDGER = "ledger"
"""The list of the enterprises that are on file."""

USUAL = ("eia_approvals", "eia_acceptance", "penalties", "pollution_census")
"""Lists that are used where nobody chose others: approval, enforcement, census of pollution sources."""


ABOUT = (About.ENTERPRISE, About.PROJECT)
"""What the lists are about; owners of vehicles and machines are persons for the most part, and no fixed sources."""


@dataclass(frozen=True)
class ListAtHand:
    """A data list that names enterprises, and whether the next build takes it unless somebody says otherwise."""

    list: DataList
    chosen: bool


def sources(viewer: User) -> QuerySet[Source]:
    """The sources that stand in the list.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Source
        Those in the viewer's territory; who sees the whole district also sees those whose position is not known.
    """
    return _seen(viewer, Source.objects.filter(until=None))


def source(viewer: User, source_id: int) -> Source:
    """One source, also one that stands in the list no more.

    Parameters
    ----------
    viewer : User
    source_id : int

    Returns
    -------
    Source

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory.
    """
    found = _seen(viewer, Source.objects.all()).filter(pk=source_id).first()
    if found is None:
        raise NotFound(_("There is no source %(id)s in your territory.") % {"id": source_id})
    return found


def _seen(viewer: User, rows: QuerySet[Source]) -> QuerySet[Source]:
    if viewer.role not in MAY_KEEP_SOURCES:
        return rows.none()
    rows = rows.select_related("enterprise", "cell")
    return rows if sees_whole_district(viewer) else rows.filter(territory_of(viewer).of_cells("cell__"))


def open_questions(viewer: User) -> QuerySet[Question]:
    """What a person has to decide, the question first whose answer will change most.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Question
        With a row whose source the viewer sees.
    """
    return Question.objects.filter(pk__in=open_pairs(viewer).order_by().values("question"))


def question(viewer: User, question_id: int) -> Question:
    """One question that is open.

    Parameters
    ----------
    viewer : User
    question_id : int

    Returns
    -------
    Question

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see, or it was answered.
    """
    found = open_questions(viewer).filter(pk=question_id).first()
    if found is None:
        raise NotFound(_("There is no question %(id)s of this kind.") % {"id": question_id})
    return found


def noted_pairs(viewer: User) -> QuerySet[Pair]:
    """Pairs that may be one enterprise and that nobody is asked about, most likely first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Pair
        Each can be decided all the same.
    """
    return _undecided(viewer).filter(question=None)


def _undecided(viewer: User) -> QuerySet[Pair]:
    """Without those whose rows other answers have joined since."""
    return _pairs(viewer).filter(answer=None, back_at=None).exclude(one__source=F("other__source"))


def open_pairs(viewer: User) -> QuerySet[Pair]:
    """Pairs of rows that a person has to decide, most likely first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Pair
        With a row whose source the viewer sees.
    """
    return _undecided(viewer).filter(question__isnull=False)


def answered_pairs(viewer: User) -> QuerySet[Pair]:
    """Pairs that a person decided, and answers that were taken back; newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Pair
    """
    return _pairs(viewer).exclude(answer=None).select_related("answered_by", "back_by").order_by("-answered_at", "-pk")


def pair(viewer: User, pair_id: int) -> Pair:
    """One pair.

    Parameters
    ----------
    viewer : User
    pair_id : int

    Returns
    -------
    Pair

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see.
    """
    found = _pairs(viewer).filter(pk=pair_id).first()
    if found is None:
        raise NotFound(_("There is no pair %(id)s to be decided.") % {"id": pair_id})
    return found


def _pairs(viewer: User) -> QuerySet[Pair]:
    rows = Pair.objects.select_related("one__source", "other__source")
    if viewer.role not in MAY_KEEP_SOURCES:
        return rows.none()
    if sees_whole_district(viewer):
        return rows
    territory = territory_of(viewer)
    return rows.filter(territory.of_cells("one__source__cell__") | territory.of_cells("other__source__cell__"))


def pairs_of_source(viewer: User, found: Source) -> QuerySet[Pair]:
    """Pairs with a row of a source, open and answered.

    Parameters
    ----------
    viewer : User
    found : Source

    Returns
    -------
    QuerySet of Pair
    """
    rows = _pairs(viewer).select_related("answered_by", "back_by")
    return rows.filter(Q(one__source=found) | Q(other__source=found)).order_by(F("answered_at").desc(nulls_first=True))


def builds(viewer: User) -> QuerySet[Build]:
    """Buildings of the list, newest first.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Build
    """
    if viewer.role not in MAY_KEEP_SOURCES:
        return Build.objects.none()
    return Build.objects.select_related("asked_by")


def build(viewer: User, build_id: int) -> Build:
    """One building of the list.

    Parameters
    ----------
    viewer : User
    build_id : int

    Returns
    -------
    Build

    Raises
    ------
    NotFound
        There is none of that number.
    """
    found = builds(viewer).filter(pk=build_id).first()
    if found is None:
        raise NotFound(_("The list was never built under number %(id)s.") % {"id": build_id})
    return found


def changes_of(viewer: User, found: Build | None = None, of: Source | None = None) -> QuerySet[Change]:
    """What changed in a build, or what became of a source.

    Parameters
    ----------
    viewer : User
    found : Build, optional
    of : Source, optional

    Returns
    -------
    QuerySet of Change
        Of sources that the viewer sees.
    """
    rows = Change.objects.select_related("source", "by", "build")
    rows = rows.filter(source__in=_seen(viewer, Source.objects.all()).select_related(None))
    rows = rows if found is None else rows.filter(build=found)
    return rows if of is None else rows.filter(source=of)


def lists_at_hand(viewer: User) -> list[ListAtHand]:
    """The data lists about enterprises and their projects, with those that the last build took.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    list of ListAtHand
    """
    last = builds(viewer).exclude(state=BuildState.FAILED).first()
    chosen = last.lists if last else USUAL
    told = data_lists(viewer).filter(about__in=ABOUT)
    named = [one for one in told if "name" in one.defined.firm or "code" in one.defined.firm]
    return [ListAtHand(one, one.code in chosen) for one in named]


def lists_met(viewer: User) -> dict[str, int]:
    """In how many sources each list stands.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    dict of str to int
    """
    each = Func(F("lists"), function="unnest")
    rows = sources(viewer).select_related(None).order_by().annotate(list=each).values("list").annotate(n=Count("pk"))
    return {row["list"]: row["n"] for row in rows}
