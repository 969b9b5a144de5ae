"""All that can be checked: the log, its anchored heads, raw packets, evidence, photos, footage and deliveries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from qingyuan.dispatching.api import evidence_faults
from qingyuan.forwarding.api import delivery_faults, message_faults
from qingyuan.inspecting.api import photo_faults
from qingyuan.kit.proof import anchors, checking
from qingyuan.recording.api import reference_faults
from qingyuan.sensing.api import footage_faults, segment_faults


@dataclass
class Report:
    """How much of each was checked, and every fault that was found."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def take(self, name: str, found: Iterable[str | None]) -> None:
        """Count a walk that tells of each thing what is wrong with it, or None."""
        self.counts[name] = 0
        for fault in found:
            self.counts[name] += 1
            if fault is not None:
                self.faults.append(fault)

    def summary(self) -> str:
        """What was checked, in one line."""
        return ", ".join(f"{count:,} {name}" for name, count in self.counts.items())


def verify(anchor_file: Path | None = None) -> Report:
    """Check everything; the anchors are those of the settings unless another file is named."""
    report = Report()
    heads, unreadable = anchors.kept(anchor_file)
    found = checking.check(heads)
    report.counts |= {"lines of the log": found.lines, "anchored heads": found.anchors}
    report.faults += [*unreadable, *found.faults, *reference_faults()]
    report.take("segments of raw packets", segment_faults())
    report.take("pieces of evidence", evidence_faults())
    report.take("photos", photo_faults())
    report.take("clips and stills", footage_faults())
    report.take("deliveries", delivery_faults())
    report.take("sendings of messages made here", message_faults())
    return report
