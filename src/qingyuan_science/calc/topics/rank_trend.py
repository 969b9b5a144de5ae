"""Whether values of some periods rise or fall: the rank correlation that environment reports use."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.series.ranked import EXACT_TO, LEAST, rank_trend
from qingyuan_science.standards.reading import Status

_SOURCE = Source(
    "Daniels 1950, J. R. Stat. Soc. B 12",
    Text("秩相关趋势检验", "rank correlation with time"),
    note=Text(
        "显著性水平单侧 0.05；环境质量报告的用法未核对原文", "one-sided 0.05; its use in reports was not checked"
    ),
    status=Status.UNVERIFIED,
)
_LEVEL = 0.05
_RISES, _FALLS = Text("显著上升", "rises clearly"), Text("显著下降", "falls clearly")
_NEITHER = Text("变化趋势不显著", "no clear trend")


@TOPICS
@dataclass(frozen=True)
class RankTrend(Topic):
    """Test whether values of periods in a row rise or fall."""

    code: ClassVar[str] = "rank_trend"
    title: ClassVar[Text] = Text("秩相关趋势检验", "Trend by rank correlation")
    source: ClassVar[Source] = _SOURCE
    fields: ClassVar[tuple[Field, ...]] = (
        Field("values", Asked.SERIES, Text("各期数值（按时间先后）", "Values of the periods, in order")),
        Field("less_is_better", Asked.YES_NO, Text("数值越小越好", "Less is better"), default=True),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("五年氨氮年均值 1.9、1.6、1.4、1.0、1.1", "ammonia over five years 1.9, 1.6, 1.4, 1.0, 1.1"),
            (Text("r = −0.9，p = 0.042，显著下降，好转", "r = -0.9, p = 0.042: falls clearly, better"),),
        ),
        Example(
            Text("五年数值 3、1、4、2、5", "3, 1, 4, 2, 5 over five years"),
            (Text("r = 0.5，变化趋势不显著", "r = 0.5: no clear trend"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"values": [1.9, 1.6, 1.4, 1.0, 1.1]},
        {"values": [3, 1, 4, 2, 5]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the correlation, how probable it is by chance, and what follows.

        Parameters
        ----------
        given : mapping
            The fields of the question, read.

        Returns
        -------
        Answer

        Raises
        ------
        BadQuestion
            A value cannot be what its field asks for; names the field, what was found and expected.
        """
        values = given["values"]
        if len(values) < LEAST or any(one is None for one in values):
            raise BadQuestion(
                "values", len([one for one in values if one is not None]), f"{LEAST} values or more, none missing"
            )
        found = rank_trend(values)
        clear = found.p <= _LEVEL
        rises = found.correlation > 0.0
        verdict = (_RISES if rises else _FALLS) if clear else _NEITHER
        better = rises != given["less_is_better"]
        outcome = (
            (Text("好转", "better") if better else Text("恶化", "worse")) if clear else Text("无明显变化", "unchanged")
        )
        result = {
            "correlation": figure(found.correlation, 3),
            "periods": found.values,
            "probability_by_chance": figure(found.p, 4),
            "verdict": both(verdict),
            "quality": both(outcome),
        }
        counted = Text(
            f"概率由全部排列计数得到；超过 {EXACT_TO} 期用正态近似；等值取平均秩",
            f"the probability is counted over all orders, beyond {EXACT_TO} periods by the normal distribution; equal "
            "values share their mean rank",
        )
        return Answer(result, (_SOURCE,), (counted,))
