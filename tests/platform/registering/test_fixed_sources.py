"""The list of fixed sources: built out of lists, decided by people, taken back, entered into the ledger."""

from typing import Any

import pytest

from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.kit.queries import lines
from qingyuan.places.api import register_enterprise
from qingyuan.places.queries import Enterprise
from qingyuan.registering.api import (
    Answer,
    answer_pair,
    answer_question,
    ask_for_build,
    compute_build,
    enter_source,
    lacks_of,
    part_row,
    settle_written,
    take_back_answer,
)
from qingyuan.registering.queries import (
    Build,
    BuildState,
    ChangeKind,
    answered_pairs,
    changes_of,
    lists_at_hand,
    noted_pairs,
    open_pairs,
    open_questions,
    source,
    sources,
)
from qingyuan.sensing.api.records import bring_records, decide_firm, define_list, enter_records, take_over_list
from qingyuan.sensing.events import WrittenFirmDecided
from qingyuan.sensing.queries.records import data_list, records_of, written_firms
from qingyuan.sensing.records.catalogue import entry
from qingyuan.sensing.records.definition import ListDefinition

pytestmark = pytest.mark.django_db
FROM = Origin("analyst", "test")
MILL, DYE = "91110000802100433B", "91510112279144326U"  # both with a check letter that fits
APPROVALS = "批复文号,项目名称,建设单位,统一社会信用代码,批复日期\n"
CENSUS = "统一社会信用代码,普查年度,单位名称,地址,行业代码\n"
PENALTIES = "处罚决定书文号,当事人,统一社会信用代码,决定日期\n"


@pytest.fixture
def mill(cast: Any) -> Any:
    """An enterprise of the ledger in West Town."""
    return register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
        address_zh="西镇纸厂路1号",
    )  # fmt: skip


@pytest.fixture
def lists(cast: Any) -> list[str]:
    """Lists of approval, enforcement and census, taken over and still empty."""
    codes = ["eia_approvals", "penalties", "pollution_census"]
    for code in codes:
        take_over_list(code, cast.handler.organisation)
    return codes


def bring(user: Any, code: str, text: str) -> None:
    enter_records(bring_records(user, code, f"{code}.csv", text.encode(), origin=FROM).pk, user, FROM)


def built(user: Any, lists: list[str]) -> Build:
    made = ask_for_build(user, lists, FROM)
    compute_build(made.pk)
    made.refresh_from_db()
    assert made.state == BuildState.DONE, made.why
    return made


def standing(user: Any) -> dict[str, set[str]]:
    """The sources by title, each with its lists."""
    return {one.title: set(one.lists) for one in sources(user)}


@pytest.fixture
def doubtful(cast: Any, mill: Any, lists: list[str]) -> Any:
    """A pair that a person is asked about: the mill, and another valid code under its name and address."""
    bring(cast.analyst, "pollution_census", CENSUS + f"{DYE},2025,西山纸业有限公司,西镇纸厂路1号,2221\n")
    built(cast.analyst, lists)
    return open_pairs(cast.analyst).get()


def test_an_enterprise_of_several_lists_stands_in_the_list_once_with_who_says_what(
    cast: Any, mill: Any, lists: list[str]
) -> None:
    bring(cast.analyst, "eia_approvals", APPROVALS + "A1,扩建,西山纸业有限责任公司,,2026-01-05\n")
    bring(cast.analyst, "penalties", PENALTIES + f"P1,西山纸业,{MILL},2026-02-01\nP2,西山纸业,{MILL},2026-03-01\n")
    bring(cast.analyst, "pollution_census", CENSUS + f"{MILL},2025,西山纸业有限公司,西镇纸厂路1号,1713\n")
    made = built(cast.analyst, lists)
    (one,) = sources(cast.analyst)
    assert one.lists == ["ledger", *lists]
    assert (one.enterprise, one.code, one.cell) == (mill, MILL, mill.cell)
    assert one.fields["name"][0] == {
        "value": "西山纸业有限公司", "lists": ["ledger", "pollution_census"], "agrees": True,
    }  # fmt: skip
    assert one.conflicts == ["industry"]
    assert [each["value"] for each in one.fields["industry"]] == ["2221", "1713"]
    assert made.read == {"ledger": 1, "eia_approvals": 1, "penalties": 1, "pollution_census": 1}
    assert one.rows.get(of="penalties").records == 2


