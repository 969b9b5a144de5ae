"""What other departments hold of the district, as the tables in which they would send it, with whom each row means.

Everything is invented. Most rows name an enterprise of the district by its code; some leave the code out, write a
letter of it wrong or the name otherwise than it is registered, as such lists do. `Register.means` has the truth of
those.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from functools import cached_property
from random import Random
from typing import Any

from qingyuan_science.plugins import Text
from qingyuan_science.worlds.scene.credit_code import credit_code
from qingyuan_science.worlds.scene.enterprises import Enterprise
from qingyuan_science.worlds.world import World

CHINA = timezone(timedelta(hours=8))
MONTHS, DAYS, VEHICLES, MACHINES, SHOPS, FIRMS = 14, 60, 3000, 600, 400, 300
SUNDAY = 6
PLACES = ("990101", "990102")  # divisions that belong to nobody
# how lists write enterprises of the district otherwise than they are registered, by the key of the scene's tables
WRITTEN = {
    "dairy": ("禾沐乳业", "禾木乳业有限公司"),
    "pickles": ("石坪老谈蔬菜食品有限公司", "石坪老坛蔬菜食品公司"),
    "juice": ("桔汀果汁饮料有限公司",),
    "car-parts": ("锐岚汽车零配件有限公司", "锐岚汽车零部件公司二厂"),
    "steam": ("云渡集中供热公司",),
    "gas-power": ("丹崖燃汽热电有限公司",),
}
_WORDS = (
    "恒泰",
    "宏远",
    "金桥",
    "新源",
    "瑞丰",
    "华茂",
    "东升",
    "嘉禾",
    "博雅",
    "百川",
    "晨光",
    "盛达",
    "云帆",
    "天成",
    "顺达",
)
_TRADES = (
    ("机械制造", "3429"), ("建材", "3021"), ("印染", "1713"), ("纸制品", "2231"), ("塑料制品", "2929"),
    ("货运", "5431"),
    ("餐饮管理", "6210"), ("商贸", "5299"), ("建筑工程", "4710"), ("再生资源", "4220"),
)  # fmt: skip
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "文军丽敏静伟芳强洋勇艳杰涛明超秀"
_FUELS = (("汽油", 62), ("柴油", 21), ("纯电动", 12), ("天然气", 3), ("混合动力", 2))
_STAGES = {"汽油": (("国三", 4), ("国四", 22), ("国五", 34), ("国六", 40)),
           "柴油": (("国三", 14), ("国四", 27), ("国五", 34), ("国六", 25)),
           "天然气": (("国五", 60), ("国六", 40)), "混合动力": (("国五", 30), ("国六", 70))}  # fmt: skip
_TYPES = {
    "汽油": (("小型轿车", 74), ("小型普通客车", 16), ("轻型厢式货车", 6), ("普通二轮摩托车", 4)),
    "柴油": (
        ("重型半挂牵引车", 40),
        ("重型自卸货车", 18),
        ("轻型厢式货车", 26),
        ("中型厢式货车", 6),
        ("大型普通客车", 10),
    ),
    "纯电动": (("小型轿车", 88), ("大型普通客车", 6), ("轻型厢式货车", 6)),
    "天然气": (("大型普通客车", 60), ("重型半挂牵引车", 40)),
    "混合动力": (("小型轿车", 100),),
}
_FAR = (("小型客车", 11200), ("出租车", 104000), ("公交车", 51000), ("大型客车", 43000), ("轻型货车", 26000),
        ("中型货车", 33000), ("重型货车", 68000), ("普通摩托车", 4100))  # fmt: skip
_STAGE_SIX = (
    ("小型客车", "汽油", ("0.31", "0.031", "0.014", "0.002", "0.002")),
    ("重型货车", "柴油", ("1.1", "0.05", "1.9", "0.012", "0.013")),
    ("轻型货车", "柴油", ("0.7", "0.04", "0.9", "0.006", "0.007")),
)
_POLLUTANTS = ("CO", "HC", "NOx", "PM2.5", "PM10")
_MACHINES = (("挖掘机", 40), ("装载机", 25), ("叉车", 20), ("推土机", 6), ("压路机", 5), ("柴油发电机组", 4))


@dataclass(frozen=True)
class Register:
    """One list as a department sends it: titles and rows of text; whom rows mean that do not say it by a valid code.

    Parameters
    ----------
    code : str
        Of the data list.
    department : str
        Code of the organisation that sends it.
    means : mapping of str to str
        Name as written to credit code, for names that are not as registered.
    corrected : tuple of rows
        Some of the rows with other values, sent in a second file.
    """

    code: str
    department: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    means: Mapping[str, str] = field(default_factory=dict)
    corrected: tuple[tuple[str, ...], ...] = ()

    @property
    def csv(self) -> bytes:
        """The table as a spreadsheet program in China saves it, in GB 18030."""
        return self._saved(self.rows)

    @property
    def corrections(self) -> bytes:
        """The rows that the department sends once more, as it found them later; nothing where there is none."""
        return self._saved(self.corrected) if self.corrected else b""

    def _saved(self, rows: Sequence[tuple[str, ...]]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.titles)
        writer.writerows(rows)
        return text.getvalue().encode("gb18030")


DEPARTMENTS: tuple[tuple[str, Text], ...] = (
    ("qj-market", Text("清江新区市场监督管理局", "Qingjiang Market Regulation")),
    ("qj-grid", Text("清江供电公司", "Qingjiang Power Grid")),
    ("qj-police", Text("清江新区公安局交通管理支队", "Qingjiang Traffic Police")),
    ("qj-building", Text("清江新区住房和城乡建设局", "Qingjiang Housing and Construction")),
    ("qj-approval", Text("清江新区行政审批局", "Qingjiang Administrative Approval")),
    ("qj-tax", Text("国家税务总局清江新区税务局", "Qingjiang Taxation")),
    ("qj-data", Text("清江新区大数据中心", "Qingjiang Data Centre")),
)
"""Departments that send lists and have nobody among the world's people."""


