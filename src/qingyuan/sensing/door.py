"""From which addresses a device may speak, and with which key."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from qingyuan_science.hj212 import BadKey, read_key

Networks = tuple[IPv4Network | IPv6Network, ...]


def networks_of(text: str) -> Networks:
    """The networks of a text with spaces between them; a plain address is a network of one.

    Raises
    ------
    ValueError
        A word is no address and no network.
    """
    return tuple(ip_network(word, strict=False) for word in text.split())


@lru_cache(maxsize=65536)
def holds(networks: Networks, host: str) -> bool:
    """Whether an address lies in one of the networks; no networks hold every address."""
    if not networks:
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks)


def valid_networks(text: str) -> None:
    """Refuse, on a form, what is no list of networks."""
    try:
        networks_of(text)
    except ValueError as error:
        raise ValidationError(_("%(error)s: expected addresses or networks"), params={"error": error}) from error


def valid_key(text: str) -> None:
    """Refuse, on a form, what is no SM4 key."""
    try:
        read_key(text)
    except BadKey as error:
        raise ValidationError(_("expected 16 characters or 32 hex digits")) from error
