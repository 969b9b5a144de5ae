"""What detectors were found to be worth on real data; `measured.csv` holds the figures that the benches wrote."""

import csv
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from qingyuan_science.plugins import Text

FILE: Final = Path(__file__).with_name("measured.csv")
COLUMNS: Final = ("detector", "source", "what", "figure", "script")

SOURCES: Final = {
    "batadal": Text(
        "供水管网模拟攻击数据 BATADAL",
        "simulated attacks on a water network, BATADAL",
    ),
    "city_air": Text("北京东四站 PM2.5", "PM2.5 of a city station, Dongsi in Beijing"),
    "city_air_12": Text("北京 12 个空气站 PM2.5", "PM2.5 of twelve stations in Beijing"),
    "city_air_changping": Text("北京昌平站 PM2.5，另 11 站为邻站", "PM2.5 at Changping in Beijing, eleven beside"),
    "city_air_dongsi": Text("北京东四站 PM2.5，另 11 站为邻站", "PM2.5 at Dongsi in Beijing, eleven beside"),
    "effluent": Text("国内某企业废水一项污染物", "one pollutant of a Chinese enterprise's effluent"),
    "gas_turbine_co": Text("燃气轮机烟气 CO", "CO in the flue gas of a gas turbine"),
    "gas_turbine_nox": Text("燃气轮机烟气 NOx", "NOx in the flue gas of a gas turbine"),
    "gecco_first": Text(
        "饮用水站 GECCO 2018 前半段",
        "drinking water, GECCO 2018, first half",
    ),
    "gecco_second": Text(
        "饮用水站 GECCO 2018 后半段",
        "drinking water, GECCO 2018, second half",
    ),
    "skab": Text("实验水路 SKAB", "a water loop, SKAB"),
    "steel": Text("钢厂用电", "electricity of a steel factory"),
    "steel_treatment": Text("钢厂用电，治理电表由生产用电推得", "a steel factory, treatment made from its electricity"),
    "water_works": Text("水厂出水流量", "flow of a water works"),
    "wwtp": Text("污水处理厂进水 COD 日均值", "daily COD of the inflow of a sewage works"),
}

_SEEN: Final = ("batadal", "gecco_first", "gecco_second", "skab")
_WITH_SIGHT: Final = Text("；参数曾参照该数据选定", "; settings were chosen with sight of these data")

_PUT_IN: Final = {
    "clipped": Text("压在限值之下", "kept just below the limit"),
    "constant": Text("恒值", "held constant"),
    "copied_channel": Text("复制另一通道", "copied from another channel"),
    "deleted": Text("高值标为校准", "high hours marked as calibration"),
    "inverted": Text("与负荷反向", "turned against the load"),
    "night": Text("夜间抬高", "raised by night"),
    "offset": Text("减去定值", "lowered by an offset"),
    "plus_30": Text("加 30 µg/m³ 两天", "30 µg/m³ more for two days"),
    "replayed": Text("重放旧数据", "replayed from earlier"),
    "rounded": Text("取整", "rounded"),
    "scaled": Text("按比例压低", "scaled down"),
    "service_halved": Text("校准后减半", "halved after calibration"),
    "service_times_0.8": Text("校准后乘 0.8", "times 0.8 after calibration"),
    "smoothed": Text("平滑", "smoothed"),
    "times_0.6": Text("乘 0.6 两天", "times 0.6 for two days"),
    "times_1.3": Text("乘 1.3 两天", "times 1.3 for two days"),
    "trembling": Text("恒值加抖动", "held, but trembling"),
    "treatment_off": Text("生产时停用治理设施", "treatment off in production"),
    "zero_drift": Text("零点漂移", "drifting zero"),
}
_STRENGTHS: Final = {"1.0": Text("强", "blunt"), "0.5": Text("弱", "weak")}
_COUNTED: Final = {
    "days": Text("个日期", "dates"),
    "gaps": Text("处缺测", "gaps"),
    "hours": Text("个超标小时", "hours beyond"),
}
_CUT: Final = {
    "cut_broken": Text("违反 2 至 8 小时查出", "broken for 2 to 8 hours, found"),
    "cut_ignored": Text("全程未执行查出", "ignored, found"),
    "cut_kept": Text("已执行而误报", "kept, told by mistake"),
}
_PLAIN: Final = {
    "came_true": Text("预警后确有超标 {0}", "warnings that came true {0}"),
    "events": Text("事件查出 {0}", "events found {0}"),
    "f1": Text("逐点 F1 {0}", "F1 of points {0}"),
    "false_blocks": Text("误报 {0} 段（{1} 周，设定每周 2 段）", "{0} false blocks in {1} weeks, two a week being set"),
    "false_alone": Text("误报 {0} 段", "{0} false blocks"),
    "false_share": Text("误报占比 {0}%", "share of false points {0} %"),
    "leads": Text("未改动数据 {0} 条（{1} 个月）", "{0} leads in {1} months of untouched data"),
    "orders_broken": Text("违反停排 2 小时查出 {0}", "stop broken for two hours, found {0}"),
    "orders_kept": Text("已执行而误报 {0}", "stop kept, told by mistake {0}"),
    "service": Text("校准后未变而误报 {0}", "nothing changed by calibration, told by mistake {0}"),
    "warned": Text("超标前 4 小时内已预警 {0}", "warned of in the four hours before the limit was passed {0}"),
}  # fmt: skip

