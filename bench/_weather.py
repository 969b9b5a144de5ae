"""What else the machine is doing, told beside every figure; and how figures of several rounds are put together."""

import os
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime


def told() -> str:
    """Date, cores and load of the machine, in one line."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load over 1, 5 and 15 minutes {load}"


def quantiles(taken: Sequence[float]) -> tuple[float, float, float]:
    """Median, 99th percentile and greatest."""
    steps = statistics.quantiles(taken, n=100, method="inclusive")
    return steps[49], steps[98], max(taken)


def in_milliseconds(title: str, taken: Sequence[float]) -> str:
    """A line with the median, the 99th percentile and the greatest of some seconds."""
    if len(taken) < 2:
        return f"     {title:<44} NOT ANSWERED: {len(taken)} answers"
    p50, p99, most = (1000 * one for one in quantiles(taken))
    return f"     {title:<44} p50 {p50:8.1f} ms   p99 {p99:8.1f} ms   most {most:8.1f} ms   of {len(taken):,}"
