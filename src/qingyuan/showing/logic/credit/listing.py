"""Every enterprise with its credit level, beside what it was last time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.evaluating.queries import Grade, GradeRun, RunState, grades, levels, runs
from qingyuan.people.queries import User
from qingyuan.showing.logic.credit.words import NOT_GRADED, level_kind, level_words, told
from qingyuan.showing.logic.papers.tables import plain

CHANGES = ("worse", "better", "same", "new")
MOST_REASONS = 3


@dataclass(frozen=True)
class Row:
    """An enterprise in an evaluation; `before` is its grade in the evaluation before, None where there was none."""

    grade: Grade
    before: Grade | None

    @property
    def enterprise(self) -> Any:
        return self.grade.enterprise

    @property
    def level(self) -> str:
        return level_words(self.grade.level)

    @property
    def kind(self) -> str:
        return level_kind(self.grade.level)

    @property
    def level_before(self) -> str:
        return level_words(self.before.level) if self.before else ""

    @property
    def change(self) -> str:
        """One of `CHANGES`; what was or is not graded counts as new."""
        if self.before is None or not self.before.level or not self.grade.level:
            return "new"
        order = [one.code for one in levels()]
        now, then = order.index(self.grade.level), order.index(self.before.level)
        return "same" if now == then else "worse" if now > then else "better"

    @property
    def points_more(self) -> float | None:
        """The score against last time. [points]"""
        if self.before is None or self.before.score is None or self.grade.score is None:
            return None
        return self.grade.score - self.before.score

    @property
    def reasons(self) -> list[str]:
        """What lowers the score most, each with the share of its indicator that is lost, and the signs that count."""
        names = {one["code"]: told(one) for one in self.grade.run.rules["measures"]}
        cost = [
            (
                one["deducted"] * item["weight"],
                _("%(measure)s (indicator −%(share)s %%)")
                % {"measure": names[one["code"]], "share": plain(round(one["deducted"], 1))},
            )
            for item in self.grade.items
            if item["weight"]
            for one in item["measures"]
            if one["deducted"]
        ]
        said_of = [told(one, "title") for one in self.grade.signs if one["counts"] and one["kind"] != "green"]
        return [*said_of, *(words for _points, words in sorted(cost, key=lambda one: -one[0]))][:MOST_REASONS]


def change_words(change: str) -> str:
    """How a level changed."""
    return {"worse": _("Lower"), "better": _("Higher"), "same": _("Unchanged"), "new": _("New")}[change]


def rows_of(viewer: User, run: GradeRun) -> list[Row]:
    """Every enterprise of the viewer's territory in an evaluation, the worst first."""
    earlier = before(run)
    known: Mapping[int, Grade] = {}
    if earlier is not None:
        known = {one.enterprise_id: one for one in grades(viewer, earlier)}
    found = [Row(one, known.get(one.enterprise_id)) for one in grades(viewer, run)]
    for row in found:
        row.grade.run = run
    order = {one.code: place for place, one in enumerate(reversed(levels()))}
    return sorted(found, key=lambda row: (order.get(row.grade.level, len(order)), _least(row), row.enterprise.code))


def _least(row: Row) -> float:
    return -1.0 if row.grade.score is None else row.grade.score


def before(run: GradeRun) -> GradeRun | None:
    """The evaluation of the same kind of time before: of the year before, or the one asked for before on a day."""
    done = runs().filter(state=RunState.DONE)
    if run.year is None:
        return done.filter(year=None, span_end__lt=run.span_end).order_by("-span_end", "-pk").first()
    return done.filter(year__lt=run.year).order_by("-year", "-asked_at").first()


def distribution(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """How many enterprises each level has, now and last time."""
    now = Counter(row.grade.level or NOT_GRADED for row in rows)
    then = Counter(row.before.level or NOT_GRADED for row in rows if row.before is not None)
    whole = len(rows) or 1
    return [
        {
            "code": code, "title": level_words(code), "kind": level_kind("" if code == NOT_GRADED else code),
            "count": now[code], "before": then[code] if then else None, "share": now[code] / whole,
            "percent": 100 * now[code] // whole,
        }
        for code in (*(one.code for one in levels()), NOT_GRADED)
    ]  # fmt: skip
