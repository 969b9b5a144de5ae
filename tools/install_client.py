"""Bring aio-sensorthings, a public client of the SensorThings API, for the test that walks with it; else say why not.

The client wants Python 3.13 or later, which the platform does not run on. So it gets an environment of its own, with an
interpreter that is here already: no package brings one. It is installed as it is published.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CLIENT = "aio-sensorthings[all]==0.8.0"
UNDECLARED = "PyYAML"  # which it imports without saying so
PLACE = Path(__file__).resolve().parent.parent / ".make" / "aio-sensorthings"
VERSIONS = ("3.14", "3.13")
_ASKING = "import sys; print('%d.%d' % sys.version_info[:2])"


def interpreters() -> Iterator[str]:
    """Interpreters of a version that the client knows: on the path, or among those that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for version in VERSIONS:
        found = shutil.which(f"python{version}")
        places = [found] if found else []
        for place in (*places, *(str(one) for one in sorted(kept.glob(f"{version}.*/bin/python"), reverse=True))):
            asked = subprocess.run([place, "-c", _ASKING], capture_output=True, text=True, check=False)
            if asked.returncode == 0 and asked.stdout.strip() == version:
                yield place


def main() -> int:
    """Install it where it is missing and an interpreter is here; the test is skipped otherwise."""
    python = PLACE / "bin" / "python"
    if python.exists() and not subprocess.run([python, "-c", "import aio_sensorthings"], check=False).returncode:
        return 0
    interpreter = next(interpreters(), None)
    if interpreter is None:
        sys.stdout.write(f"the test of aio-sensorthings will be skipped: found no Python {' or '.join(VERSIONS)}\n")
        return 0
    sys.stdout.write(f"qingyuan  installing {CLIENT} for its test, with {interpreter}\n")
    shutil.rmtree(PLACE, ignore_errors=True)
    for command in (
        [interpreter, "-m", "venv", str(PLACE)],
        [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", CLIENT, UNDECLARED],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(PLACE, ignore_errors=True)
            sys.stdout.write(f"the test of aio-sensorthings will be skipped: {done.stderr.strip()[-300:]}\n")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
