from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.tables.layout import SHAPES, layout_of
from qingyuan.sensing.tables.moments import FORMS
from qingyuan.sensing.tables.reading import open_table
from qingyuan_science.plugins import Example, Source, Text


def _setting(name: str, zh: str, en: str, **more: Any) -> Setting:
    return Setting(name, Text(zh, en), more.pop("help", Text(zh, en)), **more)


SETTINGS = (
    _setting(
        "shape", "表的形状", "Shape of the table", default="wide", choices=SHAPES,
        help=Text(
            "long：每行一个数；wide：每列一个因子；hours：每天一行，每小时一列",
            "long: one value a row; wide: one factor a column; hours: one day a row, one hour a column",
        ),
    ),
    _setting("sheet", "工作表", "Sheet", help=Text("空为第一个", "the first when empty")),
    _setting("header", "标题行", "Header row", default="1"),
    _setting("first", "首个数据行", "First row of data", help=Text("空为标题行之下", "below the header when empty")),
    _setting("time", "时间列", "Column of times", required=True),
    _setting("hour", "小时列", "Column of hours", help=Text("时间列只有日期时", "where the other holds the date only")),
    _setting("form", "时间写法", "Form of times", default="ymd", choices=FORMS),
    _setting("zone", "时区", "Time zone", default="Asia/Shanghai"),
    _setting("period", "数据周期", "Period", default="h", choices=("r", "m", "h", "d")),
    _setting("minutes", "分钟数据的长度", "Length of a minute mean [min]", default="10"),
    _setting(
        "stamp", "时间标记", "Stamp", default="start", choices=("start", "end"),
        help=Text("时段的开始或结束", "start or end of the period"),
    ),
    _setting("station", "站点列", "Column of stations"),
    _setting("stations", "站点名称对应的编码", "Codes of the stations named", default="{}"),
    _setting("at", "全表所属站点", "Station of the whole table"),
    _setting("name", "因子列", "Column of names"),
    _setting("value", "数值列", "Column of values"),
    _setting("unit", "单位列", "Column of units"),
    _setting("mark", "标记列", "Column of marks"),
    _setting("marks", "标记词对应的字母", "Letters of the marks' words", default="{}"),
    _setting("suffixes", "数值后带标记字母", "Marks behind the numbers", default="no", choices=("yes", "no")),
    _setting(
        "columns", "各列的含义", "Meaning of the columns", default="{}",
        help=Text(
            '按标题：{"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}}',
            'by title: {"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}}',
        ),
    ),
    _setting("missing", "表示无数据的词", "Words for nothing", help=Text("以空格分隔", "with spaces between them")),
    _setting("decimal", "小数点", "Decimal mark", default=".", choices=(".", ",")),
    _setting(
        "below", "低于检出限时", "Below detection", default="missing", choices=("missing", "half"),
        help=Text("缺失，或取检出限的一半；两者都逐个记录", "missing, or half the limit; noted one by one either way"),
    ),
)  # fmt: skip


@CONNECTORS
@dataclass(frozen=True)
class Table(Connector):
    """A CSV or Excel table that somebody brings: what stands where is remembered in the settings."""

    code: ClassVar[str] = "table"
    title: ClassVar[Text] = Text("表格导入（CSV、Excel）", "Table (CSV, Excel)")
    source: ClassVar[Source] = Source("docs/how-to/import-a-table.md", "what is read")
    settings: ClassVar[tuple[Setting, ...]] = SETTINGS
    by_hand: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "标题为 时间、COD(mg/L)，一行 2026年11月22日8时、48.2",
                "titles time, COD (mg/L); one row 2026-11-22 08:00, 48.2",
            ),
            (Text("一个小时均值 48.2 mg/L", "one hour mean of 48.2 mg/L"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read the whole table; a row that cannot be read does not take the others with it."""
        table = self.read_in_turn(payload, settings)
        return Read(list(table.walk()), table.faults)

    def read_in_turn(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read the header, and the rows as they are walked."""
        return open_table(payload.raw, layout_of(settings))

    @classmethod
    def checked(cls, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the settings, complete and checked, also against each other."""
        checked = super().checked(settings)
        layout_of(checked)
        return checked
