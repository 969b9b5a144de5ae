"""Environmental credit of enterprises: 21 indicators, 100 points, four colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.assess.grading import GRADINGS, Graded, Grading, Level, Marked, Signs, WorkedGrade
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.standards.errors import OutsideRule
from qingyuan_science.standards.procedure.credit import CreditSign, credit_levels, credit_signs, incident_lowers
from qingyuan_science.standards.procedure.grades import credit_level
from qingyuan_science.standards.reading import Status

_HUNDREDTHS = 2  # to which a score is rounded before a border is looked at, so that binary noise decides nothing


@GRADINGS
@dataclass(frozen=True)
class EnvironmentalCredit(Grading):
    """Weigh the points of the indicators, find the colour, and let vetoes and incidents speak.

    Notes
    -----
    Score = sum of weight x points / 100 over what was assessed; what was not counts as `unassessed_full` says.
    The document gives no word for an indicator that could not be assessed; that setting is a bureau's.
    """

    code: ClassVar[str] = "environmental_credit"
    title: ClassVar[Text] = Text("企业环境信用评价", "Environmental credit of enterprises")
    source: ClassVar[Source] = Source(
        "环发〔2013〕150号",
        Text("评价指标和等级", "indicators and levels"),
        note=Text("据二手资料", "read at second hand"),
        status=Status.VERIFIED_SECONDARY,
    )
    examples: ClassVar[tuple[WorkedGrade, ...]] = (
        WorkedGrade(
            Text("达标 100 分（15%），处罚 0 分（15%）", "compliance 100 points (15 %), penalties 0 points (15 %)"),
            (Text("50 分，红牌", "50 points, red"),),
            (Marked("compliance", 15.0, 100.0), Marked("penalties", 15.0, 0.0)), Signs(), 50.0, "red",
        ),
        WorkedGrade(
            Text("各项满分，有两项加分项", "full points throughout, two green items"),
            (Text("100 分，绿牌", "100 points, green"),),
            (Marked("compliance", 15.0, 100.0), Marked("penalties", 15.0, 100.0)), Signs(green=2), 100.0, "green",
        ),
        WorkedGrade(
            Text("85 分，发生一般突发环境事件", "85 points and a general incident"),
            (Text("85 分，由蓝牌下调一级为黄牌", "85 points, lowered from blue to yellow"),),
            (Marked("compliance", 50.0, 70.0), Marked("penalties", 50.0, 100.0)), Signs(incidents=1), 85.0, "yellow",
        ),
        WorkedGrade(
            Text("各项满分，但有一票否决情形", "full points throughout, but a veto item"),
            (Text("100 分，红牌", "100 points, red"),),
            (Marked("compliance", 100.0, 100.0),), Signs(vetoes=1, green=2), 100.0, "red",
        ),
    )  # fmt: skip

    unassessed_full: bool = parameter(
        False, "yes/no", False, True,
        title=Text("未评指标按满分计（否：不计，其余折算为 100 分）",
                   "Indicators not assessed count full (no: left out, the others scaled to 100)"),
    )  # fmt: skip
    least_assessed: float = parameter(
        50.0, "%", 0.0, 100.0,
        title=Text("已评权重低于此比例不计分（一票否决除外）", "No score below this share of weight assessed"),
    )  # fmt: skip

    @staticmethod
    def levels() -> tuple[Level, ...]:
        """List the four colours, the best first.

        Returns
        -------
        tuple of Level
        """
        return tuple(
            Level(
                one.colour,
                Text(f"{one.badge.zh} {one.name.zh}", f"{one.badge.en}, {one.name.en}"),
                one.least,
                one.source,
            )
            for one in credit_levels()
        )

    def grade(self, marks: Sequence[Marked], signs: Signs) -> Graded:
        """Make the score and the colour.

        Parameters
        ----------
        marks : sequence of Marked
        signs : Signs

        Returns
        -------
        Graded

        Raises
        ------
        OutsideRule
            A weight or a number of points is outside 0 to 100, or no indicator carries weight.

        Examples
        --------
        >>> marks = [Marked("compliance", 15.0, 80.0), Marked("risk", 10.0, None)]
        >>> graded = EnvironmentalCredit().grade(marks, Signs())
        >>> graded.score, graded.level.code, graded.assessed
        (80.0, 'blue', 60.0)
        >>> EnvironmentalCredit(unassessed_full=True).grade(marks, Signs()).score
        88.0
        """
        for one in marks:
            for number, name in ((one.weight, "weight"), (one.points, "points")):
                if number is not None and not 0.0 <= number <= 100.0:
                    raise OutsideRule(f"{one.code}: found {name} {number:g}, expected 0 to 100")
        whole = sum(one.weight for one in marks)
        if not whole:
            raise OutsideRule("found no indicator with a weight, expected one at least")
        known = sum(one.weight for one in marks if one.points is not None)
        assessed = 100.0 * known / whole
        base = whole if self.unassessed_full else known
        gained = tuple(self._gained(one, base) for one in marks)
        clauses = (self.source, *({sign.source: None for sign in _spoken(signs)}))
        if not known or assessed < self.least_assessed:
            said = Text(
                f"已评权重 {assessed:.0f}%，不足 {self.least_assessed:g}%，不计分",
                f"{assessed:.0f} % of the weight assessed, less than {self.least_assessed:g} %: no score",
            )
            worst = self.levels()[-1] if signs.vetoes else None
            return Graded(None, worst, gained, assessed, (said, *_vetoed(signs)), clauses)
        score = round(sum(one for one in gained if one is not None), _HUNDREDTHS)
        level, said_of = self._level(score, signs)
        return Graded(score, level, gained, assessed, said_of, clauses)

    def _gained(self, one: Marked, base: float) -> float | None:
        if one.points is None:
            return 100.0 * one.weight / base if self.unassessed_full else None
        return one.weight * one.points / base

    def _level(self, score: float, signs: Signs) -> tuple[Level, tuple[Text, ...]]:
        every = self.levels()
        by_score = credit_level(score, green_items=signs.green, veto=bool(signs.vetoes))
        place = next(number for number, one in enumerate(every) if one.code == by_score.colour)
        if signs.vetoes:
            return every[place], _vetoed(signs)
        found = every[place].name
        said = [Text(f"得分 {score:g}，对应{found.zh}", f"a score of {score:g} stands for {found.en}")]
        if score >= every[0].least and place:
            said.append(
                Text(f"绿牌还须加分项，现有 {signs.green} 项", f"green asks for add-on items too, found {signs.green}")
            )
        if signs.incidents:
            place = min(place + incident_lowers(), len(every) - 1)
            said.append(Text(f"发生一般突发环境事件，下调为{every[place].name.zh}",
                             f"a general incident lowers it to {every[place].name.en}"))  # fmt: skip
        return every[place], tuple(said)


def _vetoed(signs: Signs) -> tuple[Text, ...]:
    if not signs.vetoes:
        return ()
    said = Text(
        f"有 {signs.vetoes} 项一票否决情形，直接评定为红牌",
        f"veto items: {signs.vetoes}, which makes it red whatever the score",
    )
    return (said,)


def _spoken(signs: Signs) -> list[CreditSign]:
    met = {
        kind
        for kind, number in (("veto", signs.vetoes), ("incident", signs.incidents), ("green", signs.green))
        if number
    }
    return [one for one in credit_signs() if one.kind in met]
