"""Numbers of devices (MN) of HJ 212."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.topic import TOPICS, Answer, Field, Given, Topic
from qingyuan_science.calc.topics._codes import CODE, Parts, explained, named_parts
from qingyuan_science.calc.wording import once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.codes.devices import device_number
from qingyuan_science.standards.reading import Status


@TOPICS
@dataclass(frozen=True)
class DeviceNumberTopic(Topic):
    """Take the number of a device apart: 96 bits of EPC-96, or 14 letters of 2005.

    Notes
    -----
    The number has no check letter: a wrong letter is noticed only where it is no hexadecimal one.
    """

    code: ClassVar[str] = "device_number"
    title: ClassVar[Text] = Text("设备唯一标识 MN", "Device number MN")
    source: ClassVar[Source] = Source("HJ 212-2017", Text("设备唯一标识 MN", "device number MN"), status=Status.PARTLY)
    fields: ClassVar[tuple[Field, ...]] = (CODE,)
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("010000A8900016F000169DC0", "010000A8900016F000169DC0"),
            (
                Text(
                    "标头 01，厂商 0000A89，类别 00016F，序列号 000169DC0",
                    "header 01, manufacturer 0000A89, class 00016F, serial 000169DC0",
                ),
            ),
        ),
        Example(
            Text("010000A8900016F000169DCG", "010000A8900016F000169DCG"),
            (Text("不符合：应为十六进制", "it does not fit: not hexadecimal"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"code": "010000A8900016F000169DC0"},
        {"code": "010000A8900016F000169DCG"},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the parts of the number, or why it does not fit.

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
            There is no code; names the field.
        """
        result, sources = explained(given, _parts, self.source)
        return Answer(result, once(sources))


def _parts(text: str) -> Parts:
    found = device_number(text)
    named = {key: (name, letters) for key, name, letters in found.parts}
    return {"code": found.code, "protocol": found.edition, "segments": named_parts(named)}, (found.source,)
