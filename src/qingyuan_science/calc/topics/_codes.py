"""What the topics on codes share: a code that does not follow its rule is answered with the reason."""

from collections.abc import Callable, Mapping
from typing import Any

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import Asked, Field, Given
from qingyuan_science.calc.wording import both
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.codes.divisions import Division
from qingyuan_science.standards.errors import BadCode

CODE = Field("code", Asked.TEXT, Text("编码", "Code"))

Parts = tuple[dict[str, Any], tuple[Source, ...]]


def explained(given: Given, read: Callable[[str], Parts], source: Source) -> Parts:
    """The parts of a code, or why it is none."""
    if not given["code"].strip():
        raise BadQuestion("code", given["code"], "a code")
    try:
        parts, sources = read(given["code"])
    except BadCode as error:
        return {"fits": False, "reason": both(error.reason)}, (source,)
    return {"fits": True, **parts}, sources


def place_words(place: Division | None) -> dict[str, Any]:
    """A division as parts of an answer."""
    if place is None:
        return {"division": None, "province": None, "division_level": None}
    return {"division": place.code, "province": both(place.province), "division_level": both(place.level_name)}


def named_parts(parts: Mapping[str, tuple[Text, str]]) -> list[dict[str, Any]]:
    """Parts with their names as rows of an answer."""
    return [{"part": key, "name": both(name), "value": value} for key, (name, value) in parts.items()]
