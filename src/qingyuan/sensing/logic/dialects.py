"""Which devices depart from the standard or encipher; the gateway needs that from their first byte on."""

from qingyuan.sensing.models import Device
from qingyuan.sensing.queries import dialect_of
from qingyuan_science.hj212 import STANDARD, Dialect, read_key


def odd_dialects() -> dict[str, Dialect]:
    """Dialect by MN of every device that does not follow the standard profile."""
    devices = Device.objects.select_related("dialect").exclude(dialect__code=STANDARD.code)
    return {device.mn: dialect_of(device.dialect) for device in devices}


def keys_of_devices() -> dict[str, bytes]:
    """SM4 key by MN of every device that has one."""
    return {mn: read_key(key) for mn, key in Device.objects.exclude(key="").values_list("mn", "key")}