class Registers:
    """The lists of a world.

    Parameters
    ----------
    world : World

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> lists = Registers(World(epoch=datetime(2026, 11, 23, tzinfo=UTC)))
    >>> [one.code for one in lists.all][:3]
    ['business_registration', 'electricity', 'vehicles']
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.today = world.epoch.astimezone(CHINA).date()

    @cached_property
    def all(self) -> tuple[Register, ...]:
        """Every list, as the departments send it at the world's epoch."""
        return (
            self._business(), self._electricity(), self._vehicles(), self._machines(), self._catering(),
            self._projects(), self._approvals(), self._acceptances(), self._penalties(),
            self._kilometres(), self._factors(), self._electricity_days(),
        )  # fmt: skip

    @cached_property
    def _others(self) -> list[tuple[str, str, str]]:
        """Firms of the district that the platform does not know: code, name, industry."""
        random = Random(f"firms {self.world.seed}")  # noqa: S311 a world is drawn, not a secret
        firms = []
        for number in range(FIRMS):
            trade, industry = _TRADES[random.randrange(len(_TRADES))]
            name = f"清江{random.choice(_WORDS)}{random.choice('一二三四五六七八九')}号{trade}有限公司"
            firms.append((credit_code(PLACES[number % 2], 100 + number), name, industry))
        return firms

    def _random(self, what: str) -> Random:
        return Random(f"{what} {self.world.seed}")  # noqa: S311 a world is drawn, not a secret

    def _months(self, many: int = MONTHS) -> list[date]:
        first = self.today.replace(day=1)
        months = []
        for _month in range(many):
            first = (first - timedelta(days=1)).replace(day=1)
            months.append(first)
        return months[::-1]

    def _business(self) -> Register:
        random, rows = self._random("business"), []
        own = [(one.code, one.title.zh, one.industry_code, one.address.zh) for one in self.world.enterprises]
        for code, name, industry, address in [*own, *((*firm, "清江新区") for firm in self._others)]:
            founded = date(2000 + random.randrange(24), 1 + random.randrange(12), 1 + random.randrange(28))
            state = "存续" if random.random() < 0.93 else random.choice(("注销", "吊销"))
            rows.append((code, name, "有限责任公司", _person(random), str(50 * random.randrange(1, 400)),
                         founded.isoformat(), state, industry, address))  # fmt: skip
        titles = (
            "统一社会信用代码",
            "企业名称",
            "企业类型",
            "法定代表人",
            "注册资本(万元)",
            "成立日期",
            "登记状态",
            "行业代码",
            "住所",
        )
        return Register("business_registration", "qj-market", titles, tuple(rows))

    def _electricity(self) -> Register:
        random, rows, means = self._random("electricity"), [], {}
        account = 51010000
        for place, one in enumerate(self.world.enterprises):
            names = [(one.title.zh, one.code), *((name, "") for name in WRITTEN.get(one.key, ())[:1])]
            means.update({name: one.code for name, _code in names[1:]})
            wrong = one.code[:-1] + ("0" if one.code[-1] != "0" else "1")
            if place == 0:  # one account carries the code with its last letter wrong
                names.append((f"{one.title.zh}（泵站）", wrong))
                means[f"{one.title.zh}（泵站）"] = one.code
            for name, code in names:
                account, usual = account + 1, 20_000 * random.uniform(1, 30)
                for month in self._months():
                    energy = (
                        usual
                        * random.uniform(0.85, 1.15)
                        * (0.4 if one.key == "juice" and month == self._months()[-1] else 1)
                    )
                    rows.append((str(account), name, code, f"{month:%Y%m}", f"{energy:.0f}", "大工业"))
        for code, name, _industry in self._others[:40]:
            account, usual = account + 1, 1_000 * random.uniform(1, 30)
            for month in self._months(6):
                energy = usual * random.uniform(0.8, 1.2)
                rows.append((str(account), name, code, f"{month:%Y%m}", f"{energy:.0f}", "一般工商业"))
        rows.append((str(account + 1), "抄表失败户", "", f"{self._months()[-1]:%Y%m}", "未抄见", "一般工商业"))
        titles = ("户号", "户名", "统一社会信用代码", "年月", "电量(kWh)", "用电类别")
        return Register("electricity", "qj-grid", titles, tuple(rows), means)

    def _electricity_days(self) -> Register:
        """Meters day by day up to yesterday; some readings were estimates, and came again as they were read."""
        random, rows, corrected = self._random("electricity by day"), [], []
        days = [self.today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        firms = [*((one.code, one.title.zh, 800) for one in self.world.enterprises),
                 *((code, name, 60) for code, name, _industry in self._others[:20])]  # fmt: skip
        for number, (code, name, least) in enumerate(firms):
            usual = least * random.uniform(1, 30)
            for day in days:
                resting = 0.6 if day.weekday() == SUNDAY else 1.0
                energy = usual * resting * random.uniform(0.9, 1.1)
                row = (f"5101{number:06d}", name, code, day.isoformat())
                rows.append((*row, f"{energy:.1f}", f"{energy / 24 * random.uniform(1.2, 2):.1f}"))
                if number % 9 == 0 and day == days[-3]:
                    corrected.append((*row, f"{energy * 1.2:.1f}", f"{energy / 12:.1f}"))
        titles = ("户号", "户名", "统一社会信用代码", "用电日期", "日电量", "最大需量")
        return Register("electricity_days", "qj-grid", titles, tuple(rows), corrected=tuple(corrected))

    def _vehicles(self) -> Register:
        random, rows = self._random("vehicles"), []
        kinds = self._random("types of vehicles")
        fleets = [(one.title.zh, one.code) for one in self.world.enterprises]
        fleets += [(name, code) for code, name, industry in self._others if industry == "5431"]
        for number in range(VEHICLES):
            fuel = _drawn(random, _FUELS)
            stage = _drawn(random, _STAGES[fuel]) if fuel in _STAGES else ""
            owner, code = random.choice(fleets) if fuel == "柴油" and random.random() < 0.5 else (_person(random), "")
            kind = "小型汽车" if fuel != "柴油" else "大型汽车"
            kind = "小型新能源汽车" if fuel == "纯电动" else kind
            registered = self.today - timedelta(days=random.randrange(30, 4000))
            of_type = _drawn(kinds, _TYPES[fuel])
            state, division = ("正常" if kinds.random() < 0.97 else "注销"), PLACES[kinds.random() < 0.4]
            rows.append((
                f"清A{_plate(number)}", kind, f"LQJ{number:014d}", of_type, _use(kinds, of_type, code),
                fuel, stage, registered.isoformat(),
                str(random.randrange(1500, 2200) if kind != "大型汽车" else 25000), owner, code, state, division,
            ))  # fmt: skip
        titles = ("号牌号码", "号牌种类", "车辆识别代号", "车辆类型", "使用性质", "燃料种类", "排放标准",
                  "初次登记日期", "总质量", "机动车所有人", "所有人统一社会信用代码", "机动车状态",
                  "登记地行政区划代码")  # fmt: skip
        return Register("vehicles", "qj-police", titles, tuple(rows))

    def _kilometres(self) -> Register:
        """How far vehicles go, as the bureau found in a survey that nobody made."""
        since = date(self.today.year - 1, 1, 1).isoformat()
        document = "清江新区机动车行驶里程调查（演示，虚构）"
        rows = [(kind, "全部", "全部", str(far), document, "表1", since, "") for kind, far in _FAR]
        titles = ("车型", "燃料种类", "排放阶段", "年均行驶里程", "来源文件", "表号或页码", "有效期起", "有效期止")
        return Register("vehicle_kilometres", "qj-bureau", titles, tuple(rows))

    def _factors(self) -> Register:
        """Factors for China VI, as the bureau found in measurements that nobody made."""
        since = date(self.today.year - 1, 1, 1).isoformat()
        document = "清江新区国六车辆实测（演示，虚构）"
        rows = [
            (kind, fuel, "国六", pollutant, value, "g/km", document, "表2", since, "")
            for kind, fuel, values in _STAGE_SIX for pollutant, value in zip(_POLLUTANTS, values, strict=True)
        ]  # fmt: skip
        titles = ("车型", "燃料种类", "排放阶段", "污染物", "排放系数", "单位", "来源文件", "表号或页码", "有效期起",
                  "有效期止")  # fmt: skip
        return Register("vehicle_factors", "qj-bureau", titles, tuple(rows))

    def _machines(self) -> Register:
        random, rows = self._random("machines"), []
        owners = [*((one.title.zh, one.code) for one in self.world.enterprises),
                  *((name, code) for code, name, _industry in self._others[:60])]  # fmt: skip
        for number in range(MACHINES):
            kind = _drawn(random, _MACHINES)
            stage = _drawn(random, (("国一", 6), ("国二", 24), ("国三", 50), ("国四", 20)))
            owner, code = random.choice(owners) if random.random() < 0.7 else (_person(random), "")
            made = date(2008 + random.randrange(18), 1 + random.randrange(12), 1)
            rows.append((
                f"2QJ{number:05d}", kind, "柴油", stage, str(random.choice((37, 55, 75, 110, 162, 220))),
                made.isoformat(), (made + timedelta(days=200)).isoformat(), owner, code,
                "是" if random.random() < 0.6 else "否", "在用",
            ))  # fmt: skip
        titles = ("环保登记号码", "机械类型", "燃料类型", "排放阶段", "额定净功率(kW)", "出厂日期", "登记日期",
                  "所有人", "所有人统一社会信用代码", "是否安装定位", "使用状态")  # fmt: skip
        return Register("nonroad_machines", "qj-bureau", titles, tuple(rows))

    def _catering(self) -> Register:
        random, rows, means = self._random("catering"), [], {}
        kitchens = [one for one in self.world.enterprises if one.key in WRITTEN]
        for number in range(SHOPS):
            licensed, code = "", ""
            if number < len(kitchens):  # canteens of enterprises, as a crawler finds them
                licensed = WRITTEN[kitchens[number].key][-1]
                means[licensed] = kitchens[number].code
            elif number % 4 == 0:
                code, licensed, _industry = random.choice(self._others)
            cuisine = random.choice(("川菜", "烧烤", "火锅", "快餐", "面馆", "粤菜"))
            rows.append((
                f"S{number:06d}", random.choice(("甲平台", "乙平台")), f"{random.choice(_WORDS)}{cuisine}馆",
                licensed, code, cuisine, str(random.randrange(60, 6000)), str(random.randrange(8, 200)),
                self.today.isoformat(),
            ))  # fmt: skip
        titles = (
            "商户编号",
            "来源平台",
            "店名",
            "营业执照名称",
            "统一社会信用代码",
            "菜系",
            "月订单量",
            "座位数",
            "采集日期",
        )
        return Register("catering_online", "qj-data", titles, tuple(rows), means)

    def _projects(self) -> Register:
        random, rows = self._random("projects"), []
        builders = [*((one.title.zh, one.code) for one in self.world.enterprises),
                    *((name, code) for code, name, _industry in self._others[60:100])]  # fmt: skip
        for number in range(40):
            name, code = builders[number % len(builders)]
            begins = self.today - timedelta(days=random.randrange(20, 600))
            ends = begins + timedelta(days=random.randrange(200, 900))
            rows.append((
                f"9901012026{number:04d}", f"{name.removesuffix('有限公司')}{number + 1}号建设项目", name, code,
                str(random.randrange(2, 90) * 1000), begins.isoformat(), ends.isoformat(),
                random.choice(("土方", "基础", "主体", "装修")),
            ))  # fmt: skip
        titles = (
            "施工许可证号",
            "项目名称",
            "建设单位",
            "建设单位统一社会信用代码",
            "建筑面积",
            "开工日期",
            "计划竣工日期",
            "施工阶段",
        )
        return Register("construction_projects", "qj-building", titles, tuple(rows))

    def _approved(self) -> Iterator[tuple[str, Enterprise, date]]:
        random = self._random("approvals")
        for place, one in enumerate(self.world.enterprises):
            for number in range(2):
                yield (
                    f"清审环〔{2023 + number}〕{place * 2 + number + 1}号",
                    one,
                    date(2023 + number, 1 + random.randrange(12), 1 + random.randrange(28)),
                )

    def _approvals(self) -> Register:
        rows = []
        for number, one, day in self._approved():
            rows.append((number, _project(one), one.title.zh, one.code, "报告表", day.isoformat()))
        titles = ("批复文号", "项目名称", "建设单位", "统一社会信用代码", "环评类别", "批复日期")
        return Register("eia_approvals", "qj-approval", titles, tuple(rows))

    def _acceptances(self) -> Register:
        """All but those of three enterprises, which went into production without."""
        left = {"pickles", "juice", "car-parts"}
        rows = [
            (number, _project(one), one.title.zh, one.code, (day + timedelta(days=240)).isoformat(), "合格")
            for number, one, day in self._approved() if one.key not in left or "2023" in number
        ]  # fmt: skip
        titles = ("环评批复文号", "项目名称", "建设单位", "统一社会信用代码", "验收日期", "验收结论")
        return Register("eia_acceptance", "qj-bureau", titles, tuple(rows))

    def _penalties(self) -> Register:
        random, rows = self._random("penalties"), []
        reasons = ("未按规定运行污染防治设施", "超标排放水污染物", "未如实记录环境管理台账", "扬尘管控不到位")
        for number in range(12):
            one = self.world.enterprises[random.randrange(len(self.world.enterprises))]
            day = self.today - timedelta(days=random.randrange(10, 700))
            rows.append((f"清环罚〔{day.year}〕{number + 1}号", one.title.zh, one.code, random.choice(reasons),
                         f"{random.uniform(1, 20):.1f}", day.isoformat()))  # fmt: skip
        titles = ("处罚决定书文号", "当事人", "统一社会信用代码", "违法事由", "罚款金额", "决定日期")
        return Register("penalties", "qj-enforcement", titles, tuple(rows))


def _project(one: Enterprise) -> str:
    return f"{one.title.zh.removesuffix('有限公司')}技术改造项目"


def _drawn(random: Random, weighted: Sequence[tuple[str, int]]) -> str:
    values, weights = zip(*weighted, strict=True)
    found: Any = random.choices(values, weights)[0]
    return str(found)


def _person(random: Random) -> str:
    return random.choice(_SURNAMES) + "".join(random.choice(_GIVEN) for _letter in range(random.randrange(1, 3)))


def _use(random: Random, of_type: str, code: str) -> str:
    """What a vehicle is used for, by its type and whether a firm owns it."""
    if of_type == "大型普通客车":
        return "公交客运" if random.random() < 0.6 else "公路客运"
    if of_type == "小型轿车" and random.random() < 0.03:
        return "出租客运"
    return "营运" if code else "非营运"


def _plate(number: int) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return f"{letters[number // 1000 % 24]}{number % 10000:04d}"
