"""Answers in the form that each edition has."""

import pytest

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    STANDARD,
    Dialect,
    Message,
    answer_9011,
    answer_9012,
    data_answer_9014,
    encode,
    notice_9013,
)

QN, PW, MN = "20160801085857223", "123456", "010000A8900016F000169DC0"
REQUEST = Message(QN, "32", "1011", PW, MN, 5)
OLD = Message("20040516010101001", "32", "2051", PW, "88888880000001", 3, edition="2005")


def written(message: Message) -> str:
    return encode(message)[6:-6].decode()


def test_answers_of_2017_repeat_the_qn_in_the_header() -> None:
    """HJ 212-2017 annex C: ST=91, QN, MN and PW of what is answered, Flag with the version alone."""
    head = f"QN={QN};ST=91;CN=%s;PW={PW};MN={MN};Flag=4;CP=&&%s&&"
    assert written(answer_9011(REQUEST, 1)) == head % ("9011", "QnRtn=1")
    assert written(answer_9012(REQUEST, 100)) == head % ("9012", "ExeRtn=100")
    assert written(notice_9013(REQUEST)) == head % ("9013", "")
    assert written(data_answer_9014(REQUEST, STANDARD)) == head % ("9014", "")


def test_answers_of_2005_carry_the_qn_inside_cp() -> None:
    """HJ/T 212-2005: ST=91;CN=...;CP=&&QN=...;QnRtn=1&&."""
    head = f"ST=91;CN=%s;PW={PW};MN=88888880000001;Flag=0;CP=&&QN=20040516010101001%s&&"
    assert written(answer_9011(OLD, 3)) == head % ("9011", ";QnRtn=3")
    assert written(answer_9012(OLD, 1)) == head % ("9012", ";ExeRtn=1")
    assert written(notice_9013(OLD)) == head % ("9013", "")
    assert written(data_answer_9014(OLD, EDITION_2005)) == head % ("9014", ";CN=2051")


def test_the_data_answer_of_2005_names_the_part_of_a_split_message() -> None:
    part = Message(OLD.qn, "32", "2051", PW, "88888880000001", 3, pnum=2, pno=1, edition="2005")
    assert written(data_answer_9014(part, EDITION_2005)).endswith("CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&")


def test_an_upload_of_2005_without_qn_is_answered_without_one() -> None:
    upload = Message("", "32", "2011", PW, "88888880000001", edition="2005")
    assert written(data_answer_9014(upload)).endswith("CP=&&CN=2011&&")


def test_the_dialect_decides_the_form_and_not_the_message() -> None:
    """A device of 2017 whose maker kept the replies of 2005."""
    kept = Dialect("kept", edition="2017", reply="2005")
    assert written(data_answer_9014(REQUEST, kept)) == f"ST=91;CN=9014;PW={PW};MN={MN};Flag=4;CP=&&QN={QN};CN=1011&&"
    assert written(answer_9011(OLD, 1, STANDARD)).startswith("QN=20040516010101001;ST=91;CN=9011;")


@pytest.mark.parametrize(("dialect", "flag"), [(EDITION_2005, 0), (STANDARD, 4), (EDITION_2025, 8)])
def test_the_flag_of_an_answer_holds_only_the_version(dialect: Dialect, flag: int) -> None:
    assert data_answer_9014(REQUEST, dialect).flag == flag
    assert not data_answer_9014(REQUEST, dialect).wants_answer
