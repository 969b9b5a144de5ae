"""What the gateway notices beside what is said: devices that were silent and are back, messages with parts missing."""

from collections.abc import Iterator, Mapping

from qingyuan.kit import log
from qingyuan.sensing.events import PartsMissing
from qingyuan.sensing.logic.decoding import KIND_OF_COMMAND
from qingyuan.sensing.logic.plausible import data_instant
from qingyuan.sensing.logic.raw.keeping import Faults, instant
from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.models import Silence
from qingyuan_science.hj212 import BadPart, BadTime, Message, PartsStatus

MOST_NAMED = 100  # parts of one message


def note(seen: Mapping[str, tuple[int, int, str]], registry: Registry) -> None:
    """Enter a silence for each device of a batch that was not heard for longer than it ever rests otherwise."""
    silences = []
    for mn, (_, at, _) in seen.items():
        device = registry.device(mn)
        before = registry.last_heard(mn, at)
        if device is not None and device.active and before and at - before > registry.usual_rest(mn, at - before):
            silences.append(Silence(device_id=device.id, began_at=instant(before), ended_at=instant(at)))
    if silences:
        Silence.objects.bulk_create(silences)


def parts_of(message: Message, peer: str, at: int, registry: Registry) -> Iterator[tuple[str, str]]:
    """Count a message's part, and name one that cannot be."""
    try:
        if registry.parts.take(message, at / 1_000_000) is not None:
            registry.split_at[message.mn] = peer
    except BadPart as error:
        yield "BadPart", str(error)


def name_given_up(at: int, registry: Registry, faults: Faults) -> None:
    """Name the messages that will not become whole any more, each under who sent it, so that they are asked for again.

    Call `registry.gave_up()` once that is committed: what is rolled back is named again.
    """
    for status in registry.given_up:
        key = status.key
        parts = ", ".join(map(str, status.missing))
        note = f"{key.mn} CN={key.cn} DataTime={key.data_time}: expected parts {parts} of {key.pnum}"
        faults.count(("MissingPart", registry.split_at.get(key.mn, ""), key.mn), note)
        device = registry.device(key.mn)
        if device is not None and device.active and key.cn in KIND_OF_COMMAND:
            _tell(device, status, at)


def _tell(device: Known, status: PartsStatus, at: int) -> None:
    key = status.key
    try:
        holds_at = data_instant(key.cn, key.data_time, device.dialect, at)
    except BadTime:
        return  # its packets are refused for that, and counted
    log.write(
        PartsMissing(device.id, device.mn, key.cn, key.data_time, holds_at, key.pnum, list(status.missing)[:MOST_NAMED])
    )
