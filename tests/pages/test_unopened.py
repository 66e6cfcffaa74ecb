"""The app's own process opens no matrix of cells: what it shows of them, others compute."""

from __future__ import annotations

import pytest

from grn_core import datasets
from grn_core.datasets import apart, closer
from grn_core.datasets.isolation import stored
from grn_core.datasets.local import file_ref
from grn_core.errors import GrnError
from tests.datasets.helpers import HUMAN, cells, counts, saved, table
from tests.pages.app import open_page, text_of

pytestmark = pytest.mark.usefixtures("paper_models", "no_worker")
PAGES = ("pages/prepare/dataset.py", "pages/explore/infer.py")


@pytest.fixture
def shut(monkeypatch):
    """Fail wherever this process opens a matrix, and forget what it has open."""

    def opened(*_: object) -> None:
        pytest.fail("a matrix was opened in the process of the app")

    monkeypatch.setattr(stored, "_load_matrix", opened)
    datasets.catalog._load.cache_clear()
    datasets.catalog._describe.cache_clear()


def refs(tmp_path):
    with saved(cells(counts(len(HUMAN))), tmp_path).open("rb") as file:
        upload = datasets.store_upload("mine.h5ad", file)
    table(HUMAN).to_csv(tmp_path / "local.csv")
    return upload, file_ref(tmp_path / "local.csv"), "pbmc68k", "GSD"


@pytest.mark.usefixtures("shut")
@pytest.mark.parametrize("page", PAGES)
def test_no_page_opens_a_matrix(page, tmp_path):
    for ref in refs(tmp_path):
        app = open_page(page, dataset=ref)
        assert not app.exception
        assert any(one.label == "TFs" for one in app.metric), text_of(app)
    assert page != PAGES[0] or "range_by" in {one.key for one in app.selectbox}


@pytest.mark.usefixtures("shut")
def test_home_opens_none():
    app = open_page()
    app.button(key="demo").click().run()
    assert not app.exception


def test_what_others_compute_is_what_the_dataset_says(tmp_path):
    for ref in refs(tmp_path):
        whole, shown = datasets.load(ref), datasets.describe(ref)
        assert (shown.sha256, shown.n_cells, shown.n_genes) == (whole.sha256, whole.n_cells, whole.n_genes)
        assert (shown.n_values, shown.title, shown.source) == (whole.n_values, whole.title, whole.source)
        assert (shown.notes, shown.labels, shown.reading) == (whole.notes, whole.labels, whole.reading)
        assert shown.obs.equals(whole.obs)
        some = whole.obs.index.isin(whole.obs.index[:11])
        for options in ({"n_variable": 5}, {"cells": some}, {"genes": whole.genes[:40]}, {"tfs": whole.labels[:3]}):
            expected, found = whole.panel(**options), shown.panel(**options)
            assert found.digest() == expected.digest()
            assert {**vars(found), "mean": 0} == {**vars(expected), "mean": 0}
        assert apart.quality(shown).tobytes() == closer.quality(whole).tobytes()


def test_what_cannot_be_asked_is_refused_in_the_same_words(tmp_path):
    ref = refs(tmp_path)[0]
    for options in ({"n_variable": -1}, {"genes": ["no gene"]}, {"cells": [True]}, {"tfs": ["no TF"]}):
        said = []
        for dataset in (datasets.load(ref), datasets.describe(ref)):
            with pytest.raises(GrnError) as info:
                dataset.panel(**options)
            said.append((type(info.value), str(info.value)))
        assert said[0] == said[1]


def test_what_was_cleared_is_read_again(tmp_path, grn_home):
    ref = refs(tmp_path)[0]
    before = datasets.describe(ref)
    for place in (grn_home / "cells").iterdir():
        place.rename(place.with_name(f"gone-{place.name[:5]}"))
    assert not before.is_there
    assert datasets.describe(ref).panel().digest() == datasets.load(ref).panel().digest()
