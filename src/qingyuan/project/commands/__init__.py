"""The sub-commands, one module each."""

from qingyuan.project.commands import (
    calc,
    feeds,
    gateway,
    hj212,
    manage,
    replay,
    reset,
    run,
    try_connector,
    verify,
    web,
    worker,
    world,
)
from qingyuan.project.commands._command import Command

COMMANDS: dict[str, Command] = {
    "run": run.RUN,
    "gateway": gateway.GATEWAY,
    "feeds": feeds.FEEDS,
    "web": web.WEB,
    "worker": worker.WORKER,
    "world": world.WORLD,
    "replay": replay.REPLAY,
    "calc": calc.CALC,
    "hj212": hj212.HJ212,
    "try": try_connector.TRY,
    "verify": verify.VERIFY,
    "reset-demo": reset.RESET,
    "manage": manage.MANAGE,
}
