"""The river with its rise, and the rules by which sources are sought."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def at(cast: SimpleNamespace, readings: Callable[..., Any], trace_rules: Any) -> SimpleNamespace:
    from river import river

    return river(cast, readings)


@pytest.fixture
def risen(at: SimpleNamespace, readings: Callable[..., Any]) -> Any:
    from river import rise

    return rise(at, readings)
