"""What the numbers of a file are, told from the numbers; and the same numbers whatever scale they came in."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import load, read, store_upload
from grn_core.datasets.kinds import KINDS, find_kind
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.told import kind_of_values
from grn_core.datasets.values import log_cp10k, sum_columns
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, cell_names

GENES = (*HUMAN, *(f"made-up-{number}" for number in range(20)))
N_GENES = len(GENES)


def counts_of(seed=0, n_cells=30, n_genes=N_GENES, depth=None):
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0.0, 2.0, n_genes) * rng.lognormal(0.0, 0.5, (n_cells, n_genes))  # no cell is like another
    depth = rng.uniform(200, 2000, (n_cells, 1)) if depth is None else np.full((n_cells, 1), depth)
    values = rng.poisson(depth * level / level.sum(1, keepdims=True)).astype(np.float64)
    values[:, 0] += 1
    return values


def logged(counts, *, total, base):
    return np.log1p(counts / counts.sum(1, keepdims=True) * total) / math.log(base)


SCALES = {
    "lognorm": (1e4, math.e),
    "log1p": (1e6, math.e),
    "log2": (1e6, 2.0),
    "log2-all": (1e4, 2.0),
    "log10-all": (1e4, 10.0),
}


@pytest.mark.parametrize("name", SCALES)
def test_the_logarithm_of_whole_cells_is_told_by_what_they_add_up_to(name):
    total, base = SCALES[name]
    kind, note = kind_of_values(sparse.csr_matrix(logged(counts_of(), total=total, base=base)), where="X")
    assert kind == name
    assert (note == "") == (name == "lognorm")


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    base=st.sampled_from([math.e, 2.0, 10.0]),
    total=st.sampled_from([1e3, 2345.0, 1e4, 5e4, 1e6]),
)
def test_one_table_of_counts_gives_the_same_numbers_in_every_scale(seed, base, total):
    counts = counts_of(seed)
    values = sparse.csr_matrix(logged(counts, total=total, base=base), dtype=np.float32)
    kind, _ = kind_of_values(values, where="X")
    expected = log_cp10k(sparse.csr_matrix(counts, dtype=np.float32), kind="counts").toarray()
    np.testing.assert_allclose(log_cp10k(values, kind=kind).toarray(), expected, rtol=2e-4, atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_some_genes_of_log2_tpm_are_no_log1p_of_counts_per_10000(seed):
    """Half of the genes: cells add up to nothing in particular, but to more than 10,000 as natural logarithms."""
    values = logged(counts_of(seed, n_genes=2000, depth=50_000), total=1e6, base=2.0)[:, ::2]
    kind, note = kind_of_values(sparse.csr_matrix(values), where="the table")
    assert kind == "log2"
    assert "taken as log2(TPM + 1)" in note


@pytest.mark.parametrize("seed", range(5))
def test_some_genes_of_log1p_cp10k_stay_what_they_are(seed):
    values = logged(counts_of(seed), total=1e4, base=math.e)[:, 1::2]
    assert kind_of_values(sparse.csr_matrix(values), where="X") == ("lognorm", "")


def test_the_user_overrules(tmp_path):
    table = pd.DataFrame(logged(counts_of(), total=1e6, base=2.0)[:, : len(HUMAN)], cell_names(30), HUMAN)
    table.to_csv(tmp_path / "cells.csv")
    panels = {name: read(tmp_path / "cells.csv", values=name).panel() for name in ("lognorm", "log2", "counts")}
    np.testing.assert_allclose(panels["lognorm"].mean, table[list(panels["lognorm"].genes)].mean(), rtol=1e-5)
    per_10k = np.log1p((np.exp2(table[list(panels["log2"].genes)]) - 1) / 100).mean()
    np.testing.assert_allclose(panels["log2"].mean, per_10k, rtol=1e-4)
    assert len({panel.digest() for panel in panels.values()}) == 3
    assert len({read(tmp_path / "cells.csv", values=name).sha256 for name in panels}) == 3


def test_a_kind_that_does_not_exist_or_cannot_be_is_refused(tmp_path):
    pd.DataFrame(counts_of()[:, : len(HUMAN)] * 1000, cell_names(30), HUMAN).to_csv(tmp_path / "cells.csv")
    with pytest.raises(DataError, match=r"no kind of values 'ln'; needed: one of counts, lognorm, .*log2"):
        read(tmp_path / "cells.csv", values="ln")
    with pytest.raises(DataError, match="which are no logarithms to base 2"):
        read(tmp_path / "cells.csv", values="log2")


def test_every_kind_is_a_record():
    assert all(find_kind(kind.name) is kind and kind.title and kind.used for kind in KINDS)
    assert [kind.name for kind in KINDS if kind.as_given] == ["lognorm", "scaled"]


@pytest.mark.parametrize("base", [math.e, 2.0, 10.0])
def test_columns_are_summed_without_their_logarithm(base):
    values = np.array([[1.0, 2.0, 0.5], [0.0, 3.0, 0.0]])
    matrix = sparse.csr_matrix(np.log1p(values) / math.log(base), dtype=np.float32)
    summed = sum_columns(matrix, np.array([1, 1, 0]), logged=True, base=base).toarray()
    np.testing.assert_allclose(np.power(base, summed) - 1, [[0.5, 3.0], [0.0, 3.0]], rtol=1e-5)


def test_the_user_overrules_for_an_upload(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    table = pd.DataFrame(logged(counts_of(), total=1e6, base=2.0)[:, : len(HUMAN)], cell_names(30), HUMAN)
    table.to_csv(tmp_path / "cells.csv")
    found = {}
    for name in (None, "lognorm"):
        with (tmp_path / "cells.csv").open("rb") as file:
            found[name] = load(store_upload("cells.csv", file, read_as=ReadAs(values=name)))
    assert {name: data.value_kind for name, data in found.items()} == {None: "log2", "lognorm": "lognorm"}
    assert len({data.ref for data in found.values()}) == 2


@pytest.mark.parametrize("total", [10.0, 60.0])
def test_normalised_values_without_logarithm_are_told_by_their_sums(total):
    values = np.random.default_rng(3).gamma(0.4, 1.0, (80, 60))
    values *= total / values.sum(1, keepdims=True)
    kind, note = kind_of_values(sparse.csr_matrix(values), where="X")
    assert kind == "counts"
    assert "no logarithms" in note


def test_small_corrected_counts_are_doubtful():
    rng = np.random.default_rng(4)
    values = (rng.gamma(0.3, 9.0, (80, 300)) * rng.uniform(0.5, 1.0, (80, 1))).clip(0.7, 19.5) * (
        rng.random((80, 300)) < 0.5
    )
    kind, note = kind_of_values(sparse.csr_matrix(values), where="X")
    assert kind == "counts"
    assert "doubtful" in note
