"""What became of what screenings listed: clues, cases, and whether the site confirmed them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from qingyuan.dispatching.queries import Case, Evidence, cases
from qingyuan.judging.queries import Finding, ScreeningRow, findings, open_screened_clues, screening_rows
from qingyuan.people.queries import User
from qingyuan.showing.logic.judging.outcomes import Outcome, outcomes_of
from qingyuan.showing.logic.screening.words import head_words, link_of, told
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Text

OUTCOME_KINDS = {Outcome.CONFIRMED: "warning", Outcome.REFUTED: "idle", Outcome.UNDECIDED: "waiting"}


@dataclass(frozen=True)
class Converted:
    """How many enterprises or cells were listed; how many became clues, cases, and problems confirmed on site."""

    listed: int = 0
    clues: int = 0
    cases: int = 0
    confirmed: int = 0

    @property
    def steps(self) -> list[tuple[int, float | None]]:
        """Each number with its share of the one before."""
        numbers = (self.listed, self.clues, self.cases, self.confirmed)
        shares = [after / before if before else None for before, after in pairwise(numbers)]
        return list(zip(numbers, [None, *shares], strict=True))


@dataclass(frozen=True)
class RowWords:
    """A row of a run as the page shows it; `standing` is an open clue about the same that another row brought."""

    row: ScreeningRow
    answers: list[dict[str, Any]]
    clue: Finding | None
    standing: Finding | None
    case: Case | None
    outcome: Outcome | None

    @property
    def outcome_kind(self) -> str:
        """Colour and shape of the outcome."""
        return OUTCOME_KINDS[self.outcome] if self.outcome else ""


def row_words(viewer: User, rows: Sequence[ScreeningRow]) -> list[RowWords]:
    """The rows with what became of them, in as many queries however many they are."""
    clues = [row.clue for row in rows if row.clue is not None]
    seen = set(findings(viewer).filter(pk__in=[one.pk for one in clues]).values_list("pk", flat=True))
    by_clue = cases_of(viewer, seen)
    outcomes = outcomes_of(clues)
    standing = open_screened_clues(rows)
    found = []
    for row in rows:
        clue = row.clue if row.clue is not None and row.clue.pk in seen else None
        other = standing.get(row.pk)
        found.append(
            RowWords(
                row, answers_of(row), clue, other if clue is None or other != clue else None,
                by_clue.get(clue.pk) if clue else None, outcomes[clue.pk] if clue else None,
            )
        )  # fmt: skip
    return found


def answers_of(row: ScreeningRow) -> list[dict[str, Any]]:
    """What each condition's fact said, with its title, decimals and what shows it."""
    conditions = row.run.definition["conditions"]
    return [
        {
            "title": told(of, "title"),
            "head": head_words(of),
            "decimals": of["decimals"],
            "value": answer["value"],
            "met": answer["met"],
            "sentence": said(Text(answer["zh"], answer["en"])),
            "links": [link_of(one) for one in answer["evidence"]],
        }
        for of, answer in zip(conditions, row.answers, strict=True)
    ]


def screened_answers(viewer: User, found: Finding) -> dict[str, Any] | None:
    """Of a clue that a screening brought, the run and what it said of the enterprise; None for other findings."""
    number = found.edition.get("screening_row")
    row = screening_rows(viewer).filter(pk=number).first() if number else None
    return {"run": row.run_id, "answers": answers_of(row)} if row else None


def cases_of(viewer: User, finding_ids: Collection[int]) -> dict[int, Case]:
    """The case of each finding: as its first cause, or as one that came while it was open."""
    seen = cases(viewer)
    found = {one.finding_id: one for one in seen.filter(finding__in=finding_ids)}
    subjects = {f"finding/{one}": one for one in finding_ids if one not in found}
    filed = Evidence.objects.filter(subject__in=subjects, case__in=seen).select_related("case")
    return {subjects[one.subject]: one.case for one in filed} | found


def converted(viewer: User, screening_ids: Iterable[int]) -> dict[int, Converted]:
    """How far what each screening listed came, over all its runs; what is listed again counts once."""
    ids = list(screening_ids)
    rows = _rows_of(viewer, ids)
    counted = rows.values("run__screening").annotate(listed=Count(Coalesce("enterprise", "cell"), distinct=True))
    listed = dict(counted.values_list("run__screening", "listed"))
    clues, held, confirmed = _became(viewer, rows)
    return {
        one: Converted(listed.get(one, 0), len(clues[one]), len(clues[one] & held), len(clues[one] & confirmed))
        for one in ids
    }


def rows_counted(viewer: User, screening_ids: Iterable[int], step: str) -> QuerySet[ScreeningRow]:
    """The rows that one of the numbers of `converted` counts, each by the newest row that listed it.

    `step` is a field of `Converted`.
    """
    rows = _rows_of(viewer, list(screening_ids))
    if step == "listed":
        once: tuple[str, ...] = ("run__screening_id", "enterprise_id", "cell_id")
    else:
        clues, held, confirmed = _became(viewer, rows)
        kept = {"clues": set().union(*clues.values()), "cases": held, "confirmed": confirmed}[step]
        once, rows = ("run__screening_id", "clue_id"), rows.filter(clue__in=kept)
    newest = rows.order_by(*once, "-pk").distinct(*once)
    return screening_rows(viewer).filter(pk__in=newest.values("pk"))


def _rows_of(viewer: User, ids: list[int]) -> QuerySet[ScreeningRow]:
    return screening_rows(viewer).filter(run__screening__in=ids).select_related(None).order_by()


def _became(viewer: User, rows: QuerySet[ScreeningRow]) -> tuple[dict[int, set[int]], set[int], set[int]]:
    """The clues of each screening; of all of them those that a case holds, and those confirmed on site."""
    clues: dict[int, set[int]] = defaultdict(set)
    for screening, clue in rows.exclude(clue=None).values_list("run__screening", "clue"):
        clues[screening].add(clue)
    every = {one for several in clues.values() for one in several}
    outcomes = outcomes_of(Finding.objects.filter(pk__in=every))
    confirmed = {pk for pk, outcome in outcomes.items() if outcome is Outcome.CONFIRMED}
    return clues, set(cases_of(viewer, every)), confirmed


def together(parts: Iterable[Converted]) -> Converted:
    """Several screenings as one line; an enterprise that two of them listed counts for both."""
    rows = list(parts)
    return Converted(*(sum(getattr(one, name) for one in rows) for name in ("listed", "clues", "cases", "confirmed")))
