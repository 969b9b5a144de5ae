"""The map of the system: every event that moves the loop on, and who takes it up.

    sense → record → forecast → judge → dispatch → inspect → accept → close
    感知     归集      预测       研判     交办       核查      验收     销号

Read it from top to bottom. A packet comes in through the gateway (`sensing`), which hands its readings to
`recording.append`; that commits them with the fact `ReadingsAppended`, and from there on each fact finds the handlers
named here. What people do (sign for a task, record an inspection, accept a rectification) enters through the `api` of
`dispatching` and `inspecting` and leaves its facts in the same log. A fact without a line here waits for no handler.

Each handler reads the log in its own time, in the order of the facts. What it does for a fact and its step past it are
one transaction (`kit.delivery`), so a fact that was taken up stays taken up, whatever process dies.
"""

from collections.abc import Callable
from typing import Any

from qingyuan.dispatching import api as dispatching
from qingyuan.dispatching.api.messages import tell_people
from qingyuan.dispatching.events import CaseClosed, CaseEscalated, TaskDueSoon, TaskGiven
from qingyuan.forecasting import api as forecasting
from qingyuan.forecasting.events import ForecastsIssued
from qingyuan.forwarding import api as forwarding
from qingyuan.forwarding.events import DestinationLags
from qingyuan.judging import api as judging
from qingyuan.judging.events import FindingCleared, FindingDismissed, FindingOpened
from qingyuan.kit.events import Event
from qingyuan.places.events import OrderEnded, OrderEntered, ThresholdEntered, WarningDeclared, WarningEnded
from qingyuan.recording import api as recording
from qingyuan.recording.events import (
    DataMarked,
    HoursComputed,
    MarkWithdrawn,
    MeansOutstanding,
    ReadingsAppended,
    ReadingsWithdrawn,
)
from qingyuan.registering import api as registering
from qingyuan.sensing.api.vehicles import count_vehicles
from qingyuan.sensing.events import (
    CommandEnded,
    DeviceAdopted,
    FeedReplayed,
    ForecastsBrought,
    PacketsReadAgain,
    QuarantineDecoded,
    RecordsStored,
    RecordsWithdrawn,
    SpotsStored,
    SpotsWithdrawn,
    WrittenFirmDecided,
)
from qingyuan.tracing import api as tracing

LOOP: dict[type[Event], tuple[Callable[[Any], None], ...]] = {
    # sensing → recording: what a device sent before anybody knew it
    DeviceAdopted: (recording.take_in_quarantined,),
    # recording → recording, judging: newest values, means, days, and detectors over what was sent and what was computed
    ReadingsAppended: (
        recording.keep_latest,
        recording.note_streams,
        recording.compute_means,
        recording.keep_day_values,
        recording.keep_drives,
        judging.judge_readings,
    ),
    HoursComputed: (
        recording.keep_latest,
        recording.note_streams,
        recording.keep_day_values,
        judging.judge_readings,
    ),
    # sensing → registering: what was decided among department records is not asked again of the list of fixed sources
    WrittenFirmDecided: (registering.settle_written,),
    # recording → recording: means that could not be computed with others, tried again apart from them
    MeansOutstanding: (recording.compute_outstanding,),
    # people's marks change what counts
    DataMarked: (recording.compute_means, recording.keep_day_values, judging.judge_readings),
    MarkWithdrawn: (recording.compute_means, recording.keep_day_values, judging.judge_readings),
    # an import that was undone: what was computed or found from its readings is looked at again
    ReadingsWithdrawn: (
        recording.keep_latest,
        recording.compute_means,
        recording.keep_day_values,
        recording.keep_drives,
        judging.judge_readings,
    ),
    # places → judging: what was written down late shows the time since in another light
    OrderEntered: (judging.judge_again,),
    OrderEnded: (judging.judge_again,),
    WarningDeclared: (judging.judge_again,),
    WarningEnded: (judging.judge_again,),
    # what the authority set for itself is watched from then on
    ThresholdEntered: (judging.watch_threshold,),
    # sensing → judging: what satellites saw, joined into suspected problems, of which some become clues
    SpotsStored: (judging.judge_spots,),
    SpotsWithdrawn: (judging.judge_withdrawn_spots,),
    # sensing → sensing: how many vehicles of each kind the registry holds, changed by what each delivery changed
    RecordsStored: (count_vehicles,),
    RecordsWithdrawn: (count_vehicles,),
    # sensing → forecasting: what others foretell of the air is kept before the fact
    ForecastsBrought: (forecasting.keep_forecasts,),
    # forecasting → judging: a limit that is likely to be passed is warned of before it is
    ForecastsIssued: (judging.judge_forecasts,),
    # judging → tracing: known sources ranked by how well they explain it; dispatching: a case for what was found, and
    # news for its file; judging: what is reported may cluster
    FindingOpened: (
        tracing.trace_finding,
        dispatching.open_case_for_finding,
        dispatching.retain_sample_for_finding,
        judging.judge_clue,
        judging.end_warning,
        tell_people,
    ),
    FindingCleared: (tracing.trace_finding, dispatching.note_finding_cleared),
    FindingDismissed: (dispatching.note_finding_dismissed,),
    # sensing → dispatching: the bottle of a sample that was retained goes into the file
    CommandEnded: (dispatching.file_retained_sample,),
    # dispatching → people: whoever holds a task, or has to know that it is late, is reached on the own terminal
    TaskGiven: (tell_people,),
    TaskDueSoon: (tell_people,),
    CaseEscalated: (tell_people,),
    # sensing → forwarding: what is decoded after its turn is handed on to platforms above too
    QuarantineDecoded: (forwarding.hand_on_late,),
    PacketsReadAgain: (forwarding.hand_on_late,),
    FeedReplayed: (forwarding.hand_on_late,),
    # forwarding → people: a platform above is not given its data
    DestinationLags: (tell_people,),
    # dispatching → judging: what people reported ends with its case
    CaseClosed: (dispatching.settle_clues_of_case,),
}
