"""A small OpenID Connect provider on this machine: it vouches for whoever clicks on a name."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "grn", "said to nobody"
PEOPLE = ("ada", "grace")


class _Provider(ThreadingHTTPServer):
    """The server, with its key and the logins under way."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.key = RSAKey.generate_key(2048, {"use": "sig", "kid": "one"})
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.codes: dict[str, dict[str, str]] = {}


class _Answer(BaseHTTPRequestHandler):
    server: _Provider

    def do_GET(self) -> None:
        """Answer discovery, keys, the question who one is, and the end of a session."""
        asked = urlsplit(self.path)
        given = dict(parse_qsl(asked.query))
        issuer = self.server.issuer
        if asked.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/keys",
                    "end_session_endpoint": f"{issuer}/end",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "code_challenge_methods_supported": ["S256"],
                }
            )
        elif asked.path == "/keys":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif asked.path == "/authorize":
            self._page("".join(self._way_back(name, given) for name in PEOPLE))
        elif asked.path == "/end":
            self.send_response(302)
            self.send_header("Location", given["post_logout_redirect_uri"])
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Give the token of a login that was asked for here, once."""
        given = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        asked = self.server.codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if asked is None or challenge.decode().rstrip("=") != asked["code_challenge"]:
            self.send_error(400)
            return
        now = int(time.time())
        claims = {
            "iss": self.server.issuer,
            "sub": f"{asked['name']}-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": asked["nonce"],
            "name": asked["name"].title(),
        }
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.server.key)
        self._json({"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def log_message(self, *_told: object) -> None:
        """Say nothing."""

    def _way_back(self, name: str, given: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.server.codes[code] = {"name": name, **given}
        address = f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}"
        return f'<p><a href="{html.escape(address)}">{name}</a></p>'

    def _json(self, content: object) -> None:
        self._send(json.dumps(content).encode(), "application/json")

    def _page(self, body: str) -> None:
        self._send(f"<!doctype html><title>Who are you?</title>{body}".encode(), "text/html; charset=utf-8")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def provider():
    """Run a provider for the length of a ``with`` block; gives its address."""
    server = _Provider()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.issuer
    finally:
        server.shutdown()
        server.server_close()


def secrets_of(issuer: str, app: str) -> str:
    """Return the secrets of an app at the address `app` whose visitors a provider vouches for."""
    return (
        f'[auth]\nredirect_uri = "{app}/oauth2callback"\ncookie_secret = "{secrets.token_hex(32)}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
        f'server_metadata_url = "{issuer}/.well-known/openid-configuration"\n'
    )
