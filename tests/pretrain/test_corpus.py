"""Reading a folder of count matrices into training matrices."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from grn_core.datasets.values import log_cp10k
from grn_core.errors import DataError
from grn_core.pretrain import corpus, files
from grn_core.pretrain.corpus import choose_vocabulary, load_corpus, read_cells, standardise, weights
from grn_core.pretrain.sources import Source
from tests.pretrain.toy_corpus import TINY, toy_part

HUMAN = ["GATA1", "MYC", "TP53", "KIT", "HBA1", "POU5F1"]
MOUSE = ["Gata1", "Myc", "Trp53", "Kit", "Hba-a1", "H2-K1"]
HUMAN_IDS = ["ENSG00000102145", "ENSG00000136997.4", "ENSG00000141510"]


def counts_of(n_cells, n_genes, *, seed=0):
    return np.random.default_rng(seed).poisson(2.0, size=(n_cells, n_genes)).astype(np.float32)


def logged(counts, columns):
    """log1p(CP10k) of some columns, counted against all."""
    counts = np.asarray(counts, dtype=np.float64)
    totals = counts.sum(1, keepdims=True)
    return np.log1p(
        np.divide(counts[:, columns] * 1e4, totals, out=np.zeros((len(counts), len(columns))), where=totals > 0)
    )


def write(path, counts, genes, *, symbols=None, kind=sparse.csr_matrix):
    var = pd.DataFrame(index=pd.Index(genes, name="gene"))
    if symbols is not None:
        var["symbol"] = symbols
    obs = pd.DataFrame(index=[f"cell{number}" for number in range(len(counts))])
    anndata.AnnData(kind(counts), obs=obs, var=var).write_h5ad(path)
    return path


@pytest.fixture
def small_files(monkeypatch):
    """Let data sets of ten cells count, and genes that few cells show."""
    monkeypatch.setattr(files, "MIN_CELLS", 10)
    monkeypatch.setattr(corpus, "MIN_DETECTED", 3)


def test_log_cp10k_by_hand():
    counts = sparse.csr_matrix([[1.0, 3.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
    expected = np.log1p([[2500.0, 7500.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 10_000.0]])
    found = log_cp10k(counts, kind="counts")
    assert sparse.issparse(found)
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-6)


def test_standardise_by_hand():
    """Column 0: mean 2, spread 2, so -1 or 1. Column 2 is seen in four cells: dropped. Column 3 has one outlier."""
    table = np.zeros((100, 4))
    table[:, 0] = np.tile([0.0, 4.0], 50)
    table[:10, 1] = 1.0
    table[:4, 2] = 1.0
    table[:5, 3] = [100.0, 1.0, 1.0, 1.0, 1.0]
    values, keep, statistics = standardise(sparse.csr_matrix(table))
    assert keep.tolist() == [0, 1, 3]
    assert values.dtype == np.float16
    assert values[:, 0].tolist() == [-1.0, 1.0] * 50
    np.testing.assert_allclose(values[:10, 1], 3.0)
    np.testing.assert_allclose(values[10:, 1], -1 / 3, atol=1e-3)
    assert values[0, 2] == 5.0
    np.testing.assert_allclose(statistics["mean"], [2.0, 0.1, 1.04])
    np.testing.assert_allclose(statistics["sd"][:2], [2.0, 0.3])
    np.testing.assert_allclose(statistics["detected"], [0.5, 0.1, 0.05])


def test_genes_of_large_data_sets_need_a_share_of_the_cells():
    table = np.zeros((1000, 2))
    table[:9, 0] = table[:10, 1] = 1.0
    assert standardise(sparse.csr_matrix(table))[1].tolist() == [1]


def test_a_constant_gene_stays_finite():
    values, keep, _ = standardise(sparse.csr_matrix(np.full((20, 1), 3.0)))
    assert keep.tolist() == [0]
    assert (values == 0).all()


def test_vocabulary_favours_tfs_and_genes_with_an_ortholog():
    """GATA1 is a TF, KIT has an ortholog: 10 cells suffice. ERVK3-1 has neither: 90. NOGENE is not a human symbol."""
    n_seen = {"GATA1": 10, "KIT": 10, "TP53": 9, "ERVK3-1": 89, "XIST": 90, "NOGENE": 95}
    table = np.zeros((95, len(n_seen)))
    for column, n in enumerate(n_seen.values()):
        table[:n, column] = 1
    part = (sparse.csr_matrix(table), list(n_seen), "human")
    assert choose_vocabulary([part]) == ("GATA1", "KIT", "XIST")
    assert choose_vocabulary([part, part]) == ("ERVK3-1", "GATA1", "KIT", "TP53", "XIST"), "cells of all parts count"


def test_human_symbols(tmp_path):
    counts = counts_of(12, 3)
    found, symbols, species = read_cells(write(tmp_path / "a.h5ad", counts, ["MYC", "nobody", "GATA1"]))
    assert (symbols, species) == (["GATA1", "MYC"], "human")
    np.testing.assert_allclose(found.toarray(), logged(counts, [2, 0]), rtol=1e-6)


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, np.asarray])
def test_ensembl_ids_and_any_matrix(tmp_path, kind):
    counts = counts_of(12, 3)
    found, symbols, species = read_cells(write(tmp_path / "a.h5ad", counts, HUMAN_IDS, kind=kind))
    assert (symbols, species) == (["GATA1", "MYC", "TP53"], "human")
    np.testing.assert_allclose(found.toarray(), logged(counts, [0, 1, 2]), rtol=1e-6)


def test_the_column_symbol_goes_before_the_index(tmp_path):
    counts = counts_of(12, 2)
    path = write(tmp_path / "a.h5ad", counts, ["one", "two"], symbols=["MYC", "GATA1"])
    assert read_cells(path)[1] == ["GATA1", "MYC"]


def test_mouse_genes_become_human_and_lose_those_without_ortholog(tmp_path):
    counts = counts_of(12, 6)
    found, symbols, species = read_cells(write(tmp_path / "a.h5ad", counts, MOUSE))
    assert species == "mouse"
    assert symbols == ["GATA1", "HBA1", "KIT", "MYC", "TP53"]
    np.testing.assert_allclose(found.toarray(), logged(counts, [0, 4, 3, 1, 2]), rtol=1e-6)


def test_columns_of_one_symbol_are_summed(tmp_path):
    counts = counts_of(12, 3)
    path = write(tmp_path / "a.h5ad", counts, ["a", "b", "c"], symbols=["MYC", "GATA1", "MYC"])
    found, symbols, _ = read_cells(path)
    assert symbols == ["GATA1", "MYC"]
    summed = np.stack([counts[:, 1], counts[:, 0] + counts[:, 2]], axis=1)
    np.testing.assert_allclose(found.toarray(), logged(summed, [0, 1]), rtol=1e-6)


def test_negative_values_are_no_counts(tmp_path):
    path = write(tmp_path / "scaled.h5ad", -counts_of(12, 2), ["MYC", "GATA1"])
    with pytest.raises(DataError, match=r"X has negative values .*scaled"):
        read_cells(path)


def test_a_folder_of_three_files(tmp_path, small_files):
    human, mouse = counts_of(40, 6), counts_of(30, 6, seed=1)
    write(tmp_path / "b_mouse.h5ad", mouse, MOUSE)
    write(tmp_path / "a_human.h5ad", human, HUMAN)
    write(tmp_path / "c_small.h5ad", counts_of(9, 6), HUMAN)
    told = []
    parts, vocabulary = load_corpus(tmp_path, progress=lambda *report: told.append(report))

    assert vocabulary == tuple(sorted(HUMAN))
    assert [(part.name, part.species, len(part.values)) for part in parts] == [
        ("a_human", "human", 40),
        ("b_mouse", "mouse", 30),
    ]
    assert told[:4] == [("read", 0, 3), ("read", 1, 3), ("read", 2, 3), ("standardise", 0, 2)]
    first, second = parts
    assert [vocabulary[gene] for gene in first.genes] == sorted(HUMAN)
    assert [vocabulary[gene] for gene in second.genes] == ["GATA1", "HBA1", "KIT", "MYC", "TP53"]
    assert first.sha256 == hashlib.sha256((tmp_path / "a_human.h5ad").read_bytes()).hexdigest()

    logs = np.log1p(human / human.sum(1, keepdims=True) * 1e4)[:, np.argsort(HUMAN)]
    expected = np.clip((logs - logs.mean(0)) / logs.std(0), -3, 5)
    np.testing.assert_allclose(first.values, expected, atol=4e-3)
    np.testing.assert_allclose(first.mean, logs.mean(0), rtol=1e-5)
    np.testing.assert_allclose(first.sd, logs.std(0), rtol=1e-4)
    np.testing.assert_allclose(first.detected, (human > 0).mean(0)[np.argsort(HUMAN)], rtol=1e-6)


def test_held_out_cells_are_a_seeded_share(tmp_path, small_files):
    write(tmp_path / "a.h5ad", counts_of(400, 6), HUMAN)
    one, same, other = (load_corpus(tmp_path, seed=seed, held_out=0.2)[0][0] for seed in (0, 0, 1))
    assert (one.held_out == same.held_out).all()
    assert (one.held_out != other.held_out).any()
    assert 0.12 < one.held_out.mean() < 0.28
    assert one.training.tolist() == np.flatnonzero(~one.held_out).tolist()
    assert not load_corpus(tmp_path, held_out=0.0)[0][0].held_out.any()


def test_the_order_of_a_files_columns_changes_nothing(tmp_path, small_files):
    counts, order = counts_of(30, 6), [3, 0, 5, 1, 4, 2]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    write(tmp_path / "one" / "a.h5ad", counts, HUMAN)
    write(tmp_path / "two" / "a.h5ad", counts[:, order], [HUMAN[index] for index in order])
    (one,), (two,) = (load_corpus(tmp_path / name)[0] for name in ("one", "two"))
    assert (one.genes == two.genes).all()
    np.testing.assert_allclose(one.values, two.values, atol=2e-3)


def test_a_given_vocabulary_is_kept_and_cells_are_scaled_by_all_their_genes(tmp_path, small_files):
    counts = counts_of(30, 6)
    write(tmp_path / "a.h5ad", counts, HUMAN)
    (part,), vocabulary = load_corpus(tmp_path, vocabulary=["TP53", "ZZZ", "GATA1"])
    assert vocabulary == ("TP53", "ZZZ", "GATA1")
    assert [vocabulary[gene] for gene in part.genes] == ["GATA1", "TP53"]
    logs = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    np.testing.assert_allclose(part.mean, logs[:, [0, 2]].mean(0), rtol=1e-5)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(
        DataError, match=r"has no \.h5ad file; needed: a folder of count matrices; what to do: .*--corpus"
    ):
        load_corpus(tmp_path)


def test_a_folder_of_tiny_files_is_an_error(tmp_path):
    write(tmp_path / "a.h5ad", counts_of(9, 6), HUMAN)
    with pytest.raises(DataError, match=r"no \.h5ad file of .* has 60 cells"):
        load_corpus(tmp_path)


def profiles_of(n, n_genes, *, seed=5):
    """Averages: linear, not whole, some genes near zero."""
    return np.random.default_rng(seed).gamma(0.5, 40.0, size=(n, n_genes)).astype(np.float32)


def test_averages_are_read_beside_cells(tmp_path, small_files):
    """Linear values, scaled by their own total; a gene that their file lacks is missing there, not zero."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "profiles").mkdir()
    write(tmp_path / "corpus" / "a.h5ad", counts_of(40, 6), HUMAN)
    averages = profiles_of(12, 4)
    write(tmp_path / "profiles" / "m.h5ad", averages, MOUSE[:4])
    write(tmp_path / "profiles" / "few.h5ad", averages[:9], HUMAN[:4])
    assert files.profiles_beside(tmp_path / "corpus") == tmp_path / "profiles"
    parts, vocabulary = load_corpus(tmp_path / "corpus", profiles=tmp_path / "profiles")
    assert [(part.name, part.kind, part.species) for part in parts] == [
        ("a", "cells", "human"),
        ("m", "profiles", "mouse"),
    ]
    assert vocabulary == tuple(sorted(HUMAN))
    assert [vocabulary[gene] for gene in parts[1].genes] == ["GATA1", "KIT", "MYC", "TP53"]
    logs = np.log1p(averages / averages.sum(1, keepdims=True) * 1e4)[:, [0, 3, 1, 2]]
    np.testing.assert_allclose(parts[1].mean, logs.mean(0), rtol=1e-5)
    assert files.profiles_beside(tmp_path / "profiles") is None, "averages have none of their own"
    assert files.profiles_beside(tmp_path) is None


