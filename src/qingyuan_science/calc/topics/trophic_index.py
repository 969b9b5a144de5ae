"""The trophic state of a lake or reservoir."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.calc.errors import BadQuestion
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic
from qingyuan_science.calc.wording import both, figure, once
from qingyuan_science.plugins import Example, Source, Text
from qingyuan_science.standards.sourced import tables_of
from qingyuan_science.standards.water.trophic import trophic_index, trophic_state

_ROWS = tables_of("water/assessment", "trophic")[0].rows


@TOPICS
@dataclass(frozen=True)
class TrophicIndex(Topic):
    """Compute the comprehensive trophic state index TLI(Σ)."""

    code: ClassVar[str] = "trophic_index"
    title: ClassVar[Text] = Text("湖库综合营养状态指数", "Trophic state index of a lake")
    source: ClassVar[Source] = Source("环办〔2011〕22号", Text("湖库营养状态评价", "trophic state of lakes"))
    fields: ClassVar[tuple[Field, ...]] = tuple(
        Field(row["item"], Asked.NUMBER, Text(*row["name"]), row["unit"]) for row in _ROWS
    )
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text(
                "叶绿素a 10、总磷 0.05、总氮 1.0、透明度 1.0、高锰酸盐指数 4.0",
                "chlorophyll a 10, TP 0.05, TN 1.0, transparency 1.0, CODMn 4.0",
            ),
            (Text("TLI(Σ) 48.0，中营养", "TLI(Σ) 48.0, mesotrophic"),),
        ),
    )
    questions: ClassVar[tuple[dict[str, Any], ...]] = ({"chla": 10, "TP": 0.05, "TN": 1.0, "SD": 1.0, "CODMn": 4.0},)

    def answer(self, given: Given) -> Answer:
        """Answer with the index, the state, and each item's index and weight.

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
        for row in _ROWS:
            if not given[row["item"]] > 0:
                raise BadQuestion(row["item"], given[row["item"]], f"a value above 0 {row['unit']}")
        parts, index, source = trophic_index(given)
        state, graded = trophic_state(index)
        rows = [
            {
                "item": part.item,
                "name": both(part.name),
                "value": part.value,
                "index": figure(part.index, 2),
                "weight": figure(part.weight, 4),
            }
            for part in parts
        ]
        return Answer({"index": index, "state": both(state), "items": rows}, once((source, graded)))
