"""The Models page trains a translator as a run: from the button to the table."""

from __future__ import annotations

import gzip
import io
import re

import pytest

from grn_core.benchmark.references.uploads import store_reference
from grn_core.models.folders import FolderRecord, write_record
from grn_core.runs import RunStatus, RunStore, TrainTranslatorRequest
from grn_core.translator.registry import DEFAULT, record_of
from pages.components.shared.messages import plain
from tests.models.published import FIXTURES
from tests.pages.app import open_page, text_of

PAGE = "pages/prepare/models.py"


def filled(app, name="mine"):
    app.text_input(key="train_name").input(name).run()
    return app


def test_the_button_asks_for_the_run_that_the_command_asks_for(no_worker):
    own = store_reference("my net.tsv", io.BytesIO(b"source\ttarget\nGATA1\tKLF1\nGATA1\tSPI1\nSPI1\tCD14\n"))
    app = open_page(PAGE)
    assert "Give it a name" in text_of(app)
    filled(app)
    assert any(re.match(r"Estimate\\: about \d+ ", one.value) for one in app.caption)
    app.multiselect(key="train_tests").set_value([own]).run()
    app.button(key="train").click().run()
    assert not app.exception
    (run_id,) = no_worker
    assert app.query_params["training"] == run_id
    request = RunStore().request(run_id)
    assert isinstance(request, TrainTranslatorRequest)
    assert (request.name, request.references, request.model, request.n_seeds) == ("mine", ("omnipath",), "compact", 5)
    assert request.tests[0].endswith(own)
    assert sorted(request.extractors) == list(record_of(DEFAULT).ensemble)
    assert "OmniPath takes the place of" in text_of(app)
    assert any("train-translator --name=mine --reference=omnipath" in code.value for code in app.code)
    assert any(button.label == "Cancel" for button in app.button)


def test_where_beelines_networks_are_here_it_is_trained_as_the_default_was(no_worker, tmp_path, monkeypatch):
    (tmp_path / "STRING_hESC_TFsplus500.tsv.gz").write_bytes(gzip.compress(b"tf\ttarget\nGATA1\tKLF1\n"))
    monkeypatch.setenv("GRN_DATA", str(tmp_path))
    app = filled(open_page(PAGE))
    assert "takes the place of" not in text_of(app)
    app.button(key="train").click().run()
    request = RunStore().request(no_worker[0])
    assert request.references == (f"beeline:{tmp_path}:hESC:STRING:500",)
    assert request.beside == ("omnipath",)


@pytest.fixture
def tiny():
    """A checkpoint on this machine for which there is no translator."""
    write_record(FolderRecord(name="tiny", title="Tiny GPT", folder=FIXTURES / "scgpt_flash_pad", format="scgpt"))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("here", [False, True])
def test_a_model_without_a_translator_is_offered_one_as_the_default_was_trained(here, tmp_path, monkeypatch):
    """Where it is missed the page names what it would learn from, says how long that takes, and leads to the form."""
    (tmp_path / "STRING_hESC_TFsplus500.tsv.gz").write_bytes(gzip.compress(b"tf\ttarget\nKLF2\tCD14\nETS1\tLTB\n"))
    if here:
        monkeypatch.setenv("GRN_DATA", str(tmp_path))
    app = open_page("pages/explore/infer.py", model="tiny")
    assert "no translator for Tiny GPT yet" in app.info[0].value
    learns = "learns from STRING, hESC, TFs+500 (BEELINE), and knows OmniPath (bundled) beside"
    assert plain(learns if here else "the place of hESC STRING TFs+500") in text_of(app)
    assert any(re.match(r"Estimate\\: about \d+ ", one.value) for one in app.caption)
    (link,) = [one.proto for one in app.get("page_link") if one.proto.label == "Train one on the Models page"]
    assert link.query_string == "train_model=tiny"


@pytest.mark.usefixtures("tiny")
def test_the_address_names_the_model_that_is_trained_for(no_worker):
    app = filled(open_page(PAGE, train_model="tiny"))
    assert app.selectbox(key="train_model").value == "tiny"
    assert any(re.match(r"Estimate\\: about \d+ ", one.value) for one in app.caption)
    app.button(key="train").click().run()
    assert not app.error
    request = RunStore().request(no_worker[0])
    assert (request.model, request.references) == ("tiny", ("omnipath",))


@pytest.mark.parametrize(("name", "words"), [("omnipath", "bundled translator"), ("a/b", "is no name")])
def test_a_name_that_is_none_is_told_and_leaves_no_run(no_worker, name, words):
    app = filled(open_page(PAGE), name)
    app.button(key="train").click().run()
    assert words in app.error[0].value
    assert no_worker == []


def test_a_finished_training_is_told_with_its_notes():
    store = RunStore()
    run_id = store.write_request(TrainTranslatorRequest(name="mine"))
    (store.path(run_id) / "translator").mkdir()
    (store.path(run_id) / "translator" / "card.json").write_text("{}")
    store.write_result(run_id, {"name": "mine", "notes": ["It learnt from 20 edges."]})
    store.write_status(run_id, RunStatus("done"))
    app = open_page(PAGE, training=run_id)
    assert any("**mine** is trained" in one.value for one in app.success)
    assert "translator=mine" in next(
        one.proto.query_string for one in app.get("page_link") if one.proto.label == "Infer with it"
    )
    assert "It learnt from 20 edges." in text_of(app)