def test_sources_without_a_stated_licence_can_be_left_out(tmp_path, small_files):
    for name in ("a", "b"):
        write(tmp_path / f"{name}.h5ad", counts_of(40, 6), HUMAN)
    (tmp_path / "a.txt").write_text("licence: MIT\nstudy: One 2020\n", encoding="utf-8")
    parts, _ = load_corpus(tmp_path)
    assert [(part.name, part.source.licence) for part in parts] == [("a", "MIT"), ("b", "")]
    assert [part.name for part in load_corpus(tmp_path, stated_only=True)[0]] == ["a"]
    (tmp_path / "a.txt").unlink()
    with pytest.raises(DataError, match="of a source whose licence is stated"):
        load_corpus(tmp_path, stated_only=True)


def test_weights_by_hand():
    """Root of the root of the rows; cells a quarter of that; two sets of one study share; few genes weigh less."""
    recipe = replace(TINY, cell_weight=0.25, size_power=0.25)

    def part(n, genes=4000, **changes):
        return replace(toy_part(n, genes), held_out=np.zeros(n, dtype=bool), **changes)

    one_study = Source("Han 2018 (GSE108097)")
    parts = [
        part(16),
        part(16, kind="profiles"),
        part(81, kind="profiles", source=one_study),
        part(16, kind="profiles", source=Source("markers of GSE108097")),
        part(16, 500, kind="profiles"),
    ]
    wanted = np.array([0.25 * 2, 2, 3 / 2**0.5, 2 / 2**0.5, 2 / 4])
    np.testing.assert_allclose(weights(parts, recipe), wanted / wanted.sum())
