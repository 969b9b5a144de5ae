"""Takes recorded bytes apart to the last one: what stands where, what it means, what is wrong with it.

The pieces form a tree. The pieces without parts, in order, are all bytes once: nothing is passed over, whatever the
bytes are. Where a content was deciphered in place, its pieces show what it says where it stood.
"""

from qingyuan_science.hj212.anatomy.meanings import FactorTitle
from qingyuan_science.hj212.anatomy.packets import anatomy
from qingyuan_science.hj212.anatomy.pieces import Piece

__all__ = ["FactorTitle", "Piece", "anatomy"]
