"""Verbs on readings: appending, computing, marking, importing, sealing, checking."""

from qingyuan.recording.api.lake import (
    check_lake,
    compact_lake,
    expire_readings,
    lake_day_sums,
    lake_stats,
    restore_days,
    seal_old_days,
    spread_work,
)
from qingyuan.recording.api.marks import mark_span, withdraw_mark
from qingyuan.recording.api.readings import (
    append,
    compute_day_values,
    compute_ended,
    compute_means,
    compute_outstanding,
    describe_stream,
    fill_gaps,
    keep_day_values,
    keep_drives,
    keep_latest,
    made_of,
    make_partitions,
    note_streams,
    reference_faults,
    take_in_quarantined,
)
from qingyuan.recording.api.tables import (
    confirm_import,
    drop_expired_drafts,
    import_again,
    import_table,
    lay_out_import,
    start_import,
    undo_import,
)
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.logic.daily.amounts import HOURLY, AmountParts, amount_made_of
from qingyuan.recording.logic.evidence import Evidence
from qingyuan.recording.logic.sealed.sealing import Sealed
from qingyuan.recording.logic.sealed.upkeep import Stats

__all__ = [
    "HOURLY",
    "AmountParts",
    "DaySums",
    "Evidence",
    "Sealed",
    "Stats",
    "amount_made_of",
    "append",
    "check_lake",
    "compact_lake",
    "compute_day_values",
    "compute_ended",
    "compute_means",
    "compute_outstanding",
    "confirm_import",
    "describe_stream",
    "drop_expired_drafts",
    "expire_readings",
    "fill_gaps",
    "import_again",
    "import_table",
    "keep_day_values",
    "keep_drives",
    "keep_latest",
    "lake_day_sums",
    "lake_stats",
    "lay_out_import",
    "made_of",
    "make_partitions",
    "mark_span",
    "note_streams",
    "reference_faults",
    "restore_days",
    "seal_old_days",
    "spread_work",
    "start_import",
    "take_in_quarantined",
    "undo_import",
    "withdraw_mark",
]
