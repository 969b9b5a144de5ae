"""The case types: one file each, loaded by being in this folder."""

from qingyuan.dispatching.casework import CASE_TYPES

__all__ = ["CASE_TYPES"]

CASE_TYPES.load(__name__)
