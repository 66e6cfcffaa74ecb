"""What the browser is sent after a click: nothing that it knows, and everything that it does not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.components.network import told
from pages.components.network.told import Picked, as_asked, heard_picked

KEY = "network"
SENT = {"version": "1", "edges": [{"from": "A", "to": "B"}]}
PICKS = [Picked(), Picked(gene="A"), Picked(gene="B"), Picked(edge=("A", "B"))]
NAMES = {Picked(): {}, Picked(edge=("A", "B")): {"source": "A", "target": "B"}}


class Browser:
    """Does as the drawing does: lights up what is clicked, and what it is asked for when it is asked anew."""

    def __init__(self) -> None:
        self.lit: dict[str, str] = {}
        self.question: tuple[object, int] | None = None

    def click(self, picked: Picked) -> None:
        self.lit = NAMES.get(picked, {"gene": picked.gene})
        heard_picked(KEY, self.lit)

    def receives(self, data: dict) -> None:
        question = (data["picked"], data["asks"])
        if question != self.question:
            self.lit = data["picked"] or {}
        self.question = question


@pytest.fixture
def state(monkeypatch) -> dict:
    kept: dict = {}
    monkeypatch.setattr(told, "st", SimpleNamespace(session_state=kept))
    return kept


def test_a_click_sends_no_drawing_again(state):
    first = as_asked(KEY, SENT, Picked())
    state[KEY] = {}
    heard_picked(KEY, {"gene": "A"})
    assert as_asked(KEY, SENT, Picked(gene="A")) == first
    assert as_asked(KEY, SENT, Picked()) != first, "the page has closed it, of which the browser knows nothing"


@given(acts=st.lists(st.tuples(st.sampled_from(["click", "page", "filter"]), st.sampled_from(PICKS)), max_size=12))
def test_the_browser_lights_up_what_the_page_says(acts):
    with pytest.MonkeyPatch.context() as patch:
        kept: dict = {}
        patch.setattr(told, "st", SimpleNamespace(session_state=kept))
        browser, sent, picked = Browser(), dict(SENT), Picked()
        browser.receives(as_asked(KEY, sent, picked))
        kept[KEY] = {}
        for act, wish in acts:
            if act == "filter":  # a drawing that is laid anew takes what it is told
                sent["version"] += "'"
                browser.question = None
            else:
                picked = wish
            if act == "click":
                browser.click(wish)
            browser.receives(as_asked(KEY, sent, picked))
            assert browser.lit == NAMES.get(picked, {"gene": picked.gene})
