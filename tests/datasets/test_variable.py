"""Which genes vary most, and how often a gene must be seen."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import sparse

from grn_core.datasets.values import log_cp10k, moments_of
from grn_core.datasets.variable import most_variable, seen_in_enough


def chosen(values: sparse.csr_matrix, names, n_variable: int) -> frozenset[str]:
    return most_variable(
        moments_of([values], n_genes=values.shape[1]), names, n_cells=values.shape[0], n_variable=n_variable
    )


@pytest.mark.parametrize(
    ("n_cells", "least"), [(10, 3), (299, 3), (300, 3), (301, 4), (400, 4), (401, 5), (1000, 10), (1001, 11)]
)
def test_a_gene_must_be_seen_in_three_cells_and_in_one_percent(n_cells, least):
    seen = seen_in_enough(np.array([0, least - 1, least, least + 1]), n_cells=n_cells)
    assert seen.tolist() == [False, False, True, True]


def test_a_gene_in_exactly_three_cells_can_be_chosen():
    values = np.zeros((20, 3))
    values[:, 0] = np.arange(20) % 5 + 1
    values[:3, 1] = 9
    values[:2, 2] = 9
    assert chosen(sparse.csr_matrix(values), "ABC", n_variable=3) == {"A", "B"}


def test_ties_go_by_name_and_small_panels_work():
    values = np.tile([[0.0], [1.0], [2.0], [3.0]], (3, 5))
    assert chosen(sparse.csr_matrix(values), "ABCDE", n_variable=2) == {"A", "B"}
    assert chosen(sparse.csr_matrix(values), "ABCDE", n_variable=9) == set("ABCDE")


def planted(seed, n_cells=300, n_genes=600, n_planted=40):
    """Counts of two kinds of cells that differ in the first genes alone, whatever their level."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0.0, 1.0, n_genes)
    means = np.tile(level, (n_cells, 1))
    means[: n_cells // 2, :n_planted] *= 6
    return sparse.csr_matrix(rng.poisson(means).astype(np.float32))


@pytest.mark.parametrize("seed", range(3))
def test_against_scanpy(seed):
    """All find the genes in which kinds of cells differ: ours more than "seurat", about as many as "cell_ranger"."""
    import anndata
    import scanpy

    values = log_cp10k(planted(seed), kind="counts")
    names = [f"g{number:03d}" for number in range(values.shape[1])]
    truth = set(names[:40])
    ours = chosen(values, names, n_variable=40)
    found = {}
    for flavour in ("seurat", "cell_ranger"):
        data = anndata.AnnData(values.toarray())  # of a sparse matrix the library compiles its loops, for seconds
        data.var_names = names
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library's own news
            scanpy.pp.highly_variable_genes(data, flavor=flavour, n_top_genes=40)
        found[flavour] = len(truth & set(data.var_names[data.var["highly_variable"]]))
    assert len(truth & ours) >= max(30, found["seurat"], found["cell_ranger"] - 4)