def test_two_valid_codes_wait_for_a_person_with_the_evidence(cast: Any, doubtful: Any) -> None:
    assert len(standing(cast.analyst)) == 1  # both bear one title
    assert sources(cast.analyst).count() == 2
    assert {doubtful.one.of, doubtful.other.of} == {"ledger", "pollution_census"}
    assert any(
        "未经人工确认不合并" in term["zh"] and "not merged without a person" in term["en"] for term in doubtful.terms
    )


def test_what_a_person_says_holds_at_once_and_in_later_builds_and_is_not_asked_again(
    cast: Any, doubtful: Any, mill: Any, lists: list[str]
) -> None:
    answer_pair(doubtful, Answer.SAME, cast.analyst, FROM, why="旧证换新证，现场核实")
    for _ in range(2):
        (one,) = sources(cast.analyst)
        assert (one.enterprise, set(one.lists)) == (mill, {"ledger", "pollution_census"})
        assert one.conflicts == ["code"]
        assert not open_pairs(cast.analyst).exists()
        built(cast.analyst, lists)
    (line,) = lines(f"source-pair/{doubtful.pk}")
    assert (line.act, line.why) == ("PairAnswered", "旧证换新证，现场核实")


@pytest.mark.parametrize("answer", [Answer.DIFFERENT, Answer.UNSURE])
def test_what_is_not_joined_is_not_asked_again_either(
    cast: Any, doubtful: Any, lists: list[str], answer: Answer
) -> None:
    answer_pair(doubtful, answer, cast.analyst, FROM, why="两家企业")
    built(cast.analyst, lists)
    assert sources(cast.analyst).count() == 2
    assert not open_pairs(cast.analyst).exists()


def test_an_answer_taken_back_parts_what_it_joined_and_asks_anew(cast: Any, doubtful: Any, mill: Any) -> None:
    before = set(sources(cast.analyst).values_list("pk", "enterprise"))
    said = answer_pair(doubtful, Answer.SAME, cast.analyst, FROM, why="同一厂区")
    assert sources(cast.analyst).count() == 1
    take_back_answer(said, "看错了", cast.administrator, FROM)
    assert set(sources(cast.analyst).values_list("pk", "enterprise")) == before
    assert open_pairs(cast.analyst).get().terms == doubtful.terms
    (kept,) = answered_pairs(cast.analyst)
    assert (kept.why, kept.back_by, kept.back_why) == ("同一厂区", cast.administrator, "看错了")


def test_a_row_that_was_joined_wrongly_leaves_for_good(cast: Any, mill: Any, lists: list[str]) -> None:
    bring(cast.analyst, "penalties", PENALTIES + f"P1,东山印染厂,{MILL},2026-02-01\n")
    built(cast.analyst, lists)
    (one,) = sources(cast.analyst)
    made = part_row(one.rows.get(of="penalties"), "决定书上的代码抄错", cast.analyst, FROM)
    assert {(each.title, each.enterprise) for each in sources(cast.analyst)} == {
        ("西山纸业有限公司", mill), ("东山印染厂", None),
    }  # fmt: skip
    built(cast.analyst, lists)
    assert source(cast.analyst, made.pk).title == "东山印染厂"
    assert sources(cast.analyst).count() == 2


def test_what_was_decided_in_department_records_counts_here(cast: Any, mill: Any, lists: list[str]) -> None:
    bring(cast.analyst, "penalties", PENALTIES + "P1,西山纸叶公司,,2026-02-01\n")
    written = written_firms(cast.analyst).get()
    decide_firm(written.pk, cast.analyst, mill.code, "电话核实", origin=FROM)
    built(cast.analyst, lists)
    (one,) = sources(cast.analyst)
    assert set(one.lists) == {"ledger", "penalties"}


