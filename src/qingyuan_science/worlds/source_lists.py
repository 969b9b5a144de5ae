"""Lists of pollution sources as offices keep them, with the enterprise that each row is really of.

Every office writes in its own way: full-width letters, 有限公司 for 有限责任公司, no division, a word of business left
out, a letter that sounds alike. Codes are missing or have a wrong letter, positions are rough, firms have moved,
branches stand beside their parents, and the same name is borne in other towns. Legal representatives change, one person
has several firms, and an agent's telephone stands with many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from qingyuan_science.standards.codes.credit import make_credit_code, organisation_check

Row = dict[str, Any]

COLUMNS: Final = ("id", "name", "code", "permit", "address", "lon", "lat", "industry", "person", "phone")
COUNTIES: Final = tuple(
    """
    锦江区 青羊区 金牛区 武侯区 成华区 龙泉驿区 青白江区 新都区 温江区 双流区
    郫都区 新津区 都江堰市 彭州市 邛崃市 崇州市 简阳市 金堂县 大邑县 蒲江县
    """.split()  # noqa: SIM905
)
_TOWNS: Final = tuple(
    "致和 东升 安德 清流 三河 太平 龙桥 石羊 白沙 永宁 新繁 唐昌 金马 万春 寿安 淮口".split()  # noqa: SIM905
)
_ROADS: Final = tuple(
    """
    健康大道 人民路 解放路 工业大道 兴业路 创新路 科园路 银河路 滨江路 建设路 光明街 东大街
    西河路 南三路 学府路 迎宾大道 清洋村 双龙村 红星村 民主村 高桥村 凤凰村 新民村 柏木村
    """.split()  # noqa: SIM905
)
_LUCKY: Final = (
    "兴宏鑫华盛达发泰隆恒丰源顺祥瑞佳德永信诚金龙亿联创新科蓝天绿洲川蜀蓉锦鹏飞腾辉煌伟业茂昌富康宁安和美嘉汇通利民"
)
_SURNAMES: Final = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何罗高林郑梁谢宋唐许韩冯邓曹"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华文建国志红玉兰海波林峰斌辉鹏宇浩晨"
_SOUND_ALIKE: Final = dict(
    zip("兴鑫华盛达发泰隆恒丰源顺祥瑞佳德永信诚", "新欣桦胜大法太龙衡锋元舜翔睿嘉得勇鑫成", strict=True)
)
_TRADES: Final = tuple(
    (one.partition(":")[0], one.partition(":")[2])
    for one in """
    化工:2614 精细化工:2662 纺织:1713 印染:1714 食品:1499 乳业:1440 制药:2720
    机械制造:3499 机械:3489 电子科技:3989 塑料制品:2929 包装:2231 包装印刷:2319
    家具:2110 木业:2029 建材:3039 水泥制品:3021 混凝土:3021 金属制品:3399 五金:3351
    表面处理:3360 汽车零部件:3670 鞋业:1952 服饰:1819 饲料:1329 酒业:1512 环保科技:7729
    再生资源:4220 商贸:5190 实业:3990
    """.split()  # noqa: SIM905
)
_SMALL: Final = (
    ("汽修厂", "8111"), ("加油站", "5265"), ("洗涤店", "8030"),
    ("餐饮店", "6210"), ("家具厂", "2110"), ("养殖场", "0313"),
)  # fmt: skip


@dataclass(frozen=True)
class Faults:
    """How often a list has what kind of fault, as shares of its rows. [1]

    Parameters
    ----------
    no_code, no_permit, no_address, no_position, no_industry : float
        What is missing.
    wrong_code : float
        One letter typed wrong, or two neighbours swapped, of the codes that are given.
    old_code : float
        Only the nine letters of the organisation code.
    variant : float
        The name in another spelling, of one or more kinds.
    typed : float
        A letter of the trade name that sounds alike.
    moved : float
        Address and position of where the firm was before.
    twice : float
        The enterprise stands twice in the list.
    no_person, no_phone : float
        No legal representative, no telephone.
    former_person, other_phone : float
        Somebody who was it before; another number of the same firm.
    agent : float
        The telephone of an agent who fills in forms for many.
    """

    no_code: float = 0.0
    no_permit: float = 1.0
    no_address: float = 0.02
    no_position: float = 0.05
    no_industry: float = 0.05
    wrong_code: float = 0.02
    old_code: float = 0.0
    variant: float = 0.3
    typed: float = 0.02
    moved: float = 0.04
    twice: float = 0.005
    no_person: float = 0.1
    former_person: float = 0.12
    no_phone: float = 0.4
    other_phone: float = 0.25
    agent: float = 0.03


LISTS: Final[Mapping[str, tuple[float, Faults]]] = {
    "approval": (0.75, Faults(no_code=0.25, no_position=0.3)),
    "enforcement": (
        0.45,
        Faults(no_code=0.4, no_address=0.1, no_position=0.5, no_industry=0.5, variant=0.5, typed=0.04, no_phone=1.0),
    ),
    "census": (
        0.85,
        Faults(no_code=0.08, old_code=0.1, wrong_code=0.03, no_position=0.02, moved=0.08, no_phone=0.1),
    ),
    "permits": (
        0.6,
        Faults(no_code=0.01, no_permit=0.05, wrong_code=0.005, no_position=0.02, variant=0.15, no_phone=0.05),
    ),
}
"""The share of enterprises that stands in each list, and its faults."""


@dataclass(frozen=True)
class Source:
    """An enterprise as it is.

    Parameters
    ----------
    number : int
    county, region, core, trade, form, branch : str
        Parts of the name.
    code : str
        Unified social credit code.
    industry : str
        GB/T 4754.
    place, earlier : tuple
        Town, road, number, longitude and latitude, now and before it moved. [degree]
    akin : int
        The number of the parent of a branch, or of the firm whose name a namesake bears; -1 for others.
    """

    number: int
    county: str
    region: str
    core: str
    trade: str
    form: str
    branch: str
    code: str
    industry: str
    place: tuple[str, str, int, float, float]
    earlier: tuple[str, str, int, float, float]
    akin: int = -1

    @property
    def name(self) -> str:
        """As registered."""
        return self.region + self.core + self.trade + self.form + self.branch


@dataclass(frozen=True)
class SourceLists:
    """Lists, and what nobody who reads them knows.

    Parameters
    ----------
    rows : dict of str to list of dict
        By list, rows with the keys of `COLUMNS`; None where a value is missing.
    truth : dict of str to int
        By id of a row, the number of its enterprise.
    sources : list of Source
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    truth: dict[str, int] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def table(self, name: str) -> dict[str, list[Any]]:
        """A list by columns.

        Parameters
        ----------
        name : str
            A key of `rows`.

        Returns
        -------
        dict of str to list
        """
        return {column: [row[column] for row in self.rows[name]] for column in COLUMNS}


