"""How a station is watched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """How a station is watched.

    Parameters
    ----------
    alarms_per_week : float
        False alarms that people accept [1/week].
    rows_per_week : float
        Rows of data in a week [1/week].
    mean : int
        Rows over which residuals are averaged before they are judged, where single ones are noisy; 1 for none [rows].
    vote : int
        Rows over which the binomial event discriminator counts outliers [rows].
    outlier_share : float
        Share of outliers that chance alone is held to give in the discriminator [1].
    event_probability : float
        Probability from which it speaks of an event [1].
    time_out : int
        After so many rows an event is over: the water has changed, and the new state is learned [rows].
    rest : int
        Quiet rows that end an event, and after which a new one may begin [rows].
    block : int
        Rows of the blocks from whose greatest scores the threshold is learned; longer than scores remember [rows].
    adapt : int
        Rows over which the scatter is learned anew; 0 keeps that of the learned stretch [rows].
    refresh : int
        Every how many rows the scatter is computed anew [rows].
    scatter : float
        Quantile of the absolute residuals that is their unit [1].
    keep : int
        Blocks from which the threshold is learned anew as rows come; 0 keeps the learned threshold [blocks].
    """

    alarms_per_week: float = 2.0
    rows_per_week: float = 10_080.0
    mean: int = 1
    vote: int = 5
    outlier_share: float = 0.5
    event_probability: float = 0.8
    time_out: int = 90
    rest: int = 20
    block: int = 240
    adapt: int = 20_160
    refresh: int = 240
    scatter: float = 0.9
    keep: int = 0

    @property
    def block_chance(self) -> float:
        """Share of orderly blocks that may hold a false alarm [1]."""
        return min(1.0, self.alarms_per_week * self.block / self.rows_per_week)