NOT_MEASURED: Final = {
    "alarm_threshold": Text("阈值由各主管部门自行设定", "every authority sets thresholds of its own"),
    "clock_offset": Text("没有带到达时间的公开数据", "no public data tell when values arrived"),
    "complaint_cluster": Text("没有带时间和位置的公开投诉数据", "no public complaints come with time and place"),
    "upstream_balance": Text(
        "没有上下游断面同步的公开数据", "no public data hold sections upstream and downstream at the same hours"
    ),
}


def measured(detector: str) -> tuple[Text, ...]:
    """Say what a detector was found to be worth on real data, as shipped.

    Parameters
    ----------
    detector : str
        Code of the detector.

    Returns
    -------
    tuple[Text, ...]
        A line a set of data; why there is none where there is none; nothing for a detector that is not ours.

    Examples
    --------
    >>> measured("clock_offset")[0].en
    'Not measured on real data: no public data tell when values arrived.'
    """
    if detector in NOT_MEASURED:
        why = NOT_MEASURED[detector]
        return (Text(f"未在真实数据上测评：{why.zh}。", f"Not measured on real data: {why.en}."),)
    rows = [row for row in _rows() if row["detector"] == detector]
    lines = []
    for source, group in groupby(rows, lambda row: row["source"]):
        said = [_said(row["what"], row["figure"]) for row in group]
        name, more = SOURCES[source], _WITH_SIGHT if source in _SEEN else Text("", "")
        zh = "；".join(one.zh for one in said) + more.zh
        en = "; ".join(one.en for one in said) + more.en
        lines.append(Text(f"实测（{name.zh}）：{zh}。", f"Measured ({name.en}): {en}."))
    return tuple(lines)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _said(what: str, figure: str) -> Text:
    """One figure in words."""
    family, _, rest = what.partition(":")
    kind, _, strength = rest.partition(":")
    if family == "found":
        name = _PUT_IN[kind]
        how = Text(f"（{_STRENGTHS[strength].zh}）", f" ({_STRENGTHS[strength].en})") if strength else Text("", "")
        return Text(f"{name.zh}{how.zh}，查出 {figure}", f"{name.en}{how.en}, found {figure}")
    if family == "auc":
        return Text(f"逐日 AUC {figure}", f"AUC by day {figure}")
    if family == "agree":
        right, _, all_of = figure.partition("/")
        unit = _COUNTED[kind]
        return Text(
            f"独立计数 {all_of} {unit.zh}，该检测器 {right}", f"{all_of} {unit.en} by a plain count, {right} by it"
        )
    if family in _CUT:
        percent, cut = f"{float(kind):.0%}", _CUT[family]
        return Text(f"减 {percent}，{cut.zh} {figure}", f"cut of {percent} {cut.en} {figure}")
    pattern = _PLAIN[family]
    parts = figure.split("/") if "{1}" in pattern.en else [figure]
    return Text(pattern.zh.format(*parts), pattern.en.format(*parts))
