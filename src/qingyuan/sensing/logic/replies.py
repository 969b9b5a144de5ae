"""What the host answers to a packet once it is safe."""

from qingyuan.sensing.logic.arriving.arrivals import TOO_MANY, Arrival
from qingyuan.sensing.logic.decoding import KIND_OF_COMMAND
from qingyuan_science.hj212 import Dialect, Message, data_answer_9014, encode, notice_9013

UPLOADS = frozenset({*KIND_OF_COMMAND, "2021", "2041", "2081", "3015", "3019", "3020", "3017", "3018", "2071"})
UNPROVEN = frozenset({"BadPassword", "ForeignAddress", "NotEnciphered", "MissingField", TOO_MANY})
NOTICES = frozenset({"1013", "2072", "9015", "1001"})


def answer_to(arrival: Arrival, dialect: Dialect) -> bytes | None:
    """The answer's bytes, or None where the sender wants none or did not prove who it is."""
    message = arrival.message
    if message is None or not message.wants_answer or arrival.fault in UNPROVEN:
        return None
    answer = _answer(message, dialect)
    return encode(answer, dialect) if answer is not None else None


def _answer(message: Message, dialect: Dialect) -> Message | None:
    if message.cn in UPLOADS:
        return data_answer_9014(message, dialect)
    return notice_9013(message, dialect) if message.cn in NOTICES else None
