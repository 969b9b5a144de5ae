"""`qingyuan anchor`: keep the head of the log outside of the database."""

import argparse
import sys

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    from django.conf import settings

    from qingyuan.kit.proof import anchors

    made = anchors.anchor()
    sys.stdout.write(f"{made.size} lines, root {bytes(made.root).hex()}, kept in {settings.ANCHOR_FILE}\n")
    if settings.ANCHOR_URL and made.sent_at is None:
        sys.stderr.write(
            f"not sent to {settings.ANCHOR_URL}, will be tried again: {made.error or 'earlier ones wait'}\n"
        )
        return 1
    return 0


ANCHOR = Command("keep the head of the log in the anchor file, and send it where the settings say", _run)
