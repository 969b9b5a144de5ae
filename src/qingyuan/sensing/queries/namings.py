"""Reads of how lists in bulk write enterprises: how many ways mean somebody, and the rows that write one so."""

from dataclasses import dataclass

from django.db.models import Count, Q

from qingyuan.people.queries import Role, User
from qingyuan.sensing.journals.newest import Newest, newest
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.reading import Narrow
from qingyuan.sensing.models import DataList, MatchedBy, Naming, WrittenFirm
from qingyuan.sensing.queries.journals import JournalRow, files_within, rows_told

__all__ = ["Matching", "journal_rows_written_so", "matching_of"]


@dataclass(frozen=True)
class Matching:
    """How many ways of writing enterprises a list in bulk has, and what is known of them.

    `found` are those that mean an enterprise, by how it was found; `nobody` those of which a person decided that they
    mean none on file; `asked` those that wait for a person; `unlike` those that nobody on file is like; `waiting` those
    for which candidates are still to be looked for.
    """

    found: list[tuple[MatchedBy, int]]
    nobody: int
    asked: int
    unlike: int
    waiting: int

    @property
    def ways(self) -> int:
        """How many there are in all."""
        return sum(count for _how, count in self.found) + self.nobody + self.asked + self.unlike + self.waiting


def matching_of(found: DataList) -> Matching:
    """How a list in bulk is matched, counted by ways of writing an enterprise.

    Parameters
    ----------
    found : DataList

    Returns
    -------
    Matching
    """
    rows = Naming.objects.filter(of=found).order_by()
    open_ones = Q(matched_by=None)
    told = rows.aggregate(
        ways_of_nobody=Count("pk", filter=Q(matched_by__isnull=False, enterprise=None)),
        ways_asked=Count("pk", filter=open_ones & Q(question__isnull=False)),
        ways_unlike=Count("pk", filter=open_ones & Q(question=None, asked=True)),
        ways_waiting=Count("pk", filter=open_ones & Q(question=None, asked=False)),
    )
    by = rows.filter(enterprise__isnull=False, matched_by__isnull=False).values_list("matched_by")
    return Matching(
        [(MatchedBy(how), count) for how, count in by.annotate(Count("pk")).order_by("matched_by")],
        told["ways_of_nobody"], told["ways_asked"], told["ways_unlike"], told["ways_waiting"],
    )  # fmt: skip


def journal_rows_written_so(viewer: User, written: WrittenFirm, most: int) -> list[JournalRow]:
    """The newest known rows of a list in bulk that write an enterprise so, whoever that is.

    Parameters
    ----------
    viewer : User
        Who may decide about it.
    written : WrittenFirm
    most : int

    Returns
    -------
    list of JournalRow
    """
    found = written.of
    namings = list(Naming.objects.filter(of=found, written=written.written).values_list("pk", flat=True))
    if viewer.role == Role.ENTERPRISE or not namings:
        return []
    narrow = Narrow(namings=namings)
    rows = newest(lake_of(found), found.defined, files_within(found, narrow), Newest(narrow, most))
    return list(rows_told(found, rows)) if rows is not None else []
