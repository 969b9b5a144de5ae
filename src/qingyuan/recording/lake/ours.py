"""The lake that the settings name."""

from django.conf import settings

from qingyuan.kit.lakes import Lake


def our_lake() -> Lake:
    """The lake of this installation."""
    return Lake(str(settings.LAKE), dict(settings.LAKE_OPTIONS))
