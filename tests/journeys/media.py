"""A media server on loopback that publishes a clip as if it were live: its list of parts moves on with the clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PARTS = sorted((Path(__file__).resolve().parents[1] / "footage" / "live").glob("part-*.ts"))
SECONDS, SHOWN = 2, 4  # of a part, and parts in the list


class Media:
    """While `alive` the list grows; else it stays as it was, and its last parts can still be had."""

    def __init__(self) -> None:
        self.began, self.died = time.monotonic() - SECONDS * SHOWN, 0.0

    def die(self) -> None:
        self.died = time.monotonic()

    def come_back(self) -> None:
        self.began += time.monotonic() - self.died
        self.died = 0.0

    @property
    def playlist(self) -> str:
        last = int(((self.died or time.monotonic()) - self.began) / SECONDS)
        first = max(0, last - SHOWN)
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SECONDS}", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
        for number in range(first, last):
            lines += ["#EXT-X-DISCONTINUITY"] * (number % len(PARTS) == 0)
            lines += [f"#EXTINF:{SECONDS}.0,", f"{number}.ts"]
        return "\n".join(lines) + "\n"


@contextmanager
def media_server(port: int) -> Iterator[Media]:
    """`/cam.m3u8` is a camera; `/locked.m3u8` asks for a password; there is nothing else."""
    media = Media()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").partition("?")[0]
            if name == "cam.m3u8":
                self._send(200, media.playlist.encode(), "application/vnd.apple.mpegurl")
            elif name.endswith(".ts"):
                self._send(200, PARTS[int(name[:-3]) % len(PARTS)].read_bytes(), "video/mp2t")
            else:
                self._send(401 if name == "locked.m3u8" else 404, b"", "text/plain")

        def _send(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield media
    finally:
        server.shutdown()
        server.server_close()
