"""Which addresses a pull may go to: public ones, and the networks that an operator allows."""

import asyncio
import ipaddress
import socket

import httpx
from django.conf import settings

from qingyuan.sensing.connector import Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AllowedOnly(httpx.AsyncHTTPTransport):
    """Resolves a name itself and goes to the address that was checked, so that no second answer can lead elsewhere."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to an address that its host has and that is allowed."""
        host = request.url.host
        address = await allowed_address(host, request.url.port)
        checked = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await super().handle_async_request(checked)


async def allowed_address(host: str, port: int | None) -> Address:
    """An address of a host, IPv4 before IPv6, if all of its addresses may be asked.

    Raises
    ------
    Unreachable
        The name is unknown, or leads to a network that is not allowed.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        if not may_be_asked(address):
            raise Unreachable(f"{host}: found {address}, expected a public address or one of QINGYUAN_PULL_NETWORKS")
    return min(addresses, key=lambda address: address.version)


def may_be_asked(address: Address) -> bool:
    """Whether a pull may go there."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    meant: Address = mapped or address
    if meant.is_global and not meant.is_multicast:
        return True
    networks = (ipaddress.ip_network(network, strict=False) for network in settings.PULL_NETWORKS)
    return any(meant in network for network in networks)
