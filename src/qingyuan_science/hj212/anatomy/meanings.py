"""What names and values mean, by the tables of the standard, and what is wrong with them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from qingyuan_science.hj212.codes import (
    DATA_FLAGS,
    EDITIONS,
    EXE_RETURNS,
    FIELDS,
    INFORMATION,
    QN_RETURNS,
    STATES,
    SUFFIXES,
    SYSTEMS,
    commands,
)
from qingyuan_science.hj212.dialect import Dialect
from qingyuan_science.hj212.errors import BadTime
from qingyuan_science.hj212.times import instant
from qingyuan_science.plugins import Text

FactorTitle = Callable[[str], Text | None]
"""From a factor's code to its name, None where it is not known."""

Said = tuple[Text, Text | None]
"""What something means, and what is wrong with it."""

_NOTHING: Final = Text("", "")
_COUNT: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_FIELD_BY_LETTERS: Final = {name.lower(): name for name, field in FIELDS.items() if field.place == "cp"}
_SUFFIX_BY_LETTERS: Final = {name.lower(): name for name in SUFFIXES}
_STATE_FIELDS: Final = ("AlarmType", "CalibrationType")
_PASSWORD: Final = 6


def header_name(name: str) -> Said:
    """Say what a field before CP is.

    Parameters
    ----------
    name : str
        As the standard writes it.

    Returns
    -------
    Text
        What it means.
    Text or None
        What is wrong with it.
    """
    field = FIELDS.get(name)
    if field is None or field.place != "header":
        return _NOTHING, Text("标准没有此字段", "The standard has no such field")
    return Text(field.title_zh, field.title_en), None


def header_value(name: str, value: str, dialect: Dialect) -> Said:
    """Say what the value of a field before CP means.

    Parameters
    ----------
    name, value : str
        Name as the standard writes it; value without blanks around it.
    dialect : Dialect
        How the sender speaks.

    Returns
    -------
    Text
        What it means.
    Text or None
        What is wrong with it.
    """
    reader = _HEADER_VALUES.get(name)
    return reader(value, dialect) if reader else (_NOTHING, None)


def name_in_cp(name: str, factor_title: FactorTitle) -> Said:
    """Say what a name in CP is about.

    Parameters
    ----------
    name : str
        Name of a field, or a factor's code and the kind of value, such as ``w01018-Rtd`` or ``a21026-i13007-Info``.
    factor_title : callable
        Names factors.

    Returns
    -------
    Text
        What it means.
    Text or None
        What is wrong with it.
    """
    *codes, kind = name.split("-")
    if not codes:
        known = _FIELD_BY_LETTERS.get(name.lower())
        if known is None:
            return _NOTHING, Text("标准没有此字段", "The standard has no such field")
        return Text(FIELDS[known].title_zh, FIELDS[known].title_en), None
    titles = [_code_title(code, factor_title) for code in codes]
    suffix = SUFFIXES.get(_SUFFIX_BY_LETTERS.get(kind.lower(), ""))
    if suffix is None:
        fault = Text("标准没有此类值", "The standard has no such kind of value")
        return Text(" ".join(title.zh for title in titles), ", ".join(title.en for title in titles)), fault
    zh = " ".join(title.zh for title in (*titles, Text(suffix.title_zh, "")))
    return Text(zh, ", ".join([*(title.en for title in titles), suffix.title_en])), None


def value_in_cp(name: str, value: str, dialect: Dialect) -> Said:
    """Say what a value in CP means.

    Parameters
    ----------
    name, value : str
        Without blanks around them.
    dialect : Dialect
        How the sender speaks.

    Returns
    -------
    Text
        What it means; empty where the value says all.
    Text or None
        What is wrong with it.
    """
    *codes, kind = name.split("-")
    suffix = _SUFFIX_BY_LETTERS.get(kind.lower()) if codes else None
    if suffix == "Info":
        return _information(codes[-1], value, dialect)
    if suffix is not None:
        return _of_factor(suffix, value, dialect)
    return _of_field(_FIELD_BY_LETTERS.get(name.lower(), ""), value, dialect)


def _code_title(code: str, factor_title: FactorTitle) -> Text:
    information = INFORMATION.get(code)
    if information:
        return Text(information.title_zh, information.title_en)
    return factor_title(code) or Text(code, code)


def _information(code: str, value: str, dialect: Dialect) -> Said:
    about = INFORMATION.get(code)
    if about is None:
        return _NOTHING, None
    if about.type == "state":
        return _state(code, value) if any(known == code for known, _ in STATES) else (_NOTHING, None)
    if about.type == "time":
        return _time(value, dialect)
    if about.type == "number":
        return _number(value, about.unit)
    logged = value.startswith("//") and value.endswith("//") and len(value) >= 4
    fault = Text("日志应在 // 与 // 之间", "A log stands between // and //")
    return _NOTHING, fault if about.type == "log" and not logged else None


def _of_factor(suffix: str, value: str, dialect: Dialect) -> Said:
    if suffix == "Flag":
        return _data_flag(value, dialect)
    if suffix in ("RS", "ResultType"):
        return _state(suffix, value)
    if suffix in ("SampleTime", "CompleteTime"):
        return _time(value, dialect)
    if suffix == "RT":
        return _number(value, "h")
    return _number(value, "") if SUFFIXES[suffix].type == "number" else (_NOTHING, None)


