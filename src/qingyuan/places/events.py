"""Facts about places."""

from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class CellDrawn(Event):
    subject_kind: ClassVar[str] = "cell"
    id: int
    code: str
    shape_sha256: str


@dataclass(frozen=True)
class CellRedrawn(Event):
    """A grid cell was drawn anew from a day on; stations and enterprises are those that now lie in another cell."""

    subject_kind: ClassVar[str] = "cell"
    id: int
    code: str
    since: str
    shape_sha256: str
    stations: list[str]
    enterprises: list[str]


@dataclass(frozen=True)
class EnterpriseRegistered(Event):
    subject_kind: ClassVar[str] = "enterprise"
    id: int
    code: str


@dataclass(frozen=True)
class StationRegistered(Event):
    subject_kind: ClassVar[str] = "station"
    id: int
    code: str


@dataclass(frozen=True)
class StationDescribed(Event):
    """A station or the place where it stands was described anew; `values` are what was changed."""

    subject_kind: ClassVar[str] = "station"
    id: int
    values: dict[str, Any]


@dataclass(frozen=True)
class StandardApplied(Event):
    subject_kind: ClassVar[str] = "station"
    id: int
    standard: str
    level: str
    valid_from: str


@dataclass(frozen=True)
class PersonPosted(Event):
    subject_kind: ClassVar[str] = "person"
    id: int
    cell: str
    valid_from: str


@dataclass(frozen=True)
class PostingEnded(Event):
    """A person answers for a cell up to a day."""

    subject_kind: ClassVar[str] = "person"
    id: int
    cell: str
    last_day: str


@dataclass(frozen=True)
class StandardEnded(Event):
    """A class of a standard binds a station up to a day."""

    subject_kind: ClassVar[str] = "station"
    id: int
    standard: str
    level: str
    last_day: str


@dataclass(frozen=True)
class PaperEvent(Event):
    """A fact about one paper of an enterprise or a reach; `values` is all that it says.

    From `since` to `until` (instants; None: without end) it may show data in another light than before.
    """

    id: int
    paper: int
    values: dict[str, Any]
    since: str
    until: str | None


@dataclass(frozen=True)
class PermitEntered(PaperEvent):
    """A permit, or its next edition, was entered."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class PermitEnded(PaperEvent):
    """A permit was ended with a last day, or withdrawn as never valid."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class PermitSheetEntered(Event):
    """Permits, or disclosures by its `kind`, were entered out of a spreadsheet; each has its own line too."""

    subject_kind: ClassVar[str] = "permit-sheet"
    id: int
    name: str
    sha256: str
    permits: int
    kind: str = "permit"


@dataclass(frozen=True)
class PermitSheetUndone(Event):
    """What a spreadsheet brought was taken back; `kept` of its papers somebody had changed since."""

    subject_kind: ClassVar[str] = "permit-sheet"
    id: int
    withdrawn: int
    kept: int


@dataclass(frozen=True)
class OrderEntered(PaperEvent):
    """An order to stop or cut, or its next edition, was entered."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class OrderEnded(PaperEvent):
    """An order was ended, or withdrawn as never given."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class PlanEntered(PaperEvent):
    """An enterprise's emergency plan, or its next edition, was entered."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class PlanEnded(PaperEvent):
    """An emergency plan was ended, or withdrawn."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class WarningDeclared(PaperEvent):
    """A heavy-pollution warning, or its next edition, was declared."""

    subject_kind: ClassVar[str] = "warning"


@dataclass(frozen=True)
class WarningEnded(PaperEvent):
    """A heavy-pollution warning was lifted, or withdrawn."""

    subject_kind: ClassVar[str] = "warning"


@dataclass(frozen=True)
class MeterAssigned(PaperEvent):
    """It was entered what a meter feeds."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class MeterReleased(PaperEvent):
    """What was entered of a meter's use was ended, or withdrawn."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class ReachEntered(PaperEvent):
    """It was entered that water comes from one station to another."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class ReachEnded(PaperEvent):
    """A reach between stations was ended, or withdrawn."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class ControlEntered(PaperEvent):
    """The control level of an enterprise, or its next edition, was entered."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class ControlEnded(PaperEvent):
    """A control level was ended, or withdrawn as never given."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class DisclosureEntered(PaperEvent):
    """What an enterprise disclosed about a year, or its next edition, was entered."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class DisclosureEnded(PaperEvent):
    """A disclosure was withdrawn as never made."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class ZoneDrawn(Event):
    """An area that is watched over was entered or drawn anew."""

    subject_kind: ClassVar[str] = "zone"
    id: int
    code: str
    kind: str
    shape_sha256: str


@dataclass(frozen=True)
class WaterDrawn(Event):
    """A river or lake was entered or drawn anew."""

    subject_kind: ClassVar[str] = "water"
    id: int
    code: str
    shape_sha256: str


@dataclass(frozen=True)
class OutfallEntered(PaperEvent):
    """What is known of an outfall was entered, first or anew."""

    subject_kind: ClassVar[str] = "outfall"


@dataclass(frozen=True)
class OutfallEnded(PaperEvent):
    """An outfall ended with a last day, or what was entered of it was withdrawn as never true."""

    subject_kind: ClassVar[str] = "outfall"


@dataclass(frozen=True)
class OutfallMoved(Event):
    """An outfall came into a state on a day."""

    subject_kind: ClassVar[str] = "outfall"
    id: int
    state: str
    on: str


@dataclass(frozen=True)
class OutfallStepWithdrawn(Event):
    """The newest step of an outfall was taken back; `state` is the one it is in again, empty for none."""

    subject_kind: ClassVar[str] = "outfall"
    id: int
    step: int
    state: str


@dataclass(frozen=True)
class ProjectEntered(PaperEvent):
    """What is built at a site, or its next stage, was entered."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class ProjectEnded(PaperEvent):
    """The project of a site was ended, or withdrawn as never true."""

    subject_kind: ClassVar[str] = "station"


@dataclass(frozen=True)
class ThresholdEntered(PaperEvent):
    """An authority set an alarm threshold for itself, or its next edition."""

    subject_kind: ClassVar[str] = "threshold"


@dataclass(frozen=True)
class ThresholdEnded(PaperEvent):
    """An alarm threshold was ended, or withdrawn as never set."""

    subject_kind: ClassVar[str] = "threshold"


@dataclass(frozen=True)
class DocumentEntered(PaperEvent):
    """A document of a source, or its next edition, was entered; its file stands there by its hash."""

    subject_kind: ClassVar[str] = "enterprise"


@dataclass(frozen=True)
class DocumentEnded(PaperEvent):
    """A document of a source was ended, or withdrawn as never valid."""

    subject_kind: ClassVar[str] = "enterprise"
