"""What belongs to a case: its findings, the readings around them, the packets behind those, and lines of the log."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from qingyuan.dispatching.queries import Case
from qingyuan.judging.queries import Finding
from qingyuan.kit.proof import tree
from qingyuan.kit.proof.tree import Head
from qingyuan.kit.queries import Entry, lines
from qingyuan.recording.queries import Stored, stored
from qingyuan.sensing.queries import Channel, Device, RawPacket, feed_packets_behind, packets_behind
from qingyuan.showing.logic.devices.packets import COMMANDS_OF_KIND, KIND_OF_COMMAND
from qingyuan.showing.logic.findingfile import AROUND, PERIOD

INSIDE = {"r": "", "m": "r", "h": "rm", "d": "rmhH"}
"""The kinds of which a finding's own kind is made: they are taken within the finding, not around it."""

OWN = {"r": "r", "m": "m", "h": "hH", "d": "dD"}
OF_CHANNEL = ("ChannelDefined", "ReadingsCorrected")
MOST_INSTANTS = 500


@dataclass(frozen=True)
class Gathered:
    """Everything of a case, as it stood when `head` was the head of the log."""

    case: Case
    findings: tuple[Finding, ...]
    channels: dict[int, Channel]
    readings: tuple[Stored, ...]
    packets: dict[int, RawPacket]
    payloads: dict[tuple[int, datetime], list[int]]
    lines: tuple[Entry, ...]
    head: Head

    def packets_of(self, reading: Stored) -> list[int]:
        """Numbers of the packets that came when the reading did and tell of its kind; none where it was computed.

        Where no device sent such a packet, those of the payloads that came then from a feed of the channel.
        """
        if reading.kind not in COMMANDS_OF_KIND:
            return []
        payloads = self.payloads.get((reading.channel_id, reading.received_at), [])
        return self._by_instant.get((reading.received_at, reading.kind)) or [
            number for number in payloads if number in self.packets
        ]

    @cached_property
    def _by_instant(self) -> dict[tuple[datetime, str], list[int]]:
        found: dict[tuple[datetime, str], list[int]] = {}
        for number, packet in self.packets.items():
            found.setdefault((packet.received_at, KIND_OF_COMMAND.get(packet.cn, "")), []).append(number)
        return found

    def about(self, act: str) -> Iterator[Entry]:
        """The lines of one act."""
        return (line for line in self.lines if line.act == act)


def gather(case: Case) -> Gathered:
    """Look everything up; the head of the log is taken last, so that it covers all of it."""
    findings = _findings(case)
    factors = {(one.channel.station_id, one.channel.factor) for one in findings if one.channel}
    channels = {
        channel.pk: channel
        for station, factor in sorted(factors)
        for channel in Channel.objects.filter(station=station, factor=factor)
    }
    readings = _readings(findings, channels)
    packets = _packets(case, readings)
    payloads = _payloads(readings, channels, packets)
    packets |= {packet.pk: packet for of_instant in payloads.values() for packet in of_instant}
    head = tree.head()
    subjects = [*_subjects(case, findings), *(f"segment/{packet.segment_id}" for packet in packets.values())]
    found = _lines(subjects, channels, head)
    logged = {line.detail["id"] for line in found if line.act == "ReadingsAppended"}
    packets = {number: packet for number, packet in packets.items() if packet.segment_id in logged}
    numbers = {key: [packet.pk for packet in of_instant] for key, of_instant in payloads.items()}
    return Gathered(case, findings, channels, readings, packets, numbers, found, head)


def _findings(case: Case) -> tuple[Finding, ...]:
    subjects = case.evidence.filter(kind="finding").values_list("subject", flat=True)
    numbers = {case.finding_id, *(int(subject.partition("/")[2]) for subject in subjects)}
    return tuple(Finding.objects.filter(pk__in=numbers).select_related("channel__station").order_by("pk"))


def _readings(findings: Sequence[Finding], channels: dict[int, Channel]) -> tuple[Stored, ...]:
    found: dict[tuple[int, str, datetime], Stored] = {}
    for finding in findings:
        if finding.channel is None:  # somebody reported it: there are no readings that show it
            continue
        same = (finding.channel.station_id, finding.channel.factor)
        numbers = [number for number, one in channels.items() if (one.station_id, one.factor) == same]
        around, ends = AROUND[finding.kind], finding.ended_at + PERIOD[finding.kind]
        own = stored(numbers, OWN[finding.kind], finding.started_at - around, ends + around)
        inside = stored(numbers, INSIDE[finding.kind], finding.started_at, ends)
        found |= {(one.channel_id, one.kind, one.at): one for one in (*own, *inside)}
    return tuple(found[key] for key in sorted(found))


def _packets(case: Case, readings: Sequence[Stored]) -> dict[int, RawPacket]:
    if case.station_id is None:
        return {}
    instants = {(one.received_at, one.kind) for one in readings if one.kind in COMMANDS_OF_KIND}
    received = sorted({instant for instant, _ in instants})
    found: dict[int, RawPacket] = {}
    for first in range(0, len(received), MOST_INSTANTS):
        sent = packets_behind(case.station_id, received[first : first + MOST_INSTANTS])
        found |= {
            packet.pk: packet for packet in sent if (packet.received_at, KIND_OF_COMMAND.get(packet.cn)) in instants
        }
    return found


def _payloads(
    readings: Sequence[Stored], channels: dict[int, Channel], packets: dict[int, RawPacket]
) -> dict[tuple[int, datetime], list[RawPacket]]:
    """The payloads of feeds, table imports among them, that brought the readings of no device's packet."""
    sent = {(packet.received_at, KIND_OF_COMMAND.get(packet.cn)) for packet in packets.values()}
    instants: dict[int, set[datetime]] = {}
    for one in readings:
        if one.kind in COMMANDS_OF_KIND and (one.received_at, one.kind) not in sent:
            instants.setdefault(one.channel_id, set()).add(one.received_at)
    found: dict[tuple[int, datetime], list[RawPacket]] = {}
    for channel, several in sorted(instants.items()):
        received = sorted(several)
        for first in range(0, len(received), MOST_INSTANTS):
            for packet in feed_packets_behind(channels[channel], received[first : first + MOST_INSTANTS]):
                found.setdefault((channel, packet.received_at), []).append(packet)
    return found


def _subjects(case: Case, findings: Sequence[Finding]) -> list[str]:
    stations = {case.station_id, *(finding.station_id for finding in findings)} - {None}
    devices = Device.objects.filter(station__in=stations).values_list("pk", flat=True)
    return [
        f"case/{case.pk}",
        *(f"finding/{finding.pk}" for finding in findings),
        *(item.subject for item in case.evidence.all()),
        *(f"station/{station}" for station in stations),
        *(f"device/{device}" for device in devices),
    ]


def _lines(subjects: Sequence[str], channels: Collection[int], head: Head) -> tuple[Entry, ...]:
    up_to_head = lines().filter(seq__lte=head.size)
    found = list(up_to_head.filter(subject__in=set(subjects)).exclude(act="HoursComputed"))
    found += up_to_head.filter(subject__in=[f"channel/{channel}" for channel in channels], act__in=OF_CHANNEL)
    return tuple(sorted(found, key=lambda line: line.seq))
