"""Values of channels in the units of the standards."""

import numpy as np
from numpy.typing import NDArray

from qingyuan.sensing.queries import Channel
from qingyuan_science.units import UnitError, convert

Values = NDArray[np.float64]


def in_unit(values: Values, channel: Channel, unit: str) -> Values:
    """Values of a channel in a unit, as they are without one; NaN where its own says nothing of this quantity."""
    try:
        return convert(values, channel.unit, unit) if unit else values
    except UnitError:
        return np.full(values.shape, np.nan)
