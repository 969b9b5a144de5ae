"""Messages out of stored values: for data that came by another door, or in another edition, and for the past."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from qingyuan.forwarding.logic.choosing import Home
from qingyuan.kit import clock
from qingyuan.recording.queries import Stored
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan_science.hj212 import Message, split
from qingyuan_science.hj212.codes import EDITIONS
from qingyuan_science.hj212.message import Group
from qingyuan_science.series import Mark
from qingyuan_science.standards import Factor, UnknownFactor, find_factor
from qingyuan_science.units import UnitError, convert

COMMAND_OF_KIND = {"r": "2011", "m": "2051", "t": "2051", "h": "2061", "d": "2031"}
COMMAND_OF_OWN = {"M": "2051", "T": "2051", "H": "2061", "D": "2031"}
KINDS_OF_COMMAND = {"2011": "r", "2051": "mt", "2061": "h", "2031": "d"}
_COMMANDS = COMMAND_OF_KIND | COMMAND_OF_OWN
LETTER_OF_MARK = {
    Mark.NORMAL: "N", Mark.MAINTENANCE: "M", Mark.CALIBRATION: "C", Mark.FAULT: "D", Mark.OVER_RANGE: "T",
    Mark.COMMUNICATION: "B", Mark.MANUAL: "S", Mark.STOPPED: "F",
}  # fmt: skip
_OTHER = "D"  # of what counts as no measured value, for whatever reason, HJ 212 has no letter of its own
_WANTS_ANSWER = 1


def channels_of(stations: Iterable[int]) -> dict[int, Channel]:
    """The channels of some stations by number."""
    return {one.pk: one for one in Channel.objects.filter(station__in=list(stations)).select_related("station")}


def messages(
    readings: Sequence[Stored],
    channels: Mapping[int, Channel],
    homes: Mapping[int, Home],
    edition: str,
    *,
    own_mark: str = "",
) -> Iterator[Message]:
    """The messages that tell some readings, each in parts where it is too long; QN is left empty.

    Channels whose factor the edition has no code for are left out, and so are stations without a number there. Means
    that are computed here carry `own_mark` in EFlag, the flag that HJ 212 leaves to whoever makes the values.
    """
    gathered: dict[tuple[int, datetime, str], list[Stored]] = {}
    for one in readings:
        if one.channel_id in channels and one.kind in _COMMANDS:
            gathered.setdefault((channels[one.channel_id].station_id, one.at, one.kind), []).append(one)
    for (station, at, kind), group in sorted(gathered.items(), key=lambda entry: (entry[0][1], entry[0][0])):
        home = homes.get(station)
        content = _content(group, channels, edition) if home is not None and home.mn else ()
        if home is not None and content:
            marked = _marked(content, own_mark) if kind in COMMAND_OF_OWN and edition != "2005" else content
            yield from split(_message(home, (kind, at), marked, edition))


def _marked(content: tuple[Group, ...], mark: str) -> tuple[Group, ...]:
    """Every group with the mark in EFlag; 2005 has no such field."""
    return (
        tuple((*group, (f"{group[-1][0].removesuffix('-Flag')}-EFlag", mark)) for group in content) if mark else content
    )


def _message(home: Home, of: tuple[str, datetime], content: tuple[Group, ...], edition: str) -> Message:
    kind, at = of
    stamp = f"{at.astimezone(clock.SHANGHAI):%Y%m%d%H%M%S}"
    flag = EDITIONS[edition].flag_version << 2 | _WANTS_ANSWER
    cp = ((("DataTime", stamp),), *content)
    return Message("", home.system, _COMMANDS[kind], home.password, home.mn, flag, cp=cp, edition=edition)


def _content(group: Sequence[Stored], channels: Mapping[int, Channel], edition: str) -> tuple[Group, ...]:
    """One group of pairs for each factor: measured and converted values belong together."""
    by_factor: dict[str, dict[str, Stored]] = {}
    for one in group:
        channel = channels[one.channel_id]
        by_factor.setdefault(channel.factor, {})[channel.basis] = one
    groups = (_group(code, values, channels, edition) for code, values in sorted(by_factor.items()))
    return tuple(one for one in groups if one)


def _group(code: str, values: Mapping[str, Stored], channels: Mapping[int, Channel], edition: str) -> Group:
    measured, converted = values.get("measured"), values.get("converted")
    known = measured or converted
    if known is None:
        return ()
    channel = channels[known.channel_id]
    sent = _code(code, channel, edition)
    if sent is None:
        return ()
    name, factor = sent
    pairs: list[tuple[str, str]] = []
    for one, prefix in ((measured, ""), (converted, "Zs")):
        scale = _scale(channels[one.channel_id].unit, factor.unit) if one is not None else None
        if one is not None and scale is not None:
            pairs += _numbers(name, prefix, one, scale)
    if not pairs:
        return ()
    letter = LETTER_OF_MARK.get(Mark(known.mark), _OTHER)
    return (*pairs, (f"{name}-Flag", letter))


def _numbers(name: str, prefix: str, one: Stored, scale: float) -> Iterator[tuple[str, str]]:
    if one.total is not None and not prefix:
        yield f"{name}-Cou", plain(one.total)
    parts = (("Rtd", one.value),) if one.kind == "r" else (("Min", one.low), ("Avg", one.value), ("Max", one.high))
    for part, number in parts:
        if number is not None:
            yield f"{name}-{prefix}{part}", plain(number * scale)


def _code(code: str, channel: Channel, edition: str) -> tuple[str, Factor] | None:
    """What a factor is called in an edition, with the unit that goes with it; None where it has no code."""
    medium = MEDIUM.get(channel.station.kind) or None
    try:
        factor = find_factor(code, medium=medium)
        if edition != "2005":
            return code, factor
        return (factor.code_2005, find_factor(factor.code_2005, edition="2005")) if factor.code_2005 else None
    except UnknownFactor:
        return None


def _scale(unit: str, wanted: str) -> float | None:
    """What brings a value to the unit of the code; None where one is no unit of the other's quantity."""
    try:
        return 1.0 if unit == wanted else convert(1.0, unit, wanted)
    except UnitError:
        return None


def plain(number: float) -> str:
    """A number so that it is read back as it is, without an exponent."""
    return f"{Decimal(repr(number)):f}"
