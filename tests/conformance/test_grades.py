"""What every grade must do, whatever it grades; a new one is covered by being registered."""

from dataclasses import replace

import pytest

from qingyuan_science.assess.grading import GRADINGS, Grading, Marked, Signs, WorkedGrade
from qingyuan_science.standards import StandardsError

GRADINGS.load("qingyuan_science.assess.grades")
CASES = [
    pytest.param(grading, example, id=f"{grading.code}-{number}")
    for grading in GRADINGS
    for number, example in enumerate(grading.examples)
]
every_grading = pytest.mark.parametrize("grading", GRADINGS, ids=lambda one: one.code)
every_example = pytest.mark.parametrize(("grading", "example"), CASES)


@every_example
def test_its_examples_come_out_as_stated(grading: type[Grading], example: WorkedGrade) -> None:
    graded = grading().grade(example.marks, example.signs)
    assert graded.score == example.score
    assert (graded.level.code if graded.level else "") == example.level


@every_example
def test_it_says_why_in_both_languages_and_by_which_rule(grading: type[Grading], example: WorkedGrade) -> None:
    graded = grading().grade(example.marks, example.signs)
    assert graded.said
    assert all(one.zh and one.en for one in graded.said)
    assert graded.clauses
    assert all(one.document and str(one.clause) for one in graded.clauses)


@every_example
def test_what_the_indicators_bring_adds_up_to_the_score(grading: type[Grading], example: WorkedGrade) -> None:
    graded = grading().grade(example.marks, example.signs)
    assert len(graded.gained) == len(example.marks)
    assert sum(one or 0.0 for one in graded.gained) == pytest.approx(graded.score or 0.0, abs=0.01)


@every_example
def test_more_points_never_make_it_worse(grading: type[Grading], example: WorkedGrade) -> None:
    order = [one.code for one in grading.levels()]
    before = grading().grade(example.marks, example.signs)
    for place, one in enumerate(example.marks):
        better = [*example.marks[:place], replace(one, points=100.0), *example.marks[place + 1 :]]
        after = grading().grade(better, example.signs)
        assert (after.score or 0.0) >= (before.score or 0.0)
        assert order.index(after.level.code) <= order.index(before.level.code)  # type: ignore[union-attr]


@every_example
def test_the_order_of_the_indicators_does_not_matter(grading: type[Grading], example: WorkedGrade) -> None:
    one, other = (grading().grade(marks, example.signs) for marks in (example.marks, example.marks[::-1]))
    assert (one.score, one.level) == (other.score, other.level)


@every_grading
def test_its_levels_descend_to_nought_each_with_its_source(grading: type[Grading]) -> None:
    levels = grading.levels()
    borders = [one.least for one in levels]
    assert borders == sorted(borders, reverse=True)
    assert borders[-1] == 0
    assert len({one.code for one in levels}) == len(levels)
    assert all(one.name.zh and one.name.en and one.source.document for one in levels)


@every_grading
def test_nothing_assessed_gives_no_level_rather_than_a_good_one(grading: type[Grading]) -> None:
    graded = grading().grade([Marked("anything", 10.0, None)], Signs())
    assert (graded.score, graded.level, graded.assessed) == (None, None, 0.0)


@every_grading
def test_points_outside_their_bounds_are_refused(grading: type[Grading]) -> None:
    for bad in (Marked("bad", 10.0, 101.0), Marked("bad", -1.0, 50.0)):
        with pytest.raises(StandardsError, match="bad"):
            grading().grade([bad], Signs())
