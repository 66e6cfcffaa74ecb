from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import Dataset, genes_only, load
from grn_core.datasets.checks import assemble
from grn_core.datasets.kinds import ToldValues
from grn_core.datasets.panel_of_cells import check_choice
from grn_core.datasets.values import log_cp10k, sum_columns
from grn_core.errors import DataError, GeneError, GrnError, RequestError
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, counts


def dataset(values=None, genes=HUMAN, **options) -> Dataset:
    values = counts(len(genes)) if values is None else values
    obs = pd.DataFrame(index=cell_names(len(values)))
    return assemble(sparse.csr_matrix(values), genes, obs, title="test", where="X", **options)


def test_panel_is_sorted_and_names_its_tfs():
    panel = dataset().panel()
    assert panel.genes == tuple(sorted(HUMAN)) == panel.labels
    assert set(HUMAN) - set(panel.source_names) == {"CD14", "CD3D", "LYZ"}
    assert panel.mean.dtype == np.float32
    assert panel.mean.shape == (len(HUMAN),)


def test_mean_is_mean_log1p_cp10k():
    values = counts()
    expected = np.log1p(values / values.sum(axis=1, keepdims=True) * 1e4).mean(axis=0)
    panel = dataset(values).panel()
    np.testing.assert_allclose(panel.mean, expected[np.argsort(HUMAN)], rtol=1e-6)


def test_log_normalised_values_are_used_as_they_are():
    values = np.log1p(counts()) + 0.01
    panel = dataset(values).panel()
    np.testing.assert_allclose(panel.mean, values.mean(axis=0)[np.argsort(HUMAN)], rtol=1e-6)


def test_scaled_values_are_stated():
    panel = dataset(counts() - 4.5, told=ToldValues("scaled")).panel()
    assert any("scaled" in note for note in panel.notes)


def test_mouse_labels_are_kept():
    panel = dataset(genes=MOUSE).panel()
    assert dict(zip(panel.genes, panel.labels, strict=True))["SPI1"] == "Spi1"
    assert "Gata1" in panel.source_names


def test_names_of_one_symbol_are_summed():
    values = counts(3)
    data = dataset(values, genes=("SPI1", "spi1", "GATA1"))
    panel = data.panel()
    assert panel.genes == ("GATA1", "SPI1") == panel.labels
    both = np.log1p(values[:, :2].sum(axis=1) / values.sum(axis=1) * 1e4).mean()
    assert panel.mean[1] == pytest.approx(both, rel=1e-6)
    assert any("summed" in note for note in panel.notes)


def test_cells_choose_the_statistics_and_change_the_digest():
    data = dataset(counts(n_cells=24))
    first = np.arange(24) < 12
    some, everything = data.panel(cells=first), data.panel()
    assert some.digest() != everything.digest()
    assert data.panel(cells=np.ones(24, dtype=bool)).digest() == everything.digest()


@pytest.mark.parametrize("cells", [np.zeros(12, dtype=bool), np.ones(11, dtype=bool), np.ones(12)])
def test_bad_choice_of_cells(cells):
    with pytest.raises(DataError, match="cells"):
        dataset().panel(cells=cells)


def test_n_variable_counts_variable_genes_and_adds_tfs():
    rng = np.random.default_rng(0)
    values = rng.poisson(20.0, size=(200, len(HUMAN))).astype(np.float32)
    values[:100, HUMAN.index("CD14")] *= 5
    panel = dataset(values).panel(n_variable=1, tfs=["GATA1"])
    assert panel.genes == ("CD14", "GATA1")
    assert dataset(values).panel(n_variable=0).genes == tuple(sorted(set(HUMAN) - {"CD14", "CD3D", "LYZ"}))


def test_rare_tfs_stay_out():
    values = counts()
    values[2:, HUMAN.index("JUN")] = 0
    assert "JUN" not in dataset(values).panel().genes


def test_vocabulary_limits_the_panel_and_the_loss_is_stated():
    panel = dataset().panel(vocabulary={"SPI1", "CD14"})
    assert panel.genes == ("CD14", "SPI1")
    assert any("does not know 11 of the 13 genes" in note for note in panel.notes)


