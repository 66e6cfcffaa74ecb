from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets
from grn_core.datasets.cell_labels import label_cells
from grn_core.datasets.groups import groups_of
from grn_core.settings import settings
from tests.pages.app import facts_of_cells, open_page, text_of

PAGE = "pages/prepare/dataset.py"
pytestmark = pytest.mark.usefixtures("paper_models")


def metrics(app) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def table_of_cells(n_cells: int = 40) -> bytes:
    names = ["SPI1", "GATA1", "CEBPA", "LYZ", "CD14", "MS4A1", "NKG7", "CD3E", "NOTAGENE1"]
    counts = np.random.default_rng(0).poisson(3, size=(n_cells, len(names)))
    frame = pd.DataFrame(counts, columns=names, index=[f"cell{i}" for i in range(n_cells)])
    return frame.to_csv().encode()


def test_the_demo_is_chosen_at_first():
    app = open_page(PAGE)
    report = facts_of_cells(app)
    assert report.loc["Species"].item() == "human"
    assert report.loc["Cells"].item() == "700"
    assert "known to the model (compact)" in report.index
    assert app.get("plotly_chart")
    assert int(metrics(app)["Genes"]) > 400
    assert "about" in text_of(app)


def test_choices_go_into_the_url_and_change_the_panel():
    app = open_page(PAGE)
    before = metrics(app)
    app.slider(key="n_variable").set_value(100).run()
    assert app.query_params == {"n_variable": "100"}
    assert int(metrics(app)["Genes"]) < int(before["Genes"])
    app.segmented_control(key="tfs").set_value("own").run()
    assert "Write at least one TF" in text_of(app)
    app.text_area(key="own_tfs").set_value("SPI1, IRF8\nGATA3").run()
    assert app.query_params["own_tfs"]
    assert int(metrics(app)["TFs"]) <= 3
    app.selectbox(key="cells_by").set_value("bulk_labels").run()
    app.multiselect(key="cells_in").set_value(["Dendritic"]).run()
    assert app.query_params["cells_in"] == "Dendritic"
    assert not app.exception


def test_another_dataset_forgets_the_cells():
    app = open_page(PAGE, cells_by="bulk_labels", cells_in="Dendritic", n_variable="100")
    app.selectbox(key="picked_dataset").set_value("GSD").run()
    assert app.query_params == {"dataset": "GSD", "n_variable": "100"}
    assert metrics(app)["Genes"] == "17"
    assert "exactly known" in text_of(app)


def test_continue_leads_to_infer_with_the_same_panel():
    app = open_page(PAGE, dataset="GSD", n_variable="10")
    panel = metrics(app)
    next(button for button in app.button if button.label == "Continue to Infer").click().run()
    assert not app.exception
    assert app.title[0].value == "Infer"
    assert app.query_params["dataset"] == "GSD"
    assert metrics(app) == panel


def test_an_upload_becomes_the_chosen_dataset():
    app = open_page(PAGE)
    app.file_uploader[0].upload("mine.csv", table_of_cells()).run()
    assert not app.exception
    assert not app.error
    ref = app.query_params["dataset"]
    assert ref == datasets.list_uploads()[0].ref
    assert facts_of_cells(app).loc["Cells"].item() == "40"
    assert "NOTAGENE1" in str([one.value for one in app.table])


def test_an_upload_whose_record_is_damaged_is_told():
    app = open_page(PAGE)
    app.file_uploader[0].upload("mine.csv", table_of_cells()).run()
    record = settings().uploads / f"{app.query_params['dataset']}.json"
    record.write_text(record.read_text(encoding="utf-8").replace("mine", "fine"), encoding="utf-8")
    warnings = [one.value.replace("\\", "") for one in open_page(PAGE).warning]
    assert [one for one in warnings if f"({record.stem}) is damaged on the disk: upload the file again" in one]


def test_a_bad_upload_is_explained_and_changes_nothing():
    app = open_page(PAGE, dataset="GSD")
    app.file_uploader[0].upload("fake.h5ad", b"this is a text file").run()
    assert not app.exception
    assert "The file was not taken: fake.h5ad" in app.error[0].value.replace("\\", "")
    assert "What to do" in app.error[0].value
    assert app.query_params["dataset"] == "GSD"
    assert app.selectbox(key="picked_dataset").value == "GSD"
    assert not datasets.list_uploads()


def test_too_few_cells_is_an_error_in_words():
    app = open_page(PAGE, dataset="pbmc68k", cells_by="bulk_labels", cells_in="CD4+/CD45RA+/CD25- Naive T")
    assert "cells are chosen" in app.error[0].value
    assert next(button for button in app.button if button.label == "Continue to Infer").disabled


def test_an_unknown_dataset_falls_back_to_the_demo():
    app = open_page(PAGE, dataset="upload-000000000000")
    assert "a dataset that is not on this machine" in app.warning[0].value
    assert facts_of_cells(app).loc["Cells"].item() == "700"


def test_the_columns_of_the_cells_are_listed_with_their_values():
    app = open_page(PAGE, dataset="pbmc68k")
    (shown,) = (one.value for one in app.table if "What it holds" in one.value)
    cells = datasets.load("pbmc68k")
    assert set(shown["Column"].str.replace("\\", "")) == set(cells.obs.columns)
    kinds = dict(zip(shown["Column"].str.replace("\\", ""), shown["Values (cells)"], strict=True))
    assert "Dendritic (240)" in kinds["bulk_labels"].replace("\\", "")


def test_a_column_that_is_called_donor_is_proposed_once_both_groups_are_named():
    cells = datasets.load("pbmc68k")
    labels = "\n".join(f"{cell}\tD{n % 4}" for n, cell in enumerate(cells.obs.index))
    (path := settings().home / "donors.tsv").write_text(labels, encoding="utf-8")
    donors = label_cells(cells, path, title="Donor of mine").ref
    by = {"a_by": "bulk_labels", "b_by": "bulk_labels"}
    assert open_page(PAGE, dataset="pbmc68k", a_in="Dendritic", **by).selectbox(key="donor").value == ""
    app = open_page(PAGE, dataset="pbmc68k", a_in="Dendritic", b_in="CD14+ Monocyte", **by)
    assert app.selectbox(key="donor").value == donors
    assert groups_of(cells.sha256).donor == donors
    app.selectbox(key="donor").set_value("").run()
    again = open_page(PAGE, dataset="pbmc68k", a_in="Dendritic", b_in="CD14+ Monocyte", **by)
    assert again.selectbox(key="donor").value == "", "who names none is not asked twice"
