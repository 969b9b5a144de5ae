"""Concentrations of ambient air from one state of temperature and pressure to another."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.topics._emission import DAY, refusing, within
from qingyuan_science.calc.wording import figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.air.states import STATES, AirState, state_of_day, state_on, volume_factor

_KELVIN = 273.15
_DEGREES, _PRESSURES = (-60.0, 60.0), (400.0, 1100.0)  # where people live


@TOPICS
@dataclass(frozen=True)
class ReferenceState(Topic):
    """Convert a concentration of ambient air to another state: of 273 K, of 298.15 K, or as the air was.

    Notes
    -----
    Since 2018-09-01 gases are stated at 298.15 K and 1013.25 hPa and particles as the air was; before, both at 273 K.
    Values of both sides of that day are compared only after conversion. Without a state of its own a value has that of
    its day. The state of the air as it was takes its temperature and pressure.
    """

    code: ClassVar[str] = "reference_state"
    title: ClassVar[Text] = Text("环境空气浓度的参比状态换算", "State at which concentrations of air are given")
    source: ClassVar[Source] = Source("GB 3095-2026", Text("4.3 参比状态", "4.3, reference state"))
    fields: ClassVar[tuple[Field, ...]] = (
        DAY,
        Field(
            "kind", Asked.CHOICE, Text("污染物类型", "Kind of pollutant"), choices=("gas", "particulate"), default="gas"
        ),
        Field("concentration", Asked.NUMBER, Text("质量浓度", "Mass concentration"), "µg/m³"),
        Field(
            "from_state",
            Asked.CHOICE,
            Text("原状态", "Its state"),
            choices=("of_the_day", *STATES),
            default="of_the_day",
        ),
        Field("to_state", Asked.CHOICE, Text("换算到", "State wanted"), choices=STATES),
        Field("temperature", Asked.NUMBER, Text("气温", "Temperature of the air"), "°C", default=None),
        Field("pressure", Asked.NUMBER, Text("气压", "Pressure of the air"), "hPa", default=None),
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "2018-08-31 的二氧化硫 60 µg/m³（273 K）换算到 298.15 K", "SO2 of 60 on 2018-08-31 (273 K) to 298.15 K"
            ),
            (Text("60×273/298.15 = 54.939", "60×273/298.15 = 54.939"),),
        ),
        Example(
            Text(
                "2018-08-31 的 PM10 100（273 K）换算到实况 20 ℃、950 hPa", "PM10 of 100 at 273 K to 20 °C and 950 hPa"
            ),
            (Text("100×(273/293.15)×(950/1013.25) = 87.313", "100×(273/293.15)×(950/1013.25) = 87.313"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = (
        {"day": "2018-08-31", "concentration": 60, "to_state": "298.15 K"},
        {
            "day": "2018-08-31",
            "kind": "particulate",
            "concentration": 100,
            "to_state": "actual",
            "temperature": 20,
            "pressure": 950,
        },
    )

    def answer(self, given: Given) -> Answer:
        """Answer with the concentration at the state wanted, the factor, and both states.

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
        within("temperature", given["temperature"], *_DEGREES)
        within("pressure", given["pressure"], *_PRESSURES)
        with refusing("day", given["day"].isoformat()):
            of_day, source = state_of_day(given["kind"], given["day"])
        named = of_day if given["from_state"] == "of_the_day" else given["from_state"]
        first, last = _state(named, given), _state(given["to_state"], given)
        factor = volume_factor(first, last)
        result = {
            "concentration": figure(given["concentration"] * factor, 3),
            "factor": figure(factor, 6),
            "from_state": named,
            "to_state": given["to_state"],
            "state_of_day": of_day,
        }
        return Answer(result, once((source, *(one.source for one in (first, last) if one.source))))


def _state(name: str, given: Given) -> AirState:
    if name != "actual":
        return state_on(name)
    for field in ("temperature", "pressure"):
        if given[field] is None:
            raise BadQuestion(field, None, f"the {field} of the air, for the state as it was")
    return AirState(given["temperature"] + _KELVIN, given["pressure"], None)
