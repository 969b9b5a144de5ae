"""What a sub-command is, and how it comes by its database."""

import argparse
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from qingyuan.kit.postgres import Postgres
from qingyuan.project.commands import _console
from qingyuan.project.folders import data_folder


def _none(parser: argparse.ArgumentParser) -> None:
    """No options."""


@dataclass(frozen=True)
class Command:
    """A sub-command: its help, its options, and what it does with them."""

    help: str
    run: Callable[[argparse.Namespace], int]
    options: Callable[[argparse.ArgumentParser], None] = _none
    needs_platform: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)  # settings of this process, where none are given

    def with_platform(self, options: argparse.Namespace) -> int:
        """Run with a database: the one that `DATABASE_URL` names, else the platform's own, started if need be."""
        _console.configure()
        own = None if os.environ.get("DATABASE_URL") else own_postgres()
        for name, value in self.environment.items():
            os.environ.setdefault(name, value)
        started = own is not None and not own.running()
        if own is not None:
            own.start()
            os.environ["DATABASE_URL"] = own.url
        try:
            set_up_django()
            return self.run(options)
        finally:
            if own is not None and started:
                own.stop()


def own_postgres() -> Postgres:
    """The platform's own PostgreSQL, in the data folder."""
    return Postgres(Path(data_folder()) / "postgres")


def set_up_django() -> None:
    """Load settings and stages."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
    django.setup()
    leave_with_parent()


def leave_with_parent() -> None:
    """A child of `qingyuan run` ends when the run is gone, however it went."""
    parent = int(os.environ.get("QINGYUAN_PARENT", "0"))
    if not parent:
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