def source_lists(enterprises: int, seed: int = 1, lists: Mapping[str, tuple[float, Faults]] = LISTS) -> SourceLists:
    """Draw enterprises and the lists that offices keep of them.

    Parameters
    ----------
    enterprises : int
        How many there are, branches among them. [1]
    seed : int
        The same number draws the same lists.
    lists : mapping of str to (float, Faults), optional
        For each list the share of enterprises that stands in it and its faults.

    Returns
    -------
    SourceLists
    """
    rng = np.random.default_rng(seed)
    found = SourceLists(sources=_sources(enterprises, rng))
    for name, (share, faults) in lists.items():
        rows = found.rows.setdefault(name, [])
        for source in found.sources:
            if rng.random() >= share:
                continue
            for _ in range(1 + int(rng.random() < faults.twice)):
                row = _row(source, faults, rng) | {"id": f"{name}-{len(rows) + 1:06d}"}
                rows.append(row)
                found.truth[row["id"]] = source.number
        order = rng.permutation(len(rows))
        found.rows[name] = [rows[at] for at in order]
    _answerable(found, lists, np.random.default_rng((seed, 1)))
    return found


def _answerable(found: SourceLists, lists: Mapping[str, tuple[float, Faults]], rng: np.random.Generator) -> None:
    """Who answers for each enterprise, and the telephone, as the lists have them.

    A quarter of the namesakes and one in twenty-five others belong to somebody who has another firm, telephone and all.
    """
    known: list[tuple[str, str, str, str]] = []
    for source in found.sources:
        person, former, phone, other = _person(rng), _person(rng), _phone(rng), _phone(rng)
        chance, again = rng.random(), int(rng.integers(max(1, source.number)))
        if source.akin >= 0 and chance < 0.25:
            person, former, phone, other = known[source.akin]
        elif known and chance > 0.96:
            person, phone = known[again][0], known[again][2]
        known.append((person, former, phone, other))
    agents = [_phone(rng) for _ in range(200)]
    for name, (_share, faults) in lists.items():
        for row in found.rows[name]:
            person, former, phone, other = known[found.truth[row["id"]]]
            draw = rng.random(5)
            said = former if draw[1] < faults.former_person else person
            number = other if draw[3] < faults.other_phone else phone
            number = agents[int(rng.integers(len(agents)))] if draw[4] < faults.agent else number
            row["person"] = None if draw[0] < faults.no_person else said
            row["phone"] = None if draw[2] < faults.no_phone else number