def test_own_list_of_genes_and_tfs():
    panel = dataset(genes=MOUSE).panel(genes=["Gata1", "CD14", "Cd3d", "Nanog"], tfs=["Cd14"])
    assert panel.genes == ("CD14", "CD3D", "GATA1")
    assert panel.source_names == ("Cd14",)
    assert any("Nanog" in note for note in panel.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tfs": []}, "list of TFs is empty"),
        ({"tfs": ["NOSUCHGENE"]}, r"no TF that was named can be a source: NOSUCHGENE .no known gene name"),
        ({"genes": ["CD14", "LYZ"]}, "on the TF list"),
        ({"genes": ["SPI1"]}, "only 1 usable gene"),
        ({"genes": ["NANOG"]}, "no gene of the list is in the data, e.g. NANOG"),
        ({"vocabulary": {"ABC"}}, "vocabulary"),
        ({"tfs": "zebrafish"}, "zebrafish"),
    ],
)
def test_empty_outcomes_say_what_to_do(options, message):
    with pytest.raises(GeneError, match=message) as caught:
        dataset().panel(**options)
    assert caught.value.needed
    assert caught.value.todo


def test_a_negative_number_of_variable_genes_is_refused():
    with pytest.raises(RequestError, match="number of variable genes is -3; needed: 0 or more; what to do"):
        dataset().panel(n_variable=-3)
    assert dataset().panel(n_variable=0).sources


def test_a_choice_of_cells_where_nothing_describes_them():
    data = dataset()
    assert data.obs.columns.empty
    with pytest.raises(DataError, match="no column 'a'; needed: data with columns that describe the cells; these have"):
        data.cells_where("a", ["b"])


@pytest.mark.parametrize("limit", ["GRN_MAX_GENES", "GRN_MAX_SOURCES"])
def test_limits(limit, monkeypatch):
    monkeypatch.setenv(limit, "5")
    with pytest.raises(DataError, match=limit):
        dataset().panel()


@given(seed=st.integers(0, 1000), n_variable=st.integers(0, 60))
@example(seed=85, n_variable=0)  # a single gene is left: refused, in any order
def test_order_of_genes_and_cells_changes_nothing(seed, n_variable):
    data = load("pbmc68k")
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(data.n_cells)[:60], rng.permutation(data.n_genes)[:150]
    columns = np.union1d(columns, [data.genes.index("SPI1"), data.genes.index("CD79A")])
    shuffled = rng.permutation(columns)

    def panel(cells, genes):
        part, names = data.matrix[cells][:, genes], [data.genes[i] for i in genes]
        obs = pd.DataFrame(index=[f"cell {i}" for i in cells])
        return assemble(part, names, obs, title="part", where="X").panel(n_variable=n_variable)

    try:
        one = panel(rows, columns)
    except GeneError as refused:
        with pytest.raises(GeneError, match=re.escape(str(refused))):
            panel(rng.permutation(rows), shuffled)
        return
    other = panel(rng.permutation(rows), shuffled)
    assert (one.genes, one.labels, one.sources) == (other.genes, other.labels, other.sources)
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-6)
    assert one.digest() == panel(rows, shuffled).digest()


def test_variable_genes_of_pbmc_are_the_markers():
    panel = load("pbmc68k").panel(n_variable=100, tfs=["SPI1"])
    assert {"CD79A", "NKG7", "LYZ", "GNLY"} <= set(panel.genes)


def test_genes_only():
    panel = genes_only(["Gata1", "Spi1", "Cd14", "Gm12345"])
    assert panel.genes == ("CD14", "GATA1", "SPI1")
    assert panel.labels == ("Cd14", "Gata1", "Spi1")
    assert panel.source_names == ("Gata1", "Spi1")
    assert not panel.mean.any()
    assert panel.digest() == genes_only(["Spi1", "Cd14", "Gata1"]).digest()
    with pytest.raises(GeneError, match="no gene name"):
        genes_only([])
    with pytest.raises(GeneError, match=r"none of the 2 names in the gene list is a known gene.*needed.*what to do"):
        genes_only(["x", "y"])


def test_an_empty_cell_stays_zero():
    values = sparse.csr_matrix(np.array([[0, 0], [1, 3]], dtype=np.float32))
    np.testing.assert_allclose(log_cp10k(values, kind="counts").toarray(), np.log1p([[0, 0], [2500, 7500]]), rtol=1e-6)


