"""What is stored: a record that cannot be read is told, says what it is before it is deleted, and is deleted there."""

from __future__ import annotations

import os

import pytest
from streamlit.testing.v1 import AppTest

from grn_core.datasets import store_genes
from grn_core.runs.unread import RECORD
from pages.components.shared.links import STORED
from tests.datasets.test_odd_records import STATES, made, put
from tests.pages.app import open_page


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


def test_the_link_of_an_upload_leads_to_where_it_is_deleted():
    """About is long: the link scrolls to what is stored, with the upload chosen, which another choice then replaces."""
    genes = store_genes(["SPI1", "GATA1", "CSF1R", "KLF1"], title="mine")
    (link,) = [
        one for one in open_page("pages/prepare/dataset.py", dataset=genes).page_link if "Delete it" in one.value
    ]
    name, _, ref = link.proto.query_string.partition("=")
    assert (name, ref) == (STORED, genes)
    app = open_page("pages/start/about.py", stored=ref)
    assert app.selectbox(key="thing").value == ref
    assert any(part.proto.component_name == "grn_seek" for part in app.get("bidi_component"))
    app.selectbox(key="thing").set_value(None).run()
    assert app.selectbox(key="thing").value is None
    app.query_params[STORED] = ref  # the link is followed once more
    app.run()
    assert app.selectbox(key="thing").value == ref
    app.button(key="delete_thing").click().run()
    assert not app.exception
    plain_page = open_page("pages/start/about.py").get("bidi_component")
    assert not any(part.proto.component_name == "grn_seek" for part in plain_page)
