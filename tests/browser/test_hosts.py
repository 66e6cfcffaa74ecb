"""A page of elsewhere drives no app: the server takes connections for the names that it is known by alone."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.app_server import needs_chromium

pytestmark = needs_chromium  # whose journeys have the server up
HANDSHAKE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def answered(port: int, host: str, origin: str) -> int:
    """Return the status with which a WebSocket is taken or refused."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(HANDSHAKE.format(host=host, origin=origin).encode())
        return int(connection.recv(64).split()[1])


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_names_of_this_machine_are_served(server, name):
    port = urlsplit(server.url).port
    assert answered(port, f"{name}:{port}", f"http://{name}:{port}") == 101


@pytest.mark.parametrize(("host", "origin"), [("evil.example", "evil.example"), ("127.0.0.1", "evil.example")])
def test_a_page_of_elsewhere_is_refused(server, host, origin):
    port = urlsplit(server.url).port
    assert answered(port, f"{host}:{port}", f"http://{origin}:{port}") == 403
