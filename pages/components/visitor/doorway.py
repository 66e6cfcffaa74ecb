"""What the server lets in before any page runs: connections of its own pages alone, and back to where one came from.

Streamlit takes a connection from a page of another port of this machine for its own, and lets pages of its own be
framed by any other. After a login it goes to Home, whatever page it was that asked for it.
"""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from grn_core.errors import GrnError
from pages.components.visitor.who import login_needed

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BACK = "grn_back"
"""Cookie with the address to go back to after the login."""
BACK_S = 900
CLOSED = re.compile(r"/_stcore/(metrics|agent)\b")
"""What tells of sessions, or drives the app without a page: for nobody where visitors log in."""
FRAMING = "frame-ancestors 'self'"
LONGEST = 1500


class Doorway:
    """Stands before the server; see the module.

    Parameters
    ----------
    app
        The server.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "websocket" and not own_origin(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})  # before it was taken: answered by 403
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, asked = scope["path"], Headers(scope=scope)
        if CLOSED.search(path) and _many():
            await PlainTextResponse("not found", status_code=404)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("content-security-policy", FRAMING)
                headers["x-content-type-options"] = "nosniff"
                if path.endswith("/auth/login") and (place := came_from(asked)):
                    headers.append("set-cookie", _cookie(place, age=BACK_S))
                if path.endswith("/oauth2callback") and (place := kept_place(asked)) and "location" in headers:
                    headers["location"] = place
                    headers.append("set-cookie", _cookie("", age=0))
            await send(message)

        await self.app(scope, receive, answer)


def _many() -> bool:
    """Whether this is an installation of several people, or may be."""
    try:
        return login_needed()
    except GrnError:  # whose secrets cannot be read
        return True


def own_origin(headers: Headers) -> bool:
    """Whether a connection comes from a page of the same name and port, one that is allowed, or no page at all."""
    origin = headers.get("origin")
    if origin is None or origin in st.get_option("server.corsAllowedOrigins"):
        return True
    return _place(urlsplit(origin).netloc) == _place(headers.get("host", ""))


def came_from(headers: Headers) -> str:
    """Return path and query of the page of ours that asked; empty where it is none."""
    asked = urlsplit(headers.get("referer", ""))
    if _place(asked.netloc) != _place(headers.get("host", "")):
        return ""
    return _within(f"{asked.path}?{asked.query}" if asked.query else asked.path)


def kept_place(headers: Headers) -> str:
    """Return the address to go back to, as the cookie has it; empty where there is none, or it leads elsewhere."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(BACK)
    except CookieError:
        return ""
    return "" if found is None else _within(unquote(found.value))


def _within(place: str) -> str:
    """Return a path of this server; empty for what a browser could take for an address of elsewhere."""
    fine = place.startswith("/") and not place.startswith("//") and place.isprintable() and "\\" not in place
    return place if fine and len(place) <= LONGEST else ""


def _cookie(value: str, *, age: int) -> str:
    return f"{BACK}={quote(value, safe='')}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax"


def _place(netloc: str) -> str:
    """Return name and port; the usual ports are left out, as browsers do."""
    return netloc.lower().removesuffix(":80").removesuffix(":443")
