"""Which records are of one enterprise: what must hold whatever the records are."""

import math
import random
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest

from qingyuan_science.linking import (
    Answer,
    Branch,
    Code,
    Linking,
    MissingColumn,
    Name,
    RepeatedId,
    UnknownId,
    Verdict,
    deduplicate,
    link,
)
from qingyuan_science.worlds.source_lists import COLUMNS, SourceLists, source_lists

A_CODE, B_CODE = "91110000802100433B", "91510112279144326U"  # both with a check letter that fits
HERE: dict[str, Any] = {"address": "成都市彭州市致和镇健康大道220号", "lon": 103.95, "lat": 30.98, "industry": "2614"}


def table(**rows: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Rows by their ids."""
    names = [name for name in (*COLUMNS, "list") if name != "id"]
    return {"id": list(rows), **{name: [row.get(name) for row in rows.values()] for name in names}}


def together(found: Linking, one: str, other: str) -> bool:
    """Whether two ids are in one group."""
    return any(one in ids and other in ids for ids in found.clusters)


def asked(found: Linking) -> set[frozenset[str]]:
    """The pairs that a person is asked about."""
    return {frozenset(found.ids_of(pair)) for pair in found.queue.tolist()}


@pytest.fixture(scope="module")
def drawn() -> SourceLists:
    return source_lists(700, seed=5)


@pytest.fixture(scope="module")
def linked(drawn: SourceLists) -> Linking:
    return deduplicate(drawn.table(name) for name in drawn.rows)


def test_the_same_valid_code_is_one_enterprise_whatever_else_differs() -> None:
    found = deduplicate(
        table(
            a={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
            b={"name": "四川宏图纺织厂", "code": A_CODE.lower(), "lon": 104.9, "lat": 30.1, "industry": "1713"},
        )
    )
    assert together(found, "a", "b")


def test_a_permit_stands_in_for_the_code() -> None:
    found = deduplicate(table(a={"name": "甲厂", "code": A_CODE}, b={"name": "乙厂", "permit": A_CODE + "001P"}))
    assert together(found, "a", "b")


def test_two_valid_codes_are_never_one_enterprise_without_a_person() -> None:
    rows = table(
        a={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
        b={"name": "成都兴达化工有限公司", "code": B_CODE, **HERE},
    )
    found = deduplicate(rows)
    assert not together(found, "a", "b")
    assert asked(found) == {frozenset("ab")}
    assert together(deduplicate(rows, decided={("b", "a"): Answer.SAME}), "a", "b")


def test_two_valid_codes_in_one_list_are_told_apart_by_it() -> None:
    alike = {"name": "成都兴达化工有限公司", "list": "census", **HERE}
    found = deduplicate(table(a=alike | {"code": A_CODE}, b=alike | {"code": B_CODE}))
    assert not together(found, "a", "b")
    assert asked(found) == set()


def test_a_wrong_letter_in_a_name_is_found_where_a_side_says_no_place() -> None:
    found = deduplicate(
        table(a={"name": "丹崖燃气热电有限公司", "code": A_CODE, **HERE}, b={"name": "丹崖燃汽热电有限公司"})
    )
    levels = {term.comparison: term.level for term in found.between("a", "b")}
    assert len(found.pairs) == 1
    assert levels["name"] == Name.NEAR


def test_the_form_of_organisation_and_brackets_do_not_matter() -> None:
    found = deduplicate(
        table(
            a={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
            b={"name": "兴达化工（成都）有限责任公司", **HERE},
        )
    )
    assert together(found, "a", "b")


def test_a_branch_is_not_its_parent_and_is_asked_about_only_at_the_same_place() -> None:
    parent = {"name": "成都兴达化工有限公司", "code": A_CODE, **HERE}
    far = {"name": "成都兴达化工有限公司双流分公司", "address": "成都市双流区东升街道白河路9号"}
    found = deduplicate(table(parent=parent, far=far, near={"name": "成都兴达化工有限公司彭州分公司", **HERE}))
    assert not together(found, "parent", "far")
    assert not together(found, "parent", "near")
    assert frozenset(("parent", "near")) in asked(found)
    assert frozenset(("parent", "far")) not in asked(found)


def test_a_branch_that_carries_the_code_of_its_parent_is_asked_about() -> None:
    rows = table(
        parent={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
        branch={"name": "成都兴达化工有限公司双流分公司", "code": A_CODE},
    )
    found = deduplicate(rows)
    assert not together(found, "parent", "branch")
    assert asked(found) == {frozenset(("parent", "branch"))}


def test_the_same_name_in_another_county_is_another_enterprise() -> None:
    found = deduplicate(
        table(
            a={"name": "彭州市兴达化工厂", "code": A_CODE, **HERE},
            b={"name": "双流区兴达化工厂", "address": "成都市双流区东升街道白河路9号", "lon": 104.2, "lat": 30.5},
        )
    )
    assert not together(found, "a", "b")


def test_a_chain_of_pairs_does_not_glue_two_valid_codes_together() -> None:
    found = deduplicate(
        table(
            a={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
            middle={"name": "成都兴达化工有限公司", **HERE},
            z={"name": "成都兴达化工有限责任公司", "code": B_CODE, **HERE},
        )
    )
    assert not together(found, "a", "z")
    assert together(found, "a", "middle") != together(found, "z", "middle")


def test_a_wrong_letter_in_a_code_is_seen_as_such() -> None:
    wrong = A_CODE[:10] + "3" + A_CODE[11:]
    found = deduplicate(table(a={"name": "甲厂", "code": A_CODE}, b={"name": "甲厂", "code": wrong, **HERE}))
    assert {term.comparison: term.level for term in found.between("a", "b")}["code"] == Code.NEAR


@pytest.mark.parametrize("answer", list(Answer))
def test_what_a_person_decided_is_not_asked_again_and_holds(answer: Answer) -> None:
    rows = table(
        a={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
        b={"name": "成都兴达化工有限公司", "code": B_CODE, **HERE},
        c={"name": "成都兴达化工有限公司", **HERE},
    )
    found = deduplicate(rows, decided={("a", "b"): answer, ("b", "gone"): Answer.SAME})
    assert frozenset("ab") not in asked(found)
    assert together(found, "a", "b") is (answer is Answer.SAME)


def test_a_person_parts_what_a_code_joins() -> None:
    rows = table(a={"name": "甲厂", "code": A_CODE}, b={"name": "乙厂", "code": A_CODE})
    assert not together(deduplicate(rows, decided={("a", "b"): Answer.DIFFERENT}), "a", "b")


def test_the_order_of_lists_and_rows_does_not_matter(drawn: SourceLists, linked: Linking) -> None:
    shuffled = []
    for name in reversed(drawn.rows):
        rows = random.Random(name).sample(drawn.rows[name], len(drawn.rows[name]))
        shuffled.append({column: [row[column] for row in rows] for column in COLUMNS})
    again = deduplicate(shuffled)
    assert again.clusters == linked.clusters
    assert [again.ids_of(pair) for pair in again.queue] == [linked.ids_of(pair) for pair in linked.queue]
    assert again.log_odds.tolist() == linked.log_odds.tolist()


def test_a_pair_says_the_same_from_both_sides(linked: Linking) -> None:
    for pair in range(0, len(linked.pairs), 97):
        one, other = linked.ids_of(pair)
        assert linked.between(one, other) == linked.between(other, one)


def test_the_terms_of_a_pair_add_up_to_its_log_odds_and_speak_both_languages(linked: Linking) -> None:
    for pair in range(0, len(linked.pairs), 53):
        terms = linked.evidence(pair)
        odds = math.fsum(term.log_likelihood for term in terms)
        assert odds == pytest.approx(linked.log_odds[pair])
        assert linked.probability(pair) == pytest.approx(1 / (1 + math.exp(-odds)))
        assert all(term.said.zh and term.said.en for term in terms)


def test_no_group_holds_two_valid_codes_and_no_branch_with_its_parent(linked: Linking) -> None:
    for ids in linked.clusters[::3]:
        for one, other in combinations(ids, 2):
            levels = {term.comparison: term.level for term in linked.between(one, other)}
            assert levels["code"] != Code.CONTRADICTS
            assert levels["branch"] not in (Branch.ONE, Branch.OTHER)


def test_equal_valid_codes_of_lists_stand_in_one_group(drawn: SourceLists, linked: Linking) -> None:
    for pair in range(len(linked.pairs)):
        if linked.levels[pair, 0] == Code.SAME and linked.levels[pair, 3] in (Branch.NEITHER, Branch.SAME):
            assert linked.group_of[linked.pairs[pair, 0]] == linked.group_of[linked.pairs[pair, 1]]


def test_drawn_lists_are_put_together_nearly_as_they_belong(drawn: SourceLists, linked: Linking) -> None:
    truth = [drawn.truth[one] for one in linked.records.ids]
    made = {pair for ids in linked.clusters for pair in combinations(ids, 2)}
    ids = sorted(range(len(truth)), key=truth.__getitem__)
    belong = {
        (linked.records.ids[min(one, other)], linked.records.ids[max(one, other)])
        for number in set(truth)
        for one, other in combinations([at for at in ids if truth[at] == number], 2)
    }
    assert len(made & belong) / len(made) > 0.995
    assert len(made & belong) / len(belong) > 0.95


def test_rare_names_say_more_than_common_ones() -> None:
    common = {f"n{at}": {"name": f"成都{core}化工有限公司"} for at, core in enumerate(["兴达"] * 30 + ["奇骏"] * 2)}
    found = deduplicate(table(**common))

    def worth(one: str, other: str) -> float:
        return next(term.log_likelihood for term in found.between(one, other) if term.comparison == "name")

    assert worth("n30", "n31") > worth("n0", "n1")


def test_a_record_finds_its_enterprise_in_the_register() -> None:
    register = table(
        e1={"name": "成都兴达化工有限公司", "code": A_CODE, **HERE},
        e2={"name": "成都宏图纺织有限公司", "code": B_CODE, "address": "成都市双流区东升街道白河路9号"},
    )
    records = table(
        r1={"name": "兴达化工（成都）有限责任公司", **HERE}, r2={"code": B_CODE}, r3={"name": "彭州市某某饭店"}
    )
    found = link(records, register)
    assert found.clusters == [("e1", "r1"), ("e2", "r2"), ("r3",)]


def test_a_record_that_two_enterprises_fit_is_asked_about() -> None:
    twin = {"name": "成都兴达化工有限公司", **HERE}
    found = link(table(r=dict(twin)), table(e1=dict(twin), e2=dict(twin)))
    assert found.clusters == [("e1",), ("e2",), ("r",)]
    assert asked(found) == {frozenset(("e1", "r")), frozenset(("e2", "r"))}


def test_a_name_differs_in_words_that_say_how() -> None:
    found = deduplicate(
        table(
            a={"name": "成都兴达化工有限公司"}, b={"name": "成都兴达化工有限责任公司"}, c={"name": "成都兴达有限公司"}
        )
    )
    form = next(term for term in found.between("a", "b") if term.comparison == "name")
    assert (form.level, form.said.zh) == (Name.FORM, "名称仅组织形式写法不同（有限公司／有限责任公司）")
    assert next(term.level for term in found.between("a", "c") if term.comparison == "name") == Name.PART


def test_records_without_anything_to_compare_stay_apart() -> None:
    found = deduplicate(table(a={}, b={}, c={"name": "成都兴达化工有限公司"}))
    assert found.clusters == [("a",), ("b",), ("c",)]
    assert Verdict.SAME not in found.verdicts.tolist()


def test_empty_tables_give_nothing() -> None:
    assert deduplicate(table()).clusters == []
    assert link(table(), table()).clusters == []


def test_wrong_tables_are_refused_with_what_was_expected() -> None:
    with pytest.raises(MissingColumn, match="expected one named id"):
        deduplicate({"name": ["甲厂"]})
    with pytest.raises(MissingColumn, match="found 1 values, expected 2"):
        deduplicate({"id": ["a", "b"], "name": ["甲厂"]})
    with pytest.raises(RepeatedId, match="'a' twice"):
        deduplicate({"id": ["a", "a"]})
    with pytest.raises(UnknownId, match="'x'"):
        deduplicate(table(a={}, b={})).between("a", "x")
