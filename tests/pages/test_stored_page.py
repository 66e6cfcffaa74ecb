"""What is stored: a record that cannot be read is told, says what it is before it is deleted, and is deleted there."""

from __future__ import annotations

import os

import pytest
from streamlit.testing.v1 import AppTest

from grn_core.runs.unread import RECORD
from tests.datasets.test_odd_records import STATES, made, put


def script() -> None:
    from pages.components.visitor.stored import stored

    stored()


@pytest.mark.parametrize("kind", ["upload", "groups"])
@pytest.mark.parametrize("state", ["newer", "link to nothing", "copy"])
def test_such_a_record_is_told_and_deleted(grn_home, tmp_path, kind, state):
    place = put(state, made(kind), tmp_path)
    app = AppTest.from_function(script).run()
    assert not app.exception
    (told,) = [one.value for one in app.warning]
    assert STATES[state] in told
    (choice,) = [one for one in app.selectbox[0].options if place.stem in one]
    assert STATES[state] in choice
    assert choice.startswith(f"{RECORD}:") == (kind == "groups")
    app.selectbox[0].select(choice).run()
    app.button(key="delete_thing").click().run()
    assert not app.exception
    assert not app.error
    assert not os.path.lexists(place)
    assert not app.warning
