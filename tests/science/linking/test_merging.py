"""One enterprise out of its records."""

from qingyuan_science.linking import contradictions, merged

CODE = "91110000802100433B"
ORDER = ("ledger", "approvals", "census")


def test_the_list_that_is_believed_first_gives_the_value_and_the_others_stand_behind() -> None:
    rows = [
        {"list": "census", "name": "成都兴达化工有限责任公司", "industry": "2614"},
        {"list": "approvals", "name": "成都兴达化工有限公司", "industry": "2662"},
        {"list": "ledger", "name": "成都兴达化工有限公司"},
    ]
    found = merged(rows, ORDER)
    assert [(one.value, one.lists) for one in found["name"]] == [
        ("成都兴达化工有限公司", ("ledger", "approvals")),
        ("成都兴达化工有限责任公司", ("census",)),
    ]
    assert [one.value for one in found["industry"]] == ["2662", "2614"]
    assert contradictions(found) == ()


def test_a_code_that_fits_comes_before_one_that_does_not() -> None:
    rows = [{"list": "ledger", "code": CODE[:-1] + "C"}, {"list": "census", "code": CODE}]
    found = merged(rows, ORDER)
    assert [one.value for one in found["code"]] == [CODE, CODE[:-1] + "C"]
    assert contradictions(found) == ("code",)


def test_an_organisation_code_agrees_with_the_credit_code_that_holds_it() -> None:
    rows = [{"list": "approvals", "code": CODE}, {"list": "census", "code": "80210043-3"}]
    assert contradictions(merged(rows, ORDER)) == ()


def test_two_industries_two_addresses_and_positions_far_apart_contradict() -> None:
    rows = [
        {"list": "ledger", "industry": "2614", "address": "致和镇健康大道220号", "lon": 103.95, "lat": 30.98},
        {"list": "census", "industry": "1713", "address": "致和镇健康大道9号", "lon": 103.95, "lat": 30.99},
    ]
    found = merged(rows, ORDER)
    assert contradictions(found) == ("address", "industry", "position")
    assert found["position"][0].value == "103.950000, 30.980000"


def test_what_no_list_gives_is_left_out() -> None:
    assert merged([{"list": "ledger", "name": "", "lon": None, "lat": 30.0}], ORDER) == {}
