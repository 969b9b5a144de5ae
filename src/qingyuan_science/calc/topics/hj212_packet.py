"""Packets of HJ 212: made of a data segment, or taken apart."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both
from qingyuan_science.hj212 import Frame, Framer, Hj212Error, Message, crc, parse
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.reading import Status

_LONGEST: Final = 1024
_SHORTEST: Final = 10  # bytes of ##, length and CRC around an empty segment
_HEAD: Final = re.compile(rb"##([0-9]{4})")
_ANNEX_A: Final = Source("HJ 212-2017", Text("附录 A 循环冗余校验", "annex A, CRC"), status=Status.VERIFIED)
_FLAG: Final = Source(
    "HJ 212-2017", Text("数据段结构，拆分包及应答标志", "structure of the data segment, flag"), status=Status.VERIFIED
)
_SEGMENT: Final = (
    "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
)


@TOPICS
@dataclass(frozen=True)
class Hj212Packet(Topic):
    """Make a packet of a data segment, with its length and CRC, or take a packet apart, which begins with ##.

    Notes
    -----
    Length counts bytes. The line end after the CRC may be left out of the question. A packet whose length or CRC does
    not fit is answered with what it ought to be, and not taken apart: the standard drops it.
    """

    code: ClassVar[str] = "hj212_packet"
    title: ClassVar[Text] = Text("HJ 212 数据包", "Packet of HJ 212")
    source: ClassVar[Source] = Source(
        "HJ 212-2017", Text("通讯包结构", "structure of the packet"), status=Status.VERIFIED
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field("text", Asked.TEXT, Text("以 ## 开头的数据包，或数据段", "Packet that begins with ##, or segment")),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("数据段：设置实时数据间隔 30 s", "segment: set the interval of real-time data to 30 s"),
            (Text("长度 0101，CRC 1C80", "length 0101, CRC 1C80"),),
        ),
        Example(
            Text("末位被改动的数据包", "packet with a letter changed"),
            (Text("CRC 不符", "the CRC does not fit"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"text": _SEGMENT},
        {"text": f"##0101{_SEGMENT.replace('=30', '=31')}1C80"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the packet, or with its parts.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer

        Raises
        ------
        BadQuestion
            The text is empty or cannot be written in bytes, or the segment is too long; names the field.
        """
        text = given["text"]
        try:
            written = text.encode()
        except UnicodeEncodeError as error:
            raise BadQuestion("text", text, "text that can be written in UTF-8") from error
        if written.startswith(b"##"):
            return Answer(_taken_apart(written), (self.source, _ANNEX_A, _FLAG))
        if not 0 < len(written) <= _LONGEST:
            raise BadQuestion("text", f"{len(written)} bytes", f"a data segment of 1 to {_LONGEST} bytes")
        sum_ = f"{crc(written):04X}"
        packet = f"##{len(written):04d}{text}{sum_}\r\n"
        return Answer({"length": len(written), "crc": sum_, "packet": packet}, (self.source, _ANNEX_A))


def _taken_apart(packet: bytes) -> dict[str, Any]:
    packet = packet.removesuffix(b"\n").removesuffix(b"\r")
    head = _HEAD.match(packet)
    if head is None or len(packet) < _SHORTEST:
        return {"fits": False, "reason": both(Text("包头不是 ## 加四位长度", "no ## with a length of four digits"))}
    segment, said = packet[len(head[0]) : -4], packet[-4:]
    sum_ = f"{crc(segment):04X}"
    result: dict[str, Any] = {
        "fits": False,
        "length": len(segment),
        "length_fits": int(head[1]) == len(segment),
        "crc": sum_,
        "crc_fits": said.upper() == sum_.encode(),
    }
    if not (result["length_fits"] and result["crc_fits"]):
        return result
    try:
        (frame,) = Framer().feed(packet + b"\r\n")
        message = parse(frame.segment) if isinstance(frame, Frame) else None
    except (Hj212Error, ValueError) as error:
        return {**result, "reason": both(Text(f"数据段不可读：{error}", f"the segment cannot be read: {error}"))}
    return {**result, "fits": message is not None, **(_content(message) if message else {})}


def _content(message: Message) -> dict[str, Any]:
    fields = {"QN": message.qn, "ST": message.st, "CN": message.cn, "PW": message.pw, "MN": message.mn}
    counted = {"Flag": message.flag, "PNUM": message.pnum, "PNO": message.pno}
    flag = None
    if message.flag is not None:
        flag = {
            "edition": message.suggested_edition,
            "numbered": bool(message.flag & 2),
            "answer": message.wants_answer,
        }
    return {
        "fields": {name: value for name, value in fields.items() if value}
        | {name: value for name, value in counted.items() if value is not None},
        "flag": flag,
        "groups": [[{"name": name, "value": value} for name, value in group] for group in message.cp],
    }
