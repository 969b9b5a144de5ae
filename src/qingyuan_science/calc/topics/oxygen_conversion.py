"""Gas concentrations at the reference oxygen content."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import refusing, within
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.series.converted import convertible
from qingyuan_science.standards.emission.oxygen import conversion_source, converted, plants, reference_oxygen

_AS_GIVEN = "as_given"
THIN = 19.0  # [%]; beyond it, the factor of a coal boiler passes 6
NEAR_AIR = Text(
    "含氧量接近空气，折算倍数很大，多为停炉、启停或漏风，应先核实工况再作判定",
    "oxygen is close to that of air and the factor large: the plant may stand still, start or draw in air; look at its "
    "working condition before judging",
)


@TOPICS
@dataclass(frozen=True)
class OxygenConversion(Topic):
    """Convert measured concentrations of flue gas to the reference oxygen content of the plant.

    Notes
    -----
    At 21 % and above the plant does not burn: nothing is converted, and the hour does not judge.
    """

    code: ClassVar[str] = "oxygen_conversion"
    title: ClassVar[Text] = Text("含氧量折算", "Conversion by oxygen content")
    source: ClassVar[Source] = Source("GB 13271-2014", "5.2")
    fields: ClassVar[tuple[Field, ...]] = (
        Field("concentration", Asked.NUMBER, Text("实测浓度", "Concentration measured"), "mg/m³"),
        Field("oxygen", Asked.NUMBER, Text("实测含氧量", "Oxygen content measured"), "%"),
        Field(
            "plant", Asked.CHOICE, Text("设施类型", "Kind of plant"), choices=(_AS_GIVEN, *plants()), default=_AS_GIVEN
        ),
        Field(
            "reference",
            Asked.NUMBER,
            Text("基准含氧量（不选类型时）", "Reference oxygen, without a kind"),
            "%",
            default=None,
        ),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("燃煤锅炉：实测 50 mg/m³、含氧量 12%", "coal boiler: 50 mg/m³ at 12 %"),
            (Text("50×(21-9)/(21-12) = 66.667", "50×(21-9)/(21-12) = 66.667"),),
        ),
        Example(
            Text("基准 6%：实测 35、含氧量 6%", "reference 6 %: 35 at 6 %"),
            (Text("35，不变", "35, the same"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"concentration": 50, "oxygen": 12, "plant": "coal_boiler"},
        {"concentration": 35, "oxygen": 6, "reference": 6},
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the converted concentration and the factor.

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
        within("concentration", given["concentration"], 0)
        if (given["plant"] == _AS_GIVEN) == (given["reference"] is None):
            raise BadQuestion("reference", given["reference"], "either a kind of plant or a reference oxygen content")
        sources = [conversion_source("GB 13271")]
        reference = given["reference"]
        if given["plant"] != _AS_GIVEN:
            reference, source = reference_oxygen(given["plant"])
            sources.insert(0, source)
        at_fault = "reference" if convertible(given["oxygen"]) else "oxygen"
        with refusing(at_fault, given[at_fault]):
            factor = converted(1.0, given["oxygen"], reference)
        result = {
            "converted": figure(given["concentration"] * factor, 3),
            "factor": figure(factor, 6),
            "reference": figure(reference, 2),
        }
        return Answer(result, once(sources), (NEAR_AIR,) if given["oxygen"] > THIN else ())