def _person(rng: np.random.Generator) -> str:
    given = rng.integers(len(_GIVEN), size=1 + int(rng.random() < 0.7))
    return _SURNAMES[int(len(_SURNAMES) * rng.random() ** 2)] + "".join(_GIVEN[int(at)] for at in given)


def _phone(rng: np.random.Generator) -> str:
    if rng.random() < 0.4:
        return f"{'028-' if rng.random() < 0.7 else ''}8{int(rng.integers(10_000_000)):07d}"
    return f"1{int(rng.integers(3, 10))}{int(rng.integers(1_000_000_000)):09d}"


def _sources(count: int, rng: np.random.Generator) -> list[Source]:
    found: list[Source] = []
    parts = [(one * 0.2 + 103.4, two * 0.12 + 30.4) for one in range(5) for two in range(4)]
    while len(found) < count:
        kind = rng.random()
        if found and kind < 0.03:
            found.append(_branch(found[int(rng.integers(len(found)))], len(found), parts, rng))
        elif found and kind < 0.05:
            found.append(_namesake(found[int(rng.integers(len(found)))], len(found), parts, rng))
        else:
            found.append(_source(len(found), parts, rng))
    return found


def _source(number: int, parts: list[tuple[float, float]], rng: np.random.Generator) -> Source:
    county = int(rng.integers(len(COUNTIES)))
    if rng.random() < 0.18:
        trade, industry = _SMALL[int(rng.integers(len(_SMALL)))]
        core, form = "老" * int(rng.random() < 0.3) + _SURNAMES[int(rng.integers(len(_SURNAMES)))], ""
        core += "".join(_LUCKY[int(at)] for at in rng.integers(len(_LUCKY), size=1 + int(rng.random() < 0.6)))
        region = COUNTIES[county]
    else:
        trade, industry = _TRADES[int(rng.integers(len(_TRADES)))]
        core = "".join(_LUCKY[int(at)] for at in rng.integers(len(_LUCKY), size=2 + int(rng.random() < 0.35)))
        form = ("有限公司", "有限责任公司", "股份有限公司", "厂")[int(rng.choice(4, p=(0.6, 0.2, 0.05, 0.15)))]
        regions = ("成都", "四川", "成都市", COUNTIES[county], "四川省成都市", "")
        region = regions[int(rng.choice(6, p=(0.45, 0.2, 0.1, 0.1, 0.05, 0.1)))]
    where = [_place(county, parts, rng) for _ in range(2)]
    code = _code(number, county, "1" if form else "2")
    return Source(number, COUNTIES[county], region, core, trade, form, "", code, industry, where[0], where[1])


def _branch(parent: Source, number: int, parts: list[tuple[float, float]], rng: np.random.Generator) -> Source:
    """A branch of a firm, in its own county or another; of a branch, and of what has no form, a firm like any other."""
    if parent.branch or not parent.form.endswith("公司"):
        return _source(number, parts, rng)
    same = rng.random() < 0.4
    county = COUNTIES.index(parent.county) if same else int(rng.integers(len(COUNTIES)))
    place = parent.place if rng.random() < 0.1 and same else _place(county, parts, rng)
    ending = ("分公司", "分厂")[int(rng.random() < 0.2)]
    return Source(
        number, COUNTIES[county], parent.region, parent.core, parent.trade, parent.form,
        COUNTIES[county][:-1] + ending, _code(number, county, "1"), parent.industry, place, _place(county, parts, rng),
        parent.number,
    )  # fmt: skip


def _namesake(other: Source, number: int, parts: list[tuple[float, float]], rng: np.random.Generator) -> Source:
    """Another firm with the same trade name and words, in another county."""
    county = int((COUNTIES.index(other.county) + rng.integers(1, len(COUNTIES))) % len(COUNTIES))
    region = COUNTIES[county] if rng.random() < 0.6 else other.region
    return Source(
        number, COUNTIES[county], region, other.core, other.trade, other.form, "",
        _code(number, county, "1"), other.industry, _place(county, parts, rng), _place(county, parts, rng),
        other.number,
    )  # fmt: skip


