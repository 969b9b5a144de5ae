"""What the topics on discharge, noise, tax and codes share: refusals, values held against the limits that bind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import Asked, Field
from qingyuan_science.calc.wording import both, figure, written_limit
from qingyuan_science.plugins import Source, Text, folded
from qingyuan_science.series import Averaging
from qingyuan_science.standards.emission.binding import (
    Binding,
    binding_limit,
    judge_value,
    judged_averaging,
    national_limit,
)
from qingyuan_science.standards.emission.cases import (
    case_named,
    case_of,
    level_called,
    limits_named,
    not_held,
)
from qingyuan_science.standards.emission.requirements import Requirement, requirements
from qingyuan_science.standards.errors import StandardsError
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.limits import all_limits, editions
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.units import shown_as

ROUNDED = Source("GB/T 8170-2008", "4.3.3", Text("修约值比较", "rounded values"), status=Status.VERIFIED_SECONDARY)
DAY = Field("day", Asked.DATE, Text("数据日期", "Day of the data"))
BUILT = Field("built", Asked.DATE, Text("建设时间", "Day of building"), default=None)
LOCAL = Field("local", Asked.NUMBERS, Text("地方标准限值", "Limits of a local standard"), "mg/L, mg/m³", default={})
_PH = ("ph", "ph值", "w01001")
_NO_UNITS = ("1", "ngTEQ/m3")  # toxic equivalents are a sum over congeners, which nothing converts
LARGEST = 1e12  # more of anything is a slip of the pen
PERMIT = Field("permit", Asked.NUMBERS, Text("排污许可证限值", "Limits of the permit"), "mg/L, mg/m³", default={})


def level_field(standards: Sequence[str]) -> Field:
    """The field for class or kind of plant, with the names that each standard has."""
    zh, en = [], []
    for edition in editions():
        if standards_of(edition.document) & set(standards):
            zh.append(
                f"{edition.document}：" + "、".join(f"{one.zh}（{code}）" for code, one in edition.levels.items())
            )
            en.append(f"{edition.document}: " + ", ".join(f"{one.en} ({code})" for code, one in edition.levels.items()))
    hint = Text("\n".join(zh), "\n".join(en))
    return Field("level", Asked.TEXT, Text("级别或类别", "Class or kind of plant"), hint=hint)


def case_field(standards: Sequence[str]) -> Field:
    """The field for trade or case, with those that each standard has."""
    names: dict[str, dict[str, Text]] = {}
    for one in all_limits():
        if one.case and one.condition and standards_of(one.standard) & set(standards):
            names.setdefault(one.standard, {})[one.case] = one.condition
    zh = (f"{code}：" + "；".join(f"{one.zh}（{case}）" for case, one in by.items()) for code, by in names.items())
    en = (f"{code}: " + "; ".join(f"{one.en} ({case})" for case, one in by.items()) for code, by in names.items())
    return Field(
        "case",
        Asked.TEXT,
        Text("行业或情形（留空为一般情形）", "Trade or case (empty: the main one)"),
        default="",
        hint=Text("\n".join(zh), "\n".join(en)),
    )


def standards_of(document: str) -> set[str]:
    """A standard with its year, and without."""
    return {document, document.rpartition("-")[0]}


def within(field: str, value: float | None, low: float, high: float = LARGEST) -> None:
    """Refuse a figure outside what can be measured; a missing one passes."""
    if value is not None and not low <= value <= high:
        raise BadQuestion(field, value, f"{low:g} to {high:g}")


@contextmanager
def refusing(field: str, found: object) -> Iterator[None]:
    """Turn what the standards refuse into a question refused by its field."""
    try:
        yield
    except (StandardsError, ValueError) as error:
        text = str(error)
        raise BadQuestion(field, found, text.partition("expected ")[2] or text) from error


@dataclass(frozen=True)
class Asking:
    """What is asked of several items alike."""

    medium: str
    standard: str
    level: str
    averaging: Averaging
    day: date
    case: str = ""
    built: date | None = None
    water_temperature: float | None = None


@dataclass(frozen=True)
class Bound:
    """The limit that binds one item, by which rules, whether the case was asked for, and what has to be said of it.

    No limit where the standard demands something that no hourly or daily mean is judged by.
    """

    binding: Binding | None
    demand: Requirement | None
    sources: tuple[Source, ...]
    has_case: bool = False
    says: tuple[Text, ...] = ()

    @property
    def reference_oxygen(self) -> float | None:
        """Oxygen content to which a concentration is converted first [%]."""
        if self.binding is not None:
            return self.binding.limit.reference_oxygen
        return self.demand.reference_oxygen if self.demand is not None else None


def asking(given: Mapping[str, Any], medium: str) -> Asking:
    """The parts of a question that every item shares."""
    with refusing("level", given["level"]):
        level = level_called(given["standard"], given["level"])
    return Asking(
        medium=medium,
        standard=given["standard"],
        level=level,
        averaging=Averaging(given["averaging"]),
        day=given["day"],
        case=given["case"],
        built=given["built"],
        water_temperature=given.get("water_temperature"),
    )


def bound(name: str, ask: Asking, local: float | None, permit: float | None) -> Bound:
    """Find what binds one item; refuses items that the standard sets nothing for."""
    with refusing("level", ask.level):
        candidates = limits_named(name, ask.standard, ask.level, ask.day)
    demand = next((one for one in requirements(ask.standard, ask.day) if _demands(one, name, ask.level)), None)
    if not candidates and demand is None:
        raise BadQuestion(f"values.{name}", name, _with_a_limit(name, ask))
    own = ("local", local) if permit is None else ("permit", permit)
    if not candidates or (demand is not None and demand.is_case(ask.case)):
        return _demand_bound(name, demand, own)
    found, rule = case_of(candidates, ask.built, ask.water_temperature)
    named = case_named(candidates, ask.case)
    case = found if named is None else named
    averaging, judged = judged_averaging(ask.medium, ask.standard)
    there = {one.averaging for one in candidates}
    wanted = ask.averaging if ask.averaging in there else averaging if averaging in there else min(there)
    with refusing("case", ask.case):
        national = national_limit(candidates, wanted, case)
    with refusing(f"{own[0]}.{name}", own[1]):
        binding = binding_limit(national, local=local, permit=permit)
    extra = [one for one in (rule if case == found else None, judged) if one is not None]
    says = []
    if named is None and rule is None and _hangs_on_more(ask, candidates):
        says.append(_assumed(ask, national, candidates))
    if binding.basis == "national" and (lacking := not_held(candidates, ask.built)):
        says.append(lacking)
    return Bound(binding, None, (*binding.sources, *extra), named is not None, tuple(says))


def _with_a_limit(name: str, ask: Asking) -> str:
    """What was expected where an item has no limit; from which day on, where it has one later."""
    later = [one.valid_from for one in limits_named(name, ask.standard, ask.level, None)]
    if later and ask.day < min(later):
        return f"a day from {min(later)} on, the first day of that limit in {ask.standard}"
    return f"an item with a limit in {ask.standard} {ask.level} on {ask.day}"


def _demand_bound(name: str, demand: Requirement | None, own: tuple[str, float | None]) -> Bound:
    """A demand, with the figure of the permit or of a local standard where there is one."""
    field, figure = own
    if demand is None or figure is None:
        has_case = demand is not None and demand.case != ""
        return Bound(None, demand, (demand.source,) if demand else (), has_case)
    if demand.high is None:
        raise BadQuestion(f"{field}.{name}", figure, f"no figure: the standard demands “{demand.demand.zh}”")
    decimals = max(demand.decimals, len(f"{figure:.12f}".rstrip("0").partition(".")[2]))
    whose = {"permit": Text("执行排污许可证限值", "the permit's limit applies")}.get(
        field, Text("执行地方标准限值", "the local standard's limit applies")
    )
    return Bound(None, replace(demand, high=figure, decimals=decimals), (demand.source,), says=(whose,))


def _assumed(ask: Asking, limit: Limit, candidates: tuple[Limit, ...]) -> Text:
    """Say by which case an item was judged where the question leaves it open, and which others it has."""
    case = limit.condition or Text("一般情形", "the main case")
    others = {one.case: one.condition for one in candidates if one.case and one.case != limit.case and one.condition}
    named_zh = "；".join(f"{words.zh}（{code}）" for code, words in others.items())
    named_en = "; ".join(f"{words.en} ({code})" for code, words in others.items())
    told = Text("提问未说明情形", "no case was told")
    if ask.case:
        told = Text(f"该项没有“{ask.case}”一档", f"it has no case “{ask.case}”")
    return Text(
        f"{told.zh}，按“{case.zh}”的限值判定" + (f"；另有：{named_zh}" if others else ""),
        f"{told.en}; judged by {case.en}" + (f"; others: {named_en}" if others else ""),
    )


def _hangs_on_more(ask: Asking, candidates: tuple[Limit, ...]) -> bool:
    """Whether a day of building, a temperature or a case that was not told would call for another limit."""
    days = [ask.built] if ask.built else [None, date.min]
    degrees = [ask.water_temperature] if ask.water_temperature is not None else [None, 0.0]
    called_for = {case_of(candidates, day, degree)[0] for day in days for degree in degrees}
    by_rule = {case_of(candidates, day, degree)[0] for day in (None, date.min) for degree in (None, 0.0)}
    return len(called_for) > 1 or bool({one.case for one in candidates} - by_rule)


def case_known(ask: Asking, found: Iterable[Bound]) -> None:
    """Refuse a case that none of the items has."""
    if ask.case and not any(one.has_case for one in found):
        raise BadQuestion("case", ask.case, f"a case that {ask.standard} names for one of the items")


def judged_row(name: str, value: float, bound_by: Bound, averaging: Averaging) -> dict[str, Any]:
    """One value with its limit and verdict; no verdict where the limit judges another mean."""
    if bound_by.binding is None:
        return demanded_row(name, value, bound_by.demand)
    binding, limit = bound_by.binding, bound_by.binding.limit
    decides = limit.averaging in (averaging, Averaging.REALTIME)
    verdict = judge_value(value, limit)
    return {
        "item": name,
        "name": both(limit.item),
        "value": figure(value, 6),
        "rounded": figure(verdict.rounded, max(limit.decimals, 0)),
        "limit": written_limit(limit),
        "unit": shown_as(limit.unit),
        "averaging": limit.averaging.value,
        "limit_name": both(limit.title),
        "condition": both(limit.condition) if limit.condition else None,
        "basis": both(binding.name),
        "over": verdict.over if decides else None,
        "multiple": verdict.multiple if decides else None,
    }


def notes_on(name: str, bound_by: Bound, averaging: Averaging) -> list[Text]:
    """What has to be said of one limit: another mean, a local limit that is laxer, a degree of verification."""
    said = [Text(f"{name}：{one.zh}", f"{name}: {one.en}") for one in bound_by.says]
    if bound_by.binding is None:
        return said + _caveats(name, bound_by.demand)
    binding, limit, notes = bound_by.binding, bound_by.binding.limit, said
    if limit.averaging not in (averaging, Averaging.REALTIME):
        zh, en = limit.averaging.label.zh, limit.averaging.label.en
        notes.append(
            Text(f"{name}：限值按{zh}判定，不判定其他均值", f"{name}: the limit judges the {en} and no other mean")
        )
    if binding.laxer and binding.basis == "local":
        notes.append(
            Text(f"{name}：地方标准限值宽于国家标准", f"{name}: the local limit is laxer than the national one")
        )
    if binding.laxer and binding.basis == "permit":
        notes.append(Text(f"{name}：许可限值宽于国家标准", f"{name}: the permit is laxer than the national standard"))
    if limit.status.caveat:
        notes.append(Text(f"{name}：{limit.status.caveat.zh}", f"{name}: {limit.status.caveat.en}"))
    return notes


def refused_items(given: Mapping[str, Any], *fields: str) -> None:
    """Refuse a permit or local limit of an item that has no value."""
    for field in fields:
        for name, value in given[field].items():
            if name not in given["values"]:
                raise BadQuestion(f"{field}.{name}", value, "an item that has a value")
            if value is None:
                raise BadQuestion(f"{field}.{name}", None, "a figure")
            within(f"{field}.{name}", value, 0)
            if value == 0 and field != "influent":
                raise BadQuestion(f"{field}.{name}", value, "a limit above 0")


def concentrations(values: Mapping[str, float | None]) -> dict[str, float]:
    """Values that are given; refuses an empty question and figures below nought."""
    known = {name: value for name, value in values.items() if value is not None}
    if not known:
        raise BadQuestion("values", dict(values), "at least one value")
    for name, value in known.items():
        within(f"values.{name}", value, 0, 14 if folded(name) in _PH else LARGEST)
    return known


def each_once(found: Mapping[str, Bound]) -> None:
    """Refuse an item that stands there under two names."""
    seen: dict[str, str] = {}
    for name, one in found.items():
        called = one.binding.limit.item if one.binding else one.demand.item if one.demand else Text(name, name)
        if called.zh in seen:
            raise BadQuestion(f"values.{name}", name, f"each item once; {seen[called.zh]} is the same")
        seen[called.zh] = name


def _demands(one: Requirement, name: str, level: str) -> bool:
    return one.level in (level, "all") and folded(name) in one.item.names()


def demanded_row(name: str, value: float, demand: Requirement | None) -> dict[str, Any]:
    """One value with what is demanded of it, a verdict where the demand is a figure or that nothing be found."""
    if demand is None:
        raise BadQuestion(f"values.{name}", value, "an item with a limit")
    rounded = round_half_even(round(value, 12), demand.decimals)
    over: bool | None = None
    if demand.high is not None or demand.low is not None:
        over = (demand.high is not None and rounded > demand.high) or (demand.low is not None and rounded < demand.low)
    elif demand.kind == "not_detected":
        over = value > 0
    has_multiple = bool(over) and demand.high is not None
    return {
        "item": name,
        "name": both(demand.item),
        "value": figure(value, 6),
        "rounded": None if demand.high is None and demand.low is None else figure(rounded, demand.decimals),
        "demand": both(demand.demand),
        "limit": _written_demand(demand),
        "unit": demand.unit if demand.unit in _NO_UNITS else shown_as(demand.unit),
        "averaging": demand.averaging,
        "over": over,
        "multiple": figure(rounded / demand.high - 1, 2) if has_multiple and demand.high else None,
    }


def _written_demand(demand: Requirement) -> str | None:
    if demand.high is not None:
        return f"≤ {demand.high:g}"
    return None if demand.low is None else f"≥ {demand.low:g}"


_FIVE_MINUTES = Text(
    "按 5 分钟均值判定；一日内累计超过 5 次才认定违法，见 incinerator_day",
    "judged by means of five minutes; only more than five of them in a day are a violation, see incinerator_day",
)


def _caveats(name: str, demand: Requirement | None) -> list[Text]:
    if demand is None or demand.kind != "five_minute_mean":
        return []
    return [Text(f"{name}：{_FIVE_MINUTES.zh}", f"{name}: {_FIVE_MINUTES.en}")]
