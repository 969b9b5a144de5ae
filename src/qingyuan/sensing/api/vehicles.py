"""Verbs on what a registry of vehicles holds."""

from django.db import transaction

from qingyuan.sensing.events import RecordsStored, RecordsWithdrawn
from qingyuan.sensing.logic.recordkeeping import vehicles
from qingyuan.sensing.models import DataList, RecordFile


def count_vehicles(event: RecordsStored | RecordsWithdrawn) -> None:
    """Keep how many vehicles of each kind a registry holds, once one of its deliveries was taken in or taken back.

    Parameters
    ----------
    event : RecordsStored or RecordsWithdrawn
        Of another list it changes nothing.
    """
    file = RecordFile.objects.select_related("of").defer("body", "faults").get(pk=event.id)
    if not vehicles.is_registry(file.of):
        return
    if isinstance(event, RecordsStored):
        vehicles.count_stored(file)
    else:
        vehicles.count_withdrawn(file)


@transaction.atomic
def count_vehicles_again(found: DataList) -> None:
    """Count a registry anew from all its editions, as after an update or when rows of it were brought another way.

    Parameters
    ----------
    found : DataList
        Reads every edition: seconds for each million.
    """
    locked = DataList.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if vehicles.is_registry(locked):
        vehicles.count_all(locked)
