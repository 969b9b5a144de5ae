"""Topics of MQTT: filters, and patterns that say what in a topic is the station, the factor or the name."""

from qingyuan.sensing.connector import BadPayload

ONE, REST = "+", "#"
STATION, FACTOR, NAME = "{station}", "{factor}", "{name}"
_MARKS = {STATION, FACTOR, NAME}


def check_filter(text: str) -> None:
    """Raise ValueError where a broker would not take a topic filter."""
    levels = text.split("/")
    for position, level in enumerate(levels):
        wild = ONE in level or REST in level
        if "\0" in text or (wild and level not in {ONE, REST}) or (level == REST and position < len(levels) - 1):
            raise ValueError(
                f"found {text!r}, expected levels between slashes, each a name or +, the last one perhaps #"
            )


def check_pattern(text: str) -> None:
    """Raise ValueError where a pattern names nothing, or one thing twice."""
    check_filter(text)
    levels = text.split("/")
    marks = [level for level in levels if level in _MARKS]
    odd = [level for level in levels if level not in _MARKS and ("{" in level or "}" in level)]
    if odd or not marks or len(set(marks)) < len(marks) or (NAME in marks and len(marks) > 1):
        raise ValueError(f"found {text!r}, expected levels of which {STATION}, {FACTOR}, both, or {NAME} is one")


def name_of(topic: str, pattern: str) -> str:
    """The name of what a topic's messages measure: the topic itself without a pattern.

    Raises
    ------
    BadPayload
        The topic does not have the pattern's form.
    """
    if not pattern:
        return topic
    found = _matched(topic.split("/"), pattern.split("/"))
    if found is None:
        raise BadPayload(f"found topic {topic!r}, expected the form {pattern}")
    return found[NAME] if NAME in found else "/".join(found[mark] for mark in (STATION, FACTOR) if mark in found)


def _matched(levels: list[str], wanted: list[str]) -> dict[str, str] | None:
    if wanted[-1] == REST:
        wanted = wanted[:-1]
        levels = levels[: len(wanted)]
    if len(levels) != len(wanted):
        return None
    found = {}
    for level, form in zip(levels, wanted, strict=True):
        if form in _MARKS:
            if not level:
                return None
            found[form] = level
        elif form not in {ONE, level}:
            return None
    return found
