from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan_science.plugins import Example, Source, Text


@CONNECTORS
@dataclass(frozen=True)
class NameOfThePlugin(Connector):
    """TODO in one sentence: what the payloads are and who sends them."""

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO 名称", "TODO what people call it")
    source: ClassVar[Source] = Source("TODO document that describes the form", "TODO clause or page")
    settings: ClassVar[tuple[Setting, ...]] = ()
    examples: ClassVar[tuple[Example, ...]] = ()

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """TODO in one sentence: how a payload is read."""
        # TODO raise BadPayload where nothing can be read; a part that cannot be read is named in Read.faults
        raise NotImplementedError("TODO code_of_the_plugin.read: expected what the payload says")
