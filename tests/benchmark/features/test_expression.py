"""Measured cells of a dataset, in human symbols and in the models' scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.features.expression import own_cells, read_beeline_cells, read_beeline_dataset
from grn_core.errors import GrnError


def write_cells(folder, dataset, table):
    (folder / dataset).mkdir(parents=True)
    table.to_csv(folder / dataset / "ExpressionData.csv")
    return folder


def table_of(values, genes):
    return pd.DataFrame(values, index=genes, columns=[f"c{number}" for number in range(len(values[0]))])


def test_human_cells_by_hand(tmp_path):
    """log2(TPM + 1) of 0, 99 and 199 TPM are 0, log2(100), log2(200): 0, 0.99 and 1.99 in 10,000."""
    values = [[0.0, np.log2(100)] * 6, [np.log2(200), np.log2(200)] * 6, [1.0, 1.0] * 6]
    cells = read_beeline_cells(write_cells(tmp_path, "hONE", table_of(values, ["TP53", "MDM2", "no-gene"])), "hONE")
    assert (cells.dataset, cells.genes) == ("hONE", ("MDM2", "TP53"))
    np.testing.assert_allclose(cells.values[:2], [[np.log1p(1.99), 0.0], [np.log1p(1.99), np.log1p(0.99)]], rtol=1e-6)
    np.testing.assert_allclose(cells.mean, [np.log1p(1.99), np.log1p(0.99) / 2], rtol=1e-6)
    assert cells.columns(("TP53", "KIT", "MDM2")).tolist() == [1, -1, 0]


def test_names_of_one_gene_are_summed(tmp_path):
    """0.99 and 1.99 in 10,000 are 2.98, on this road as on the others."""
    values = [[np.log2(100)] * 12, [np.log2(200)] * 12, [1.0] * 12]
    folder = write_cells(tmp_path, "hONE", table_of(values, ["ARNTL", "BMAL1", "MYC"]))
    cells = read_beeline_cells(folder, "hONE")
    np.testing.assert_allclose(cells.values[:, 0], np.log1p(2.98), rtol=1e-6)
    np.testing.assert_allclose(
        read_beeline_dataset(folder, "hONE").panel(genes=["BMAL1"], tfs=["MYC"]).mean, cells.mean, 1e-6
    )


def test_mouse_genes_become_human(tmp_path):
    table = table_of([[1.0, 2.0] * 6, [1.0, 1.5] * 6], ["Trp53", "Kit"])
    assert read_beeline_cells(write_cells(tmp_path, "mONE", table), "mONE").genes == ("KIT", "TP53")


def test_the_order_of_genes_changes_nothing(tmp_path):
    table = table_of(np.arange(36.0).reshape(3, 12) / 5, ["TP53", "KIT", "MYC"])
    first = read_beeline_cells(write_cells(tmp_path / "a", "hONE", table), "hONE")
    second = read_beeline_cells(write_cells(tmp_path / "b", "hONE", table.iloc[::-1]), "hONE")
    assert first.sha == second.sha
    third = read_beeline_cells(write_cells(tmp_path / "c", "hONE", table + 1), "hONE")
    assert third.sha != first.sha


def test_a_dataset_without_cells(tmp_path):
    assert read_beeline_cells(tmp_path, "mHSC-E") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (",c0,c1\nTP53,1,high\nMYC,1,2\n", "is no number"),
        (",c0\nno-gene,1\nneither,2\n", "hardly any name|is a known gene"),
        (",c0\nTP53,\nMYC,1\n", "no value"),
    ],
)
def test_files_that_are_no_expression(tmp_path, text, said):
    (tmp_path / "hONE").mkdir()
    (tmp_path / "hONE" / "ExpressionData.csv").write_text(text, encoding="utf-8")
    with pytest.raises(GrnError, match=said):
        read_beeline_cells(tmp_path, "hONE")


def test_cells_of_the_users_own(tmp_path):
    """Counts become log1p of 10,000 a cell."""
    counts = np.random.default_rng(0).integers(1, 50, size=(12, 3))
    path = tmp_path / "cells.csv"
    pd.DataFrame(counts, columns=["TP53", "KIT", "MYC"], index=[f"c{n}" for n in range(12)]).to_csv(path)
    cells = own_cells(path)
    assert cells.genes == ("KIT", "MYC", "TP53")
    expected = np.log1p(1e4 * counts / counts.sum(1, keepdims=True))[:, [1, 2, 0]]
    np.testing.assert_allclose(cells.values, expected, rtol=1e-5)
    np.testing.assert_allclose(cells.mean, expected.mean(0), rtol=1e-5)


@pytest.mark.thorough
@pytest.mark.shared_data
def test_real_beeline_cells(shared_data):
    """Read as log2(TPM + 1), no cell holds more than 10,000 of 10,000 but for rounding; by name or by the numbers."""
    folder = shared_data / "data" / "beeline" / "expression"
    for dataset, n_cells in (("hESC", 758), ("hHEP", 425), ("mDC", 383), ("mESC", 421)):
        cells = read_beeline_cells(folder, dataset)
        assert len(cells.values) == n_cells
        assert np.quantile(np.expm1(cells.values).sum(1), 0.99) < 1e4 * (2.5 if dataset == "hESC" else 1)
        upload = own_cells(folder / dataset / "ExpressionData.csv")
        np.testing.assert_array_equal(upload.values, cells.values)
    assert read_beeline_cells(folder, "mHSC-E") is None
