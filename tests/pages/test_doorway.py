"""What the server lets in: connections of its own pages, and no way back but to its own."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.datastructures import Headers

from pages.components.visitor.doorway import BACK, came_from, kept_place, own_origin


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:8501", "http://localhost:8501", True),
        ("grn.lab", "https://grn.lab", True),
        ("grn.lab:443", "https://grn.lab", True),
        ("[::1]:8501", "http://[::1]:8501", True),
        ("localhost:8501", "http://localhost:9999", False),
        ("localhost:8501", "http://127.0.0.1:8501", False),
        ("grn.lab", "https://grn.lab.evil.example", False),
        ("grn.lab", "null", False),
        ("grn.lab", "", False),
        ("grn.lab", None, True),
    ],
)
def test_a_connection_comes_from_a_page_of_the_same_name_and_port(host, origin, own):
    headers = {"host": host} if origin is None else {"host": host, "origin": origin}
    assert own_origin(Headers(headers)) is own


@pytest.mark.parametrize(
    ("referer", "place"),
    [
        ("https://grn.lab/network?run=1,2&x=%20", "/network?run=1,2&x=%20"),
        ("https://grn.lab/", "/"),
        ("https://grn.lab/base/about", "/base/about"),
        ("https://evil.example/network", ""),
        ("https://grn.lab//evil.example/x", ""),
        ("https://grn.lab/\\evil.example", ""),
        ("", ""),
    ],
)
def test_the_way_back_is_to_the_page_that_asked(referer, place):
    assert came_from(Headers({"host": "grn.lab", "referer": referer})) == place


@given(some.text(max_size=60))
def test_whatever_the_cookie_says_it_leads_to_a_path_of_this_server(text):
    place = kept_place(Headers({"cookie": f"{BACK}={quote(text, safe='')}"}))
    assert place in ("", text)
    assert not place or (place[0] == "/" and place[1:2] not in ("/", "\\") and place.isprintable())
