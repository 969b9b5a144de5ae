"""A rule is named in the language of whoever reads it: no Chinese in English references, no English in Chinese ones."""

import re

import pytest

from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS
from qingyuan_science.detect import DETECTORS
from qingyuan_science.plugins import Source, Text
from qingyuan_science.plugins.documents import in_english

calc.load()
CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile("[A-Za-z]{4,}")
NAMES = {"Vovk", "Chernoff", "Math", "Stat", "Assoc", "Kulldorff", "Commun", "ICDM", "NIPS", "McCrary", "Neumann"}


def all_sources() -> list[tuple[str, Source]]:
    plugins = [*TOPICS, *DETECTORS, *CASE_TYPES]
    return [(plugin.code, plugin.source) for plugin in plugins]


@pytest.mark.parametrize(("code", "source"), all_sources(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_source_is_named_in_one_language(code: str, source: Source) -> None:
    english, chinese = source.in_language("en"), source.in_language("zh-hans")
    assert not CHINESE.search(str(english))
    assert set(ENGLISH.findall(f"{chinese.clause} {chinese.note}")) <= NAMES


@pytest.mark.parametrize("topic", sorted(TOPICS, key=lambda one: one.code), ids=lambda one: one.code)
def test_the_clauses_of_an_answer_are_named_in_one_language(topic: type[calc.topic.Topic]) -> None:
    for question in topic.questions:
        for clause in calc.answer(topic.code, question).clauses:
            assert not CHINESE.search(str(clause.in_language("en")))
            chinese = clause.in_language("zh-hans")
            assert not ENGLISH.search(f"{chinese.clause} {chinese.note}")


def test_a_law_has_its_english_name_and_a_number_stays() -> None:
    source = Source("环境保护税法", Text("附表二", "annex 2"), Text("未核对原文", "not checked"))
    assert str(source.in_language("en")) == "Environmental Protection Tax Law, annex 2 (not checked)"
    assert str(source.in_language("zh-hans")) == "环境保护税法 附表二（未核对原文）"
    assert in_english("GB 3838-2002") == "GB 3838-2002"
