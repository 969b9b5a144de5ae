"""A messaging service on a loopback port, that takes what apprise's json:// sends, and can be told to fail."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Terminals:
    """What arrived at each path, in order; `answers` are the statuses to answer with, then 200."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[int] = []
        self.body = b"{}"
        outer = self

        class Service(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = outer.answers.pop(0) if outer.answers else 200
                if status == 200:
                    outer.arrived.append((self.path.strip("/"), sent))
                self.send_response(status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_told: Any) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def address(self, name: str) -> str:
        return f"json://{self.host}/{name}"

    def at(self, name: str) -> list[dict[str, Any]]:
        """What arrived at one terminal."""
        return [sent for path, sent in self.arrived if path == name]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def terminals() -> Iterator[Terminals]:
    made = Terminals()
    yield made
    made.stop()
