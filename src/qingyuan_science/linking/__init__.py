"""Which records of several lists are of one enterprise: blocking, comparison, weights, groups and the reasons."""

from qingyuan_science.linking.asking import Asking, Question, asking
from qingyuan_science.linking.comparing import (
    COMPARISONS,
    Branch,
    Code,
    Distance,
    Industry,
    Name,
    Person,
    Phone,
    Place,
    Region,
)
from qingyuan_science.linking.evidence import Term
from qingyuan_science.linking.matching import ACCEPT, REJECT, Answer, Linking, Verdict, deduplicate, link
from qingyuan_science.linking.merging import MERGED, Given, contradictions, merged
from qingyuan_science.linking.table import COLUMNS, LinkingError, MissingColumn, Records, RepeatedId, Table, UnknownId

__all__ = [
    "ACCEPT",
    "COLUMNS",
    "COMPARISONS",
    "MERGED",
    "REJECT",
    "Answer",
    "Asking",
    "Branch",
    "Code",
    "Distance",
    "Given",
    "Industry",
    "Linking",
    "LinkingError",
    "MissingColumn",
    "Name",
    "Person",
    "Phone",
    "Place",
    "Question",
    "Records",
    "Region",
    "RepeatedId",
    "Table",
    "Term",
    "UnknownId",
    "Verdict",
    "asking",
    "contradictions",
    "deduplicate",
    "link",
    "merged",
]
