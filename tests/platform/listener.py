"""The process that listens, in a thread of the test; and a broker of our own on a loopback port."""

import asyncio
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from qingyuan.recording.api import append
from qingyuan.sensing import listening as process
from qingyuan.sensing.api import Sink

BROKER = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
needs_broker = pytest.mark.skipif(BROKER is None, reason="needs mosquitto: make broker installs it on a Debian")


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch, sink: Sink = append) -> Iterator[None]:
    """Listen to all feeds, looking often; end as SIGTERM ends it."""
    for name, seconds in (("LOOK_S", 0.1), ("PAUSE_S", 0.1), ("LONGEST_PAUSE_S", 0.2)):
        monkeypatch.setattr(process, name, seconds)
    loop = asyncio.new_event_loop()
    task = loop.create_task(process.Listening(sink=sink).listen())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=run, name="listening")
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(20)
        assert not thread.is_alive()


def until(holds: Callable[[], object], patience_s: float = 15.0) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < ends, "it did not come to hold in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """A Mosquitto with one user, that keeps what it holds in a folder when it is started again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\nuser root\n"
            f"persistence_location {self.folder}/\nautosave_interval 1\nautosave_on_changes true\n"
        )
        self.process = subprocess.Popen(
            [str(BROKER), "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._answers, 10)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def publish(self, topic: str, *payloads: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish messages in order, and wait until the broker has them."""
        import paho.mqtt.client as paho

        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        for payload in payloads:
            client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(10)
        client.disconnect()
        client.loop_stop()