def test_owners_of_vehicles_are_persons_and_never_sources(cast: Any, lists: list[str]) -> None:
    take_over_list("vehicles", cast.handler.organisation)
    assert [one.list.code for one in lists_at_hand(cast.analyst)] == lists
    with pytest.raises(BadInput):
        ask_for_build(cast.analyst, ["vehicles"], FROM)


def test_two_valid_codes_of_one_list_are_told_apart_by_it_and_not_asked_about(
    cast: Any, mill: Any, lists: list[str]
) -> None:
    rows = "".join(f"{code},2025,东山印染有限公司,东镇染坊路2号,1713\n" for code in (DYE, "91350100M000100Y43"))
    bring(cast.analyst, "pollution_census", CENSUS + rows)
    built(cast.analyst, lists)
    assert sources(cast.analyst).count() == 3
    assert not open_pairs(cast.analyst).exists()


def test_a_build_says_what_changed_since_the_last(cast: Any, mill: Any, lists: list[str]) -> None:
    bring(cast.analyst, "pollution_census", CENSUS + f"{DYE},2025,东山印染有限公司,东镇染坊路2号,1713\n")
    built(cast.analyst, lists)
    bring(cast.analyst, "eia_approvals", APPROVALS + f"A1,扩建,东山印染有限公司,{DYE},2026-01-05\n")
    second = built(cast.analyst, lists)
    (change,) = changes_of(cast.analyst, second)
    assert (change.kind, change.source.title) == (ChangeKind.CHANGED, "东山印染有限公司")
    assert change.detail["fields"]["lists"] == [["pollution_census"], ["eia_approvals", "pollution_census"]]
    third = built(cast.analyst, ["eia_approvals"])
    fourth = built(cast.analyst, [])
    assert [one.kind for one in changes_of(cast.analyst, third)] == [ChangeKind.CHANGED]
    assert [one.kind for one in changes_of(cast.analyst, fourth)] == [ChangeKind.GONE]
    assert standing(cast.analyst) == {"西山纸业有限公司": {"ledger"}}


def test_a_source_keeps_its_number_from_build_to_build(cast: Any, mill: Any, lists: list[str]) -> None:
    bring(cast.analyst, "pollution_census", CENSUS + f"{DYE},2025,东山印染有限公司,东镇染坊路2号,1713\n")
    built(cast.analyst, lists)
    before = {one.title: one.pk for one in sources(cast.analyst)}
    again = built(cast.analyst, lists)
    assert {one.title: one.pk for one in sources(cast.analyst)} == before
    assert not changes_of(cast.analyst, again).exists()


def test_a_source_that_lacks_nothing_becomes_an_enterprise_with_a_file_of_its_own(
    cast: Any, lists: list[str], grid: Any
) -> None:
    take_over_list("catering_online", cast.handler.organisation)
    head = "商户编号,店名,来源平台,营业执照名称,统一社会信用代码,地址,经度,纬度\n"
    bring(
        cast.analyst, "catering_online", head + f"S1,东山小吃,某平台,东山餐饮有限公司,{DYE},东镇小吃街2号,100.05,30.1\n"
    )
    built(cast.analyst, ["catering_online"])
    one = sources(cast.analyst).get()
    assert (one.lon, one.lat, one.cell) == (100.05, 30.1, grid.community)
    made = enter_source(one, cast.analyst, FROM)
    assert (made.code, made.title_zh, made.cell.code) == (DYE, "东山餐饮有限公司", grid.community.code)
    with pytest.raises(Refused, match="已入台账"):
        enter_source(source(cast.analyst, one.pk), cast.analyst, FROM)
    built(cast.analyst, ["catering_online"])
    (again,) = sources(cast.analyst)
    assert (again.pk, again.enterprise, again.lists) == (one.pk, made, ["ledger", "catering_online"])


def test_a_source_that_lacks_something_says_what(cast: Any, lists: list[str]) -> None:
    bring(cast.analyst, "penalties", PENALTIES + "P1,东山印染厂,,2026-02-01\n")
    built(cast.analyst, lists)
    one = sources(cast.analyst).get()
    assert lacks_of(one) == ["校验无误的统一社会信用代码", "辖区内的坐标"]
    with pytest.raises(Refused, match="缺少"):
        enter_source(one, cast.analyst, FROM)
    assert not Enterprise.objects.exists()


