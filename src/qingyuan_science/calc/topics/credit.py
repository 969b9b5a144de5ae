"""The level of environmental credit of an enterprise from the points of its indicators."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.assess.grades.environmental_credit import EnvironmentalCredit
from qingyuan_science.assess.grading import Marked, Signs
from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.procedure.credit import credit_indicators

_CODES = tuple(one.code for one in credit_indicators())


@TOPICS
@dataclass(frozen=True)
class Credit(Topic):
    """Find score and level of environmental credit.

    Notes
    -----
    Weights that were not obtained have to be given; an indicator that is not named carries no weight.
    """

    code: ClassVar[str] = "credit"
    title: ClassVar[Text] = EnvironmentalCredit.title
    source: ClassVar[Source] = EnvironmentalCredit.source
    fields: ClassVar[tuple[Field, ...]] = (
        Field("points", Asked.NUMBERS, Text("各指标得分（空为未评）", "Points of each indicator; none: not assessed"),
              "1", choices=_CODES),
        Field("weights", Asked.NUMBERS,
              Text("各指标权重（省略为文件所列）", "Weights that differ from the document's, or that it lacks"),
              "%", choices=_CODES, default={}),
        Field("vetoes", Asked.WHOLE, Text("一票否决情形数", "Veto items"), "1", default=0),
        Field("incidents", Asked.WHOLE, Text("一般突发环境事件数", "General incidents"), "1", default=0),
        Field("green_items", Asked.WHOLE, Text("绿牌加分项数", "Green add-on items"), "1", default=0),
        Field("unassessed_full", Asked.YES_NO, Text("未评指标按满分计", "Indicators not assessed count full"),
              default=False),
    )  # fmt: skip
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("达标 90 分，处罚 100 分，风险管理未评", "compliance 90, penalties 100, risk not assessed"),
            (Text("95 分，蓝牌；已评权重 75%", "95 points, blue; 75 % of the weight assessed"),),
        ),
        Example(
            Text("同上，另有一般突发环境事件一起", "the same with a general incident"),
            (Text("95 分，下调一级为黄牌", "95 points, lowered by one to yellow"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"points": {"compliance": 90, "penalties": 100, "risk": None}},
        {"points": {"compliance": 90, "penalties": 100, "risk": None}, "incidents": 1},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the score, the level and what each indicator brings.

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
        named = [one for one in credit_indicators() if one.code in given["points"]]
        if not named:
            raise BadQuestion("points", given["points"], "the points of one indicator at least")
        for name in ("vetoes", "incidents", "green_items"):
            if given[name] < 0:
                raise BadQuestion(name, given[name], "0 or more")
        weights = {one.code: one.weight for one in named} | given["weights"]
        lacking = [one.code for one in named if weights[one.code] is None]
        if lacking:
            raise BadQuestion(
                "weights", given["weights"], f"the weight of {', '.join(lacking)}, which was not obtained"
            )
        marks = [Marked(one.code, float(weights[one.code] or 0.0), given["points"][one.code]) for one in named]
        signs = Signs(given["vetoes"], given["incidents"], given["green_items"])
        try:
            graded = EnvironmentalCredit(unassessed_full=given["unassessed_full"]).grade(marks, signs)
        except OutsideRule as error:
            raise BadQuestion("points", given["points"], str(error)) from error
        result = {
            "score": figure(graded.score),
            "level": graded.level.code if graded.level else None,
            "name": both(graded.level.name) if graded.level else None,
            "assessed_percent": figure(graded.assessed, 1),
            "indicators": [
                {
                    "code": one.code,
                    "name": both(one.name),
                    "weight": figure(weights[one.code]),
                    "gained": figure(gained, 4),
                }
                for one, gained in zip(named, graded.gained, strict=True)
            ],
        }
        return Answer(result, once((*graded.clauses, *(one.source for one in named))), graded.said)
