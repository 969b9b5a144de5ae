"""Verbs on lists in bulk as a whole: keeping them in shape, checking them, telling other tools."""

from qingyuan.sensing.logic.journalkeeping import publishing, upkeep


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