def _place(
    county: int, parts: list[tuple[float, float]], rng: np.random.Generator
) -> tuple[str, str, int, float, float]:
    """A third of the firms stand in a park of their county, close to each other; the others anywhere."""
    west, south = parts[county]
    town = _TOWNS[int(rng.integers(5)) + county % 12]
    road = _ROADS[int(rng.integers(len(_ROADS)))]
    spread = 0.01 if rng.random() < 0.33 else 0.09
    lon, lat = (start + 0.05 + spread * (draw - 0.5) for start, draw in zip((west, south), rng.random(2), strict=True))
    return town, road, int(rng.integers(1, 400)), float(lon), float(lat)


def _code(number: int, county: int, category: str) -> str:
    body = f"{(number * 7_919 + 12_345_678) % 100_000_000:08d}"
    return make_credit_code("9", category, f"5101{county + 4:02d}", body + organisation_check(body))


def _row(source: Source, faults: Faults, rng: np.random.Generator) -> Row:
    place = source.earlier if rng.random() < faults.moved else source.place
    town, road, number, lon, lat = place
    rough = rng.normal(0.0, 0.0006 if rng.random() < 0.8 else 0.003, 2)
    code = _written_code(source.code, faults, rng)
    permit = None if rng.random() < faults.no_permit else f"{source.code}001{'PXYZ'[int(rng.integers(4))]}"
    nowhere, unclassed = rng.random() < faults.no_position, rng.random() < faults.no_industry
    return {
        "name": _written_name(source, faults, rng),
        "code": None if rng.random() < faults.no_code else code,
        "permit": permit,
        "address": None
        if rng.random() < faults.no_address
        else _address(source.county, town, road, number=number, rng=rng),
        "lon": None if nowhere else round(lon + rough[0], 6),
        "lat": None if nowhere else round(lat + rough[1], 6),
        "industry": None if unclassed else _industry(source.industry, rng),
    }


def _written_code(code: str, faults: Faults, rng: np.random.Generator) -> str:
    if rng.random() < faults.old_code:
        return code[8:16] + "-" + code[16]
    if rng.random() >= faults.wrong_code:
        return code.lower() if rng.random() < 0.03 else code
    at = int(rng.integers(8, 17))
    if rng.random() < 0.3:
        return code[: at - 1] + code[at] + code[at - 1] + code[at + 1 :]
    return (
        code[:at] + str((int(code[at]) + int(rng.integers(1, 10))) % 10 if code[at].isdigit() else 0) + code[at + 1 :]
    )


def _written_name(source: Source, faults: Faults, rng: np.random.Generator) -> str:
    region, core, trade, form = source.region, source.core, source.trade, source.form
    if rng.random() < faults.typed:
        at = int(rng.integers(len(core)))
        core = core[:at] + _SOUND_ALIKE.get(core[at], "兴") + core[at + 1 :]
    if rng.random() >= faults.variant:
        return region + core + trade + form + source.branch
    kind = int(rng.integers(6))
    if kind == 0 and form in ("有限公司", "有限责任公司"):
        form = "有限责任公司" if form == "有限公司" else "有限公司"
    elif kind == 1:
        region = "" if region else "成都"
    elif kind == 2 and region and form.endswith("公司"):
        return (
            f"{core}{trade}（{region}）{form}{source.branch}"
            if rng.random() < 0.5
            else f"{core}({region}){trade}{form}{source.branch}"
        )
    elif kind == 3 and form:
        trade = trade[-2:] if len(trade) > 2 else trade
    elif kind == 4:
        return " ".join((region + core, trade + form + source.branch))
    else:
        form = "公司" if form.endswith("公司") else form
    return region + core + trade + form + source.branch


def _address(county: str, town: str, road: str, *, number: int, rng: np.random.Generator) -> str:
    unit = "组" if road.endswith("村") else "号"
    number = number % 12 + 1 if unit == "组" else number
    written = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number)) if rng.random() < 0.1 else str(number)
    above = ("四川省成都市", "成都市", "")[int(rng.choice(3, p=(0.5, 0.3, 0.2)))] + county
    kind = rng.random()
    if kind < 0.1:
        return f"{above}{town}镇{road}"
    if kind < 0.18:
        return f"{above}{town}镇"
    return f"{above}{'' if kind < 0.35 else town + '镇'}{road}{written}{unit}"


def _industry(code: str, rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.82:
        return code
    return code[:2] if kind < 0.88 else code[:3] + "9" if kind < 0.94 else _TRADES[int(rng.integers(len(_TRADES)))][1]
