"""`qingyuan gateway`: the process that devices speak to. Here the store is handed to the gateway as its sink."""

import argparse
import asyncio
import gc
import signal
from typing import TYPE_CHECKING

from qingyuan.project.commands._command import Command

if TYPE_CHECKING:
    from qingyuan.sensing.gateway import Tls

YOUNG = 20_000  # objects made before garbage is searched for: a batch makes many, and hardly any that name each other


def _run(options: argparse.Namespace) -> int:
    import uvloop

    gc.set_threshold(YOUNG)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve())


async def _serve() -> int:
    from django.conf import settings

    from qingyuan.kit import metrics
    from qingyuan.recording.api import append
    from qingyuan.sensing.gateway import Gateway

    metrics.serve("gateway")
    gateway = Gateway(sink=append)
    serving = asyncio.create_task(gateway.serve(settings.GATEWAY_HOST, settings.GATEWAY_PORT, tls=_tls()))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        return 0
    return 1


def _tls() -> "Tls | None":
    from django.conf import settings

    from qingyuan.sensing.gateway import Tls

    if not settings.GATEWAY_TLS_CERTIFICATE:
        return None
    return Tls(
        settings.GATEWAY_TLS_PORT,
        settings.GATEWAY_TLS_CERTIFICATE,
        settings.GATEWAY_TLS_KEY,
        settings.GATEWAY_TLS_CLIENTS,
    )


GATEWAY = Command("the HJ 212 gateway alone", _run)
