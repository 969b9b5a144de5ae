"""How each source of data stands: what it brought lately against what is expected of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from qingyuan.people.queries import ENTERPRISES, Departments, Organisation, User, departments
from qingyuan.sensing.queries import DEVICE, Device, Feed, Intake, Source, connectors, intakes, sources
from qingyuan.showing.states import SILENT_AFTER
from qingyuan.showing.wording import said

NOBODY, TOGETHER = "nobody", "enterprises"  # in addresses, where codes of organisations stand
STATES: dict[str, tuple[str | Promise, str]] = {
    "trouble": (_("In trouble"), "bad"),
    "silent": (_("Silent"), "warning"),
    "in-order": (_("In order"), "good"),
    "free": (_("At no fixed pace"), "idle"),
    "off": (_("Switched off"), "idle"),
}
"""How a source stands, the worst first: its title, and the kind of its badge."""


@dataclass(frozen=True)
class Delivering:
    """One source with what came of it; `late` is how long it is overdue, None where it is not, or nobody can tell."""

    source: Source
    intake: Intake
    key: str
    expected: timedelta | None
    late: timedelta | None
    kind_title: str

    @property
    def title(self) -> str | Promise:
        return STATES[self.key][0]

    @property
    def badge(self) -> str:
        return STATES[self.key][1]

    @property
    def is_missing(self) -> bool:
        """Whether something should have come and did not."""
        return self.key in {"trouble", "silent"}

    @property
    def rank(self) -> tuple[int, float, str]:
        """The worst first, of these the one that is overdue longest."""
        return list(STATES).index(self.key), -(self.late or timedelta.max).total_seconds(), self.source.code


def delivering(viewer: User, now: datetime) -> tuple[Departments, list[Delivering]]:
    """The departments, and every source that the viewer may see, the worst first."""
    known = departments()
    found = sources(viewer, known)
    came = intakes(found, now)
    titles = {one.code: said(one.title) for one in connectors()} | {DEVICE: str(_("Device (HJ 212)"))}
    rows = [_standing(one, came[one.sender], titles.get(one.kind, one.kind), now) for one in found]
    return known, sorted(rows, key=lambda one: one.rank)


def _standing(source: Source, intake: Intake, kind: str, now: datetime) -> Delivering:
    expected = SILENT_AFTER if source.kind == DEVICE else source.every
    key, late = _state(source, expected, now)
    return Delivering(source, intake, key, expected, late, kind)


def _state(source: Source, expected: timedelta | None, now: datetime) -> tuple[str, timedelta | None]:
    if not source.enabled:
        return "off", None
    heard = source.newest_at or source.since
    late = now - heard - expected if heard and expected else None
    overdue = late if late and late > timedelta() else None
    if source.trouble:
        return "trouble", overdue
    if expected is None:
        return "free", None
    return ("silent" if overdue or heard is None else "in-order"), overdue


def department_fact(source: Device | Feed) -> dict[str, str]:
    """Whose data a source brings, for its page; where nobody is named, by what it counts so."""
    label = str(_("Source department"))
    if source.department is not None:
        return {"label": label, "value": source.department.title}
    station = source.station if isinstance(source, Device) else None
    if station is not None and station.enterprise is not None:
        firm = station.enterprise
        title = firm.organisation.title if firm.organisation else firm.title
        return {"label": label, "value": title, "note": str(_("as that of its station’s enterprise"))}
    known = departments()
    return {"label": label, "value": title_of(known.bureau, known), "note": str(_("nobody is named"))}


def slug_of(key: int | None, known: Departments) -> str:
    """A department in an address."""
    named = organisation_of(key, known)
    return named.code if named else TOGETHER if key == ENTERPRISES else NOBODY


def title_of(key: int | None, known: Departments) -> str:
    """What a department is called."""
    named = organisation_of(key, known)
    return named.title if named else str(_("Enterprises") if key == ENTERPRISES else _("No department named"))


def organisation_of(key: int | None, known: Departments) -> Organisation | None:
    """The organisation of a department that is one."""
    return next((one for one in known.known if one.pk == key), None)
