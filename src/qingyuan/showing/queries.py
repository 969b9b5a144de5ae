"""What other parts may read here: the map layers."""

from qingyuan.showing.layers import LAYERS

__all__ = ["LAYERS"]
