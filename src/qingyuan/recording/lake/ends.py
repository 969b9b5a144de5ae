"""When the sealed readings of channels begin and end: looked up once for each state of the lake."""

from collections.abc import Collection, Sequence
from datetime import datetime

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake.layout import File
from qingyuan.recording.lake.table import Snapshot, forget, snapshot

End = tuple[datetime, datetime]  # which instant a reading is of, and when it was received
Key = tuple[str, int, bool]  # kind, channel, whether the last one
_known: dict[tuple[Lake, int], dict[Key, End | None]] = {}


def ends(lake: Lake, kind: str, channels: Collection[int], *, at_least: int, last: bool) -> dict[int, End]:
    """The first or the last reading of some channels; silent channels are left out."""
    try:
        known = _looked_up(lake, snapshot(lake, at_least), (kind, last), channels)
    except FileNotFoundError:  # swept away meanwhile
        forget(lake)
        known = _looked_up(lake, snapshot(lake), (kind, last), channels)
    return {channel: end for channel in channels if (end := known[kind, channel, last]) is not None}


def _looked_up(
    lake: Lake, files: Snapshot, wanted: tuple[str, bool], channels: Collection[int]
) -> dict[Key, End | None]:
    kind, last = wanted
    if (lake, files.version) not in _known:
        _known.clear()
    known = _known.setdefault((lake, files.version), {})
    rest = {channel for channel in channels if (kind, channel, last) not in known}
    for month in sorted({month for of, month in files.months() if of == kind}, reverse=last):
        some = [file for file in files.of_month(kind, month) if _may_hold(file, rest)]
        for channel, end in _of_files(lake, some, rest, last=last).items():
            known[kind, channel, last] = end
            rest.discard(channel)
    known.update(dict.fromkeys((kind, channel, last) for channel in rest))
    return known


def _may_hold(file: File, channels: Collection[int]) -> bool:
    return any(file.first_channel <= channel <= file.last_channel for channel in channels)


def _of_files(lake: Lake, files: Sequence[File], channels: Collection[int], *, last: bool) -> dict[int, End]:
    import polars as pl

    if not files:
        return {}
    rows = pl.scan_parquet(
        [lake.path(file.path) for file in files], storage_options=lake.storage, hive_partitioning=False, glob=False
    )
    chosen = rows.filter(pl.col("channel").is_in(pl.Series(sorted(channels), dtype=pl.Int32).implode()))
    at, received = pl.col("at"), pl.col("received_at")
    place = at.arg_max() if last else at.arg_min()
    found = chosen.group_by("channel").agg(at.get(place), received.get(place)).collect()
    return {channel: (begins, came) for channel, begins, came in found.iter_rows()}