def test_a_build_that_fails_leaves_everything_as_it_was(
    cast: Any, mill: Any, lists: list[str], monkeypatch: Any
) -> None:
    built(cast.analyst, lists)
    from qingyuan.registering.logic import building

    def fails(*_given: Any) -> None:
        raise ValueError("no memory")

    bring(cast.analyst, "penalties", PENALTIES + "P1,东山印染厂,,2026-02-01\n")
    monkeypatch.setattr(building, "_ask", fails)
    made = ask_for_build(cast.analyst, lists, FROM)
    compute_build(made.pk)
    made.refresh_from_db()
    assert (made.state, made.why) == (BuildState.FAILED, "ValueError: no memory")
    assert standing(cast.analyst) == {"西山纸业有限公司": {"ledger"}}


def test_who_may_build_and_decide(cast: Any, doubtful: Any, lists: list[str]) -> None:
    for user in (cast.officer, cast.enterprise, cast.duty_officer):
        with pytest.raises(Forbidden):
            ask_for_build(user, lists, FROM)
        with pytest.raises(Forbidden):
            answer_pair(doubtful, Answer.SAME, user, FROM, why="因为")
        assert not sources(user).exists()
    with pytest.raises(BadInput, match="请填写理由"):
        answer_pair(doubtful, Answer.SAME, cast.analyst, FROM, why=" ")
    with pytest.raises(BadInput, match="写有企业的清单"):
        ask_for_build(cast.analyst, ["no-list"], FROM)
    ask_for_build(cast.analyst, lists, FROM)
    with pytest.raises(Refused, match="正在汇编"):
        ask_for_build(cast.analyst, lists, FROM)
    assert [one.list.code for one in lists_at_hand(cast.analyst) if one.chosen] == lists


SITES = "批复文号,项目名称,建设单位,统一社会信用代码,批复日期,建设地点,法定代表人,联系电话\n"


def test_what_approvals_say_beside_the_name_joins_them_and_is_not_kept(cast: Any, mill: Any, lists: list[str]) -> None:
    head = "统一社会信用代码,普查年度,单位名称,地址,行业代码,法定代表人,联系电话\n"
    bring(
        cast.analyst, "pollution_census", head + f"{DYE},2025,东山印染有限公司,东镇染坊路2号,1713,李娜,028-86543210\n"
    )
    own = "A1,扩建,东山坊染厂,,2026-01-05,东镇人民路7号,李娜,86543210\n"  # written otherwise, at another place
    bring(cast.analyst, "eia_approvals", SITES + own)
    built(cast.analyst, lists)
    one = sources(cast.analyst).get(code=DYE)
    assert {row.address for row in one.rows.all()} == {"东镇染坊路2号", "东镇人民路7号"}
    assert sources(cast.analyst).count() == 2
    assert all("李娜" not in str(row.__dict__) for row in one.rows.all())


def test_a_list_of_the_earlier_edition_works_on_and_takes_the_new_columns_behind(
    cast: Any, mill: Any, lists: list[str]
) -> None:
    ready = entry("discharge_permits")
    earlier = ListDefinition(
        ready.definition.columns[:6], ready.definition.key, firm={"code": "credit_code", "name": "name"},
        counted=ready.definition.counted,
    )  # fmt: skip
    told = {"title_zh": ready.title.zh, "title_en": ready.title.en, "about": ready.about, "every": ready.every}
    define_list(ready.code, definition=earlier, **told)
    bring(cast.analyst, ready.code, f"许可证编号,单位名称,统一社会信用代码\n{MILL}001P,西山纸业,{MILL}\n")
    built(cast.analyst, [ready.code])
    assert sources(cast.analyst).get().lists == ["ledger", ready.code]
    take_over_list(ready.code, None)
    bring(cast.analyst, ready.code, f"许可证编号,单位名称,法定代表人\n{DYE}001P,东山印染有限公司,李娜\n")
    built(cast.analyst, [ready.code])
    assert sources(cast.analyst).get(lists=[ready.code]).permit == f"{DYE}001P"
    rows = records_of(cast.analyst, data_list(cast.analyst, ready.code)).order_by("id")
    assert [row.values[6:7] for row in rows] == [[], ["李娜"]]


