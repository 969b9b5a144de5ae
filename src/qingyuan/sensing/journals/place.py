"""Where the lists in bulk lie."""

from django.conf import settings

from qingyuan.kit.lakes import Lake
from qingyuan.sensing.models import DataList

FOLDER = "_records"  # tools that tidy the lake of readings leave folders with such names alone


def lake_of(found: DataList) -> Lake:
    """The table of a list: a folder of its own beside the readings."""
    return Lake(str(settings.LAKE), dict(settings.LAKE_OPTIONS)).below(f"{FOLDER}/{found.code}")
