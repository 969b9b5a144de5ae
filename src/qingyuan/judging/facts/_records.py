"""What lists of other departments hold of the enterprises asked about."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from qingyuan.judging.fact import Asked, Link, Told
from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.queries import Enterprise
from qingyuan.sensing.queries.records import values_of_enterprises
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Held:
    """One record of an enterprise: for which days it holds, before `until`, and the value that is asked for."""

    since: date | None
    until: date | None
    value: str


def held_in(asked: Asked, code: str, column: str = "") -> dict[int, list[Held]]:
    """The known records of a list by enterprise, earliest first; fetched once a run."""

    def fetch() -> dict[int, list[Held]]:
        found: dict[int, list[Held]] = defaultdict(list)
        for firm, since, until, value in values_of_enterprises(code, asked.enterprises, column):
            found[firm].append(Held(since, until, value or ""))
        return found

    return asked.once(("records", code, column, asked.enterprises), fetch)


def links_to(asked: Asked, code: str, title: Text) -> dict[int, tuple[Link, ...]]:
    """For each enterprise the way to its records in a list."""

    def fetch() -> dict[int, str]:
        return dict(Enterprise.objects.filter(pk__in=asked.enterprises).values_list("pk", "code"))

    codes = asked.once(("codes of enterprises", asked.enterprises), fetch)
    return {pk: (Link("records", f"{code}/{firm}", title),) for pk, firm in codes.items()}


def unknown(list_title: Text) -> Told:
    """Nothing came of an enterprise in a list."""
    words = Text(f"“{list_title.zh}”中没有该企业的记录", f"“{list_title.en}” holds no record of the enterprise")
    return Told(None, words)


def day_of(asked: Asked) -> date:
    """The last day that is asked about."""
    return asked.end.astimezone(SHANGHAI).date()


def number_in(text: str) -> float:
    """A number as records keep it; nought where there is none."""
    return float(text) if text else 0.0


def by_month(held: list[Held]) -> dict[date, float]:
    """The sum of each month."""
    months: dict[date, float] = defaultdict(float)
    for one in held:
        if one.since is not None:
            months[one.since.replace(day=1)] += number_in(one.value)
    return dict(months)
