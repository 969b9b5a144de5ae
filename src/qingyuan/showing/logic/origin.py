"""From where a person acts, for the chained log."""

from qingyuan.kit.log import Origin
from qingyuan.showing.request import Request


def origin_of(request: Request) -> Origin:
    """The user name and the network address of a request."""
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
