"""Where the program keeps its data."""

import os
from pathlib import Path


def data_folder() -> Path:
    """The data folder: `QINGYUAN_DATA`, else `/var/lib/qingyuan` for root, else the user's own data folder."""
    given = os.environ.get("QINGYUAN_DATA")
    if given:
        return Path(given).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/qingyuan")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "qingyuan"
