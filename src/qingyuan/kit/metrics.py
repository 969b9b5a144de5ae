"""Figures for Prometheus: each process answers on a port of its own, on the loopback address unless told otherwise."""

import socket
from collections.abc import Collection, Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, models
from prometheus_client import REGISTRY, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from qingyuan.kit.disk.room import rooms
from qingyuan.kit.models import Entry, Job, SetAside, Subscription

HANDLED = Histogram(
    "qingyuan_handler_seconds",
    "Time a handler of the loop took for one or several joined events",
    ["handler"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
PORT_OF = {"gateway": 0, "worker": 1, "web": 2}
TRIES = 30


def free_ports(host: str, first: int, kept: Collection[int] = ()) -> int | None:
    """The first port from which on each process finds its own free.

    Parameters
    ----------
    host : str
        Address on which they answer.
    first : int
        Where to begin to look.
    kept : collection of int
        Ports that are left to others, free as they may be now.

    Returns
    -------
    int or None
        None where none of the next ones is free, or the address is none of this machine.
    """
    places = range(first, first + TRIES * len(PORT_OF), len(PORT_OF))

    def ours(port: int) -> bool:
        return port not in kept and _is_free(host, port)

    return next((port for port in places if all(ours(port + own) for own in PORT_OF.values())), None)


def _is_free(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except (OSError, OverflowError):
        return False
    return True


def serve(process: str) -> None:
    """Answer `/metrics` for this process; nothing when the port is set to 0.

    Parameters
    ----------
    process : {"gateway", "worker", "web"}
        Each has its own port, counted from the setting.
    """
    if not settings.METRICS_PORT:
        return
    port = settings.METRICS_PORT + PORT_OF[process]
    try:
        start_http_server(port, settings.METRICS_HOST)
    except OSError as error:
        structlog.get_logger(process).warning("no metrics: the port is taken", port=port, error=str(error))


class LogFigures(Collector):
    """How far the log has grown and the handlers have come, and how much room is left; looked up when somebody asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of the log; none while the database is away. Of the disks they are told all the same."""
        free = GaugeMetricFamily("qingyuan_disk_free_bytes", "Room left where files are written", labels=["folder"])
        for room in rooms():
            free.add_metric([str(room.folder)], room.free)
        yield free
        try:
            yield from self._figures()
        except DatabaseError as error:
            structlog.get_logger("worker").warning("no figures of the log", error=str(error).strip())
        finally:
            connection.close()  # the thread of one scrape ends with it

    def _figures(self) -> Iterator[GaugeMetricFamily]:
        newest = Entry.objects.aggregate(newest=models.Max("seq"))["newest"] or 0
        yield GaugeMetricFamily("qingyuan_log_lines", "Lines of the chained log", value=newest)
        behind = GaugeMetricFamily(
            "qingyuan_handler_behind_lines", "Lines of the log that a handler has not looked at", labels=["handler"]
        )
        for handler, seq in Subscription.objects.values_list("handler", "seq"):
            behind.add_metric([handler], max(0, newest - seq))
        yield behind
        aside = SetAside.objects.count()
        yield GaugeMetricFamily("qingyuan_lines_set_aside", "Lines that a handler could not take up", value=aside)
        failed = Job.objects.filter(status="failed").count()
        yield GaugeMetricFamily("qingyuan_jobs_failed", "Jobs of the worker that failed", value=failed)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: the figures are looked up only when somebody asks."""
        return []


def watch_the_log() -> None:
    """Tell of the log too; called in the worker."""
    REGISTRY.register(LogFigures())
