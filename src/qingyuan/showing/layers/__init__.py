"""The map layers: one file each, loaded by being in this folder."""

from qingyuan.showing.map_layer import LAYERS

__all__ = ["LAYERS"]

LAYERS.load(__name__)
