"""What the topics on surface water share: their fields, values made ready, judgements written out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import Asked, Field
from qingyuan_science.calc.wording import both, figure, written_limit
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.classes import ItemJudged, Judged, class_limit
from qingyuan_science.standards.water.items import (
    CLASSES,
    TARGETS,
    class_source,
    item_named,
    item_table,
    water_class,
    water_items,
)
from qingyuan_science.standards.water.sections import Shares

BODY = Field("body", Asked.CHOICE, Text("水体", "Water body"), choices=("river", "lake"), default="river")
TARGET = Field("target", Asked.CHOICE, Text("目标类别", "Target class"), choices=TARGETS, default="III")
ROUNDED = Field(
    "rounded",
    Asked.YES_NO,
    Text("按限值位数修约后比较（否则全数值比较）", "Round to the decimals of the limit first (else compare in full)"),
    default=False,
)
SATURATION = Field("saturation", Asked.NUMBER, Text("溶解氧饱和率", "Oxygen saturation"), "%", default=None)
TEMPERATURE = Field("temperature", Asked.NUMBER, Text("水温", "Water temperature"), "°C", default=None)
BASIC = tuple(water_items("basic"))
_LARGEST = 1e12  # more of anything is a slip of the pen
_UNITS = {"pH": "", "coliforms": "count/L"}
ITEM_COLUMNS = tuple(
    Field(one.item, Asked.NUMBER, one.name, _UNITS.get(one.item, "mg/L"), default=None)
    for one in water_items("basic").values()
)
SAMPLES = Field(
    "samples",
    Asked.TABLE,
    Text("样品", "Samples"),
    columns=(
        Field("section", Asked.TEXT, Text("断面", "Section")),
        Field("day", Asked.DATE, Text("采样日期", "Day of sampling")),
        BODY,
        TARGET,
        *ITEM_COLUMNS,
    ),
)
PH_MEAN = Field(
    "ph_mean", Asked.CHOICE, Text("pH 均值算法", "Mean of pH"), choices=("hydrogen", "arithmetic"), default="hydrogen"
)
NOT_DETECTED = Field(
    "not_detected",
    Asked.NUMBERS,
    Text("未检出项目的检出限（按一半计）", "Detection limits of items not detected (half of it counts)"),
    "mg/L",
    default={},
)
NAMES = (*BASIC, *dict.fromkeys(one.name.zh for one in water_items("basic").values() if one.name.zh not in BASIC))


def values_of(given: Mapping[str, float | None], field: str, *groups: str) -> dict[str, float]:
    """Values by short name, refusing what cannot be measured; Nones are left out."""
    found: dict[str, float] = {}
    for name, value in given.items():
        if value is None:
            continue
        one = item_named(name, *groups)
        highest = 14.0 if one.item == "pH" else _LARGEST
        if not 0 <= value <= highest:
            expected = "a pH from 0 to 14" if one.item == "pH" else f"0 to {highest:g}"
            raise BadQuestion(f"{field}.{name}", value, expected)
        if one.item in found:
            raise BadQuestion(f"{field}.{name}", value, f"each item once; {one.item} stands there twice")
        found[one.item] = value
    return found


def values_of_sample(row: Mapping[str, Any]) -> dict[str, float]:
    """What was measured in one of `SAMPLES`, by short name."""
    return values_of({name: row[name] for name in BASIC}, "samples", "basic")


def alike(section: str, taken: Sequence[Mapping[str, Any]], field: str) -> str:
    """What all samples of a section say in a field, refused where they differ."""
    found = {row[field] for row in taken}
    if len(found) > 1:
        raise BadQuestion("samples", f"{', '.join(sorted(found))} for {section}", f"one {field} a section")
    return str(found.pop())


def section_row(section: str, taken: Sequence[Mapping[str, Any]], found: Judged, target: str) -> dict[str, Any]:
    """A section in an answer: how many samples, how it was judged, and by which items."""
    return {
        "section": section,
        "samples": len(taken),
        **judged_words(found),
        "target": target,
        "attained": None if found.code is None else not found.over,
        "items": [row_of(one) for one in (*found.items, *found.apart)],
    }


def ph_notes(given: Mapping[str, Any]) -> list[Text]:
    """How far it was checked that pH is averaged so."""
    if given["ph_mean"] != "hydrogen":
        return []
    return [Text("pH 按氢离子浓度求均值（未核对原文）", "pH is averaged by hydrogen ions (not checked)")]


def with_not_detected(values: dict[str, float], limits: Mapping[str, float | None], *groups: str) -> list[Source]:
    """Add half of the detection limit for items that were not detected; the clause where that happened."""
    (table,) = tables_of("water/assessment", "not_detected")
    (row,) = table.rows
    for name, limit in values_of(limits, "not_detected", *groups).items():
        if name in values:
            raise BadQuestion(f"not_detected.{name}", limit, "an item that has no value beside it")
        values[name] = limit * float(row["share_of_detection_limit"])
    return [table.source] if limits else []


def row_of(judged: ItemJudged) -> dict[str, Any]:
    """One item of a judgement."""
    return {
        "item": judged.item.item,
        "name": both(judged.item.name),
        "value": float(f"{judged.value:.6g}"),
        "unit": judged.limit.unit,
        "class": judged.code,
        "target_limit": written_limit(judged.limit),
        "over": judged.over,
        "multiple": judged.multiple,
    }


def class_words(code: str | None) -> dict[str, Any]:
    """Class, its status and colour; Nones where no item decides."""
    if code is None:
        return {"class": None, "class_name": None, "status": None, "colour": None}
    known = water_class(code)
    return {"class": code, "class_name": both(known.name), "status": both(known.status), "colour": both(known.colour)}


def judged_words(judged: Judged) -> dict[str, Any]:
    """The judgement without its rows."""
    return {
        **class_words(judged.code),
        "deciding": [one.item.item for one in judged.deciding],
        "over": [one.item.item for one in judged.over],
        "main_pollutants": [both(one.label) for one in judged.main_pollutants],
    }


def class_clauses(*, rounded: bool) -> tuple[Source, ...]:
    """The clauses that every judgement by the worst item applies."""
    by_rounded = Source(
        "GB/T 8170-2008", "4.3.3", Text("修约值比较", "rounded values"), status=Status.VERIFIED_SECONDARY
    )
    in_full = Source("GB/T 8170-2008", "4.3.2", Text("全数值比较", "full values"), status=Status.VERIFIED_SECONDARY)
    return (
        item_table("basic").source,
        Source("GB 3838-2002", "5.1", Text("单因子评价", "by the worst item"), status=Status.VERIFIED),
        by_rounded if rounded else in_full,
        class_source(),
        _rule("excluded"),
    )


def told_clauses(judgements: Iterable[Judged]) -> tuple[Source, ...]:
    """The clauses of what is told of some samples only: the order of main pollutants, a pH outside its range."""
    found = tuple(judgements)
    named = [_rule("pollutants")] if any(one.main_pollutants for one in found) else []
    acid = any(item.item.item == "pH" and item.code == CLASSES[-1] for one in found for item in one.items)
    return (*named, *([_rule("ph")] if acid else []))


def _rule(holds: str) -> Source:
    (table,) = tables_of("water/assessment", holds)
    return table.source


def left_out(values: Iterable[str], body: str) -> list[Text]:
    """Say which items decide nothing."""
    notes = []
    names = set(values)
    if "TN" in names and class_limit(water_items("basic")["TN"], "III", "lake" if body == "lake" else "river") is None:
        notes.append(Text("河流无总氮限值，总氮不评价", "rivers have no limit for total nitrogen: it is not judged"))
    elif "TN" in names:
        notes.append(Text("总氮单独评价，不参与水质类别", "total nitrogen is told apart and does not decide the class"))
    if "coliforms" in names:
        notes.append(
            Text("粪大肠菌群单独评价，不参与水质类别", "faecal coliforms are told apart and do not decide the class")
        )
    return notes


def items_used(judged: Judged) -> Text:
    """Say how many of the 21 items decided."""
    full = sum(not one.apart for one in water_items("basic").values())
    return Text(
        f"参评 {len(judged.items)} 项（全项 {full} 项）",
        f"{len(judged.items)} items decide, of {full} in a full assessment",
    )


def one_class(text: str, field: str) -> str:
    """A class as people write it: III, Ⅲ类, 劣Ⅴ, worse."""
    plain = text.strip().removesuffix("类")
    for number, roman in zip("ⅠⅡⅢⅣⅤ", TARGETS, strict=True):
        plain = plain.replace(number, roman)
    plain = {"劣V": "worse"}.get(plain, plain)
    if plain not in CLASSES:
        raise BadQuestion(field, text, f"one of {', '.join(CLASSES)} or a class such as Ⅲ类, 劣Ⅴ类")
    return plain


def shares_words(shares: Shares) -> dict[str, Any]:
    """Shares of classes as rows, and those that are published."""
    rows: Sequence[dict[str, Any]] = [
        {"class": code, "class_name": both(water_class(code).name), "sections": shares.counts[code]} for code in CLASSES
    ]
    return {
        "sections": shares.sections,
        "share_best": figure(shares.best, 1),
        "share_good": figure(shares.good, 1),
        "share_worst": figure(shares.worst, 1),
        "by_class": rows,
    }
