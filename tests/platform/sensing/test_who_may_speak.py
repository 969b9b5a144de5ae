"""Who may speak for a device: from its own addresses, and over TLS where the gateway has a certificate."""

import ssl
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from wire import HOST, Sender, free_port, hour_packet, running_gateway, wait_until

from qingyuan.sensing.door import holds, networks_of, valid_networks
from qingyuan.sensing.gateway import Tls
from qingyuan.sensing.queries import FaultCount, RawPacket

pytestmark = pytest.mark.django_db(transaction=True)
MN = "T" * 24


@pytest.mark.parametrize(
    ("networks", "host", "may"),
    [
        ("", "203.0.113.9", True),
        ("10.2.0.0/16", "10.2.255.1", True),
        ("10.2.0.0/16", "10.3.0.1", False),
        ("10.2.0.7 192.168.1.0/24", "192.168.1.20", True),
        ("10.2.0.7", "::ffff:10.2.0.7", True),
        ("2001:db8::/32", "2001:db8::5", True),
        ("10.2.0.0/16", "?", False),
    ],
)
def test_an_address_lies_in_the_networks_or_not(networks: str, host: str, may: bool) -> None:
    assert holds(networks_of(networks), host) is may


def test_what_is_no_network_is_refused_on_the_form() -> None:
    with pytest.raises(ValidationError):
        valid_networks("10.2.0.0/16 office")


def test_a_packet_from_a_foreign_address_is_kept_as_rejected_and_not_answered(device: Any) -> None:
    device.addresses = "10.2.0.0/16"
    device.save()
    with running_gateway() as (_, port):
        sender = Sender(port)
        sender.send(hour_packet(MN, "20261122090000", 43.5))
        assert wait_until(lambda: FaultCount.objects.filter(error="ForeignAddress", mn=MN).exists())
        assert sender.answer(0.3) == b""
    assert RawPacket.objects.get().state == "rejected"


def test_a_form_learned_at_home_does_not_open_the_door_abroad(device: Any) -> None:
    with running_gateway() as (gateway, port):
        sender = Sender(port)
        for second in (1, 2):
            sender.send(hour_packet(MN, "20261122090000", 43.5, qn=f"2026112210000{second}000"))
            assert b"9014" in sender.answer()
        gateway.registry.forget()
        device.addresses = "10.2.0.0/16"
        device.save()
        sender.send(hour_packet(MN, "20261122100000", 43.5))
        assert wait_until(lambda: FaultCount.objects.filter(error="ForeignAddress").exists())


def _over_tls(port: int, trusted: str, shown: str = "") -> Sender:
    context = ssl.create_default_context(cafile=trusted)
    if shown:
        context.load_cert_chain(shown)
    sender = Sender(port)
    sender.socket = context.wrap_socket(sender.socket, server_hostname=HOST)
    return sender


def test_a_device_speaks_over_tls_and_others_go_on_without(device: Any, certificate: str) -> None:
    tls = Tls(free_port(), certificate)
    with running_gateway(tls) as (_, port):
        for sender, qn in ((_over_tls(tls.port, certificate), "1"), (Sender(port), "2")):
            sender.send(hour_packet(MN, "20261122090000", 43.5, qn=f"2026112210000{qn}000"))
            assert b"CN=9014" in sender.answer()


def test_with_client_authorities_a_device_without_a_certificate_is_not_heard(device: Any, certificate: str) -> None:
    tls = Tls(free_port(), certificate, clients=certificate)
    with running_gateway(tls):
        known = _over_tls(tls.port, certificate, shown=certificate)
        known.send(hour_packet(MN, "20261122090000", 43.5))
        assert b"CN=9014" in known.answer()
        assert _unanswered(tls.port, certificate)
    assert RawPacket.objects.count() == 1


def _unanswered(port: int, trusted: str) -> bool:
    """Whether a sender without a certificate gets no answer: it is cut off in the handshake, or right after it."""
    try:
        stranger = _over_tls(port, trusted)
        stranger.send(hour_packet(MN, "20261122100000", 43.5))
        return stranger.answer(2.0) == b""
    except (ssl.SSLError, ConnectionError):
        return True
