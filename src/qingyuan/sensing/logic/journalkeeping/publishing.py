"""What the rows of the database say about files, told in the Delta log that other tools read."""

from functools import partial

from django.db import transaction

from qingyuan.sensing.journals import published
from qingyuan.sensing.journals.place import lake_of
from qingyuan.sensing.journals.published import Listed
from qingyuan.sensing.models import DataList, JournalFile


def when_committed(found: DataList) -> None:
    """Publish once the transaction has ended. What fails then is done by the next delivery, or by the clock."""
    transaction.on_commit(partial(publish, found.pk), robust=True)


@transaction.atomic
def publish(list_id: int) -> int:
    """Bring the Delta log of a list to its files; answers how many came and went. Others take turns."""
    found = DataList.objects.select_for_update(of=("self",)).get(pk=list_id)
    rows = JournalFile.objects.filter(of=found).values_list("path", "size", "month", "rows")
    return published.bring(lake_of(found), found.defined, [Listed(*row) for row in rows])
