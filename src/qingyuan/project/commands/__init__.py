"""The sub-commands, one module each."""

from qingyuan.project.commands import (
    anchor,
    backup,
    calc,
    evidence,
    feeds,
    gateway,
    hj212,
    lake,
    manage,
    replay,
    reset,
    restore,
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
    "lake": lake.LAKE,
    "verify": verify.VERIFY,
    "anchor": anchor.ANCHOR,
    "evidence": evidence.EVIDENCE,
    "backup": backup.BACKUP,
    "restore": restore.RESTORE,
    "reset-demo": reset.RESET,
    "manage": manage.MANAGE,
}
