from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from qingyuan.sensing.connector import CONNECTORS, Connector, Payload, Read, Setting
from qingyuan.sensing.connectors._records import RECORD_FIELDS, read_records
from qingyuan_science.plugins import Example, Source, Text


@CONNECTORS
@dataclass(frozen=True)
class Records(Connector):
    """A list of another department, brought by hand as a table or posted as a table or JSON."""

    code: ClassVar[str] = "records"
    title: ClassVar[Text] = Text("部门数据清单（表格导入、HTTP 推送）", "Lists of departments (tables, HTTP push)")
    source: ClassVar[Source] = Source("docs/how-to/bring-department-records.md", "what is read")
    settings: ClassVar[tuple[Setting, ...]] = RECORD_FIELDS
    posted: ClassVar[bool] = True
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "CSV：统一社会信用代码,用电月份,用电量 下一行 91110000802100433B,2026-10,12800",
                'JSON: [{"credit_code": "91110000802100433B", "month": "2026-10", "energy": 12800}]',
            ),
            (Text("一条用电记录，当月有效", "one record of electricity that holds for that month"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a table or a document; rows are walked later, against the columns of the list."""
        return read_records(payload, settings)
