"""The report on the Dataset page: the verdict first, lost names to download, and every guess overruled."""

from __future__ import annotations

import io

import numpy as np
import pytest

from grn_core import datasets
from pages.components.data.dataset_picker import labels_of
from tests.datasets.helpers import cells, counts, saved
from tests.pages.app import open_page, text_of

PAGE = "pages/prepare/dataset.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def test_a_doubt_is_shown_and_the_user_settles_it_and_chooses_the_matrix(tmp_path):
    doubtful = np.random.default_rng(0).gamma(0.5, 0.8, (12, 13)).clip(0.01, 6)
    data = cells(doubtful, layers={"mine": counts()})
    data.layers["mine"] = data.layers["mine"] - 5  # scaled: no expression
    ref = datasets.store_upload("mine.h5ad", io.BytesIO(saved(data, tmp_path).read_bytes()))
    app = open_page(PAGE, dataset=ref)
    assert not app.exception
    told = text_of(app)
    assert "What are the values?" in told
    assert "Usable" in told
    assert ":orange-badge[:material/help: Not confirmed]" in told
    assert "not confirmed" in app.selectbox(key="picked_dataset").format_func(ref)
    assert "layers/mine" in str([one.value for one in app.table])
    assert any("doubtful" in one.value for one in app.warning)  # among the notes of the gene list too
    asked = app.radio(key=f"question_values_{ref}")
    assert asked.value == "lognorm"
    assert app.button(key="read_again").disabled
    asked.set_value("abundance").run()
    app.button(key="question_answer").click().run()
    assert not app.exception
    other = app.query_params["dataset"]
    assert [one.ref for one in datasets.list_uploads()] == [other]
    assert datasets.load(other).value_kind == "abundance"
    told = text_of(app)
    assert "doubtful" not in told
    assert "Not confirmed" not in told
    key = f"again_{other}"
    app.selectbox(key=f"{key}_values").set_value("log2").run()
    app.button(key="read_again").click().run()
    other = app.query_params["dataset"]
    assert datasets.load(other).value_kind == "log2"
    app = open_page(PAGE, dataset=other)
    assert "you said: " in str([one.value for one in app.table])
    app.selectbox(key=f"again_{other}_matrix").set_value("layers/mine").run()
    app.button(key="read_again").click().run()
    assert "negative values" in app.error[0].value
    assert app.query_params["dataset"] == other


def test_a_species_that_was_overruled_stands_beside_the_one_that_was_found(tmp_path):
    ref = datasets.store_upload("mine.h5ad", io.BytesIO(saved(cells(counts()), tmp_path).read_bytes()))
    app = open_page(PAGE, dataset=ref)
    assert "you said" not in str([one.value for one in app.table])
    app.selectbox(key=f"again_{ref}_species").set_value("mouse").run()
    app.button(key="read_again").click().run()
    assert "you said: mouse; found: human" in str([one.value for one in app.table])


def test_uploads_of_the_same_name_stay_apart_in_the_list(tmp_path):
    refs = []
    for seed in (1, 2):
        path = saved(cells(counts(seed=seed)), tmp_path)
        refs.append(datasets.store_upload("mine.h5ad", io.BytesIO(path.read_bytes())))
    shown = labels_of({one.ref: one for one in datasets.list_uploads()})
    assert set(shown) == set(refs)
    assert len(set(shown.values())) == 2
