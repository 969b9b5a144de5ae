"""From where a person acts, for the chained log."""

from django.http import HttpRequest

from qingyuan.kit.log import Origin


def origin_of(request: HttpRequest) -> Origin:
    """The user name and the network address of a request."""
    return Origin(actor=request.user.get_username(), place=request.META.get("REMOTE_ADDR", ""))
