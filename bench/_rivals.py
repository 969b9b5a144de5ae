"""Other stores of readings on loopback ports, from throw-away folders: nothing is installed.

Debian's packages are fetched with `apt-get download` and unpacked, not installed; `django-ogc-sensorthings` comes from
PyPI into a virtual environment of its own. What cannot be had or started is `NotMeasured`, with the reason.
"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

HOST = "127.0.0.1"
PATIENCE_S = 30.0
SENSORTHINGS = "django-ogc-sensorthings==1.2.0"


class NotMeasured(Exception):
    """A rival that cannot be had here, and why."""


@dataclass(frozen=True)
class Rival:
    """A running rival."""

    title: str
    port: int
    process: psutil.Process

    def processor_seconds(self) -> float:
        """What it has spent so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """What it holds. [byte]"""
        return int(self.process.memory_info().rss)


@contextmanager
def unpacked(*packages: str) -> Iterator[Path]:
    """Debian packages unpacked in a folder of their own."""
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-bench-rivals-"))
    try:
        for package in packages:
            _run("apt-get", "download", package, cwd=folder)
        for archive in folder.glob("*.deb"):
            _run("dpkg-deb", "-x", str(archive), str(folder), cwd=folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def influxdb(folder: Path) -> Iterator[Rival]:
    """InfluxDB of Debian, with an empty database `bench`; its write-ahead log is synced before it answers."""
    port, other = _free_port(), _free_port()
    data = folder / "influx"
    settings = folder / "influxdb.conf"
    settings.write_text(
        f'reporting-enabled = false\nbind-address = "{HOST}:{other}"\n[meta]\ndir = "{data}/meta"\n'
        f'[data]\ndir = "{data}/data"\nwal-dir = "{data}/wal"\n[monitor]\nstore-enabled = false\n'
        f'[http]\nbind-address = "{HOST}:{port}"\nlog-enabled = false\n'
    )
    with _serving("InfluxDB 1.6.7", port, [str(folder / "usr/bin/influxd"), "-config", str(settings)]) as rival:
        ask(port, "POST", "/query?q=CREATE+DATABASE+bench", b"", 200)
        yield rival


@contextmanager
def victoria_metrics(folder: Path) -> Iterator[Rival]:
    """VictoriaMetrics of Debian; it answers before anything is on disk, and writes within seconds."""
    port = _free_port()
    command = [
        str(folder / "usr/bin/victoria-metrics"), f"-storageDataPath={folder / 'vm'}", f"-httpListenAddr={HOST}:{port}",
        "-retentionPeriod=12",
    ]  # fmt: skip
    with _serving("VictoriaMetrics 1.79.5", port, command) as rival:
        yield rival


_SETTINGS = """
from uuid import UUID
SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
ROOT_URLCONF = "rival_urls"
MIDDLEWARE = []
DATA_UPLOAD_MAX_MEMORY_SIZE = 50_000_000
INSTALLED_APPS = [
    "sensorthings.versions.v1_1", "sensorthings.versions.v1_1.backends.django",
    "sensorthings.versions.v1_1.extensions.dataarray",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", **%(database)r, "OPTIONS": {"pool": True}}}
SENSORTHINGS_V1_1_SERVICE_URL = "http://127.0.0.1:%(port)d/sensorthings"
SENSORTHINGS_V1_1_BACKEND_ADAPTER = "sensorthings.versions.v1_1.backends.django.adapter.DjangoBackendAdapter"
SENSORTHINGS_V1_1_ID_TYPE = UUID
SENSORTHINGS_V1_1_ID_DELIMITER = "'"
"""
_URLS = """
from django.urls import include, path
urlpatterns = [path("sensorthings/", include("sensorthings.versions.v1_1.urls"))]
"""
_SEED = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "rival_settings"
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from sensorthings.versions.v1_1.backends.django.models import *
from sensorthings.versions.v1_1.backends.django import models as m
html = "text/html"
sensor = m.Sensor.objects.create(name="s", description="s", encoding_type=html, metadata="x")
feature = m.FeatureOfInterest.objects.create(
    name="f", description="f", encoding_type="application/geo+json", feature={"type": "Point", "coordinates": [100, 30]}
)
unit = {"name": "mg/L", "symbol": "mg/L", "definition": "mg/L"}
streams = []
for n in range(int(sys.argv[1])):
    if n % 10 == 0:
        thing = m.Thing.objects.create(name=f"t{n}", description="t")
    seen = m.ObservedProperty.objects.create(name=f"p{n}", definition="http://p", description="p")
    streams.append(str(m.Datastream.objects.create(
        name=f"d{n}", description="d", unit_of_measurement=unit, observation_type=m.Datastream.OM_MEASUREMENT,
        thing=thing, sensor=sensor, observed_property=seen).pk))
print(json.dumps({"streams": streams, "feature": str(feature.pk)}))
"""
_ASGI = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "rival_settings"
from django.core.asgi import get_asgi_application
application = get_asgi_application()
"""


@dataclass(frozen=True)
class SensorThings:
    """The rival's server, its datastreams and one feature of interest."""

    rival: Rival
    streams: list[str]
    feature: str


@contextmanager
def sensorthings(address: str, streams: int) -> Iterator[SensorThings]:
    """`django-ogc-sensorthings` with its own Django back end on a database of its own in the cluster at `address`."""
    folder = Path(tempfile.mkdtemp(prefix="qingyuan-bench-rivals-"))
    parts, port = conninfo_to_dict(address), _free_port()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS rival")
        connection.execute("CREATE DATABASE rival")
    database = {"NAME": "rival", "USER": parts["user"], "HOST": parts["host"]}
    try:
        _run(sys.executable, "-m", "venv", str(folder / "venv"), cwd=folder)
        python = str(folder / "venv/bin/python")
        print(f"     fetching {SENSORTHINGS} into {folder}", flush=True)
        _run(
            python, "-m", "pip", "install", "-q", "--no-cache-dir", SENSORTHINGS, "psycopg[binary,pool]",
            "uvicorn[standard]", cwd=folder,
        )  # fmt: skip
        for name, text in (
            ("settings", _SETTINGS % {"database": database, "port": port}),
            ("urls", _URLS), ("seed", _SEED), ("asgi", _ASGI),
        ):  # fmt: skip
            (folder / f"rival_{name}.py").write_text(text)
        seeded = json.loads(_run(python, "rival_seed.py", str(streams), cwd=folder))
        command = [
            python, "-m", "uvicorn", "rival_asgi:application", "--host", HOST, "--port", str(port), "--log-level",
            "error", "--lifespan", "off",
        ]  # fmt: skip
        with _serving(SENSORTHINGS, port, command, cwd=folder) as rival:
            yield SensorThings(rival, seeded["streams"], seeded["feature"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ask(port: int, verb: str, path: str, body: bytes, expected: int, **headers: str) -> bytes:
    """One request, and its answer if that has the status expected."""
    line = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        return asked(line, verb, path, body, expected, headers)
    finally:
        line.close()


def asked(line: http.client.HTTPConnection, verb: str, path: str, body: bytes, *rest: object) -> bytes:
    """One request over an open line; `rest` are the status expected and headers."""
    expected, headers = rest
    line.request(verb, path, body, headers)  # type: ignore[arg-type]
    answer = line.getresponse()
    found = answer.read()
    if answer.status != expected:
        raise ConnectionError(f"found {answer.status} {found[:300]!r} at {path}, expected {expected}")
    return found


@contextmanager
def _serving(title: str, port: int, command: list[str], cwd: Path | None = None) -> Iterator[Rival]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTHONPATH"))}
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=cwd, env=environment)
        except OSError as error:
            raise NotMeasured(f"{title}: {error}") from error
        try:
            _wait(title, port, process, log)
            yield Rival(title, port, psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(title: str, port: int, process: "subprocess.Popen[bytes]", log: "tempfile._TemporaryFileWrapper") -> None:
    ends = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
        if process.poll() is not None or time.monotonic() > ends:
            log.seek(0)
            raise NotMeasured(f"{title} does not listen; it says {log.read()[-400:]!r}")


def _run(*command: str, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTHONPATH"))}
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=180, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMeasured(f"{command[0]}: {error}") from error
    if done.returncode:
        raise NotMeasured(
            f"{' '.join(command[:4])} ended with {done.returncode}: {(done.stderr or done.stdout)[-300:]}"
        )
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
