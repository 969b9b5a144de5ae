"""Lists of pollution sources with known truth."""

from collections import Counter

from qingyuan_science.standards.codes.credit import credit_code
from qingyuan_science.worlds.source_lists import Faults, source_lists


def test_the_same_seed_draws_the_same_lists() -> None:
    assert source_lists(80, seed=3) == source_lists(80, seed=3)
    assert source_lists(80, seed=3) != source_lists(80, seed=4)


def test_every_row_is_of_an_enterprise_and_every_enterprise_has_its_own_valid_code() -> None:
    drawn = source_lists(400)
    assert {row["id"] for rows in drawn.rows.values() for row in rows} == set(drawn.truth)
    assert max(Counter(source.code for source in drawn.sources).values()) == 1
    assert all(credit_code(source.code).organisation_fits for source in drawn.sources)


def test_faults_come_as_often_as_they_are_asked_for() -> None:
    faults = Faults(no_code=0.5, wrong_code=0.0, variant=0.0, typed=0.0, moved=0.0, twice=0.0, no_position=0.0)
    drawn = source_lists(2000, lists={"one": (1.0, faults)})
    rows = drawn.rows["one"]
    assert len(rows) == 2000
    assert 0.45 < sum(row["code"] is None for row in rows) / len(rows) < 0.55
    assert all(row["name"] == drawn.sources[drawn.truth[row["id"]]].name for row in rows)
    assert all(row["lon"] is not None for row in rows)


def test_branches_and_namesakes_are_enterprises_of_their_own() -> None:
    sources = source_lists(2000).sources
    assert any(source.branch for source in sources)
    assert max(Counter(source.name for source in sources).values()) > 1
