"""From the words of a registry to the classes, fuels and stages for which emission factors are told."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final
from unicodedata import normalize

from qingyuan_science.plugins import Text

UNKNOWN: Final = ""
CLASSES: Final[Mapping[str, Text]] = {
    "small_passenger": Text("微型、小型载客汽车", "Mini and small passenger cars"),
    "medium_passenger": Text("中型载客汽车", "Medium passenger vehicles"),
    "large_passenger": Text("大型载客汽车", "Large passenger vehicles"),
    "taxi": Text("出租车", "Taxis"),
    "bus": Text("公交车", "City buses"),
    "light_truck": Text("微型、轻型载货汽车", "Mini and light trucks"),
    "medium_truck": Text("中型载货汽车", "Medium trucks"),
    "heavy_truck": Text("重型载货汽车", "Heavy trucks"),
    "low_speed_truck": Text("低速货车", "Low-speed trucks"),
    "three_wheeler": Text("三轮汽车", "Three-wheelers"),
    "motorcycle": Text("普通摩托车", "Motorcycles"),
    "moped": Text("轻便摩托车", "Mopeds"),
    "trailer": Text("挂车", "Trailers"),
}
FUELS: Final[Mapping[str, Text]] = {
    "petrol": Text("汽油", "Petrol"),
    "diesel": Text("柴油", "Diesel"),
    "gaseous": Text("燃气", "Gas"),
    "hybrid": Text("混合动力", "Hybrid"),
    "electric": Text("纯电动、氢", "Electric, hydrogen"),
}
STAGES: Final[Mapping[str, Text]] = {
    "0": Text("国一前", "Before China I"),
    "1": Text("国一", "China I"),
    "2": Text("国二", "China II"),
    "3": Text("国三", "China III"),
    "4": Text("国四", "China IV"),
    "5": Text("国五", "China V"),
    "6": Text("国六", "China VI"),
}
_SIZES = (
    ("重型", "heavy"),
    ("大型", "large"),
    ("中型", "medium"),
    ("轻型", "light"),
    ("小型", "small"),
    ("微型", "small"),
)
_TRUCKS = ("货", "牵引", "自卸", "厢式", "罐式", "仓栅", "平板", "集装箱")
_PASSENGERS = ("客", "轿车", "面包")
_TRUCK = {"heavy": "heavy_truck", "medium": "medium_truck", "light": "light_truck", "small": "light_truck"}
_PASSENGER = {"large": "large_passenger", "medium": "medium_passenger", "small": "small_passenger",
              "light": "small_passenger"}  # fmt: skip
_FUELS = (
    ("hybrid", ("混合", "混动", "插电", "增程", "hybrid", "油电")),
    ("gaseous", ("天然气", "燃气", "石油气", "cng", "lng", "lpg")),
    ("electric", ("电", "氢", "electric", "hydrogen")),
    ("diesel", ("柴油", "diesel")),
    ("petrol", ("汽油", "petrol", "gasoline")),
)
_STAGE = re.compile(r"(?:国|china|euro|stage)?\s*([零一二三四五六]|[0-6]|vi|iv|v|i{1,3})\s*[ab]?(?:阶段|标准)?")
_NUMERALS = {"零": "0", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6",
             "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}  # fmt: skip

_POLLUTANTS = {
    "co": "CO", "一氧化碳": "CO", "hc": "HC", "voc": "HC", "vocs": "HC", "nmhc": "HC", "碳氢化合物": "HC", "碳氢": "HC",
    "nox": "NOx", "氮氧化物": "NOx", "pm2.5": "PM2.5", "细颗粒物": "PM2.5", "pm10": "PM10", "可吸入颗粒物": "PM10",
}  # fmt: skip
ALL_WORDS: Final = frozenset({"", "全部", "所有", "不限", "all", "-", "—"})
"""How people write that a row holds for every fuel or every stage."""


@cache
def vehicle_class(kind: str, use: str = "") -> str:
    """Tell the class of a vehicle from what a registry writes.

    Parameters
    ----------
    kind : str
        Type of vehicle (车辆类型), or a class by its code or title.
    use : str
        Use (使用性质); a passenger vehicle is a city bus or a taxi by it.

    Returns
    -------
    str
        A code of `CLASSES`; empty where the words do not tell it.

    Examples
    --------
    >>> vehicle_class("重型半挂牵引车"), vehicle_class("小型轿车", "出租客运"), vehicle_class("重型普通半挂车")
    ('heavy_truck', 'taxi', 'trailer')
    """
    plain = _plain(kind)
    named = _named(CLASSES).get(plain)
    if named:
        return named
    if "摩托" in plain:
        return "moped" if "轻便" in plain else "motorcycle"
    if "三轮" in plain:
        return "three_wheeler"
    if "低速" in plain:
        return "low_speed_truck"
    if "挂车" in plain:
        return "trailer"
    size = next((code for word, code in _SIZES if word in plain), UNKNOWN)
    if any(word in plain for word in _PASSENGERS) and "货" not in plain:
        size = size or ("small" if "轿车" in plain else UNKNOWN)
        return _by_use(_PASSENGER.get(size, UNKNOWN), _plain(use))
    return _TRUCK.get(size, UNKNOWN) if any(word in plain for word in _TRUCKS) else UNKNOWN


def _by_use(found: str, use: str) -> str:
    if "公交" in use:
        return "bus"
    return "taxi" if "出租" in use and found == "small_passenger" else found


@cache
def fuel_of(text: str) -> str:
    """Tell the fuel from what a registry writes.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        A code of `FUELS`; empty where the words do not tell it.

    Examples
    --------
    >>> fuel_of("纯电动"), fuel_of("汽油/电混合动力"), fuel_of("木炭")
    ('electric', 'hybrid', '')
    """
    plain = _plain(text)
    known = _named(FUELS).get(plain)
    return known or next((code for code, words in _FUELS if any(word in plain for word in words)), UNKNOWN)


@cache
def stage_of(text: str) -> str:
    """Tell the emission stage from what a registry writes.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        ``0`` (before China I) to ``6``; empty where the words do not tell it.

    Examples
    --------
    >>> stage_of("国Ⅵb"), stage_of("国三"), stage_of("国一前"), stage_of("黄标")
    ('6', '3', '0', '')
    """
    plain = _plain(text)
    if plain in ("国一前", "国1前", "国i前", "国o"):
        return "0"
    known = _named(STAGES).get(plain)
    found = _STAGE.fullmatch(plain)
    if known or found is None:
        return known or UNKNOWN
    return _NUMERALS.get(found[1], found[1])


@cache
def pollutant_of(text: str) -> str:
    """Tell the pollutant from what somebody writes.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        As `factors.POLLUTANTS` and `factors.EVAPORATED` write it; empty where the words do not tell it.

    Examples
    --------
    >>> pollutant_of("氮氧化物"), pollutant_of("VOCs"), pollutant_of("蒸发排放HC"), pollutant_of("Pb")
    ('NOx', 'HC', 'HC evaporated', '')
    """
    plain = _plain(text)
    return "HC evaporated" if "蒸发" in plain or "evap" in plain else _POLLUTANTS.get(plain, UNKNOWN)


def _plain(text: str) -> str:
    return "".join(normalize("NFKC", text).split()).casefold()


def _named(table: Mapping[str, Text]) -> dict[str, str]:
    return {_plain(word): code for code, title in table.items() for word in (code, title.zh, title.en)}
