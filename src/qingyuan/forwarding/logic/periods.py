"""The periods of means that are computed here, in China's calendar. Times are in microseconds since 1970 UTC."""

from qingyuan_science.series import CHINA_OFFSET, SECOND, Averaging

LENGTH = {
    "M": Averaging.MINUTE, "T": Averaging.TEN_MINUTE, "H": Averaging.HOUR, "D": Averaging.DAY,
}  # fmt: skip


def length_of(kind: str) -> int:
    """Length of a period [µs]."""
    return (LENGTH[kind].seconds or 0) * SECOND


def floor(kind: str, at: int) -> int:
    """Start of the period, in China's calendar, that holds an instant [µs]."""
    return (at + CHINA_OFFSET) // length_of(kind) * length_of(kind) - CHINA_OFFSET


def block_of(kind: str) -> str:
    """The kind by whose periods what devices send and what is computed here are compared: ten minutes for minutes."""
    return "T" if kind == "M" else kind
