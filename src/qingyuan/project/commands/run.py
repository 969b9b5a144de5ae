"""`qingyuan run`: everything on one machine, under one supervisor."""

import argparse
import os
import sys
import time
from pathlib import Path

from qingyuan.kit.postgres import Postgres
from qingyuan.project.commands._command import Command, own_postgres, set_up_django
from qingyuan.project.folders import FolderInUse, claimed, data_folder
from qingyuan.project.supervisor import Child, Supervisor, wait_for_port

_ELSEWHERE = ("GATEWAY_PORT", "GATEWAY_TLS_PORT", "WEB_PORT", "DEMO_ABOVE_PORT")  # settings of what listens later


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--demo", action="store_true", help="make the synthetic district and stream it")


def _run(options: argparse.Namespace) -> int:
    folder = Path(data_folder())
    try:
        with claimed(folder, lambda: _say(f"another run in {folder} has not ended yet: waiting")):
            return _run_alone(folder, options)
    except FolderInUse as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run_alone(folder: Path, options: argparse.Namespace) -> int:
    started = time.monotonic()
    (folder / "log").mkdir(parents=True, exist_ok=True)
    (folder / "media").mkdir(mode=0o700, exist_ok=True)
    postgres = None if os.environ.get("DATABASE_URL") else own_postgres()
    if options.demo:
        os.environ["QINGYUAN_DEMO"] = "true"
    try:
        if postgres is not None:
            _say(f"database: PostgreSQL in {postgres.folder}")
            postgres.start()
            os.environ["DATABASE_URL"] = postgres.url
        _prepare(options.demo)
        return _supervise(folder, postgres, demo=options.demo, started=started)
    finally:
        if postgres is not None:
            postgres.stop()
            _say("database stopped; all data are kept in " + str(folder))


def _prepare(demo: bool) -> None:
    set_up_django()
    from django.core.management import call_command

    from qingyuan.recording.api import make_partitions

    _say("tables: bringing them up to date")
    call_command("migrate", verbosity=0, interactive=False)
    make_partitions()
    if demo:
        from qingyuan.project import demo as district

        _say("district: " + district.ensure())


def _supervise(folder: Path, postgres: Postgres | None, *, demo: bool, started: float) -> int:
    from django.conf import settings

    names = ["gateway", "feeds", "forward", "web", "worker", *(["world"] if demo else [])]
    supervisor = Supervisor([Child(name, folder / "log" / f"{name}.log") for name in names], postgres)
    _say("processes: " + ", ".join(names) + f"; each writes to {folder / 'log'}")
    _say("metrics: " + place_metrics(settings.METRICS_HOST, settings.METRICS_PORT))
    supervisor.start()
    address = f"http://{settings.WEB_HOST}:{settings.WEB_PORT}/"
    try:
        wait_for_port(settings.WEB_HOST, settings.WEB_PORT, supervisor)
        wait_for_port(settings.GATEWAY_HOST, settings.GATEWAY_PORT, supervisor)
        _say(f"ready after {time.monotonic() - started:.0f} s: open {address}")
        _say(f"devices speak HJ 212 to {settings.GATEWAY_HOST}:{settings.GATEWAY_PORT}")
        if demo:
            _show_logins()
        _say("Ctrl-C stops everything")
        supervisor.watch()
    except KeyboardInterrupt:
        _say("stopping")
    finally:
        supervisor.stop()
    return 0


def place_metrics(host: str, port: int) -> str:
    """Give the processes free ports for their metrics, and say which; another platform here may have the usual ones."""
    from django.conf import settings

    from qingyuan.kit import metrics

    if not port:
        return "off, as QINGYUAN_METRICS_PORT is 0"
    free = metrics.free_ports(host, port, {int(getattr(settings, name)) for name in _ELSEWHERE})
    os.environ["QINGYUAN_METRICS_PORT"] = str(free or 0)
    if free is None:
        return f"off, as no three ports in a row from {port} on are free on {host}"
    own = ", ".join(f"{process} on {free + beside}" for process, beside in metrics.PORT_OF.items())
    last = port + len(metrics.PORT_OF) - 1
    return f"{own}, at {host}" + ("" if free == port else f"; {port} to {last} are not all free")


def _show_logins() -> None:
    from qingyuan.people.queries import demo_logins

    _say("demo log-ins, all with the password qingyuan-demo:")
    for role, username, name in demo_logins():
        sys.stdout.write(f"    {username:<16} {role} {name}\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stdout.write(f"qingyuan  {text}\n")
    sys.stdout.flush()


RUN = Command("start the whole platform on this machine", _run, _options, needs_platform=False)
