"""The limits of one item by the names that people use, and the case that time of building and water call for."""

from datetime import date

from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.standards.errors import UnknownLevel
from qingyuan_science.standards.limits import EVERY_LEVEL, Limit, all_limits, editions, limits_for
from qingyuan_science.standards.sourced import row_source, tables_of

_RULES = "emission/rules"
_FOR_EVERY_TIME = frozenset({"表1"})  # GB 8978: pollutants of class 1, whenever the unit was built


def limits_named(item: str, standard: str, level: str, on: date | None) -> tuple[Limit, ...]:
    """List the limits of a standard for one item, of every case and averaging time.

    Parameters
    ----------
    item : str
        Name in Chinese or English, or code of the factor.
    standard, level : str
        As in `limits_for`.
    on : datetime.date or None
        Day of the data in China; None for the limits of all days.

    Returns
    -------
    tuple of Limit
        In the order printed; empty where the standard sets none.

    Raises
    ------
    UnknownStandard, UnknownLevel
        As in `limits_for`.
    """
    limits_for("", standard, level, None)  # refuses unknown standards and levels
    return tuple(
        one
        for one in all_limits()
        if standard in (one.standard, one.standard.rpartition("-")[0])
        and one.level in (level, EVERY_LEVEL)
        and _is_called(one, item)
        and (on is None or one.in_force(on))
    )


def case_in_words(one: Limit) -> str:
    """Write the case of a limit with what it is: its code, and its condition as printed.

    Parameters
    ----------
    one : Limit

    Returns
    -------
    str
    """
    code = one.case or "main case"
    return f"{code} ({one.condition.zh} {one.condition.en})" if one.condition else code


def case_named(candidates: tuple[Limit, ...], asked: str) -> str | None:
    """Find a case by its code, by the words of the standard, or by one of the trades that it names.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    asked : str
        Code of a case, its condition as printed or one trade of it, in either language. The code of a case of another
        item of the same standard stands for its trades.

    Returns
    -------
    str or None
        The code, empty for the main case; None where nothing is asked for or no candidate is called so.

    Source
    ------
    GB 8978-1996, tables 2 and 4: each item groups the trades in its own way.

    Examples
    --------
    >>> ammonia = limits_named("氨氮", "GB 8978", "2", date(2026, 11, 22))
    >>> case_named(ammonia, "石油化工工业"), case_named(ammonia, "petrochemical"), case_named(ammonia, "制糖")
    ('drug_dye_petrochemical', 'drug_dye_petrochemical', None)
    """
    if not asked:
        return None
    for one in candidates:
        words = {_unspaced(name) for name in one.condition.names()} if one.condition else set()
        if asked == one.case or _unspaced(folded(asked)) in words:
            return one.case
    meant = _trades_meant(candidates, asked)
    return next(
        (one.case for one in candidates if one.case and one.condition and meant <= _trades(one.condition)), None
    )


def _trades_meant(candidates: tuple[Limit, ...], asked: str) -> frozenset[str]:
    """The trades of a case of any item of the standard, or the one trade that was typed."""
    standards = {one.standard for one in candidates}
    for one in all_limits():
        if one.standard in standards and one.case == asked and one.condition:
            return frozenset(_trade(part) for part in one.condition.zh.split("、"))
    return frozenset({_trade(asked)})


def _trades(condition: Text) -> frozenset[str]:
    return frozenset(_trade(part) for part in (*condition.zh.split("、"), *condition.en.split(",")))


def _trade(typed: str) -> str:
    """One trade as it is compared: without what it brackets and without the word for industry."""
    return _unspaced(folded(typed).partition("(")[0]).removesuffix("工业").removesuffix("industry")


def _unspaced(text: str) -> str:
    return "".join(text.split())


def level_called(standard: str, typed: str) -> str:
    """Find a class or kind of plant by its code or by the words of the standard.

    Parameters
    ----------
    standard : str
        Number of the standard, with or without year.
    typed : str
        Code, or what the limit is called in either language, with or without the word for limit.

    Returns
    -------
    str
        The code.

    Raises
    ------
    UnknownLevel
        The standard has none of that name; says which there are.

    Examples
    --------
    >>> level_called("GB 18918", "一级A"), level_called("GB 13271", "新建燃煤锅炉")
    ('1A', 'new_coal')
    """
    there = {
        code: title
        for edition in editions()
        if standard in (edition.document, edition.document.rpartition("-")[0])
        for code, title in edition.levels.items()
    }
    wanted = _level(typed)
    for code, title in there.items():
        if wanted in {_level(name) for name in (code, title.zh, title.en)}:
            return code
    names = "; ".join(f"{code} ({title.zh} {title.en})" for code, title in there.items())
    raise UnknownLevel(f"found {typed!r}, expected one of: {names}")


def _level(typed: str) -> str:
    return _unspaced(folded(typed)).removesuffix("限值").removesuffix("标准").removesuffix("limit")


def not_held(candidates: tuple[Limit, ...], built: date | None) -> Text | None:
    """Say that the limit of a plant's time of building is not held here, where the item has one only of a later time.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    built : datetime.date, optional
        When the plant was built.

    Returns
    -------
    Text or None
    """
    families = {one.standard.rpartition("-")[0] for one in candidates}
    for table in tables_of(_RULES, "built"):
        for row in table.rows:
            is_old = built is not None and built <= row["built_to"] and row["standard"] in families
            if is_old and "not_held" in row and {one.case for one in candidates}.isdisjoint({row["case"]}):
                tables = {clause for one in candidates for clause in one.clause.names()}
                return Text(*row["not_held"]) if not tables & _FOR_EVERY_TIME else None
    return None


def case_of(
    candidates: tuple[Limit, ...], built: date | None, water_temperature: float | None
) -> tuple[str, Source | None]:
    """Find the case that the time of building or the temperature of the water calls for.

    Parameters
    ----------
    candidates : tuple of Limit
        As `limits_named` gives them.
    built : datetime.date, optional
        When the plant was built.
    water_temperature : float, optional
        Temperature of the water. [°C]

    Returns
    -------
    tuple of str and Source or None
        The case, empty for the main one, and the rule applied.

    Source
    ------
    GB 8978-1996 tables 2 and 4; GB 18918-2002 table 1; GB 13223-2011 table 1.
    """
    cases = {one.case for one in candidates}
    families = {one.standard.rpartition("-")[0] for one in candidates}
    for table in (*tables_of(_RULES, "built"), *tables_of(_RULES, "temperature")):
        for row in table.rows:
            fits = (
                row["standard"] in families
                and row["case"] in cases
                and ("levels" not in row or {one.level for one in candidates} <= set(row["levels"]))
            )
            old = "built_to" in row and built is not None and built <= row["built_to"]
            cold = "water_to" in row and water_temperature is not None and water_temperature <= row["water_to"]
            if fits and (old or cold):
                return str(row["case"]), row_source(table, row)
    return "", None


def _is_called(limit: Limit, item: str) -> bool:
    return bool(item) and (item == limit.factor or folded(item) in limit.item.names())
