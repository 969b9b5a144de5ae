"""Lines of the chained log for people: what happened in words, by whom, to what."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qingyuan.kit.events import Event
from qingyuan.kit.queries import Entry
from qingyuan.people.queries import User
from qingyuan.showing.logic.paging import number_in

TITLES: dict[str, Any] = {
    "AnswerTakenBack": _("Answer on two rows taken back"),
    "BuildAsked": _("Building of the list of fixed sources asked for"),
    "CameraDescribed": _("Camera entered or changed"),
    "CameraEnded": _("Camera ended"),
    "CaseClosed": _("Case closed"),
    "CaseEscalated": _("Time limit passed"),
    "CaseMoved": _("Case moved on"),
    "CaseOpened": _("Case opened"),
    "CellDrawn": _("Grid cell drawn"),
    "CellRedrawn": _("Grid cell drawn anew"),
    "ChannelDefined": _("Channel defined"),
    "ClueSettled": _("Report settled with its case"),
    "CommandEnded": _("Command to a device ended"),
    "CommandGiven": _("Something asked of a device"),
    "CommandSent": _("Command sent to the device"),
    "ControlEnded": _("Control level ended"),
    "ControlEntered": _("Control level entered"),
    "DataMarked": _("Data marked by people"),
    "DayRestored": _("Sealed day brought back from the lake"),
    "DaySealed": _("Day of readings sealed in the lake"),
    "DemoMade": _("Demo district made"),
    "ContactKept": _("Way to be reached entered or changed"),
    "ContactRemoved": _("Way to be reached removed"),
    "DestinationDefined": _("Platform above entered or changed"),
    "DestinationLags": _("Platform above lags"),
    "DestinationCaughtUp": _("Platform above has caught up"),
    "FlightFilmed": _("Photos and clips of a flight kept"),
    "FlightRecorded": _("Patrol flight recorded"),
    "PartsMissing": _("Parts of a message did not come"),
    "PacketsHandedOn": _("Packets handed on"),
    "SightingNoted": _("Sighting on a flight noted"),
    "SightingReported": _("Sighting on a flight reported"),
    "OwnMeansSentAgain": _("Means computed here to be sent again"),
    "UndeliveredSentAgain": _("Packets to be sent again"),
    "RequestFromAbove": _("Asked by a platform above"),
    "ProgramTokenIssued": _("Token of a program issued"),
    "ProgramTokenWithdrawn": _("Token of a program withdrawn"),
    "DeviceAdopted": _("Device adopted"),
    "DeviceAttributed": _("Source department of a device set"),
    "DeviceRegistered": _("Device registered"),
    "DeviceSeen": _("Unknown device heard for the first time"),
    "DialectChanged": _("Dialect profile changed"),
    "EnterpriseRegistered": _("Enterprise registered"),
    "EvidenceAdded": _("Evidence filed"),
    "FeedAttributed": _("Source department of a feed set"),
    "FeedDefined": _("Feed entered or edited"),
    "FeedPaceSet": _("Pace of a feed set"),
    "FeedNameMapped": _("Name of a feed given its channel"),
    "FeedReplayed": _("Payloads of a feed read again"),
    "FeedStationAdded": _("Station added to a feed"),
    "FeedTokenIssued": _("Feed given a new token"),
    "FeedTroubled": _("Feed cannot be reached"),
    "FindingCleared": _("Finding cleared"),
    "FindingDismissed": _("Finding dismissed"),
    "FindingGrew": _("Finding lasts"),
    "FindingMerged": _("Finding joined to another"),
    "FindingOpened": _("Finding opened"),
    "FindingUnrouted": _("No dispatch rule fits the finding"),
    "FootageHeld": _("Clip or still kept for a case"),
    "FootageRemoved": _("Clip or still removed when its time had ended"),
    "FootageStored": _("Clip or still came in"),
    "HoursComputed": _("Means computed"),
    "ImportDone": _("Table imported"),
    "ImportUndone": _("Import undone"),
    "InspectionRecorded": _("Inspection recorded"),
    "InstrumentDescribed": _("Instrument described"),
    "ListDefined": _("Data list entered or changed"),
    "PersonalRecordsTaken": _("Records with persons’ data taken away"),
    "RecordsStored": _("Records of a data list stored"),
    "RecordsWithdrawn": _("Records of a data list taken back"),
    "NamingsMatched": _("Enterprises of a data list looked up anew"),
    "WrittenFirmDecided": _("Enterprise of a data list decided"),
    "LiveOpened": _("Live picture opened"),
    "LegalBasisSet": _("Legal basis of a violation set"),
    "MarkWithdrawn": _("Mark of data withdrawn"),
    "ExcludedPlaceSet": _("Place excluded from what satellites see"),
    "MeansDisagree": _("Sent means differ from computed ones"),
    "MeansOutstanding": _("Means of a station to be computed again"),
    "MeterAssigned": _("Use of a meter entered"),
    "MeterReleased": _("Use of a meter ended"),
    "OrderEnded": _("Order ended"),
    "OrderEntered": _("Order to stop or cut entered"),
    "OrganisationRegistered": _("Organisation registered"),
    "OutfallEnded": _("Outfall ended or withdrawn"),
    "OutfallEntered": _("Outfall entered or described anew"),
    "OutfallMoved": _("Outfall came into a state"),
    "OutfallStepWithdrawn": _("State of an outfall taken back"),
    "OverrideEnded": _("Override of settings ended"),
    "OverrideSet": _("Override of settings set"),
    "PermitSheetEntered": _("Papers entered from a spreadsheet"),
    "PermitSheetUndone": _("Papers of a spreadsheet taken back"),
    "PermitEnded": _("Permit ended"),
    "PermitEntered": _("Permit entered"),
    "PersonPosted": _("Person given a territory"),
    "PersonRegistered": _("Person registered"),
    "PlanEnded": _("Emergency plan ended"),
    "PlanEntered": _("Emergency plan entered"),
    "PostingEnded": _("Territory of a person ended"),
    "PollutionTypeSettled": _("Type of pollution settled"),
    "PacketsReadAgain": _("Packets of a device read again"),
    "LatePacketsHandedOn": _("Packets decoded late handed on"),
    "MessagesKept": _("Messages made here kept with their bytes"),
    "OwnMeansHandedOn": _("Means computed here handed on"),
    "QuarantineDecoded": _("Packets of the quarantine decoded"),
    "ReachEnded": _("Reach ended"),
    "ReachEntered": _("Reach entered"),
    "ReadingsAppended": _("Readings stored"),
    "ReadingsChanged": _("Readings changed"),
    "ReadingsCorrected": _("Readings corrected by their sender"),
    "ReadingsExpired": _("Readings kept no longer taken out of the lake"),
    "ReadingsWithdrawn": _("Readings taken back"),
    "RectificationRecorded": _("Rectification recorded"),
    "RehearsalDropped": _("Rehearsal deleted"),
    "RehearsalEnded": _("Rehearsal ended"),
    "RehearsalStarted": _("Rehearsal started"),
    "RuleAdded": _("Dispatch rule added"),
    "RuleRetired": _("Dispatch rule retired"),
    "ScreenedClueEntered": _("Clue entered from a screening"),
    "ScreeningRan": _("Screening run"),
    "ScreeningStarted": _("Screening run started"),
    "ScreeningSaved": _("Screening saved"),
    "SourceNamed": _("Source named"),
    "SourceSettled": _("Named source looked at"),
    "SuspectsRanked": _("Sources ranked"),
    "TraceRuleChanged": _("Rule of tracing changed"),
    "ForecastsBrought": _("Bulletin of air quality forecasts received"),
    "AirForecastsStored": _("Air quality forecasts stored"),
    "SpotRuleEnded": _("Rule for what satellites see ended"),
    "SpotRuleSet": _("Rule for what satellites see set"),
    "PairAnswered": _("Said whether two rows are one source"),
    "ScansStored": _("Scan of a lidar stored"),
    "SourceEntered": _("Fixed source entered as an enterprise"),
    "SourcesBuilt": _("List of fixed sources built"),
    "SpotsStored": _("Satellite spots stored"),
    "SpotsWithdrawn": _("Satellite spots taken back"),
    "StandardApplied": _("Standard applied to a station"),
    "StandardEnded": _("Standard no longer binds a station"),
    "StationDescribed": _("Station described"),
    "StationRegistered": _("Station registered"),
    "StreamDescribed": _("Data stream described"),
    "TaskDueSoon": _("Task due soon"),
    "TaskGiven": _("Task given"),
    "TimeLimitSet": _("Time limit set"),
    "ViolationDetermined": _("Violation determined"),
    "WarningDeclared": _("Heavy-pollution warning declared"),
    "WarningEnded": _("Heavy-pollution warning ended"),
    "WaterDrawn": _("River or lake drawn"),
    "WatchEnded": _("Watch ended"),
    "WatchSet": _("Watch set"),
    "DisclosureEnded": _("Disclosure withdrawn"),
    "DisclosureEntered": _("Disclosure entered"),
    "ForecastsIssued": _("Forecasts issued"),
    "ForecastRuleChanged": _("Rule of forecasting changed"),
    "GradeCorrected": _("Credit computed anew after an objection"),
    "GradeRulesSet": _("Rules of environmental credit set"),
    "GradesAsked": _("Evaluation of credit asked for"),
    "GradesComputed": _("Evaluation of credit computed"),
    "ObjectionAnswered": _("Objection to credit answered"),
    "ObjectionFiled": _("Objection to credit filed"),
    "ProjectEnded": _("Project of a site ended"),
    "ProjectEntered": _("Project of a site entered"),
    "ThresholdEnded": _("Alarm threshold ended"),
    "ThresholdEntered": _("Alarm threshold set"),
    "DocumentEnded": _("Document of a source ended"),
    "DocumentEntered": _("Document of a source entered"),
    "SignEntered": _("Item of credit entered"),
    "SignWithdrawn": _("Item of credit taken back"),
    "WrittenFirmReopened": _("Enterprise meant by a list open again"),
    "ZoneDrawn": _("Area of patrol flights drawn"),
}


MOST_DETAIL = 2000


PAGES = {kind: (kind, f"{kind}_id") for kind in ("case", "finding", "import", "rehearsal")}
PAGES = {
    "case": ("case", "case_id"),
    "finding": ("finding", "finding_id"),
    "import": ("import", "import_id"),
    "screening": ("screening", "screening_id"),
    "warning": ("warning", "warning_id"),
}


@dataclass(frozen=True)
class Line:
    """One line of the log, as pages show it."""

    seq: int
    at: datetime
    act: str
    title: str
    who: str
    origin: str
    why: str
    subject: str
    href: str
    detail: dict[str, Any]
    hash: str

    @property
    def detail_text(self) -> str:
        """Everything that the line holds, cut where it is very long."""
        return json.dumps(self.detail, ensure_ascii=False, indent=1)[:MOST_DETAIL]


def for_people(entries: Iterable[Entry]) -> list[Line]:
    """The entries with their words, and the people by name, by one query."""
    rows = list(entries)
    names = names_of(entry.actor for entry in rows)
    return [_line(entry, names) for entry in rows]


def names_of(accounts: Iterable[str]) -> dict[str, str]:
    """The names of people by their accounts, by one query."""
    wanted = {account for account in accounts if account}
    return {one.username: one.name for one in User.objects.filter(username__in=wanted)} if wanted else {}


GREW = "FindingGrew"


def as_timeline(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """The lines as `_timeline.html` draws them, newest first."""
    entries: list[dict[str, Any]] = []
    said: tuple[str, str] | None = None
    for line in sorted(lines, key=lambda line: line.seq, reverse=True):
        title, text = head_and_rest(line.title)
        entry = {"title": title, "at": line.at, "who": line.who, "text": " ".join(filter(None, (text, line.why)))}
        if line.act == GREW and said == (line.act, text):
            entries.pop()  # the same sentence again: when it was said first is what counts
        entries.append(entry)
        said = line.act, text
    return entries


def head_and_rest(words: str) -> tuple[str, str]:
    """What happened, and the rest of the sentence: parted at the first colon or semicolon that is not in a time."""
    head, *rest = re.split(r"[:;\uff1a\uff1b]\s*(?=\D)", words, maxsplit=1)
    return head, "".join(rest)


def title_of(act: str, detail: dict[str, Any]) -> str:
    """What happened: the event's own words, else the title of its kind."""
    known = Event.known.get(act)
    if known is not None and hasattr(known, "words"):
        return str(known.from_detail(detail).words().in_language(get_language() or "zh-hans"))
    return str(TITLES.get(act, act))


def _line(entry: Entry, names: dict[str, str]) -> Line:
    kind, _slash, number = entry.subject.partition("/")
    page, found = PAGES.get(kind), number_in(number)
    return Line(
        seq=entry.seq,
        at=entry.at,
        act=entry.act,
        title=title_of(entry.act, entry.detail),
        who=names.get(entry.actor, entry.actor) or str(_("the platform")),
        origin=entry.origin,
        why=entry.why,
        subject=entry.subject,
        href=reverse(page[0], kwargs={page[1]: found}) if page and found is not None else "",
        detail=entry.detail,
        hash=bytes(entry.hash).hex(),
    )
