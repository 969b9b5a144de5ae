"""How outfalls stand at this moment, as a light with its reasons; it is no colour code of an assessment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.dispatching.queries import Case
from qingyuan.judging.queries import REPORTED, Finding, FindingState, SeverityLevel
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import OutfallEdition, monitors_of, territory_of
from qingyuan.sensing.queries import Device
from qingyuan.showing.states import SILENT_AFTER
from qingyuan.showing.wording import said
from qingyuan_science.plugins import Text

EXCEEDANCES = {"exceedance", "annual_total"}
RED, YELLOW, GREEN, DARK = "red", "yellow", "green", "dark"
TITLES = {
    RED: Text("存在问题", "Problem"),
    YELLOW: Text("需要关注", "Attention"),
    GREEN: Text("正常", "In order"),
    DARK: Text("未监测", "Not monitored"),
}
KINDS = {RED: "bad", YELLOW: "warning", GREEN: "good", DARK: "idle"}
ORDER = (RED, YELLOW, GREEN, DARK)


@dataclass(frozen=True)
class Reason:
    """Why a light is as it is, and where that is shown."""

    key: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Light:
    """The light of one outfall."""

    key: str
    reasons: tuple[Reason, ...]

    @property
    def title(self) -> str:
        """Its word."""
        return said(TITLES[self.key])

    @property
    def kind(self) -> str:
        """As `state_badge` takes it."""
        return KINDS[self.key]


def lights_of(viewer: User, rows: Sequence[OutfallEdition], now: datetime) -> dict[int, Light]:
    """The light of each outfall by its edition's number, by five queries however many there are."""
    watching = monitors_of([one.pk for one in rows])
    at = {station for several in watching.values() for station in several}
    seen = territory_of(viewer).of_stations("station__")
    reasons: dict[int, list[Reason]] = {}
    for station, reason in (*_cases(viewer, seen, at), *_findings(viewer, seen, at), *_silent(seen, at, now)):
        reasons.setdefault(station, []).append(reason)
    quiet = _("nothing is open, and its devices are heard")
    if viewer.role == Role.ENTERPRISE:  # whether a case is open is not for it to know
        quiet = _("no finding is open, and its devices are heard")
    return {one.pk: _light(one, watching.get(one.pk, []), reasons, (now, quiet)) for one in rows}


def _light(
    row: OutfallEdition, stations: Iterable[int], reasons: Mapping[int, Sequence[Reason]], told: tuple[datetime, str]
) -> Light:
    now, quiet = told
    found = sorted((one for pk in stations for one in reasons.get(pk, ())), key=lambda one: ORDER.index(one.key))
    if row.granted_until is not None and row.granted_until < now.astimezone(SHANGHAI).date():
        found.append(Reason(YELLOW, _("approval or registration ended on %(day)s") % {"day": row.granted_until}))
    if found:
        return Light(min((one.key for one in found), key=ORDER.index), tuple(found))
    if not stations:
        return Light(DARK, (Reason(DARK, _("no station watches it")),))
    return Light(GREEN, (Reason(GREEN, quiet),))


def _cases(viewer: User, seen: Any, at: Iterable[int]) -> list[tuple[int, Reason]]:
    if viewer.role == Role.ENTERPRISE:
        return []
    found = Case.objects.filter(seen, station__in=at, closed_at=None).order_by("-opened_at")
    return [
        (
            one.station_id or 0,
            Reason(
                RED, _("case %(number)s is open: %(title)s") % {"number": one.number, "title": one.title},
                reverse("case", kwargs={"case_id": one.pk}),
            ),
        )
        for one in found
    ]  # fmt: skip


def _findings(viewer: User, seen: Any, at: Iterable[int]) -> list[tuple[int, Reason]]:
    found = Finding.objects.filter(seen, station__in=at, state=FindingState.OPEN).order_by("-severity", "-opened_at")
    if viewer.role == Role.ENTERPRISE:
        found = found.exclude(detector=REPORTED)
    return [
        (
            one.station_id or 0,
            Reason(
                RED if one.detector in EXCEEDANCES or one.severity >= SeverityLevel.MAJOR else YELLOW, one.sentence,
                reverse("finding", kwargs={"finding_id": one.pk}),
            ),
        )
        for one in found.select_related("station", "channel")
    ]  # fmt: skip


def _silent(seen: Any, at: Iterable[int], now: datetime) -> list[tuple[int, Reason]]:
    told = []
    for device in Device.objects.filter(seen, station__in=at).select_related("station"):
        if device.station is None:
            continue
        words = {"station": device.station.title}
        href = reverse("station", kwargs={"code": device.station.code})
        if device.last_seen_at is None:
            told.append((device.station.pk, Reason(YELLOW, _("%(station)s was never heard") % words, href)))
        elif now - device.last_seen_at > SILENT_AFTER:
            words["since"] = f"{device.last_seen_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            told.append((device.station.pk, Reason(YELLOW, _("%(station)s silent since %(since)s") % words, href)))
    return told
