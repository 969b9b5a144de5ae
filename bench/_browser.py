"""What a logged-in browser does with the live page: it holds one stream of server-sent events open."""

import json
import queue
import socket
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar


@dataclass(frozen=True)
class Heard:
    """One event of the stream, and when its last byte was read. [s of `time.perf_counter`]"""

    at: float
    act: str
    subject: str


class Browser:
    """A session of one person."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.heard: queue.Queue[Heard] = queue.Queue()

    def log_in(self, username: str, password: str) -> None:
        """Open the log-in page and send its form."""
        page = self.address + "/login/"
        self._opener.open(page, timeout=30).read()
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        form = {"username": username, "password": password, "csrfmiddlewaretoken": token}
        request = urllib.request.Request(page, urllib.parse.urlencode(form).encode(), {"Referer": page})  # noqa: S310
        self._opener.open(request, timeout=30).read()
        if not any(cookie.name == "sessionid" for cookie in self.cookies):
            raise PermissionError(f"{username} was not let in at {page}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        """The stream is open inside the block; its events are in `heard`."""
        address = urllib.parse.urlsplit(self.address)
        request = urllib.request.Request(self.address + "/live/stream")  # noqa: S310
        self.cookies.add_cookie_header(request)
        head = f"GET /live/stream HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {request.get_header('Cookie')}\r\n\r\n"
        with socket.create_connection((address.hostname, address.port), timeout=60) as stream:
            stream.sendall(head.encode())
            lines = stream.makefile("rb")
            while not lines.readline().startswith(b"retry:"):  # from there on nothing is missed
                pass
            listener = threading.Thread(target=self._listen, args=(lines,))
            listener.start()
            try:
                yield
            finally:
                stream.shutdown(socket.SHUT_RDWR)
                listener.join()

    def _listen(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if line.startswith(b"data: "):
                body = json.loads(line[6:])
                self.heard.put(Heard(time.perf_counter(), body["act"], body["subject"]))

    def wait_for(self, acts: tuple[str, ...], patience: float = 20.0) -> dict[str, Heard]:
        """The first event of each act from now on; the last act ends the wait."""
        found: dict[str, Heard] = {}
        while acts[-1] not in found:
            heard = self.heard.get(timeout=patience)
            if heard.act in acts:
                found.setdefault(heard.act, heard)
        return found
