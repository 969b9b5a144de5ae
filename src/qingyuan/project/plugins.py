"""All registries of plug-ins, for the catalogue and the conformance suites."""

from typing import Any

from qingyuan.dispatching.queries import CASE_TYPES
from qingyuan.evaluating.queries import GRADINGS
from qingyuan.judging.fact import FACTS
from qingyuan.sensing.connector import CONNECTORS
from qingyuan.showing.queries import LAYERS
from qingyuan_science.detect import DETECTORS
from qingyuan_science.forecast import FORECASTERS
from qingyuan_science.plugins import Registry
from qingyuan_science.trace import TRACERS


def registries() -> tuple[Registry[Any], ...]:
    """Every kind of plug-in that the platform has."""
    return (DETECTORS, FORECASTERS, TRACERS, CASE_TYPES, LAYERS, CONNECTORS, FACTS, GRADINGS)
