"""A model hub on the loopback address that speaks what the Hugging Face client speaks, and can misbehave on request."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGE = 4096
"""From this size on a file is stored apart, as large files are: the hub redirects to it and states its sha256."""
CHUNK = 1 << 14


@dataclass
class Hub:
    """What the server holds and how it behaves.

    Attributes
    ----------
    files
        (repository, path) -> content.
    cuts
        Downloads that break off, each after so many bytes of the body.
    damaged
        Whether the bytes that it sends differ from those that it states.
    no_ranges
        Whether it ignores requests for a part of a file.
    pause_s
        Pause after every `CHUNK` bytes.
    seen
        Every request: method, path, Range.
    url, commit
        Its address, and the commit that it gives for every revision.
    """

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    damaged: bool = False
    no_ranges: bool = False
    pause_s: float = 0.0
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""
    commit: str = "c0ffee" + "0" * 34

    def hold(self, repo: str, folder: Path, *names: str) -> None:
        """Put files of a folder into a repository; a name may be ``where/it/is=local name``."""
        for name in names:
            path, _, local = name.partition("=")
            self.files[repo, path] = (folder / (local or path)).read_bytes()

    def bodies(self) -> list[tuple[str, str]]:
        """The requests for content: path and Range."""
        return [(path, wanted) for method, path, wanted in self.seen if method == "GET"]


def large(content: bytes) -> bool:
    return len(content) >= LARGE


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        path = unquote(urlsplit(self.path).path)
        self.hub.seen.append((self.command, path, self.headers.get("Range", "")))
        if path.startswith("/apart/"):
            content = next(c for c in self.hub.files.values() if hashlib.sha256(c).hexdigest() == path[7:])
            return self.send(content, {"ETag": f'"{path[7:]}"'})
        if path.startswith("/api/models/"):
            repo = "/".join(path.removeprefix("/api/models/").split("/")[:2])
            names = [name for held, name in self.hub.files if held == repo]
            info = {"id": repo, "sha": self.hub.commit, "siblings": [{"rfilename": name} for name in names]}
            return self.send(json.dumps(info).encode(), {"Content-Type": "application/json"})
        repo, _, rest = path[1:].partition("/resolve/")
        _, _, name = rest.partition("/")
        if repo not in {held for held, _ in self.hub.files}:
            return self.refuse("RepoNotFound", 401)
        if (repo, name) not in self.hub.files:
            return self.refuse("EntryNotFound", 404)
        content = self.hub.files[repo, name]
        commit = {"X-Repo-Commit": self.hub.commit}
        if large(content):
            sha = hashlib.sha256(content).hexdigest()
            elsewhere = self.hub.url.replace("127.0.0.1", "localhost") + f"/apart/{sha}"  # as on the hub: another host
            linked = {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{sha}"', "Location": elsewhere}
            return self.send(b"", commit | linked, status=302)
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return self.send(content, commit | {"ETag": f'"{blob}"'})

    def refuse(self, code: str, status: int):
        self.send(b"", {"X-Error-Code": code, "X-Error-Message": code, "X-Repo-Commit": self.hub.commit}, status=status)

    def send(self, content: bytes, headers: dict[str, str], *, status: int = 200):
        first = 0
        wanted = self.headers.get("Range", "")
        if wanted and status == 200 and not self.hub.no_ranges:
            first = int(wanted.removeprefix("bytes=").split("-")[0])
            status, headers = 206, headers | {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"}
        body = content[first:]
        self.send_response(status)
        for name, value in ({"Accept-Ranges": "bytes"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET" and body:
            self.stream(body)

    def stream(self, body: bytes):
        apart = self.path.startswith("/apart/")
        if self.hub.damaged and apart:
            body = body[:-1] + bytes([body[-1] ^ 1])
        end = self.hub.cuts.pop(0) if self.hub.cuts and apart else len(body)
        for start in range(0, end, CHUNK):
            try:
                self.wfile.write(body[start : min(start + CHUNK, end)])
                self.wfile.flush()
            except OSError:  # the client has left
                break
            time.sleep(self.hub.pause_s)
        if end < len(body):
            self.close_connection = True
            self.connection.shutdown(2)

    def log_message(self, *_):
        return


class Server:
    """The hub in a thread of this process."""

    def __init__(self) -> None:
        self.hub = Hub()
        handler = type("BoundHandler", (Handler,), {"hub": self.hub})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.hub.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
