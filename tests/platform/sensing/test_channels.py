from typing import Any

import pytest

from qingyuan.sensing.api import define_channel

pytestmark = pytest.mark.django_db


def test_a_channel_entered_twice_is_one_channel(station: Any) -> None:
    first = define_channel(station, factor="w01018", unit="mg/L")
    assert define_channel(station, factor="w01018", unit="mg/L") == first
    assert define_channel(station, factor="w01018", unit="mg/L", basis="converted") != first