def _of_field(name: str, value: str, dialect: Dialect) -> Said:
    field = FIELDS.get(name)
    if field is None:
        return _NOTHING, None
    if name in _STATE_FIELDS:
        return _state(name, value)
    if name in ("QnRtn", "ExeRtn"):
        returns = QN_RETURNS if name == "QnRtn" else EXE_RETURNS
        found = returns.get(int(value)) if _COUNT.fullmatch(value) else None
        return (Text(found.title_zh, found.title_en), None) if found else _unknown("返回代码", "return code")
    if name == "QN":
        return _time(value, dialect)
    if field.type == "time":
        return _time(value, dialect)
    return _number(value, field.unit) if field.type == "number" else (_NOTHING, None)


def _unknown(zh: str, en: str) -> Said:
    return _NOTHING, Text(f"标准没有此{zh}", f"The standard has no such {en}")


def _state(code: str, value: str) -> Said:
    state = STATES.get((code, value.lstrip("0") or "0"))
    return (Text(state.title_zh, state.title_en), None) if state else _unknown("状态值", "state")


def _data_flag(value: str, dialect: Dialect) -> Said:
    for row in DATA_FLAGS:
        if row.edition == dialect.edition and row.flag in (value, value.upper()):
            return Text(row.title_zh, row.title_en), None
    validity = dialect.validity(value)
    if validity != "unknown":
        return Text(f"设备方言：{validity}", f"By the device's dialect: {validity}"), None
    return _unknown("数据标记", "data flag")


def _number(value: str, unit: str) -> Said:
    if not _NUMBER.fullmatch(value):
        return _NOTHING, Text("不是数值", "Not a number")
    return (Text(f"{value} {unit}", f"{value} {unit}") if unit not in ("", "1") else _NOTHING), None


def _time(value: str, dialect: Dialect) -> Said:
    try:
        moment = instant(value, dialect) + timedelta(minutes=dialect.utc_offset_minutes)
    except (BadTime, OverflowError):
        return _NOTHING, Text("不是 YYYYMMDDhhmmss 形式的时间", "Not a time YYYYMMDDhhmmss or YYYYMMDDhhmmsszzz")
    milliseconds = f".{moment.microsecond // 1000:03d}" if len(value) > 14 else ""
    text = f"{moment:%Y-%m-%d %H:%M:%S}{milliseconds}"
    return Text(text, text), None


def _request_number(value: str, dialect: Dialect) -> Said:
    if len(value) != 17:
        return _NOTHING, Text("请求编码应为 17 位数字", "Expected 17 digits YYYYMMDDhhmmsszzz")
    return _time(value, dialect)


def _system(value: str, dialect: Dialect) -> Said:
    system = SYSTEMS.get(value)
    return (Text(system.title_zh, system.title_en), None) if system else _unknown("系统编码", "system code")


def _command(value: str, dialect: Dialect) -> Said:
    rows = commands(value, dialect.edition)
    if not rows:
        return _unknown("命令编码", "command code")
    titles = list(dict.fromkeys((row.title_zh, row.title_en) for row in rows))
    return Text(" / ".join(zh for zh, _ in titles), " / ".join(en for _, en in titles)), None


def _flag(value: str, dialect: Dialect) -> Said:
    if not _COUNT.fullmatch(value) or int(value) > 255:
        return _NOTHING, Text("应为 0 至 255", "Expected 0 to 255")
    number = int(value)
    edition = next((row for row in EDITIONS.values() if row.flag_version == number >> 2), None)
    split, answer = bool(number & 2), bool(number & 1)
    zh = [
        edition.document if edition else "未知版本",
        "拆分包" if split else "不拆分",
        "需应答" if answer else "不需应答",
    ]
    en = [
        edition.document if edition else "unknown edition",
        "split" if split else "not split",
        "answer wanted" if answer else "no answer wanted",
    ]
    fault = None
    if edition is None or edition.edition != dialect.edition:
        own = EDITIONS[dialect.edition].document
        fault = Text(f"设备按 {own} 通信", f"The device speaks {own}")
    return Text("，".join(zh), ", ".join(en)), fault


def _identity(value: str, dialect: Dialect) -> Said:
    length = EDITIONS[dialect.edition].mn_length
    shorter_will_do = dialect.edition == "2025" and 0 < len(value) <= length
    if len(value) == length or shorter_will_do:
        return _NOTHING, None
    return _NOTHING, Text(f"{len(value)} 位，应为 {length} 位", f"{len(value)} characters, expected {length}")


def _password(value: str, dialect: Dialect) -> Said:
    if len(value) == _PASSWORD:
        return _NOTHING, None
    return _NOTHING, Text(f"{len(value)} 位，应为 6 位", f"{len(value)} characters, expected 6")


def _count(value: str, dialect: Dialect) -> Said:
    if _COUNT.fullmatch(value) and int(value):
        return _NOTHING, None
    return _NOTHING, Text("应为 1 至 9999", "Expected 1 to 9999")


def _resent(value: str, dialect: Dialect) -> Said:
    means = Text("补传的数据", "Data sent again")
    if dialect.edition != "2025":
        return means, Text("HJ 212-2025 才有此字段", "Only HJ 212-2025 has this field")
    return (means, None) if value == "1" else (_NOTHING, Text("应为 1", "Expected 1"))


_HEADER_VALUES: Final[dict[str, Callable[[str, Dialect], Said]]] = {
    "QN": _request_number,
    "ST": _system,
    "CN": _command,
    "Flag": _flag,
    "MN": _identity,
    "PW": _password,
    "PNUM": _count,
    "PNO": _count,
    "RF": _resent,
}
