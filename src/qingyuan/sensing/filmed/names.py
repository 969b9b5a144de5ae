"""Which camera filmed, and from when on, as the name of a file says it."""

import re
from datetime import datetime, timezone
from functools import lru_cache
from typing import Final

from qingyuan.sensing.filmed.film import BadFilm

CAMERA, BEGIN = "{camera}", "{begin}"
RULE: Final = "{camera}_{begin}*"
_MOST_STARS = 4
_PIECES: Final = {
    CAMERA: r"(?P<camera>[A-Za-z0-9-]{1,40})",
    BEGIN: r"(?P<day>\d{4}-?\d{2}-?\d{2})[T_-]?(?P<time>\d{2}[-:]?\d{2}[-:]?\d{2})(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    "*": ".*?",
}


def check_rule(rule: str) -> None:
    """Refuse a rule that cannot say both, with what is expected."""
    once = rule.count(CAMERA) == 1 and rule.count(BEGIN) == 1
    if not once or rule.count("*") > _MOST_STARS or "/" in rule:
        raise ValueError(f"found {rule!r}, expected {{camera}} and {{begin}} once each, such as {RULE}")


def read_name(name: str, rule: str, zone: timezone) -> tuple[str, datetime]:
    """The camera's code and the time of the first picture; `zone` is meant where the name states none.

    Raises
    ------
    BadFilm
        The name, without its ending, does not follow the rule.
    """
    stem = name.rpartition(".")[0] or name
    found = _pattern(rule).fullmatch(stem)
    if found is None:
        raise BadFilm(f"found a file named {name[:80]!r}, expected {rule} with a time such as 20261122T080000")
    day, time = (re.sub(r"\D", "", found[part]) for part in ("day", "time"))
    try:
        at = datetime.strptime(f"{day}{time}", "%Y%m%d%H%M%S").replace(tzinfo=zone)
        if found["zone"]:
            at = datetime.fromisoformat(f"{at:%Y-%m-%dT%H:%M:%S}{found['zone']}")
    except ValueError as error:
        raise BadFilm(f"found time {day}{time} in the name, expected one such as 20261122T080000") from error
    return found["camera"], at


@lru_cache(maxsize=64)
def _pattern(rule: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{camera\}|\{begin\}|\*)", rule)
    return re.compile("".join(_PIECES.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
