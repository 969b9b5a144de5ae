"""Verbs on lists in bulk as a whole: keeping them in shape, checking them, telling other tools."""

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import log
from qingyuan.kit.errors import Forbidden
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan.sensing.events import NamingsMatched
from qingyuan.sensing.logic.journalkeeping import naming, publishing, upkeep
from qingyuan.sensing.models import DataList
from qingyuan.sensing.queries.records import may_bring


def publish_journals() -> int:
    """Bring the Delta logs of all lists in bulk to what the database says, where a crash kept that from happening.

    Returns
    -------
    int
        How many files came and went.
    """
    return sum(publishing.publish(one.pk) for one in upkeep.journals())


def compact_journals(*, thoroughly: bool = False) -> int:
    """Write months of lists in bulk anew that lie in many small files, and delete what is no longer needed.

    Parameters
    ----------
    thoroughly : bool
        Also months of two small files.

    Returns
    -------
    int
        How many months were written.
    """
    return sum(upkeep.compact(one, thoroughly=thoroughly) for one in upkeep.journals())


def check_journals() -> list[str]:
    """Read the files of all lists in bulk and compare them with what was written.

    Returns
    -------
    list of str
        What is wrong, a sentence each; empty when all is whole.
    """
    return [wrong for one in upkeep.journals() for wrong in upkeep.check(one)]


def match_journals_again() -> int:
    """Look up anew whom all lists in bulk mean where they mean nobody yet; no file of the lake is touched.

    Returns
    -------
    int
        How many known rows mean an enterprise only now.
    """
    return sum(_match_again(one, PLATFORM)[1] for one in upkeep.journals())


def match_journal_again(user: User, found: DataList, *, origin: Origin) -> tuple[int, int]:
    """Look up anew whom a list in bulk means where it means nobody yet, because somebody asks for it.

    Parameters
    ----------
    user : User
    found : DataList
    origin : Origin

    Returns
    -------
    tuple of int
        How many ways of writing mean an enterprise only now, and how many known rows are written so.

    Raises
    ------
    Forbidden
        The user's role may not bring the list.
    """
    if not may_bring(user, found):
        raise Forbidden(
            _("Only duty officers, analysts, administrators and the department itself may bring this list.")
        )
    return _match_again(found, Origin(user.username, origin.place))


@transaction.atomic
def _match_again(found: DataList, origin: Origin) -> tuple[int, int]:
    locked = DataList.objects.select_for_update(of=("self",)).get(pk=found.pk)
    namings, moved = naming.match_again(locked)
    if namings:
        locked.matched += moved
        locked.save(update_fields=["matched"])
        log.write(NamingsMatched(id=locked.pk, records=locked.code, namings=namings, moved=moved), origin)
    return namings, moved
