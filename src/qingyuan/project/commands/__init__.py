"""The sub-commands, one module each."""

from qingyuan.project.commands import (
    anchor,
    backup,
    calc,
    evidence,
    gateway,
    hj212,
    lake,
    manage,
    rehearse,
    replay,
    reset,
    restore,
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
    "calc": calc.CALC,
    "hj212": hj212.HJ212,
    "lake": lake.LAKE,
    "rules": rehearse.RULES,
    "rehearse": rehearse.REHEARSE,
    "verify": verify.VERIFY,
    "anchor": anchor.ANCHOR,
    "evidence": evidence.EVIDENCE,
    "backup": backup.BACKUP,
    "restore": restore.RESTORE,
    "reset-demo": reset.RESET,
    "manage": manage.MANAGE,
}
