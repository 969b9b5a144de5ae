"""Which devices are known, depart from the standard or encipher; the gateway needs that from their first byte on."""

from datetime import datetime, timedelta

from qingyuan.sensing.models import Device, DeviceState
from qingyuan.sensing.queries import dialect_of, keys_changed
from qingyuan_science.hj212 import STANDARD, BadDialect, Dialect, read_key
from qingyuan_science.standards import StandardsError, find_factor
from qingyuan_science.units import UnitError, convert

FORMER_HOLDS = timedelta(hours=1)  # a device gives up repeating long before


def odd_dialects() -> dict[str, Dialect]:
    """Dialect by MN of every device that does not follow the standard profile."""
    devices = Device.objects.select_related("dialect").exclude(dialect__code=STANDARD.code)
    return {device.mn: dialect_of(device.dialect) for device in devices}


def keys_of_devices(now: datetime) -> tuple[dict[str, tuple[bytes, ...]], datetime | None]:
    """SM4 keys by MN of every device that has one, and until when that holds.

    For some time after a change the key before is among them: what the device repeats was enciphered with it.
    """
    changed = keys_changed(since=now - FORMER_HOLDS)
    found = {}
    for number, mn, key, former in Device.objects.exclude(key="").values_list("pk", "mn", "key", "former_keys"):
        before = former.split("\n")[:1] if number in changed else []
        found[mn] = tuple(read_key(one) for one in (key, *before) if one)
    return found, min(changed.values()) + FORMER_HOLDS if changed else None


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
