"""Samples retained when a limit is exceeded: asked for while it lasts, and filed with the case."""

from datetime import timedelta

from qingyuan.dispatching.logic import filing
from qingyuan.dispatching.logic.filing import Item
from qingyuan.dispatching.models import Case
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock
from qingyuan.sensing.api import retain_samples
from qingyuan.sensing.queries import Command, CommandState
from qingyuan_science.plugins import Text

STILL_FLOWS = timedelta(hours=2)  # our own choice: an hour mean is told within the next hour
BOTTLE = "VaseNo"


def ask(found: Finding) -> None:
    """Ask for a sample of what is over its limit now; of what is long past no sample can be taken."""
    over = found.limit_code and found.times_over > 0.0
    if over and found.station and found.ended_at >= clock.now() - STILL_FLOWS:
        retain_samples(found.station, why=found.sentence)


def file(command: Command) -> None:
    """Put how a sampler answered into the files of the station's open cases about limits."""
    if command.device.station_id is None:
        return
    asked = {"mn": command.device.mn, "command": command.pk, "asked_at": command.asked_at.isoformat()}
    record = {**asked, "state": command.state, "answer": command.answer}
    item = Item("sample", _title(command), f"command/{command.pk}", record)
    about = Case.objects.filter(station=command.device.station_id, closed_at=None).exclude(finding__limit_code="")
    for case in about.select_for_update(of=("self",)).order_by("pk"):
        filing.file(case, item)


def _title(command: Command) -> Text:
    if command.state != CommandState.DONE:
        return Text("超标留样未成功", "No sample could be retained")
    bottles = ", ".join(value for group in command.answer for name, value in group if name == BOTTLE)
    if not bottles:
        return Text("超标留样完成，设备未报瓶号", "Sample retained; the device did not say in which bottle")
    return Text(f"超标留样，瓶号 {bottles}", f"Sample retained in bottle {bottles}")
