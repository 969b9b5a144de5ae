"""Letting the loop run in the test's own thread."""

from qingyuan.kit.delivery import run_until_quiet


def run_waiting_jobs() -> int:
    """Every handler takes up what waits for it, until nothing does; answers how many rounds it took."""
    return run_until_quiet()
