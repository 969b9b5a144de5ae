"""`qingyuan web`: pages and live streams."""

import argparse

from qingyuan.project.commands._command import Command


def _run(options: argparse.Namespace) -> int:
    import uvicorn
    from django.conf import settings

    from qingyuan.kit import metrics

    metrics.serve("web")
    uvicorn.run(
        "qingyuan.project.asgi:application",
        host=settings.WEB_HOST,
        port=settings.WEB_PORT,
        log_level="warning",
        timeout_graceful_shutdown=2,
        lifespan="off",
    )
    return 0


WEB = Command("the web process alone", _run, environment={"QINGYUAN_DATABASE_POOL": "16"})
