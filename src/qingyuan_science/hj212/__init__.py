"""HJ 212: the protocol by which Chinese monitoring devices report, decoded and encoded without any input or output.

Bytes go in, frames and messages come out::

    framer = Framer(dialect)
    for item in framer.feed(data):           # data as they arrived, cut anywhere
        if isinstance(item, Frame):
            message = parse(item.segment, dialect)
            message.cn, message.values(), period_start(message.cn, message.data_time, dialect)
            reply = encode(data_answer_9014(message, dialect), dialect)

And the other way, from the host to the device::

    asked = request("hour-history", device, now, dialect, BeginTime=begin, EndTime=end)
    exchange = Exchange(asked, dialect)
    for message in exchange.tick(clock):     # sends, repeats, gives up
        send(encode(message, dialect, key))
    exchange.take(message, clock)            # whatever the device says

`reports` reads what is no value of a factor, `PartsCollector` keeps account of split messages, `anatomy` shows every
byte of a packet with its meaning and its fault.

What differs between senders is a `Dialect`, which is data. What is wrong has a name, see
`qingyuan_science.hj212.errors`.
"""

from qingyuan_science.hj212.anatomy import Piece, anatomy
from qingyuan_science.hj212.checksum import crc, crc_modbus, crc_modbus_swapped
from qingyuan_science.hj212.cipher import Keys, came_under, can_be_enciphered, key_to_use, must_be_enciphered, read_key
from qingyuan_science.hj212.dialect import EDITION_2005, EDITION_2025, EDITION_2025_SM4, LENIENT, STANDARD, Dialect
from qingyuan_science.hj212.errors import (
    BadArgument,
    BadChecksum,
    BadCp,
    BadDialect,
    BadEncoding,
    BadHeader,
    BadKey,
    BadLength,
    BadLine,
    BadPart,
    BadTime,
    FrameError,
    Hj212Error,
    MessageError,
    MissingArgument,
    MissingField,
    NoFrameEnd,
    NoFrameHead,
    NoKey,
    NoSuchRequest,
    RequestError,
    SegmentTooLong,
    Truncated,
    UnknownArgument,
)
from qingyuan_science.hj212.exchange import Exchange, State, Taken
from qingyuan_science.hj212.explain import decode_lines, decode_packet
from qingyuan_science.hj212.framing import BadFrame, Frame, Framer
from qingyuan_science.hj212.message import Message, parse
from qingyuan_science.hj212.parts import PartsCollector, PartsStatus
from qingyuan_science.hj212.replies import answer_9011, answer_9012, data_answer_9014, notice_9013
from qingyuan_science.hj212.reports import reports
from qingyuan_science.hj212.requests import REQUESTS, Addressee, request, requests_in
from qingyuan_science.hj212.times import grid, instant, period_start, span_to_ask
from qingyuan_science.hj212.writing import encode, joined, split

__all__ = [
    "EDITION_2005",
    "EDITION_2025",
    "EDITION_2025_SM4",
    "LENIENT",
    "REQUESTS",
    "STANDARD",
    "Addressee",
    "BadArgument",
    "BadChecksum",
    "BadCp",
    "BadDialect",
    "BadEncoding",
    "BadFrame",
    "BadHeader",
    "BadKey",
    "BadLength",
    "BadLine",
    "BadPart",
    "BadTime",
    "Dialect",
    "Exchange",
    "Frame",
    "FrameError",
    "Framer",
    "Hj212Error",
    "Keys",
    "Message",
    "MessageError",
    "MissingArgument",
    "MissingField",
    "NoFrameEnd",
    "NoFrameHead",
    "NoKey",
    "NoSuchRequest",
    "PartsCollector",
    "PartsStatus",
    "Piece",
    "RequestError",
    "SegmentTooLong",
    "State",
    "Taken",
    "Truncated",
    "UnknownArgument",
    "anatomy",
    "answer_9011",
    "answer_9012",
    "came_under",
    "can_be_enciphered",
    "crc",
    "crc_modbus",
    "crc_modbus_swapped",
    "data_answer_9014",
    "decode_lines",
    "decode_packet",
    "encode",
    "grid",
    "instant",
    "joined",
    "key_to_use",
    "must_be_enciphered",
    "notice_9013",
    "parse",
    "period_start",
    "read_key",
    "reports",
    "request",
    "requests_in",
    "span_to_ask",
    "split",
]
