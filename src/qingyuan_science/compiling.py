"""Loops that are compiled when they are first run.

It takes `numba`: half a second to load and some 80 MB. So whoever has such a loop imports it when it is first needed.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """Compile a loop when it is first run, and keep what was compiled for the next start, where anything can be kept.

    Numbers come out as in plain Python: no rounding is saved and no sum put into another order.
    """
    return _compiled(loop, set())


def fused(loop: Loop) -> Loop:
    """Compile a loop, and let it round a product and the sum that it goes into at once, as BLAS does."""
    return _compiled(loop, {"contract"})


def laned(loop: Loop) -> Loop:
    """Compile a loop as `fused` does, and let it take sums in lanes: in an order that hangs on their length alone."""
    return _compiled(loop, {"contract", "reassoc"})


def _compiled(loop: Loop, liberties: set[str]) -> Loop:
    try:
        return cast(Loop, njit(cache=True, nogil=True, fastmath=liberties)(loop))
    except RuntimeError:  # numba found no folder in which it may keep anything
        return cast(Loop, njit(nogil=True, fastmath=liberties)(loop))
