"""The type of pollution behind an anomaly at a water station."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.assess.pollution import TYPES, Change, Shape, Term, Turn, Window, assess, observe
from qingyuan_science.assess.pollution.rules import FIRST_ESTIMATE, OUTLET, SURFACE
from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards import UnknownFactor, factor

_FACTOR = Field("factor", Asked.TEXT, Text("因子编码", "Factor code"))
_BEFORE = Field("before", Asked.NUMBER, Text("平时值", "Usual value"))
_SCATTER = Field("scatter", Asked.NUMBER, Text("平时波动", "Usual scatter"))
_DURING = Field(
    "during", Asked.NUMBER, Text("异常时的值（无数据时不填）", "Value now; left out if silent"), default=None
)
_SIGNS_ALONE = Text(
    "概率为平台初始估计，未公开发表，未含任何已确认案例；来源只给出变化方向或范围。结论为推断，需现场核实。",
    "Chances are this platform’s first estimate, published nowhere and without any settled case; sources state "
    "directions or bands only. The answer is an inference to be checked on site.",
)


@TOPICS
@dataclass(frozen=True)
class PollutionTypeOfAnomaly(Topic):
    """Rank the types of pollution that an anomaly may be of, with what each sign weighs; it may decline to name one."""

    code: ClassVar[str] = "pollution_type"
    title: ClassVar[Text] = Text("污染类型判定", "Type of pollution")
    source: ClassVar[Source] = FIRST_ESTIMATE
    fields: ClassVar[tuple[Field, ...]] = (
        Field("factors", Asked.TABLE, Text("各因子", "Factors"), columns=(_FACTOR, _BEFORE, _SCATTER, _DURING)),
        Field("station", Asked.CHOICE, Text("点位类型", "Kind of station"), choices=(SURFACE, OUTLET), default=SURFACE),
        Field("rain", Asked.NUMBER, Text("此前 24 小时雨量", "Rain of the 24 hours before"), "mm", default=None),
        Field("hour", Asked.WHOLE, Text("最高值出现的小时", "Hour of the peak"), "h", default=None),
        Field(
            "shape", Asked.CHOICE, Text("曲线形状", "Shape of the curve"), choices=tuple(Shape), default=Shape.ORDINARY
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "河流中 COD、氨氮、总磷按 5% 的中等浓度生活污水升高，溶解氧下降",
                "a river with 5% of medium domestic sewage in it: COD, ammonia and phosphorus up, oxygen down",
            ),
            (Text("最可能是生活污水", "most likely domestic sewage"),),
        ),
        Example(
            Text("只有溶解氧一项，且无变化", "dissolved oxygen alone, unchanged"),
            (Text("不能判定", "cannot be told"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "factors": [
                {"factor": "w01018", "before": 12, "scatter": 1, "during": 36.4},
                {"factor": "w21003", "before": 0.3, "scatter": 0.04, "during": 1.54},
                {"factor": "w21011", "before": 0.08, "scatter": 0.01, "during": 0.48},
                {"factor": "w01009", "before": 8, "scatter": 0.3, "during": 5.1},
            ],
            "hour": 20,
        },
        {"factors": [{"factor": "w01009", "before": 8, "scatter": 0.3, "during": 8.1}]},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the verdict, every type's probability, and what each sign weighs.

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
        window = _window(given)
        verdict = assess(observe(window), window.kind)
        result = {
            "told": both(verdict.told.title) if verdict.told else None,
            "sentence": both(verdict.sentence),
            "strength": figure(verdict.strength, 3),
            "ranked": [
                {
                    "type": both(one.type.title),
                    "probability": figure(one.probability, 4),
                    "least_probability": figure(one.least, 4),
                }
                for one in verdict.ranked
            ],
            "terms": [_term(one) for one in verdict.terms],
            "turns": [_turn(one) for one in verdict.turns],
        }
        return Answer(result, once([self.source, *(one.source for one in verdict.terms)]), (_SIGNS_ALONE,))


def _window(given: Given) -> Window:
    if given["hour"] is not None and not 0 <= given["hour"] <= 23:
        raise BadQuestion("hour", given["hour"], "0 to 23")
    if given["rain"] is not None and given["rain"] < 0:
        raise BadQuestion("rain", given["rain"], "nought or more")
    changes: dict[str, Change] = {}
    silent: set[str] = set()
    for number, row in enumerate(given["factors"]):
        code = row["factor"]
        _check(f"factors[{number}]", row, {*changes, *silent})
        if row["during"] is None:
            silent.add(code)
        else:
            changes[code] = Change(row["before"], row["scatter"], row["during"])
    return Window(
        changes, frozenset(silent), kind=given["station"], rain_mm=given["rain"], hour=given["hour"],
        shape=Shape(given["shape"]),
    )  # fmt: skip


def _check(where: str, row: Given, before: set[str]) -> None:
    try:
        known = factor(row["factor"])
    except UnknownFactor as error:
        raise BadQuestion(f"{where}.factor", row["factor"], "a code of water of HJ 212, such as w01018") from error
    if known.medium != "water" or row["factor"] in before:
        raise BadQuestion(f"{where}.factor", row["factor"], "a code of water of HJ 212, each once")
    if row["scatter"] < 0:
        raise BadQuestion(f"{where}.scatter", row["scatter"], "nought or more")


def _term(one: Term) -> dict[str, Any]:
    return {
        "sign": both(one.title),
        "state": both(one.says),
        "numbers": both(one.said),
        "for_leader": figure(one.for_leader, 3),
        "log_likelihoods": [
            {"type": both(kind.title), "log_likelihood": figure(one.weights[kind.code], 3)} for kind in TYPES
        ],
    }


def _turn(one: Turn) -> dict[str, Any]:
    return {
        "sign": both(one.title),
        "state": both(one.says),
        "type": both(one.type.title),
        "probability": figure(one.probability, 4),
    }
