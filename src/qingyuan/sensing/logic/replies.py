"""What the host answers to a packet once it is safe."""

from qingyuan.sensing.logic.arriving.arrivals import TOO_MANY, Arrival
from qingyuan_science.hj212 import Dialect, Message, data_answer_9014, encode, notice_9013
from qingyuan_science.hj212.codes import COMMANDS

UPLOADS = frozenset(row.cn for row in COMMANDS if (row.direction, row.kind) == ("device-to-host", "upload"))
NOTICES = frozenset(row.cn for row in COMMANDS if (row.direction, row.kind) == ("device-to-host", "notice"))
DATA_AND_CONTROL = ("2", "3")  # what the standard keeps for uploads to come; its bytes are safe like any other's
UNPROVEN = frozenset({"BadPassword", "ForeignAddress", "NotEnciphered", "MissingField", TOO_MANY})


def answer_to(arrival: Arrival, dialect: Dialect) -> bytes | None:
    """The answer's bytes, or None where the sender wants none or did not prove who it is."""
    message = arrival.message
    if message is None or not message.wants_answer or arrival.fault in UNPROVEN:
        return None
    answer = _answer(message, dialect)
    return encode(answer, dialect) if answer is not None else None


def _answer(message: Message, dialect: Dialect) -> Message | None:
    if message.cn in NOTICES:
        return notice_9013(message, dialect)
    is_upload = message.cn in UPLOADS or message.cn.startswith(DATA_AND_CONTROL)
    return data_answer_9014(message, dialect) if is_upload else None
