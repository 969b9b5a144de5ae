"""What is worth a person's time: experience, questions about groups, and what is only noted."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qingyuan_science.linking import COLUMNS, Code, Linking, asking, deduplicate
from qingyuan_science.worlds.source_lists import SourceLists, source_lists

HERE: dict[str, Any] = {"address": "成都市彭州市致和镇健康大道220号", "industry": "2614"}
NAME = "成都兴达化工有限公司"


def table(**rows: dict[str, Any]) -> dict[str, list[Any]]:
    """Rows by their ids."""
    return {"id": list(rows), **{name: [row.get(name) for row in rows.values()] for name in COLUMNS}}


def told(found: Linking, one: str, other: str) -> float:
    """The probability of a pair of ids."""
    pairs = [set(found.ids_of(pair)) for pair in range(len(found.pairs))]
    return found.probability(pairs.index({one, other}))


@pytest.fixture(scope="module")
def drawn() -> SourceLists:
    return source_lists(6_000, seed=3)


@pytest.fixture(scope="module")
def linked(drawn: SourceLists) -> Linking:
    return deduplicate(drawn.table(name) for name in drawn.rows)


@pytest.fixture(scope="module")
def same(drawn: SourceLists, linked: Linking) -> NDArray[np.bool_]:
    truth = np.array([drawn.truth[one] for one in linked.records.ids])
    return np.asarray(truth[linked.pairs[:, 0]] == truth[linked.pairs[:, 1]])


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.5), (0.5, 0.9), (0.9, 0.98)])
def test_of_pairs_without_codes_as_many_are_one_enterprise_as_is_told(
    linked: Linking, same: NDArray[np.bool_], low: float, high: float
) -> None:
    chance = 1.0 / (1.0 + np.exp(-linked.log_odds))
    without = ~np.isin(linked.levels[:, 0], (Code.SAME, Code.CONTRADICTS))
    here = without & (chance >= low) & (chance < high)
    assert here.sum() > 100
    assert same[here].mean() == pytest.approx(chance[here].mean(), abs=0.13)


def test_the_evidence_with_experience_sums_to_what_is_told(linked: Linking) -> None:
    for pair in linked.queue[:20].tolist():
        terms = linked.evidence(pair)
        assert sum(term.log_likelihood for term in terms) == pytest.approx(linked.log_odds[pair])
        assert terms[-1].comparison == "experience"


def test_at_most_one_question_for_fifty_enterprises_is_asked_and_the_rest_is_noted(linked: Linking) -> None:
    found = asking(linked)
    assert 0 < len(found.questions) <= len(np.unique(linked.group_of)) / 50
    asked = {pair for one in found.questions for pair in one.pairs}
    assert asked.isdisjoint(found.noted.tolist())
    assert asked | set(found.noted.tolist()) == set(linked.queue.tolist())
    gains = [one.gain for one in found.questions]
    assert gains == sorted(gains, reverse=True)


def test_rows_that_have_nothing_but_a_name_are_noted_and_never_asked_about() -> None:
    rows = {f"r{at}": {"name": f"成都{'兴宏鑫华盛达发泰'[at]}瑞化工有限公司", **HERE} for at in range(8)}
    found = deduplicate(table(**rows, a={"name": "四川天绿食品厂"}, b={"name": "四川天缘食品厂"}), reject=1e-9)
    pair = next(at for at in found.queue.tolist() if set(found.ids_of(at)) == {"a", "b"})
    chosen = asking(found)
    assert pair in chosen.noted
    assert all(pair not in one.pairs for one in chosen.questions)


def test_groups_that_hang_together_are_one_question() -> None:
    near = {"address": "成都市彭州市致和镇健康大道", "industry": "2614"}
    rows = {
        "a": {"name": "成都天绿化工有限公司", **near},
        "b": {"name": "成都天缘化工有限公司", **near},
        "c": {"name": "成都天源化工有限公司", **near},
    }
    found = deduplicate(table(**rows), accept=1.0 - 1e-12, reject=1e-6)
    (only,) = asking(found).questions
    assert len(only.groups) == 3
    assert only.gain <= 2.0


def test_two_of_a_register_are_never_asked_about(linked: Linking) -> None:
    first = asking(linked).questions[0]
    ids = [linked.records.ids[group] for group in first.groups]
    again = asking(linked, apart=ids)
    assert all(len(set(first.groups) & set(one.groups)) < 2 for one in again.questions)


def test_what_matters_more_is_asked_first(linked: Linking) -> None:
    last = asking(linked).questions[-1]
    again = asking(linked, {linked.records.ids[last.groups[0]]: 1_000.0})
    assert last.groups[0] in again.questions[0].groups


def test_who_answers_for_it_tells_namesakes_apart_and_joins_what_moved() -> None:
    others = {
        f"r{at}": {"name": f"成都{one}瑞化工有限公司", "person": one + "文", "phone": f"1380000{at:04d}", **HERE}
        for at, one in enumerate("兴宏鑫华盛达发泰隆恒丰源")
    }
    moved = {"address": "成都市彭州市致和镇人民路9号", "industry": "2614", "name": NAME}
    one = {**moved, "person": "王伟", "phone": "028-86543210"}
    alike = {**HERE, "name": NAME, "person": "王 伟", "phone": "86543210"}
    different = {**HERE, "name": NAME, "person": "李娜", "phone": "13911112222"}
    with_same = deduplicate(table(**others, a=one, b=alike))
    with_other = deduplicate(table(**others, a=one, b=different))
    assert told(with_same, "a", "b") > told(with_other, "a", "b")
    assert any(term.said.zh == "法定代表人相同" for term in with_same.between("a", "b"))
    assert "王" not in "".join(term.said.zh for term in with_same.between("a", "b"))


def test_an_agents_telephone_tells_less_than_one_of_its_own() -> None:
    def weight(shared: int) -> float:
        firms = {
            f"r{at}": {
                "name": f"成都{one}瑞化工有限公司",
                "phone": "13800001111" if at < shared else f"1390000{at:04d}",
            }
            for at, one in enumerate("兴宏鑫华盛达发泰隆恒丰源顺祥佳德永信诚金龙亿联创")
        }
        pair = {"a": {"name": NAME, "phone": "13800001111"}, "b": {"name": "四川宏图纺织厂", "phone": "13800001111"}}
        found = deduplicate(table(**firms, **pair))
        return next(term.log_likelihood for term in found.between("a", "b") if term.comparison == "phone")

    assert weight(20) < weight(0)


def test_addresses_in_two_counties_speak_more_against_one_enterprise_than_two_roads_of_one(linked: Linking) -> None:
    def weight(address: str) -> float:
        rows = {"a": {"name": NAME, **HERE}, "b": {"name": NAME, "address": address}}
        found = deduplicate(table(**rows))
        return next(term.log_likelihood for term in found.between("a", "b") if term.comparison == "address")

    assert weight("成都市金堂县淮口镇人民路9号") < weight("成都市彭州市致和镇人民路9号")
