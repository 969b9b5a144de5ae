"""TODO in one sentence: what is found, by what sign."""

from dataclasses import dataclass
from typing import ClassVar

from qingyuan_science.detect import DETECTORS, Context, Detector, Finding, WorkedExample
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import Series


@DETECTORS
@dataclass(frozen=True)
class NameOfThePlugin(Detector):
    """TODO in one sentence: find what.

    Notes
    -----
    TODO what decides and what does not; the range in which the method holds, and what happens outside it.
    """

    code: ClassVar[str] = "code_of_the_plugin"
    title: ClassVar[Text] = Text("TODO 名称", "TODO what people call it")
    source: ClassVar[Source] = Source("TODO standard or paper", "TODO clause, table or page")
    validity: ClassVar[Text] = Text("TODO 适用范围", "TODO where it holds, and where it errs")
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        WorkedExample(
            given=Text("TODO 情形", "TODO a situation in which it must speak"),
            expected=(Text("TODO 应说的话", "TODO the sentence that it must say"),),
            place=Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works"),
            factor="w01018",
            standard="GB 18918-2002",
            level="1A",
            kind="hour",
            start="2026-11-22T10:00:00+08:00",
            values=(38.2, 38.2, 38.2, 38.2),  # TODO values in the factor's unit
            marks="NNNN",  # TODO a letter for each value
        ),
        WorkedExample(
            given=Text("TODO 情形", "TODO a situation in which it must stay silent"),
            expected=(),
            place=Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works"),
            factor="w01018",
            standard="GB 18918-2002",
            level="1A",
            kind="hour",
            start="2026-11-22T10:00:00+08:00",
            values=(38.2, 37.5, 39.1, 38.0),  # TODO values in the factor's unit
            marks="NNNN",  # TODO a letter for each value
        ),
    )

    minimum_periods: int = parameter(3, "periods", 1, 48, title=Text("TODO 含义", "TODO what a bureau may set"))

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """TODO in one sentence: find what.

        Parameters
        ----------
        series : Series
            Values of one factor at one place; they are not altered.
        context : Context
            Place, factor and limits.

        Returns
        -------
        list[Finding]
            Earliest first. TODO what one finding covers.
        """
        raise NotImplementedError("TODO code_of_the_plugin.findings: expected the findings of the series")
