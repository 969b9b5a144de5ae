"""The list of fixed sources out of lists as offices keep them, drawn with their faults and the truth beside them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any
from unicodedata import normalize

import pytest

from qingyuan.kit.log import Origin
from qingyuan.registering.api import ask_for_build, compute_build
from qingyuan.registering.queries import open_questions, sources
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list
from qingyuan_science.worlds.source_lists import SourceLists, source_lists

pytestmark = pytest.mark.django_db
FROM = Origin("analyst", "test")
_WHO = ("person", "phone", "lon", "lat")
TOLD = {
    "approval": (
        "eia_approvals",
        "批复文号,项目名称,批复日期,建设单位,统一社会信用代码,行业代码,建设地点,法定代表人,联系电话,经度,纬度",
        ("id", "project", "day", "name", "code", "industry", "address", *_WHO),
    ),
    "enforcement": (
        "penalties",
        "处罚决定书文号,决定日期,当事人,统一社会信用代码,行业代码,住所地,法定代表人,经度,纬度",
        ("id", "day", "name", "code", "industry", "address", "person", "lon", "lat"),
    ),
    "census": (
        "pollution_census",
        "普查年度,单位名称,统一社会信用代码,行业代码,地址,法定代表人,联系电话,经度,纬度",
        ("year", "name", "code", "industry", "address", *_WHO),
    ),
}
"""By drawn list the list of the catalogue, its titles, and what stands below them."""


def delivered(user: Any, drawn: SourceLists) -> int:
    """Bring each list as a file; how many rows could not be read."""
    faulty = 0
    for name, (code, titles, columns) in TOLD.items():
        take_over_list(code, None)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(titles.split(","))
        for row in drawn.rows[name]:
            told = {**row, "project": "扩建", "day": "2025-06-01", "year": "2025"}
            writer.writerow([told[one] if told[one] is not None else "" for one in columns])
        file = bring_records(user, code, f"{name}.csv", text.getvalue().encode(), origin=FROM)
        faulty += enter_records(file.pk, user, FROM).faulty
    return faulty


def plain(*told: str | None) -> tuple[str, ...]:
    return tuple("".join(normalize("NFKC", one or "").upper().split()) for one in told)


def pairs(groups: Iterable[Any]) -> int:
    """How many pairs of rows are of one group."""
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


@pytest.mark.mission("S1-15")
def test_drawn_lists_become_one_in_which_nearly_every_enterprise_stands_once(cast: Any) -> None:
    drawn = source_lists(400, seed=3)
    rows = sum(len(drawn.rows[name]) for name in TOLD)
    no_code = sum(row["code"] is None for row in drawn.rows["census"])
    assert no_code >= 10
    assert delivered(cast.analyst, drawn) <= rows // 200  # an enterprise twice in the census under one key
    made = ask_for_build(cast.analyst, [code for code, *_ in TOLD.values()], FROM)
    compute_build(made.pk)
    truth = {
        (TOLD[name][0], *plain(row["name"], row["code"], row["address"])): drawn.truth[row["id"]]
        for name in TOLD for row in drawn.rows[name]
    }  # fmt: skip
    found = [
        (one.pk, truth[row.of, *plain(row.name, row.code, row.address)])
        for one in sources(cast.analyst).prefetch_related("rows") for row in one.rows.all()
    ]  # fmt: skip
    assert len(found) >= rows * 0.98
    right, joined, true = pairs(found), pairs(one for one, _ in found), pairs(one for _, one in found)
    assert right / joined >= 0.99
    assert right / true >= 0.9
    enterprises = len({one for _, one in found})
    assert abs(sources(cast.analyst).count() - enterprises) <= enterprises * 0.06
    asked = list(open_questions(cast.analyst))
    assert len(asked) <= max(20, enterprises // 50)  # the fewest of a small list, else two for every hundred
    assert all(first.gain >= second.gain for first, second in pairwise(asked))
