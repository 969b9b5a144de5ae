"""Calculations that a standard defines, each as a question in JSON with an answer that names the clauses applied.

A topic is one file in this package; `qingyuan calc TOPIC` and the calculation pages read the same registry.
"""

from qingyuan_science.calc.errors import BadQuestion, CalcError
from qingyuan_science.calc.topic import TOPICS, Answer, Asked, Field, Given, Topic, answer

__all__ = ["TOPICS", "Answer", "Asked", "BadQuestion", "CalcError", "Field", "Given", "Topic", "answer", "load"]


def load() -> None:
    """Register every topic of this package."""
    TOPICS.load("qingyuan_science.calc.topics")
