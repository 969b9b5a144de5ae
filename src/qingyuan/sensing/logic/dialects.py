"""Which devices are known, depart from the standard or encipher; the gateway needs that from their first byte on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan.sensing.logic.commanding import SET_KEY, UNSURE
from qingyuan.sensing.models import Command, Device, DeviceState
from qingyuan.sensing.queries import dialect_of, keys_changed
from qingyuan_science.hj212 import STANDARD, BadDialect, Dialect, read_key
from qingyuan_science.standards import StandardsError, find_factor
from qingyuan_science.units import UnitError, convert

FORMER_HOLDS = timedelta(hours=1)  # a device gives up repeating long before


def odd_dialects() -> dict[str, Dialect]:
    """Dialect by MN of every device that does not follow the standard profile."""
    devices = Device.objects.select_related("dialect").exclude(dialect__code=STANDARD.code)
    return {device.mn: dialect_of(device.dialect) for device in devices}


@dataclass(frozen=True)
class DeviceKeys:
    """SM4 keys by MN, until when they are these, and by MN the new ones of which no device has said that it took them.

    `unsure` names the command that set each.
    """

    of: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    unsure: Mapping[str, Mapping[bytes, int]] = field(default_factory=dict)
    until: datetime | None = None


def keys_of_devices(now: datetime) -> DeviceKeys:
    """The keys of every device that has one.

    For some time after a change the key before is among them: what the device repeats was enciphered with it. So is a
    new one that was sent and not confirmed, until it is known which holds.
    """
    changed, unsure = keys_changed(since=now - FORMER_HOLDS), _unsure()
    found = {}
    for number, mn, key, former in Device.objects.exclude(key="").values_list("pk", "mn", "key", "former_keys"):
        before = former.split("\n")[:1] if number in changed else []
        found[mn] = (*(read_key(one) for one in (key, *before) if one), *unsure.get(mn, ()))
    return DeviceKeys(found, unsure, min(changed.values()) + FORMER_HOLDS if changed else None)


def _unsure() -> dict[str, dict[bytes, int]]:
    found: dict[str, dict[bytes, int]] = {}
    for row in Command.objects.filter(code=SET_KEY, state__in=UNSURE).select_related("device"):
        if "NewSK" in row.secrets:
            found.setdefault(row.device.mn, {})[read_key(row.secrets["NewSK"])] = row.pk
    return found


def registered_devices() -> frozenset[str]:
    """MN of every device that stands in the register and is in use."""
    return frozenset(Device.objects.filter(state=DeviceState.ACTIVE).values_list("mn", flat=True))


def check_codes(dialect: Dialect) -> None:
    """Refuse a profile that gives a sender's code a factor that no table knows, or a unit that is not one of it.

    Raises
    ------
    BadDialect
        Names the code, and what was expected.
    """
    for code in dialect.codes:
        meant, unit = dialect.meaning(code)
        try:
            factor = find_factor(meant)
            convert(1.0, unit or factor.unit, factor.unit)
        except (StandardsError, UnitError) as error:
            expected = "a code of the factor table, and a unit of that factor"
            raise BadDialect(f"code {code!r} as {dialect.codes[code]!r} ({error})", expected) from None
