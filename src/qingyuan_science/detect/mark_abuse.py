"""Mark abuse: hours marked calibration, maintenance or fault more often than usual, and when values were high."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from qingyuan_science.detect import DETECTORS, SERVICE, Context, RecordKind, WorkedExample
from qingyuan_science.detect._days import Days
from qingyuan_science.detect._ordinary import before, hourly, ordinary
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect.limit_hugging import upper_limit
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Mark, Series

_MARKED = Text(
    "无记录的维护、校准、故障时段占比", "share of values marked maintenance, calibration or fault without record"
)
_BESIDE_HIGH = Text("紧邻高值的无记录标记次数", "stretches so marked right beside a high value")
_EXCUSES = (Mark.CALIBRATION.value, Mark.MAINTENANCE.value, Mark.FAULT.value)
_VALUES = ordinary(24, 46.0, 3.0, seed=31, decimals=1)


def _sixty_days(series: Series) -> dict[str, Any]:
    return {"baseline": before(series, 60, 38.0, 4.0, decimals=1)}


@DETECTORS
@dataclass(frozen=True)
class MarkAbuse(Scored):
    """Find days on which marks take more values out than usual, or take them out where they are high.

    Notes
    -----
    Hours within a maintenance or calibration record do not count. A stretch lies beside a high value when the valid
    value just before or after it reaches the given share of the limit, or without a limit the usual upper tenth.
    """

    code: ClassVar[str] = "mark_abuse"
    uses: ClassVar[tuple[str, ...]] = ("limits", "records")
    heeds: ClassVar[tuple[RecordKind, ...]] = SERVICE
    overlapping: ClassVar[bool] = True
    title: ClassVar[Text] = Text("数据标记异常", "Marks out of order")
    source: ClassVar[Source] = Source(
        "生态环境监测条例", Text("第二十五条", "article 25"), note=Text("虚假标记", "false marking")
    )
    validity: ClassVar[Text] = Text(
        "依赖设备如实上传标记；有运维、校准记录时应一并提供，否则正当的维护日也可能被提示。",
        "Rests on marks as sent. Give the maintenance and calibration records, else honest work on the analyser may be "
        "told.",
    )
    says: ClassVar[Text] = Text("数据被无记录地标记为维护、校准或故障", "values are marked away without any record")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        hourly(
            Text(
                "一天中八个小时被标为校准，均紧邻高值，无校准记录",
                "eight hours of a day are marked calibration, each beside a high value, and there is no record",
            ),
            (
                Text(
                    "城东污水处理厂总排口 COD：数据被无记录地标记为维护、校准或故障（生态环境监测条例 第二十"
                    "五条），2026-11-22 00:00 至 2026-11-23 00:00，无记录的维护、校准、故障时段占比 33.3%（通"
                    "常不超过 0%），正常情况下约 700 天才有一天如此，此为线索，需现场核实",
                    "COD at the main outlet of the East Sewage Works: values are marked away without any "
                    "record (Regulation on Ecological and Environmental Monitoring art. 25), from 2026-11-22 "
                    "00:00 to 2026-11-23 00:00, share of values marked maintenance, calibration or fault "
                    "without record 33.3% (usually at most 0%), seen on one ordinary day in about 700, this "
                    "is a lead to be checked on site",
                ),
            ),
            _VALUES,
            _sixty_days,
            marks="NNCCNNCCNNNNCCNNCCNNNNNN",
            limits=("GB 18918", "1A"),
        ),
        hourly(Text("全天有效", "all values are valid"), (), _VALUES, _sixty_days, limits=("GB 18918", "1A")),
    )

    high: float = parameter(
        0.8, "1", 0.3, 1.0, title=Text("达到限值的多大比例算高值", "share of the limit from which a value is high")
    )

    def measures(self, days: Days, context: Context) -> tuple[Measure, ...]:
        """Measure how much is marked away without record, and how often beside high values."""
        whole = days.whole
        excused = np.isin(whole.mark, _EXCUSES)
        for record in context.records:
            if record.kind in SERVICE:
                excused &= ~((whole.at + whole.period > record.start) & (whole.at < record.end))
        beside = self._begins_beside_high(days, excused, upper_limit(context, whole.unit))
        share = days.sums(excused) / (days.last - days.first)
        return Measure(_MARKED, share, "share", 0.03), Measure(_BESIDE_HIGH, days.sums(beside), "1", 0.5)

    def _begins_beside_high(self, days: Days, excused: Any, limit: float | None) -> Any:
        """Where a marked stretch begins that has a high value just before it."""
        whole = days.whole
        learned = whole.value[whole.valid & days.learned[days.member]]
        if limit is None and not learned.size:
            return np.zeros(len(whole), dtype=np.bool_)
        level = self.high * limit if limit is not None else float(np.quantile(learned, 0.9))
        high = whole.valid & (whole.value >= level)
        return excused & np.append(False, high[:-1])
