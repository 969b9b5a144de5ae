"""Bring Debian's Chromium and a Chinese font for the browser tests where that may be done; else say what is missing."""

import os
import shutil
import subprocess
import sys

PACKAGES = ("chromium", "fonts-noto-cjk")


def main() -> int:
    """Install when it is missing and we are root on a Debian; tests that need a browser are skipped otherwise."""
    if shutil.which("chromium") and _has_chinese_font():
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.stdout.write(f"browser tests will be skipped: install {' and '.join(PACKAGES)} to run them\n")
        return 0
    sys.stdout.write("qingyuan  installing Chromium and a Chinese font for the browser tests\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stdout.write(f"browser tests will be skipped: apt-get said {done.stderr.strip()[-300:]}\n")
            return 0
    return 0


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return os.path.isdir("/usr/share/fonts/opentype/noto")
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
