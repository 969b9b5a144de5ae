"""The platform's settings with a data folder that goes away; the database is set by tests/platform/conftest.py."""

import atexit
import os
import shutil
import tempfile

SCRATCH = tempfile.mkdtemp(prefix="qingyuan-test-")
os.chmod(SCRATCH, 0o755)  # noqa: S103 as root, PostgreSQL's own user must pass through
os.environ["QINGYUAN_DATA"] = os.path.join(SCRATCH, "data")
os.environ["QINGYUAN_DEMO"] = "true"
os.environ["QINGYUAN_LOOKS_BYTES"] = "0"  # every rehearsal asks its detectors, but where a test wants otherwise
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

from qingyuan.project.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; nothing here is secret
