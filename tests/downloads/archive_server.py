"""A loopback server with the habits of real ones: ranges, tags, cut connections, errors, slowness."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server does.

    Attributes
    ----------
    files
        Name -> content.
    cuts
        Bytes after which the next answers break off, one number an answer; then whole answers.
    knows_ranges, sends_tags
        Whether it answers Range and sends ETag.
    refusals
        Status codes of the next answers.
    slow_s
        Pause after every 64 kB.
    asked
        (name, Range header) of every request.
    sent
        Bytes sent so far.
    """

    files: dict[str, bytes]
    cuts: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    sends_tags: bool = True
    refusals: list[int] = field(default_factory=list)
    slow_s: float = 0.0
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    sent: int = 0
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        site = self.server.site
        name = self.path.split("?")[0].lstrip("/")
        wanted = self.headers.get("Range")
        site.asked.append((name, wanted))
        if site.refusals:
            self.send_error(site.refusals.pop(0))
            return
        if name not in site.files:
            self.send_error(404)
            return
        content = site.files[name]
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"' if site.sends_tags else None
        start = 0
        if wanted and site.knows_ranges and self.headers.get("If-Range") in (None, tag):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        if start >= len(content) and start:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + site.cuts.pop(0) if site.cuts else len(content)
        try:
            for at in range(start, min(end, len(content)), 65536):
                piece = content[at : min(at + 65536, end)]
                self.wfile.write(piece)
                site.sent += len(piece)
                time.sleep(site.slow_s)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has gone, as on a cancel
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.site = site
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
