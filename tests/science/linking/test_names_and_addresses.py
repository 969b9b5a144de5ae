"""Names, addresses and codes of enterprises taken apart."""

import numpy as np
import pytest

from qingyuan_science.linking.addresses import address_of
from qingyuan_science.linking.comparing import metres
from qingyuan_science.linking.identity import identities
from qingyuan_science.linking.likeness import edits
from qingyuan_science.linking.names import Gazetteer, folded, taken_apart
from qingyuan_science.linking.table import Records, letters_of

SICHUAN = Gazetteer(["四川省成都市彭州市致和镇1号"] * 3)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("成都兴达化工有限公司", (("成都",), "兴达", "化工", "company", "")),
        ("成都市兴达化工有限责任公司", (("成都",), "兴达", "化工", "company", "")),
        ("兴达化工（成都）有限公司", (("成都",), "兴达", "化工", "company", "")),
        ("四川省成都市彭州市兴达精细化工厂", (("四川", "成都", "彭州"), "兴达", "精细化工", "works", "")),
        ("成都兴达化工有限公司彭州分公司", (("成都",), "兴达", "化工", "company", "彭州分公司")),
        ("成都兴达化工有限公司二厂", (("成都",), "兴达", "化工", "company", "二厂")),
        ("宏发（原宏大）砖厂", ((), "宏发", "砖", "works", "")),
        ("彭州市第三污水处理厂", (("彭州",), "第三", "污水处理", "works", "")),
        ("", ((), "", "", "", "")),
    ],
)
def test_a_name_falls_into_division_trade_name_business_form_and_branch(
    written: str, parts: tuple[object, ...]
) -> None:
    name = taken_apart(written, SICHUAN)
    assert (name.regions, name.core, name.business, name.form, name.branch) == parts


def test_full_width_letters_blanks_and_brackets_are_alike() -> None:
    assert folded("兴达　ＡＢ（成都） 有限公司") == folded("兴达AB(成都)有限公司")


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("四川省成都市彭州市致和镇健康大道２２０号", (("四川", "成都", "彭州"), "致和", "健康大道", "220")),
        ("彭州市致和镇健康大道220号附3号", (("彭州",), "致和", "健康大道", "220")),
        ("彭州致和镇健康大道二二〇号", (("彭州",), "致和", "健康大道", "220")),
        ("致和街道清洋村3组", ((), "致和", "清洋村", "")),
        ("", ((), "", "", "")),
    ],
)
def test_an_address_falls_into_divisions_town_road_and_number(written: str, parts: tuple[object, ...]) -> None:
    found = address_of(written, {"彭州"})
    assert (found.divisions, found.town, found.road, found.number) == parts


def test_division_within_another_can_be_one_place() -> None:
    assert SICHUAN.compatible(("成都",), ("彭州",)) is True
    assert SICHUAN.compatible(("彭州",), ("双流",)) is False
    assert SICHUAN.compatible((), ("彭州",)) is None


def test_codes_are_checked_and_a_permit_stands_in_for_a_code() -> None:
    codes = ["9111 0000 8021 0043 3b", "91110000802100434B", "80210043-3", "", ""]
    found = identities(codes, ["", "", "", "91110000802100433B001P", ""])
    assert found.valid.tolist() == [True, False, True, True, False]
    assert found.organisation == ["802100433", "", "802100433", "802100433", ""]
    assert found.short.tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("kitten", "sitting", 3), ("CA", "AC", 1), ("CA", "ABC", 3), ("", "兴达", 2), ("兴达化工", "兴达化工", 0)],
)
def test_edits_are_those_of_the_textbook(one: str, other: str, apart: int) -> None:
    assert edits(letters_of([one], 8), letters_of([other], 8)).tolist() == [apart]
    assert edits(letters_of([other], 8), letters_of([one], 8)).tolist() == [apart]


def test_a_thousandth_of_a_degree_to_the_north_is_111_metres() -> None:
    records = Records([{"id": ["a", "b"], "lon": [104.0, 104.0], "lat": [30.0, 30.001]}])
    assert metres(records, np.array([0]), np.array([1]))[0] == pytest.approx(111.19, abs=0.05)