def test_sums_of_logged_columns_are_taken_without_the_logarithm():
    values = np.array([[1.0, 2.0, 0.5], [0.0, 3.0, 0.0]], dtype=np.float32)
    summed = sum_columns(sparse.csr_matrix(np.log1p(values)), np.array([1, 1, 0]), logged=True).toarray()
    np.testing.assert_allclose(np.expm1(summed), [[0.5, 3.0], [0.0, 3.0]], rtol=1e-6)
    left_out = sum_columns(sparse.csr_matrix(values), np.array([0, -1, 0]), logged=False).toarray()
    np.testing.assert_allclose(left_out, [[1.5], [0.0]])


def test_the_tfs_of_a_simulated_model_are_its_regulators():
    simulated, measured = load("GSD"), load("pbmc68k")
    assert set(simulated.tf_list("auto")) == set(simulated.truth["source"])
    assert (simulated.tf_list("human"), measured.tf_list("auto")) == ("human", "auto")


@given(st.sets(st.sampled_from(HUMAN)))
def test_a_panel_for_a_model_is_the_panel_of_the_genes_that_it_knows(known):
    panel = dataset().panel()
    kept = [symbol for symbol in panel.genes if symbol in known]
    sources = [label for label in panel.source_names if label in known]
    if len(kept) < 2 or not sources:
        with pytest.raises(GeneError, match="some model knows"):
            panel.known_to(known, model="some model")
        return
    found = panel.known_to(known, model="some model")
    assert (found.genes, found.source_names) == (tuple(kept), tuple(sources))
    assert (
        dict(zip(found.genes, found.mean, strict=True)).items()
        <= dict(zip(panel.genes, panel.mean, strict=True)).items()
    )
    assert found.known_to(known, model="some model") is found
    if lost := set(panel.genes) - known:
        note = found.notes[-1]
        assert f"does not know {len(lost)} of the {len(panel.genes)} genes" in note
        assert all(name in note for name in set(panel.source_names) - known)


def test_two_names_of_one_tf_are_one():
    panel = dataset().panel(tfs=["SPI1", "spi1", "PU.1", "GATA1"])
    assert panel.named_tfs == (("SPI1", "SPI1"), ("SPI1", "PU.1"), ("GATA1", "GATA1"))
    assert panel.source_names == ("GATA1", "SPI1")
    lost = panel.known_to({"GATA1", "LYZ", "CD14"}, model="some model").lost_tfs
    assert [one.name for one in lost] == ["SPI1", "PU.1"]


def test_a_list_without_a_tf_blames_no_gene_that_is_not_on_it():
    values = counts()
    values[2:, HUMAN.index("KLF1")] = 0
    cells = dataset(values)
    with pytest.raises(GeneError, match="none of the 2 genes is on the TF list") as refused:
        cells.panel(genes=["LYZ", "CD14", "LYZ"])
    assert "KLF1" not in str(refused.value)
    assert cells.panel(genes=["SPI1", "LYZ"]).lost_tfs == ()
    assert cells.panel(genes="SPI1", tfs=["GATA1"]).genes == ("GATA1", "SPI1")


NAMED = st.lists(st.sampled_from([*HUMAN, "NOSUCHGENE", "NANOG", "p53"]), max_size=6)


@given(
    tfs=st.one_of(st.sampled_from(["auto", "human", "zebrafish"]), NAMED),
    genes=st.one_of(st.none(), NAMED),
    n_cells=st.sampled_from([5, 10, 20]),
    n_variable=st.sampled_from([-1, 0, 1, 40]),
    vocabulary=st.one_of(st.none(), st.sets(st.sampled_from(HUMAN))),
)
def test_what_names_alone_refuse_is_refused_with_the_matrix_unopened(tfs, genes, n_cells, n_variable, vocabulary):
    """Every gene of these cells is seen in all of them, so that names decide all."""
    whole = dataset(counts() + 1)
    options = {"tfs": tfs, "genes": genes, "n_variable": n_variable, "vocabulary": vocabulary}
    options |= {"cells": np.arange(whole.n_cells) < n_cells, "model": "some model"}
    unopened = replace(whole, matrix=SimpleNamespace(shape=whole.matrix.shape))
    try:
        whole.panel(**options)
    except GrnError as error:
        with pytest.raises(type(error), match=re.escape(error.needed)):
            check_choice(unopened, **options)
    else:
        check_choice(unopened, **options)
