"""The platform's own connectors, one file each."""

from qingyuan.sensing.connector import CONNECTORS


def load() -> None:
    """Register every connector of this package."""
    CONNECTORS.load(__name__)
