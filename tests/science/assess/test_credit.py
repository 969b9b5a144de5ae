"""Environmental credit at its borders, by MEP notice Huanfa [2013] No. 150 and the Guangdong guide of 2015."""

import pytest

from qingyuan_science.assess.grades.environmental_credit import EnvironmentalCredit
from qingyuan_science.assess.grading import Marked, Signs, deducted
from qingyuan_science.standards import StandardsError
from qingyuan_science.standards.procedure.credit import credit_indicators, credit_signs


def level(points: float, **signs: int) -> str:
    graded = EnvironmentalCredit().grade([Marked("whole", 100.0, points)], Signs(**signs))
    assert graded.level is not None
    return graded.level.code


@pytest.mark.parametrize(
    ("points", "signs", "expected"),
    [
        (100.0, {"green": 2}, "green"),
        (100.0, {"green": 1}, "blue"),
        (99.99, {"green": 2}, "blue"),
        (80.0, {}, "blue"),
        (79.99, {}, "yellow"),
        (60.0, {}, "yellow"),
        (59.99, {}, "red"),
        (0.0, {}, "red"),
        (100.0, {"green": 2, "vetoes": 1}, "red"),
        (100.0, {"green": 2, "incidents": 1}, "blue"),
        (90.0, {"incidents": 1}, "yellow"),
        (90.0, {"incidents": 3}, "yellow"),
        (70.0, {"incidents": 1}, "red"),
        (50.0, {"incidents": 1}, "red"),
    ],
)
def test_a_score_and_its_signs_give_the_level_of_the_document(
    points: float, signs: dict[str, int], expected: str
) -> None:
    assert level(points, **signs) == expected


def test_binary_noise_decides_no_border() -> None:
    marks = [Marked(str(number), 0.1, 80.0) for number in range(7)]
    graded = EnvironmentalCredit().grade(marks, Signs())
    assert (graded.score, graded.level and graded.level.code) == (80.0, "blue")


def test_what_is_not_assessed_is_left_out_or_counts_full_as_set() -> None:
    marks = [Marked("compliance", 15.0, 80.0), Marked("risk", 10.0, None)]
    assert EnvironmentalCredit().grade(marks, Signs()).score == 80.0
    # (15 x 80 + 10 x 100) / 25
    assert EnvironmentalCredit(unassessed_full=True).grade(marks, Signs()).score == 88.0


def test_below_the_least_weight_there_is_no_score_but_a_veto_stays_red() -> None:
    marks = [Marked("penalties", 15.0, 100.0), Marked("others", 85.0, None)]
    plain, vetoed = (EnvironmentalCredit().grade(marks, Signs(vetoes=number)) for number in (0, 1))
    assert (plain.score, plain.level) == (None, None)
    assert (vetoed.score, vetoed.level and vetoed.level.code) == (None, "red")


def test_no_weight_at_all_is_refused() -> None:
    with pytest.raises(StandardsError, match="no indicator with a weight"):
        EnvironmentalCredit().grade([Marked("media", 0.0, 100.0)], Signs())


def test_the_document_has_21_indicators_and_says_of_each_how_far_it_was_checked() -> None:
    indicators = credit_indicators()
    assert len(indicators) == 21
    assert len({one.group for one in indicators}) == 4
    known = {one.code: one.weight for one in indicators if one.weight is not None}
    assert known == {
        "compliance": 15.0, "solid_waste": 5.0, "hazardous_waste": 5.0, "noise": 4.0, "siting": 2.0, "risk": 10.0,
        "penalties": 15.0,
    }  # fmt: skip
    assert all(str(one.source.note) for one in (*indicators, *credit_signs()))


def test_the_bands_of_compliance_come_out_at_their_borders() -> None:
    curve = [(0.0, 0.0), (10.0, 20.0), (25.0, 50.0), (50.0, 100.0)]
    shares = (0.0, 10.0, 25.0, 50.0, 80.0)  # of values over the limit; the document speaks of those within it
    assert [100.0 - deducted(share, curve) for share in shares] == [100.0, 80.0, 50.0, 0.0, 0.0]
