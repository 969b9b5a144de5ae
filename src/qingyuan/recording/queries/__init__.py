"""Reads of readings, of what is known of them, and of tables that people import."""

from qingyuan.recording.across import Across, Reached
from qingyuan.recording.arrived import Arrived
from qingyuan.recording.daily import AMOUNT, CARRIERS, HOURS, STOPPED, Carrier, DayArrays, day_values
from qingyuan.recording.lake.ordered import LAST, Bounds, Key
from qingyuan.recording.made import Earlier, MadeOf, earlier
from qingyuan.recording.models import KINDS, Disagreement, Drive, Import, ImportDraft, MarkedSpan, Reading, Stream
from qingyuan.recording.quality import DayQuality, Lateness, late, quality
from qingyuan.recording.queries.drives import Driven, drive, driven, drives, measured_on
from qingyuan.recording.queries.marks import MAY_MARK, MAY_WITHDRAW, disagreements, marks
from qingyuan.recording.queries.newest import EPOCH, Latest, latest, latest_seq
from qingyuan.recording.queries.streams import (
    OfFeed,
    end_of_stream,
    is_sealed,
    lake_folder,
    readings,
    readings_at_end,
    sealed_ends,
    streams,
    streams_of_feed,
)
from qingyuan.recording.queries.tables import MAY_IMPORT, draft_bytes, import_draft, import_faults, imports
from qingyuan.recording.queries.windows import (
    Stored,
    columns,
    coverage,
    delays,
    received_at,
    stored,
    unread,
    unread_question,
    window,
    windows,
    with_later,
)
from qingyuan.recording.throughout import Part, Walk
from qingyuan.recording.unread import STEPS, Unread

__all__ = [
    "AMOUNT",
    "CARRIERS",
    "EPOCH",
    "HOURS",
    "KINDS",
    "LAST",
    "MAY_IMPORT",
    "MAY_MARK",
    "MAY_WITHDRAW",
    "STEPS",
    "STOPPED",
    "Across",
    "Arrived",
    "Bounds",
    "Carrier",
    "DayArrays",
    "DayQuality",
    "Disagreement",
    "Drive",
    "Driven",
    "Earlier",
    "Import",
    "ImportDraft",
    "Key",
    "Lateness",
    "Latest",
    "MadeOf",
    "MarkedSpan",
    "OfFeed",
    "Part",
    "Reached",
    "Reading",
    "Stored",
    "Stream",
    "Unread",
    "Walk",
    "columns",
    "coverage",
    "day_values",
    "delays",
    "disagreements",
    "draft_bytes",
    "drive",
    "driven",
    "drives",
    "earlier",
    "end_of_stream",
    "import_draft",
    "import_faults",
    "imports",
    "is_sealed",
    "lake_folder",
    "late",
    "latest",
    "latest_seq",
    "marks",
    "measured_on",
    "quality",
    "readings",
    "readings_at_end",
    "received_at",
    "sealed_ends",
    "stored",
    "streams",
    "streams_of_feed",
    "unread",
    "unread_question",
    "window",
    "windows",
    "with_later",
]
