"""Every kind of bad or foreign file, uploaded on the Dataset page: its own error, or a conversion that is stated."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core import datasets
from tests.datasets.helpers import HUMAN, MOUSE, cells, counts, saved
from tests.pages.app import open_page, text_of

PAGE = "pages/prepare/dataset.py"
pytestmark = pytest.mark.usefixtures("paper_models")
ENSEMBL = ("ENSG00000066336", "ENSG00000245848", "ENSG00000102145", "ENSG00000170458", "ENSG00000105374", "unknown")


def with_one(value: float) -> np.ndarray:
    values = counts()
    values[0, 0] = value
    return values


BAD = {
    "no gene known": (lambda: cells(genes=[f"thing{i}" for i in range(6)]), "known gene"),
    "made-up names": (lambda: cells(genes=[f"ZQX{i}" for i in range(42)]), "none of the 42 names"),
    "one cell": (lambda: cells(counts(n_cells=1)), "1 cell"),
    "all zeros": (lambda: cells(np.zeros((12, len(HUMAN)), dtype=np.float32)), "zero"),
    "NaN": (lambda: cells(with_one(np.nan)), "NaN"),
    "negative": (lambda: cells(with_one(-1.5)), "negative"),
}


def upload(tmp_path, content: bytes):
    app = open_page(PAGE, dataset="GSD")
    app.file_uploader[0].upload("mine.h5ad", content).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_matrix_has_its_own_error_and_changes_nothing(tmp_path, kind):
    make, words = BAD[kind]
    app = upload(tmp_path, saved(make(), tmp_path).read_bytes())
    error = app.error[0].value.replace("\\", "")
    assert "The file was not taken" in error
    assert words.lower() in error.lower()
    assert "What to do" in error
    assert app.query_params["dataset"] == "GSD"
    assert not datasets.list_uploads()


def test_scaled_values_alone_are_taken_if_the_user_says_so_and_for_this_file_only(tmp_path):
    values = counts(n_cells=40)
    app = upload(tmp_path, saved(cells((values - values.mean(0)) / values.std(0)), tmp_path).read_bytes())
    app.button(key="upload_scaled").click().run()
    assert not app.exception
    assert not app.error
    ref = app.query_params["dataset"]
    assert datasets.load(ref).value_kind == "scaled"
    assert "The values are scaled" in text_of(app)
    app.file_uploader[0].upload("counts.h5ad", saved(cells(), tmp_path).read_bytes()).run()
    assert datasets.load(app.query_params["dataset"]).value_kind == "counts"


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_file_is_an_error(tmp_path, share):
    whole = saved(cells(), tmp_path).read_bytes()
    app = upload(tmp_path, whole[: int(share * len(whole))])
    assert "The file was not taken: mine.h5ad" in app.error[0].value.replace("\\", "")
    assert app.query_params["dataset"] == "GSD"


@pytest.mark.parametrize(
    ("genes", "words"),
    [(MOUSE, "mouse genes were mapped to human through 1:1 orthologs"), (ENSEMBL, "Ensembl ids were converted")],
    ids=["mouse", "Ensembl"],
)
def test_a_conversion_is_stated(tmp_path, genes, words):
    app = upload(tmp_path, saved(cells(genes=genes), tmp_path).read_bytes())
    assert not app.error
    assert words.lower() in text_of(app).replace("\\", "").lower()
    assert app.query_params["dataset"].startswith("upload-")
    assert not [one.value for one in app.caption if "matched" in one.value], "the figures stand in the table above"


def test_names_that_are_hardly_known_are_not_taken_for_a_species(tmp_path):
    genes = ("GATA1", "SPI1", *(f"ZQX{i}" for i in range(40)))
    app = upload(tmp_path, saved(cells(genes=genes), tmp_path).read_bytes())
    (report,) = [one.value for one in app.table if "Species" in one.value.index]
    assert report.loc["Species"].item() == report.loc["Gene names"].item() == "not recognised"
    told = text_of(app).replace("\\", "")
    assert "The gene names are not recognised: 2 of the 42 names are known genes" in told
    assert "uman symbols" not in told


@pytest.mark.parametrize("n_cells", [1, 5, 9])
def test_of_too_few_cells_the_genes_can_be_asked_alone(tmp_path, n_cells):
    app = upload(tmp_path, saved(cells(counts(n_cells=n_cells)), tmp_path).read_bytes())
    assert "10 cells" in app.error[0].value
    app.button(key="upload_genes_only").click().run()
    assert not app.exception
    assert not app.error
    ref = app.query_params["dataset"]
    assert ref.startswith("genes-")
    assert set(datasets.gene_lists.find_genes(ref).names) == set(HUMAN)


def test_ten_cells_are_enough(tmp_path):
    app = upload(tmp_path, saved(cells(counts(n_cells=10)), tmp_path).read_bytes())
    assert not app.error
    assert datasets.load(app.query_params["dataset"]).n_cells == 10
