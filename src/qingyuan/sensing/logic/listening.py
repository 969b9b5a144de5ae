"""What the gateway notices beside what is said: devices that were silent and are back, messages with parts missing."""

from collections.abc import Iterator, Mapping

from qingyuan.sensing.logic.raw.keeping import instant
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.models import Silence
from qingyuan_science.hj212 import BadPart, Message


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


def parts_of(message: Message, at: int, registry: Registry) -> Iterator[tuple[str, str]]:
    """Count a message's part, and name the messages that will not become whole any more."""
    try:
        registry.parts.take(message, at / 1_000_000)
    except BadPart as error:
        yield "BadPart", str(error)
    for status in registry.parts.expired(at / 1_000_000):
        key = status.key
        parts = ", ".join(map(str, status.missing))
        yield "MissingPart", f"{key.mn} CN={key.cn} DataTime={key.data_time}: expected parts {parts} of {key.pnum}"
