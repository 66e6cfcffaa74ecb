"""A file of too few cells can be asked by its genes alone: its TFs, and of the others those that are expressed most."""

from __future__ import annotations

import io

import pytest

from grn_core.cli.parser import requests_of
from grn_core.datasets import genes_of_cells, read
from grn_core.datasets.gene_lists import find_genes
from grn_core.datasets.genes_of_cells import genes_of_few_cells, read_into, store_genes_of
from grn_core.errors import DataError, RequestError, TooFewCellsError
from grn_core.runs.kinds.panel import GENES_ONLY
from tests.datasets.helpers import HUMAN, table


@pytest.fixture
def few(tmp_path, monkeypatch):
    def apart(path, *, reader, options, load):
        assert reader == genes_of_cells.__name__
        read_into(path, tmp_path, options)
        return load(tmp_path)

    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(genes_of_cells, "read_apart", apart)
    table((*HUMAN, "nobody"), n_cells=4).to_csv(tmp_path / "few.csv")
    return tmp_path / "few.csv"


def test_the_refusal_names_the_way_on(tmp_path):
    table(n_cells=4).to_csv(tmp_path / "few.csv")
    with pytest.raises(TooFewCellsError, match="--genes-only"):
        read(tmp_path / "few.csv")


def test_tfs_and_the_most_expressed_others(few, monkeypatch):
    assert set(genes_of_few_cells(few)) == set(HUMAN)
    monkeypatch.setattr(genes_of_cells, "BESIDE_TFS", 1)
    total = table((*HUMAN, "nobody"), n_cells=4).sum()
    others = ["CD14", "CD3D", "LYZ"]
    assert set(genes_of_few_cells(few)) == {*HUMAN} - {*others} | {total[others].idxmax()}


def test_page_and_command_ask_the_same_genes(few):
    kept = find_genes(store_genes_of("few.csv", io.BytesIO(few.read_bytes())))
    (asked,) = requests_of(["infer", str(few), "--genes-only"])
    assert (asked.dataset_ref, set(asked.genes)) == (GENES_ONLY, set(kept.names)) == (GENES_ONLY, set(HUMAN))


def test_cells_enough_and_mixed_options_are_refused(few, tmp_path):
    table(n_cells=12).to_csv(tmp_path / "more.csv")
    with pytest.raises(DataError, match="cells enough"):
        genes_of_few_cells(tmp_path / "more.csv")
    for more in (["--gene-list=SPI1,CD14"], ["--cells=type=B"]):
        with pytest.raises(RequestError, match="--genes-only"):
            requests_of(["infer", str(few), "--genes-only", *more])
