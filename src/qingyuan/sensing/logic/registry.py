"""What the gateway must know of devices and channels, kept in memory and refreshed when one of them changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from qingyuan.kit import log
from qingyuan.sensing.door import Networks, networks_of
from qingyuan.sensing.events import DEVICE_CHANGES, ChannelDefined
from qingyuan.sensing.logic.commanding import passwords_possible
from qingyuan.sensing.logic.forms import Form, Key
from qingyuan.sensing.logic.raw import segments
from qingyuan.sensing.models import Channel, Device, DeviceState, DialectProfile
from qingyuan.sensing.queries import dialect_of
from qingyuan_science.hj212 import Dialect, PartsCollector, PartsStatus
from qingyuan_science.standards import Factor, UnknownFactor, find_factor

SHORTEST_SILENCE_US = 15 * 60 * 1_000_000
TIMES_THE_USUAL = 2.5
MOST_SPLIT = 20_000  # messages on their way in parts: what a large city sends within the patience
MOST_FORMS = 50_000  # some four for each device of a large city
_NEWEST = (  # asked for every batch: looks at the lines since the last batch, never further back
    "SELECT max(seq), max(seq) FILTER (WHERE act = ANY(%s)) FROM kit_entry WHERE seq > %s"
)
_LAST = "SELECT coalesce(max(seq), 0) FROM kit_entry"
_DEFINE = (  # one that another gateway defined meanwhile is answered as it is
    "INSERT INTO sensing_channel AS known (station_id, factor, basis, unit) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (station_id, factor, basis) DO UPDATE SET unit = known.unit RETURNING id, unit, xmax = 0"
)
_CHANGED = "SELECT DISTINCT detail->>'mn' FROM kit_entry WHERE act = ANY(%s) AND seq > %s"
_HEEDED = [act for act in DEVICE_CHANGES if act != ChannelDefined.__name__]  # an unknown channel is looked up anyway


@dataclass(frozen=True)
class Known:
    """A device as the gateway needs it."""

    id: int
    mn: str
    state: str
    password: str
    station_id: int | None
    station_kind: str
    dialect: Dialect
    networks: Networks = ()
    last_seen_us: int = 0
    enciphers: bool = False
    possible: Mapping[str, int] = field(default_factory=dict)  # new passwords that it may have taken, by the command

    @property
    def active(self) -> bool:
        return self.state == DeviceState.ACTIVE


@dataclass
class Registry:
    """Devices by MN, channels by (station, factor, basis), and the forms that devices' packets have."""

    _seen: int = -1  # last line of the log that was looked at
    _changed: bool = False
    _dialects: dict[int, Dialect] = field(default_factory=dict)
    _devices: dict[str, Known] = field(default_factory=dict)
    _possible: dict[int, dict[str, int]] | None = None  # passwords, by device
    _has_turn: bool = False  # on the chain, until the end of the transaction
    _absent: set[str] = field(default_factory=set)  # asked for since the last refresh, and not there
    _channels: dict[int, dict[tuple[str, str], tuple[int, str]]] = field(default_factory=dict)  # by station
    _factors: dict[tuple[str, str], Factor | None] = field(default_factory=dict)
    _forms: dict[Key, Form] = field(default_factory=dict)
    _heard: dict[str, int] = field(default_factory=dict)  # when each device was heard last [µs]
    _rests: dict[str, int] = field(default_factory=dict)  # how long each usually rests between packets [µs]
    parts: PartsCollector = field(default_factory=lambda: PartsCollector(most=MOST_SPLIT))
    split_at: dict[str, str] = field(default_factory=dict)  # from where each device sent parts last
    given_up: list[PartsStatus] = field(default_factory=list)  # messages that are not whole, until that is committed

    def refresh(self) -> None:
        """Forget the devices that changed since last time; all of them, when a change concerns more than one device."""
        self._absent.clear()
        self._has_turn = False
        with connection.cursor() as cursor:
            names = self._named(cursor)
        if not names:
            return
        self._possible = None
        if None in names:
            self._clear()
        self._devices = {mn: known for mn, known in self._devices.items() if mn not in names}
        self._forms = {key: form for key, form in self._forms.items() if form.mn not in names}
        self._changed = True

    def _named(self, cursor: Any) -> set[str | None]:
        """The MN of each device that changed since last time; None among them when it concerns more than one."""
        if self._seen < 0:
            cursor.execute(_LAST)
            self._seen = cursor.fetchone()[0]
            return {None}
        since = self._seen
        cursor.execute(_NEWEST, [_HEEDED, since])
        newest, heeded = cursor.fetchone()
        self._seen = newest or since
        if heeded is None:
            return set()
        cursor.execute(_CHANGED, [_HEEDED, since])
        return {row[0] for row in cursor.fetchall()}

    def changed(self) -> bool:
        """Whether anything changed since this was asked last."""
        changed, self._changed = self._changed, False
        return changed

    def forget(self) -> None:
        """Start anew: what was cached may come from a transaction that failed."""
        self._seen = -1
        self._has_turn = False
        self._clear()

    def _clear(self) -> None:
        self._possible = None
        self._dialects.clear()
        self._devices.clear()
        self._absent.clear()
        self._channels.clear()
        self._forms.clear()

    def device(self, mn: str) -> Known | None:
        """The device of that MN, if anybody registered it or saw it before."""
        known = self._devices.get(mn)
        if known is None:
            if "\0" in mn or mn in self._absent:
                return None  # PostgreSQL keeps no text with NUL, and refuses the whole batch when it is asked for one
            found = Device.objects.select_related("dialect", "station").filter(mn=mn).first()
            if found is None:
                return None
            known = self._devices[mn] = self._known(found)
        return known

    def knows(self, mn: str) -> bool:
        """Whether a device is at hand without asking."""
        return mn in self._devices

    def missing(self, names: Iterable[str]) -> set[str]:
        """Those of some MN that nobody registered and that were never seen before."""
        new = {mn for mn in names if mn not in self._devices}
        self.expect(new)
        return {mn for mn in new if self.device(mn) is None}

    def meet(self, device: Device) -> None:
        """Know a device that was just entered."""
        self._absent.discard(device.mn)
        self._devices[device.mn] = self._known(device)

    def expect(self, names: Iterable[str]) -> None:
        """Look up at once the devices that are not known yet, and their channels: one by one that takes far longer."""
        new = {mn for mn in names if mn not in self._devices and "\0" not in mn}
        if len(new) < 2:
            return
        for found in Device.objects.select_related("dialect", "station").filter(mn__in=new):
            self._devices[found.mn] = self._known(found)
        self._absent |= new - self._devices.keys()
        homes = [self._devices[mn].station_id for mn in new & self._devices.keys()]
        stations = {number for number in homes if number is not None and number not in self._channels}
        self._channels.update({number: {} for number in stations})
        channels = Channel.objects.filter(station_id__in=stations)
        for station, code, basis, number, unit in channels.values_list("station_id", "factor", "basis", "pk", "unit"):
            self._channels[station][code, basis] = number, unit

    def _known(self, device: Device) -> Known:
        if self._possible is None:
            self._possible = passwords_possible()
        return _known(device, self._dialect(device.dialect), self._possible.get(device.pk, {}))

    def _dialect(self, profile: DialectProfile) -> Dialect:
        """The same object for all devices of a profile, so that it is compared at a glance."""
        if profile.pk not in self._dialects:
            self._dialects[profile.pk] = dialect_of(profile)
        return self._dialects[profile.pk]

    def channel(self, station_id: int, factor: Factor, basis: str) -> tuple[int, str]:
        """The channel of a station, factor and basis, and its unit; defined now if the factor is new there."""
        known = self._channels.get(station_id)
        if known is None:
            found = Channel.objects.filter(station_id=station_id).values_list("factor", "basis", "pk", "unit")
            known = self._channels[station_id] = {(code, base): (pk, unit) for code, base, pk, unit in found}
        key = factor.code, basis
        if key not in known:
            known[key] = self._define_channel(station_id, factor, basis)
        return known[key]

    def _define_channel(self, station_id: int, factor: Factor, basis: str) -> tuple[int, str]:
        with connection.cursor() as cursor:
            cursor.execute(_DEFINE, [station_id, factor.code, basis, factor.unit])
            number, unit, new = cursor.fetchone()
        if new:
            self.take_turn()
            log.write(ChannelDefined(id=number, station=str(station_id), factor=factor.code, basis=basis))
        return number, unit

    def take_turn(self) -> None:
        """Wait for the turn on the chain of segments, which comes before the turn on the log; once a transaction."""
        if not self._has_turn:
            segments.take_turn()
            self._has_turn = True

    def last_heard(self, mn: str, at: int) -> int:
        """When a device was heard before `at`, 0 if never; from now on it was heard at `at`. [µs]"""
        before = self._heard.get(mn)
        if before is None:
            device = self.device(mn)
            before = device.last_seen_us if device is not None else 0
        self._heard[mn] = at
        return before

    def usual_rest(self, mn: str, rest: int) -> float:
        """How long a device may rest before it counts as silent; a rest that is no silence is learned from. [µs]"""
        usual = self._rests.get(mn, 0)
        longest = max(SHORTEST_SILENCE_US, TIMES_THE_USUAL * usual)
        if rest <= longest or not usual:
            self._rests[mn] = max(rest, usual - usual // 64)
        return longest

    def give_up_parts(self, at: int) -> bool:
        """Give up the split messages that waited too long by `at`; whether any is to be named. [µs]"""
        self.given_up += self.parts.expired(at / 1_000_000)
        return bool(self.given_up)

    def gave_up(self) -> None:
        """Forget the messages that are not whole: it is committed."""
        self.given_up.clear()

    def form(self, key: Key) -> Form | None:
        """The form of that key, if a packet of it was read before."""
        return self._forms.get(key)

    def remember(self, key: Key, form: Form) -> None:
        """Read the next packets of that key by this form."""
        if len(self._forms) >= MOST_FORMS:
            self._forms.clear()
        self._forms[key] = form

    def factor(self, code: str, medium: str) -> Factor | None:
        """The factor that a code as sent means in this medium; None where no table knows it."""
        key = (code, medium)
        if key not in self._factors:
            try:
                self._factors[key] = find_factor(code, medium=medium or None)
            except UnknownFactor:
                self._factors[key] = None
        return self._factors[key]


def _known(device: Device, dialect: Dialect, possible: Mapping[str, int]) -> Known:
    return Known(
        id=device.pk,
        mn=device.mn,
        state=device.state,
        password=device.password,
        station_id=device.station_id,
        station_kind=device.station.kind if device.station else "",
        dialect=dialect,
        networks=networks_of(device.addresses),
        last_seen_us=round(device.last_seen_at.timestamp() * 1_000_000) if device.last_seen_at else 0,
        enciphers=bool(device.key) and dialect.cipher != "none",
        possible=possible,
    )
