"""What the topics on ambient air share: their fields, the edition by the day, one index written out."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import Asked, Field
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air.editions import AirEdition, Item, Report, advice, air_edition, air_editions
from qingyuan_science.standards.air.index import AirIndex, air_index, rounded_concentration
from qingyuan_science.standards.air.sampled import decimals_unknown
from qingyuan_science.standards.errors import NoEdition
from qingyuan_science.standards.limit_entries import Limit
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_half_even

DAY = Field("day", Asked.DATE, Text("数据日期", "Day of the data"))
DAY_ITEMS = ("SO2", "NO2", "PM10", "PM2.5", "CO", "O3_8h", "O3_1h")
HOUR_ITEMS = ("SO2", "NO2", "PM10", "PM2.5", "CO", "O3", "SO2_24h", "PM10_24h", "PM2.5_24h", "O3_8h")
UNIT = "µg/m³; CO: mg/m³"
_TITLES = {
    "SO2": Text("二氧化硫", "SO2"),
    "NO2": Text("二氧化氮", "NO2"),
    "PM10": Text("PM10", "PM10"),
    "PM2.5": Text("PM2.5", "PM2.5"),
    "CO": Text("一氧化碳", "CO"),
    "O3_8h": Text("臭氧日最大 8 小时均值", "O3, daily maximum 8-hour mean"),
    "O3_1h": Text("臭氧日最大 1 小时均值", "O3, daily maximum hour"),
}
DAY_COLUMNS = tuple(
    Field(name, Asked.NUMBER, title, "mg/m³" if name == "CO" else "µg/m³", default=None)
    for name, title in _TITLES.items()
)
FEED_AQI = Field("feed_aqi", Asked.NUMBER, Text("来源自带的 AQI", "AQI that the feed brings along"), "1", default=None)
NOT_MONITORED = Field(
    "not_monitored",
    Asked.TABLE,
    Text("按规划不监测的污染物", "Pollutants not monitored by plan"),
    default=(),
    columns=(
        Field(
            "item",
            Asked.CHOICE,
            Text("污染物", "Pollutant"),
            choices=("SO2", "NO2", "PM10", "PM2.5", "CO", "O3"),
        ),
        Field(
            "never_primary",
            Asked.YES_NO,
            Text(
                "近三年从未为轻度及以上污染的首要污染物", "Never the primary pollutant of a polluted day in three years"
            ),
            default=False,
        ),
    ),
)
_NEAR = 1.0  # an AQI of a feed this near to ours follows the same rule, rounded otherwise


def edition_for(day: date, field: str = "day") -> AirEdition:
    """The edition of the index in force on the day of the data."""
    try:
        return air_edition(day)
    except NoEdition as error:
        raise BadQuestion(
            field, day.isoformat(), "a day from 2016-01-01 on, when HJ 633-2012 came into force"
        ) from error


def of_report(
    given: Mapping[str, float | None], edition: AirEdition, report: Report, field: str
) -> tuple[dict[str, float], list[str]]:
    """The concentrations that the report counts, and those given beside them; refuses what cannot be one."""
    counted = {item.name for item in edition.items[report]}
    known = concentrations(given, field)
    return {name: value for name, value in known.items() if name in counted}, [
        name for name in known if name not in counted
    ]


def concentrations(given: Mapping[str, float | None], field: str) -> dict[str, float]:
    """The concentrations that were given, noise below nought as nought; refuses what cannot be one."""
    for name, value in given.items():
        if value is not None and not (math.isfinite(value) and value > -0.5):
            raise BadQuestion(f"{field}.{name}", value, "a concentration of at least 0")
    return {name: max(value, 0.0) for name, value in given.items() if value is not None}


def missing_items(known: Mapping[str, float], edition: AirEdition, report: Report) -> list[str]:
    """The pollutants of the report of which no item was given."""
    items = edition.items[report]
    had = {item.pollutant for item in items if item.name in known}
    asked = dict.fromkeys(item.pollutant for item in items if not item.instead_of)
    return [pollutant for pollutant in asked if pollutant not in had]


def items_of(index: AirIndex, known: Mapping[str, float], items: Sequence[Item]) -> list[dict[str, Any]]:
    """One row an item: concentration as given and as rounded, and its IAQI."""
    return [
        {
            "item": item.name,
            "averaging": item.averaging,
            "concentration": figure(known[item.name], 4),
            "rounded": figure(float(rounded_concentration([known[item.name]], item)[0]), item.decimals),
            "unit": item.unit,
            "iaqi": figure(float(index.iaqi[item.name]), 0),
        }
        for item in items
        if item.name in known
    ]


def level_of(aqi: float | None, edition: AirEdition) -> dict[str, Any]:
    """Level, category and official colour of an AQI; Nones where there is none."""
    if aqi is None or math.isnan(aqi):
        return {"level": None, "numeral": None, "category": None, "colour": None, "hex": None, "cmyk": None}
    category = edition.category(aqi)
    return {
        "level": category.level,
        "numeral": category.numeral,
        "category": both(category.name),
        "colour": both(category.colour),
        "hex": category.hex,
        "cmyk": list(category.cmyk),
    }


def named_pollutants(index: AirIndex, edition: AirEdition, aqi: float | None) -> dict[str, list[str]]:
    """Primary pollutants, none where no AQI is published, and those in exceedance where the edition names them."""
    found = {"primary": [name for name, is_one in index.primary.items() if bool(is_one) and aqi is not None]}
    if edition.has_exceeding:
        found["exceeding"] = [name for name, is_one in index.exceeding.items() if bool(is_one)]
    return found


def published(
    index: AirIndex, edition: AirEdition, missing: Sequence[str], excused: Sequence[Mapping[str, Any]]
) -> tuple[float | None, list[Text]]:
    """The AQI to publish, None where it is marked NA, and what has to be said about missing pollutants."""
    aqi = float(index.aqi)
    lost = [name for name, is_one in index.lost.items() if bool(is_one)]
    if lost:
        return None, [_lost_words(lost, edition)]
    if math.isnan(aqi):
        return None, [Text("无任何污染物数据，AQI 记为 NA", "no pollutant has a value: the AQI is marked NA")]
    if not missing:
        return aqi, []
    harmless = {row["item"] for row in excused if row["never_primary"]}
    names = ", ".join(missing)
    if edition.thin_publishes_above and not set(missing) <= harmless and aqi <= edition.thin_publishes_above:
        note = Text(
            f"缺少 {names}：其余污染物得出 {aqi:.0f}，不高于 100，仅发布浓度与 IAQI，AQI 记为 NA",
            f"{names} missing: the rest give {aqi:.0f}, which is not above 100, so that only concentrations and IAQI "
            "are published and the AQI is marked NA",
        )
        return None, [note]
    return aqi, [Text(f"缺少 {names}，AQI 由其余污染物得出", f"{names} missing: the AQI comes from the rest")]


def _lost_words(lost: Sequence[str], edition: AirEdition) -> Text:
    names = ", ".join(lost)
    return Text(
        f"{names} 超出 {edition.document} 分级表上限，且无同一污染物其他平均时间的浓度，AQI 无法计算，记为 NA",
        f"{names}: beyond the table of {edition.document}, and no other averaging time of the pollutant was given: the "
        "AQI cannot be computed and is marked NA",
    )


def compared(
    feed: float, aqi: float, known: Mapping[str, float], edition: AirEdition, *, report: Report
) -> dict[str, Any]:
    """The difference to the AQI of a feed, and the rule that explains it if one does."""
    return {
        "feed_aqi": feed,
        "difference": figure(aqi - feed, 1),
        "same_level": edition.category(min(feed, 500.0)).level == edition.category(aqi).level,
        "explanation": both(_explanation(feed, aqi, known, edition, report=report)),
    }


def _explanation(feed: float, aqi: float, known: Mapping[str, float], edition: AirEdition, *, report: Report) -> Text:
    if feed == aqi:
        return Text("一致", "the same")
    if abs(feed - aqi) <= _NEAR:
        return Text("相差不超过 1，为取整方式不同", "within 1: rounded in another way")
    for other in air_editions():
        if other is not edition and abs(_by(other, known, report) - feed) <= _NEAR:
            return Text(f"按 {other.document} 的限值计算", f"computed with the break points of {other.document}")
    for left_out, why in (
        ("O3", Text("未计入臭氧", "ozone was left out")),
        ("PM", Text("未计入颗粒物", "particles were left out")),
    ):
        rest = {name: value for name, value in known.items() if not name.startswith(left_out)}
        if abs(_by(edition, rest, report) - feed) <= _NEAR:
            return why
    return Text(
        "已知规则均不能得出；可能为小时指数的平均，或由其他浓度计算",
        "no known rule gives it; it may be a mean of hourly indices, or come from other concentrations",
    )


def _by(edition: AirEdition, known: Mapping[str, float], report: Report) -> float:
    """The AQI by another edition, taking hourly particles for the 24-hour ones where that edition asks for them."""
    values = {}
    for item in edition.items[report]:
        name = item.name if item.name in known else item.pollutant
        if name in known:
            values[item.name] = known[name]
    return float(air_index(values, edition, report).aqi)


def verdict(item: str, value: float, limit: Limit) -> tuple[float, bool | None, Source | None]:
    """Hold a mean against its limit, rounded as the limit is printed.

    Parameters
    ----------
    item : str
    value : float [unit of the limit]
    limit : Limit

    Returns
    -------
    tuple of float, bool or None, Source or None
        The rounded value; whether it is beyond, None where the decimals are not known and decide; and the clause that
        would say them.
    """
    exact = round(value, 9)
    rounded = round_half_even(exact, limit.decimals)
    by_rounded, in_full = (bool(limit.exceeded(np.array([one]), rounded=False)[0]) for one in (rounded, exact))
    unknown = decimals_unknown(item)
    if unknown is None:
        return rounded, by_rounded, None
    return rounded, by_rounded if by_rounded == in_full else None, unknown


UNDECIDED = Text(
    "铅、苯并[a]芘均值的保留位数未取得：修约与不修约结论不同的，不作评判",
    "to how many decimals means of lead and benzo[a]pyrene are rounded was not obtained: none is judged where rounding "
    "would decide",
)


def clauses_of(edition: AirEdition) -> tuple[Source, ...]:
    """The clauses that every index applies."""
    return (
        edition.sources["items"],
        Source(
            "GB/T 8170-2008",
            "3.2",
            Text("浓度先修约", "concentrations are rounded first"),
            status=Status.VERIFIED_SECONDARY,
        ),
        edition.sources["breakpoints"],
        edition.sources["categories"],
    )


def advice_of(level: int | None, edition: AirEdition) -> tuple[dict[str, Any], tuple[Source, ...]]:
    """Effect on health and advice, where the text of the edition is at hand."""
    if level is None or not edition.has_exceeding:
        return {}, ()
    effect, what_to_do, source = advice(level)
    return {"effect": both(effect), "advice": both(what_to_do)}, (source,)


def answer_index(
    given: Mapping[str, Any], day: date, report: Report
) -> tuple[dict[str, Any], tuple[Source, ...], list[Text]]:
    """The whole answer of one index: result, clauses, notes."""
    edition = edition_for(day, "day" if report == "day" else "at")
    known, beside = of_report(given["concentrations"], edition, report, "concentrations")
    index = air_index({name: [value] for name, value in known.items()}, edition, report)
    iaqi, lost = ({name: values[0] for name, values in found.items()} for found in (index.iaqi, index.lost))
    index = AirIndex(index.aqi.reshape(-1)[0], iaqi, lost)
    missing = missing_items(known, edition, report)
    aqi, notes = published(index, edition, missing, given["not_monitored"])
    level = level_of(aqi, edition)
    health, more = advice_of(level["level"], edition)
    result: dict[str, Any] = {
        "edition": edition.document,
        "day": day.isoformat(),
        "aqi": figure(aqi, 0),
        **level,
        **named_pollutants(index, edition, aqi),
        "items": items_of(index, known, edition.items[report]),
        "missing": missing,
        **health,
    }
    if given["feed_aqi"] is not None and not math.isnan(float(index.aqi)):
        result["compared"] = compared(given["feed_aqi"], float(index.aqi), known, edition, report=report)
    if missing:
        more = (_missing_rule(edition), *more)
    notes += [_not_counted(name, edition) for name in beside]
    notes += _off_table(index, known, edition, report)
    return result, (*clauses_of(edition), *more), notes


def _missing_rule(edition: AirEdition) -> Source:
    if edition.has_exceeding:
        return Source(
            edition.document,
            Text("缺少污染物", "missing pollutants"),
            Text("未核对原文", "not checked against the text"),
            status=Status.UNVERIFIED,
        )
    return Source(edition.document, "5.3", status=Status.VERIFIED)


def _not_counted(name: str, edition: AirEdition) -> Text:
    return Text(f"{edition.document} 的该报告不计 {name}", f"{edition.document} does not count {name} in this report")


def _off_table(index: AirIndex, known: Mapping[str, float], edition: AirEdition, report: Report) -> list[Text]:
    notes = []
    for item in edition.items[report]:
        beyond = item.name in known and rounded_concentration(known[item.name], item) > item.concentration[-1]
        if beyond and not bool(index.lost.get(item.name, False)):
            if math.isnan(item.above):
                zh = f"{item.name} 高于 {item.concentration[-1]:.0f}，不以其计算 IAQI，改用同一污染物的其他平均时间"
                en = f"{item.name} is above {item.concentration[-1]:.0f}: another averaging time of it counts instead"
            else:
                zh = f"{item.name} 高于 {item.concentration[-1]:.0f}，IAQI 取 {item.above:.0f}"
                en = f"{item.name} is above {item.concentration[-1]:.0f}: its IAQI is {item.above:.0f}"
            notes.append(Text(zh, en))
    return notes
