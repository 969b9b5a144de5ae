"""Which devices depart from the standard; the gateway frames their bytes differently from the first byte on."""

from qingyuan.sensing.models import Device
from qingyuan.sensing.queries import dialect_of
from qingyuan_science.hj212 import STANDARD, Dialect


def odd_dialects() -> dict[str, Dialect]:
    """Dialect by MN of every device that does not follow the standard profile."""
    devices = Device.objects.select_related("dialect").exclude(dialect__code=STANDARD.code)
    return {device.mn: dialect_of(device.dialect) for device in devices}
