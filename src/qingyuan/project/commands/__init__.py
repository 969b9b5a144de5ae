"""The sub-commands, one module each."""

from qingyuan.project.commands import (
    calc,
    gateway,
    hj212,
    import_table,
    manage,
    replay,
    reset,
    run,
    verify,
    web,
    worker,
    world,
)
from qingyuan.project.commands._command import Command

COMMANDS: dict[str, Command] = {
    "run": run.RUN,
    "gateway": gateway.GATEWAY,
    "web": web.WEB,
    "worker": worker.WORKER,
    "world": world.WORLD,
    "replay": replay.REPLAY,
    "import": import_table.IMPORT,
    "calc": calc.CALC,
    "hj212": hj212.HJ212,
    "verify": verify.VERIFY,
    "reset-demo": reset.RESET,
    "manage": manage.MANAGE,
}