def three(cast: Any, lists: list[str]) -> Any:
    """A question about three rows with one name and address under three valid codes."""
    codes = (DYE, "91350100M000100Y43")
    bring(cast.analyst, "pollution_census", CENSUS + f"{codes[0]},2025,西山纸业有限公司,西镇纸厂路1号,2221\n")
    bring(
        cast.analyst,
        "penalties",
        PENALTIES.replace("\n", ",住所地\n") + f"P1,西山纸业有限公司,{codes[1]},2026-02-01,西镇纸厂路1号\n",
    )
    built(cast.analyst, lists)
    return open_questions(cast.analyst).get()


def test_several_rows_are_asked_about_at_once_and_never_again(cast: Any, mill: Any, lists: list[str]) -> None:
    asked = three(cast, lists)
    known = {one.code: one.pk for one in sources(cast.analyst)}
    said = {pk: int(code == "91350100M000100Y43") for code, pk in known.items()}
    with pytest.raises(BadInput):
        answer_question(asked, {known[MILL]: 0}, cast.analyst, FROM, why="换证")
    answer_question(asked, said, cast.analyst, FROM, why="换证")
    for _ in range(2):
        assert {one.code: one.rows.count() for one in sources(cast.analyst)} == {MILL: 2, "91350100M000100Y43": 1}
        assert not open_questions(cast.analyst).exists()
        built(cast.analyst, lists)


def test_what_cannot_be_told_of_several_rows_is_not_asked_again(cast: Any, mill: Any, lists: list[str]) -> None:
    answer_question(three(cast, lists), None, cast.analyst, FROM, why="查不到")
    built(cast.analyst, lists)
    assert sources(cast.analyst).count() == 3
    assert not open_questions(cast.analyst).exists()


def test_rows_with_nothing_but_a_name_in_common_are_noted_and_nobody_is_asked(
    cast: Any, mill: Any, lists: list[str]
) -> None:
    bring(cast.analyst, "penalties", PENALTIES + "P1,西山印染有限公司,,2026-02-01\n")
    built(cast.analyst, lists)
    assert not open_questions(cast.analyst).exists()
    noted = noted_pairs(cast.analyst).get()
    answer_pair(noted, Answer.SAME, cast.analyst, FROM, why="电话核实")
    (one,) = sources(cast.analyst)
    assert (one.enterprise, set(one.lists)) == (mill, {"ledger", "penalties"})
    assert not noted_pairs(cast.analyst).exists()


def test_an_answer_here_decides_department_records_and_taking_it_back_asks_them_anew(
    cast: Any, mill: Any, doubtful: Any
) -> None:
    penalty = PENALTIES.replace("\n", ",住所地\n") + f"P1,西山纸业有限公司,{DYE},2026-02-01,西镇纸厂路1号\n"
    bring(cast.analyst, "penalties", penalty)
    built(cast.analyst, ["penalties"])
    asked = open_pairs(cast.analyst).get()
    assert written_firms(cast.analyst).filter(of__code="penalties").exists()
    said = answer_pair(asked, Answer.SAME, cast.analyst, FROM, why="旧证换新证")
    assert not written_firms(cast.analyst).filter(of__code="penalties").exists()
    penalties = data_list(cast.analyst, "penalties")
    assert records_of(cast.analyst, penalties).get().enterprise == mill
    take_back_answer(said, "看错了", cast.analyst, FROM)
    assert written_firms(cast.analyst).filter(of__code="penalties").exists()
    assert records_of(cast.analyst, penalties).get().enterprise is None


def test_what_department_records_decide_is_asked_no_more_here(cast: Any, mill: Any, doubtful: Any) -> None:
    written = written_firms(cast.analyst).get()
    moved = decide_firm(written.pk, cast.analyst, mill.code, "电话核实", origin=FROM)
    settle_written(WrittenFirmDecided(written.pk, written.of.code, str(written), mill.code, moved))
    assert not open_questions(cast.analyst).exists()
