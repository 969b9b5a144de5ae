"""The time limits that the program ships with, read from their table."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qingyuan.dispatching.errors import UnknownTimeLimit
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class TimeLimit:
    """How many hours a step may take, and where that number comes from."""

    code: str
    title: Text
    hours: float
    basis: str
    document: str
    clause: str
    note: str


@cache
def shipped() -> dict[str, TimeLimit]:
    """Every shipped time limit by its code."""
    text = files("qingyuan.dispatching").joinpath("tables/time_limits.toml").read_text(encoding="utf-8")
    return {row["code"]: _limit(**row) for row in tomllib.loads(text)["limit"]}


def shipped_limit(code: str) -> TimeLimit:
    """The shipped time limit of that code."""
    if code not in shipped():
        raise UnknownTimeLimit(f"found time limit {code!r}, expected one of: {', '.join(shipped())}")
    return shipped()[code]


def _limit(*, title_zh: str, title_en: str, **row: str) -> TimeLimit:
    return TimeLimit(title=Text(title_zh, title_en), **row)  # type: ignore[arg-type]
