"""The proxies of docs/serving.md, as they stand there: TLS, a part of an address, login, WebSockets, an upload."""

from __future__ import annotations

import datetime
import ipaddress
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.app_server import needs_chromium, start_app
from tests.browser.eventually import await_in_url, eventually
from tests.conftest import ROOT
from tests.identity_provider import provider, secrets_of
from tests.pages.people import table_of_cells

pytestmark = [needs_chromium, pytest.mark.performance]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine; return its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "grn.pem", folder / "grn.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, nothing))
    return pem, secret


def as_documented(kind: str, *, folder: Path, port: int, app: int) -> str:
    """Return an example of the documents, with what differs here: name, ports, certificate."""
    text = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    example = re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1]
    pem, key = certificate(folder)
    for old, new in {
        "/etc/ssl/grn.lab.pem": str(pem),
        "/etc/ssl/grn.lab.key": str(key),
        "127.0.0.1:8501": f"127.0.0.1:{app}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "grn.lab:443": f"https://localhost:{port}",
        "grn.lab": "localhost",
    }.items():
        example = example.replace(old, new)
    return example


def started(kind: str, example: str, folder: Path) -> subprocess.Popen:
    """Start a proxy, in the foreground."""
    file = folder / kind
    if kind == "nginx":
        places = "".join(
            f"{one}_temp_path {folder}/{one};" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        file.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {places}\n{example}\n}}\n",
            encoding="utf-8",
        )
        command = ["nginx", "-e", f"{folder}/error.log", "-c", str(file)]
    else:
        file.write_text(f"{{\n admin off\n auto_https disable_redirects\n}}\n{example}", encoding="utf-8")
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)]
    return subprocess.Popen(command, cwd=folder, env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


def refused(port: int, origin: str) -> int:
    """Return what a WebSocket is answered through the proxy."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    asked = (
        f"GET /studio/_stcore/stream HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(asked.encode())
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_a_proxy_as_documented_serves_the_app_with_login(kind, grn_home, tmp_path, page):
    if shutil.which(kind, path="/usr/sbin:/usr/bin") is None:
        pytest.skip(f"no {kind}; to run this test: apt-get install nginx-light caddy")
    app_port, port = free_port(), free_port()
    with provider() as issuer:
        file = tmp_path / "secrets.toml"
        file.write_text(secrets_of(issuer, f"https://localhost:{port}/studio"), encoding="utf-8")
        options = [f"--server.port={app_port}", f"--secrets.files={file}", "--server.baseUrlPath=studio"]
        app = start_app(grn_home, options=options, spare=False)
        proxy = started(kind, as_documented(kind, folder=tmp_path, port=port, app=app_port), tmp_path)
        try:
            app.wait_until_up(path="/studio")
            eventually(lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close())
            tab = page.context.browser.new_context(ignore_https_errors=True).new_page()
            tab.set_default_timeout(60_000)
            tab.goto(f"https://localhost:{port}/studio/dataset?door=cells")
            tab.get_by_role("button", name="Log in").click()
            tab.get_by_role("link", name="ada").click()
            tab.get_by_text("Logged in as Ada").wait_for()
            await_in_url(tab, "door", "cells")
            cells = {"name": "cells.tsv", "mimeType": "text/plain", "buffer": table_of_cells("c").read()}
            tab.locator("input[type=file]").first.set_input_files(cells)
            tab.wait_for_url(re.compile("dataset=upload-"))
            assert refused(port, f"https://localhost:{port}") == 101
            assert refused(port, "https://evil.example") == 403
            assert refused(port, f"http://localhost:{app_port}") == 403
        finally:
            proxy.terminate()
            proxy.wait(timeout=30)
            app.stop()
