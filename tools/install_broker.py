"""Bring Debian's Mosquitto for the tests of MQTT where that may be done; else say what is missing."""

import os
import shutil
import subprocess
import sys

PACKAGE = "mosquitto"
PLACES = "/usr/sbin:/usr/local/sbin"  # where Debian puts it, which is not on everybody's path


def main() -> int:
    """Install when it is missing and we are root on a Debian; tests that need a broker are skipped otherwise."""
    if shutil.which(PACKAGE) or shutil.which(PACKAGE, path=PLACES):
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.stdout.write(f"tests of MQTT will be skipped: install {PACKAGE} to run them\n")
        return 0
    sys.stdout.write("qingyuan  installing Mosquitto for the tests of MQTT\n")
    # its service is not to start: tests start a broker of their own on a loopback port
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stdout.write(f"tests of MQTT will be skipped: apt-get said {done.stderr.strip()[-300:]}\n")
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
