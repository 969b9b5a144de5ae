"""Verbs on devices and feeds: registering, adopting, commanding, taking in; and proofs of what they sent."""

from qingyuan.sensing.api.cameras import (
    bring_footage,
    end_camera,
    footage_bytes,
    footage_faults,
    hold_footage,
    keep_camera,
    open_live,
    register_camera,
    remove_expired_footage,
)
from qingyuan.sensing.api.commands import (
    ask_for_history,
    command_device,
    pass_command_on,
    retain_samples,
    settle_silence,
    withdraw_command,
)
from qingyuan.sensing.api.departments import LONGEST_PACE, name_department, note_day_start, set_pace
from qingyuan.sensing.api.devices import (
    adopt_device,
    decode_quarantined,
    define_channel,
    define_dialect,
    read_device_again,
    register_device,
)
from qingyuan.sensing.api.feeds import (
    add_station_to_feed,
    define_feed,
    describe_instrument,
    feed_by_token,
    issue_token,
    map_name,
    replay_feed,
    take_in_payloads,
)
from qingyuan.sensing.api.proofs import PacketProof, prove_packets, segment_faults, verify_segments
from qingyuan.sensing.api.spots import SpotPreview, bring_spots, enter_spots, preview_spots, undo_spots
from qingyuan.sensing.api.waiting import check_enterer, keep_waiting, payload_of
from qingyuan.sensing.connector import Payload
from qingyuan.sensing.logic.commanding import SECRET, TOLD_WHEN_SENT
from qingyuan.sensing.logic.feeding import (
    Delivery,
    Target,
    count_bad_token,
    count_feed_fault,
    note_position,
    note_trouble,
    trouble_is_over,
)
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.rows import Rows, Segment

__all__ = [
    "LONGEST_PACE",
    "SECRET",
    "TOLD_WHEN_SENT",
    "Delivery",
    "PacketProof",
    "Payload",
    "Rows",
    "Segment",
    "Sink",
    "SpotPreview",
    "Target",
    "add_station_to_feed",
    "adopt_device",
    "ask_for_history",
    "bring_footage",
    "bring_spots",
    "check_enterer",
    "command_device",
    "count_bad_token",
    "count_feed_fault",
    "decode_quarantined",
    "define_channel",
    "define_dialect",
    "define_feed",
    "describe_instrument",
    "end_camera",
    "enter_spots",
    "feed_by_token",
    "footage_bytes",
    "footage_faults",
    "hold_footage",
    "issue_token",
    "keep_camera",
    "keep_waiting",
    "map_name",
    "name_department",
    "note_day_start",
    "note_position",
    "note_trouble",
    "open_live",
    "pass_command_on",
    "payload_of",
    "preview_spots",
    "prove_packets",
    "read_device_again",
    "register_camera",
    "register_device",
    "remove_expired_footage",
    "replay_feed",
    "retain_samples",
    "segment_faults",
    "set_pace",
    "settle_silence",
    "take_in_payloads",
    "trouble_is_over",
    "undo_spots",
    "verify_segments",
    "withdraw_command",
]
