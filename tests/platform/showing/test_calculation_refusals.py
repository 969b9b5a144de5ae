"""What a calculation refuses is said to Chinese readers in Chinese."""

import re

import pytest
from django.utils.translation import override

from qingyuan.kit.faults.sentences import in_words
from qingyuan_science import calc

calc.load()
BOILER = {"day": "2026-11-20", "standard": "GB 13271", "level": "new_coal"}
WORKS = {"day": "2026-11-20", "standard": "GB 18918", "level": "1A"}
REFUSED = [
    ("water_class", {"day": "2026-11-20", "values": {}}),
    ("water_class", {"day": "2026-11-20", "values": {"TP": "a"}}),
    ("water_class", {"day": "2026-11-20"}),
    ("water_class", {"day": "2001-11-20", "values": {"TP": 1}}),
    ("water_month", {"samples": []}),
    ("discharge_limit", {**WORKS, "values": {"COD": 1}, "day": "2003-06-30"}),
    ("discharge_limit", {**WORKS, "values": {"COD": 1}, "case": "x"}),
    ("emission_limit", {**BOILER, "values": {"COD": 1}, "oxygen": 9}),
    ("incinerator_day", {"day": "2026-11-20"}),
    ("incinerator_day", {"day": "2026-11-20", "furnace": [850] * 289}),
    ("working_days", {"start": "2026-11-20"}),
    ("working_days", {"start": "2026-11-20", "process": "monitor_fault", "step": "report"}),
    ("reference_state", {"day": "2026-11-20", "concentration": 1, "to_state": "actual"}),
    ("water_temperature", {"day": "2026-11-20", "weeks": []}),
]


@pytest.mark.parametrize(("code", "question"), REFUSED)
def test_what_was_expected_is_said_in_chinese(code: str, question: dict[str, object]) -> None:
    with pytest.raises(calc.BadQuestion) as refused:
        calc.answer(code, question)
    with override("zh-hans"):
        said = in_words(str(refused.value))
    expected = said.rpartition("应为")[2] or said
    assert re.search("[\u4e00-\u9fff]", expected)
    assert "expected" not in said
