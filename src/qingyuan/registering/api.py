"""Verbs on the list of fixed sources: building it, deciding pairs, parting rows, entering sources into the ledger."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Enterprise, sees_whole_district
from qingyuan.registering.logic import building, deciding, entering
from qingyuan.registering.models import Build, BuildState, Pair, Question, Source, WrittenRow
from qingyuan.registering.queries import MAY_KEEP_SOURCES, lists_at_hand
from qingyuan.sensing.events import WrittenFirmDecided
from qingyuan_science.linking import Answer

__all__ = [
    "Answer",
    "answer_pair",
    "answer_question",
    "ask_for_build",
    "compute_build",
    "enter_source",
    "lacks_of",
    "part_row",
    "settle_written",
    "take_back_answer",
]


def ask_for_build(user: User, lists: Sequence[str], origin: Origin = log.PLATFORM) -> Build:
    """Let the list be built anew out of the ledger and some data lists, as a job.

    Parameters
    ----------
    user : User
        An analyst or administrator whose territory is the whole district.
    lists : sequence of str
        Codes of data lists, the one that is believed first at the beginning.
    origin : Origin

    Returns
    -------
    Build
        Waiting.

    Raises
    ------
    Forbidden
        The role may not, or the territory is a part of the district.
    BadInput
        A list is not known or names no enterprise.
    Refused
        One waits or runs already.
    """
    _may_keep(user)
    if not sees_whole_district(user):
        raise Forbidden(_("The list is built of the whole district, and your territory is a part of it."))
    known = {one.list.code for one in lists_at_hand(user)}
    if unknown := sorted(set(lists) - known):
        raise BadInput(
            _("Found the list %(code)s, expected one that names enterprises.") % {"code": unknown[0]}, "lists"
        )
    if Build.objects.filter(state__in=(BuildState.WAITING, BuildState.RUNNING)).exists():
        raise Refused(_("The list is being built already. Its changes will stand here when it is done."))
    return building.ask(user, lists, origin)


def compute_build(build_id: int) -> None:
    """Build the list that was asked for (the job); it ends done, or failed and saying why.

    Parameters
    ----------
    build_id : int
        One that ended is left alone.
    """
    building.compute(build_id)


def answer_pair(pair: Pair, answer: Answer, user: User, origin: Origin = log.PLATFORM, *, why: str) -> Pair:
    """Say whether two rows are of one enterprise; their sources are joined at once, and no later build asks again.

    Parameters
    ----------
    pair : Pair
        Open.
    answer : Answer
    why : str
    user : User
    origin : Origin

    Returns
    -------
    Pair

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        No reason is given.
    Refused
        Somebody answered before, or both are enterprises of the ledger.
    """
    _may_keep(user)
    return deciding.answer(pair, answer, user, origin, why=why)


def answer_question(
    question: Question, said: Mapping[int, int] | None, user: User, origin: Origin = log.PLATFORM, *, why: str
) -> Question:
    """Say which of the sources of a question are one enterprise; they are joined at once and never asked about again.

    Parameters
    ----------
    question : Question
        Open.
    said : mapping of int to int, or None
        By number of each source a number of its enterprise, the same for those that are one; None where it cannot be
        told.
    user : User
    origin : Origin
    why : str

    Returns
    -------
    Question

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        No reason is given, or a source is left out.
    Refused
        Somebody answered before, or two that are to be one are enterprises of the ledger.
    """
    _may_keep(user)
    return deciding.answer_all(question, said, user, origin, why=why)


def part_row(row: WrittenRow, why: str, user: User, origin: Origin = log.PLATFORM) -> Source:
    """Take a row out of a source into one of its own, for every later build too.

    Parameters
    ----------
    row : WrittenRow
    why : str
    user : User
    origin : Origin

    Returns
    -------
    Source
        The new one.

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        No reason is given.
    Refused
        It is the only row of its source.
    """
    _may_keep(user)
    return deciding.part(row, why, user, origin)


def settle_written(fact: WrittenFirmDecided) -> None:
    """Ask no more about rows of which a person decided among department records; the next build joins them.

    Parameters
    ----------
    fact : WrittenFirmDecided
    """
    deciding.settle(fact.records, fact.written)


def take_back_answer(pair: Pair, why: str, user: User, origin: Origin = log.PLATFORM) -> Pair:
    """Let an answer hold no more: what it joined is parted again, and the pair is asked anew.

    Parameters
    ----------
    pair : Pair
    why : str
    user : User
    origin : Origin

    Returns
    -------
    Pair
        Open.

    Raises
    ------
    Forbidden
        The role may not.
    BadInput
        No reason is given.
    Refused
        No answer holds.
    """
    _may_keep(user)
    return deciding.take_back(pair, why, user, origin)


def enter_source(source: Source, user: User, origin: Origin = log.PLATFORM) -> Enterprise:
    """Enter a source into the ledger as an enterprise with a file of its own.

    Parameters
    ----------
    source : Source
    user : User
    origin : Origin

    Returns
    -------
    Enterprise

    Raises
    ------
    Forbidden
        The role may not.
    Refused
        Something is missing, or the ledger has an enterprise of its code.
    """
    _may_keep(user)
    return entering.enter(source, origin)


def lacks_of(source: Source) -> list[str]:
    """What a source still needs before it can be entered into the ledger.

    Parameters
    ----------
    source : Source

    Returns
    -------
    list of str
        In words; empty where it can be.
    """
    return entering.lacks(source)


def _may_keep(user: User) -> None:
    if user.role not in MAY_KEEP_SOURCES:
        roles = ", ".join(str(role.label) for role in MAY_KEEP_SOURCES)
        raise Forbidden(_("Only these roles may do this: %(roles)s") % {"roles": roles})
