"""Runs of a local file open in the app: while the file is there, and in words what is missing once it is gone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets
from grn_core.datasets.local import file_ref
from grn_core.progress import silent
from grn_core.runs import CoexpressionRequest, RunStatus, RunStore
from grn_core.runs.jobs import job_kind
from tests.pages.app import open_page, text_of

GENES = ("SPI1", "CEBPA", "GATA1", "CD14", "LYZ", "NKG7")


@pytest.fixture
def path(tmp_path):
    table = pd.DataFrame(np.random.default_rng(0).poisson(3, (12, 6)) + 1, columns=GENES)
    table.to_csv(tmp_path / "my cells.csv")
    return tmp_path / "my cells.csv"


@pytest.fixture
def run_id(path) -> str:
    dataset = datasets.load(file_ref(path))
    store = RunStore()
    asked = CoexpressionRequest(dataset_ref=dataset.ref, dataset_sha=dataset.sha256, title=dataset.title)
    run_id = store.write_request(asked)
    store.write_result(run_id, job_kind("coexpression").run(asked, store.path(run_id), silent))
    store.write_status(run_id, RunStatus("done", fraction=1.0))
    return run_id


def test_it_opens_while_the_file_is_there(run_id, path):
    app = open_page("pages/explore/infer.py", run=run_id)
    assert not app.exception
    assert "Finished" in app.success[0].value
    assert app.query_params["dataset"] == f"file:{path}"
    assert any(str(path) in code.value for code in app.code)
    app = open_page("pages/prepare/dataset.py", dataset=f"file:{path}")
    assert not app.exception
    assert app.selectbox(key="picked_dataset").value == f"file:{path}"
    assert "read where it lies" in text_of(app)


@pytest.mark.parametrize("page", ["infer", "network", "targets"])
def test_results_stay_when_the_file_is_gone(run_id, path, page):
    path.unlink()
    app = open_page(f"pages/explore/{page}.py", run=run_id)
    assert not app.exception
    assert app.dataframe or app.get("vis_network") or app.selectbox
    if page == "infer":
        assert "Finished" in app.success[0].value
        assert "is gone" in app.error[0].value


def test_an_address_opens_no_file_that_nobody_named(path):
    app = open_page("pages/explore/infer.py", dataset=f"file:{path}")
    assert not app.exception
    assert "There is no dataset" in app.error[0].value


def test_a_run_of_other_versions_says_so(run_id, monkeypatch):
    from grn_core.runs.versions import package_versions

    assert not open_page("pages/explore/infer.py", run=run_id).info
    others = {**package_versions(), "scipy": "0.1"}
    monkeypatch.setattr("grn_core.runs.versions.package_versions", lambda: others)
    app = open_page("pages/explore/infer.py", run=run_id)
    (told,) = (one.value for one in app.info)
    assert "(here 0.1)" in told
    assert "scipy" in told
