"""Cuts drives out of the positions that changed, and keeps what was a drive before as the same row."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from django.db import connection

from qingyuan.places.geometry import to_wkb
from qingyuan.places.queries import cells_at
from qingyuan.recording import queries
from qingyuan.recording.models import Drive
from qingyuan.sensing.queries import Channel
from qingyuan_science.mobile import Refused, Track, cut, track_of
from qingyuan_science.mobile.track import GAP_S
from qingyuan_science.series import moment
from qingyuan_science.standards.factors import LATITUDE, LONGITUDE

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('recording.drives'))"
_GAP = timedelta(seconds=GAP_S)
_SIMPLER = 0.00005  # some 5 m; [degree]
_CELLS_EVERY_M = 20.0
Spans = dict[int, tuple[int, int]]  # by station, first and last instant [µs]


def touched(spans: Iterable[Sequence[Any]]) -> Spans:
    """The stations of which positions changed, and from when to when; most events name none."""
    real = [span for span in spans if span[1] == "r"]
    if not real:
        return {}
    known = dict(Channel.objects.filter(factor__in=(LONGITUDE, LATITUDE)).values_list("pk", "station_id"))
    found: Spans = {}
    for channel, _kind, first, last in real:
        if channel in known:
            before = found.get(known[channel], (first, last))
            found[known[channel]] = (min(first, before[0]), max(last, before[1]))
    return found


def keep(station: int, first: int, last: int) -> None:
    """Cut the drives around a time anew."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    start, end = moment(first) - _GAP, moment(last) + _GAP
    around = Drive.objects.filter(station_id=station, starts_at__lte=end, ends_at__gte=start).order_by("starts_at")
    old = list(around)
    start, end = min([start, *(one.starts_at for one in old)]), max([end, *(one.ends_at for one in old)])
    track, refused = positions(station, start, end)
    for begin, after in cut(track):
        part = track.part(begin, after)
        same = next((one for one in old if _meets(one, part)), None)
        if same is not None:
            old.remove(same)
        _put(same or Drive(station_id=station), part, refused if after - begin == len(track) else Refused())
    Drive.objects.filter(pk__in=[one.pk for one in old]).delete()


def positions(station: int, start: Any, end: Any) -> tuple[Track, Refused]:
    """Where a station was."""
    own = Channel.objects.filter(station=station, factor__in=(LONGITUDE, LATITUDE), basis="measured")
    by_factor = dict(own.values_list("factor", "pk"))
    if len(by_factor) < 2:
        nothing = np.zeros(0)
        return Track(np.zeros(0, np.int64), nothing, nothing), Refused()
    found = queries.windows(list(by_factor.values()), "r", start, end + timedelta(microseconds=1))
    return track_of(found[by_factor[LONGITUDE]], found[by_factor[LATITUDE]])


def _meets(one: Drive, part: Track) -> bool:
    return one.starts_at <= moment(int(part.at[-1])) and moment(int(part.at[0])) <= one.ends_at


def _put(row: Drive, part: Track, refused: Refused) -> None:
    row.starts_at, row.ends_at = moment(int(part.at[0])), moment(int(part.at[-1]))
    row.positions, row.refused = len(part), refused.outside + refused.jumped
    row.metres, row.stood_s = part.metres, sum(one.seconds for one in part.halts)
    line = lines_of(part)
    row.shape, row.bounds = to_wkb(shapely.simplify(line, _SIMPLER)), line.bounds
    row.save()
    every = np.unique(np.floor(part.along / _CELLS_EVERY_M), return_index=True)[1]
    crossed = cells_at(list(zip(part.lon[every].tolist(), part.lat[every].tolist(), strict=True)))
    row.cells.set({cell for cell in crossed if cell is not None})


def lines_of(part: Track) -> shapely.MultiLineString:
    """The way, without what is broken."""
    runs = np.split(np.arange(len(part)), np.flatnonzero(part.broken) + 1)
    return shapely.MultiLineString([np.column_stack((part.lon[run], part.lat[run])) for run in runs if run.size > 1])
