"""What the numbers of a file are, told from the numbers; and the same numbers whatever scale they came in."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import load, read, store_upload
from grn_core.datasets.checks import assemble
from grn_core.datasets.kinds import KINDS, ToldValues, find_kind
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.told import hint_of, kind_of_values
from grn_core.datasets.values import sum_columns
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


def per_cell(counts, seed):
    """Size factors around 1, as scran and DESeq2 have them."""
    depth = counts.sum(1, keepdims=True)
    noisy = depth * np.random.default_rng(seed).lognormal(0, 0.2, depth.shape)
    return noisy / noisy.mean()


def tpm(counts):
    length = np.linspace(0.5, 5, counts.shape[1])
    return counts / length / (counts / length).sum(1, keepdims=True) * 1e6


MADE = {
    "counts": lambda counts, _: counts,
    "counts per 10,000": lambda counts, _: counts / counts.sum(1, keepdims=True) * 1e4,
    "counts per million": lambda counts, _: counts / counts.sum(1, keepdims=True) * 1e6,
    "size factors": lambda counts, seed: counts / per_cell(counts, seed),
    "log1p of counts per 10,000": lambda counts, _: logged(counts, total=1e4, base=math.e),
    "log1p of counts": lambda counts, _: np.log1p(counts),
    "log2(counts + 1)": lambda counts, _: np.log2(1 + counts),
    "log1p by size factors": lambda counts, seed: np.log1p(counts / per_cell(counts, seed)),
    "log2 by size factors": lambda counts, seed: np.log2(1 + counts / per_cell(counts, seed)),
    "log10 by size factors": lambda counts, seed: np.log10(1 + counts / per_cell(counts, seed)),
    **{
        f"log to {base:.3g} of {total:,.0f}": lambda counts, _, base=base, total=total: logged(
            counts, total=total, base=base
        )
        for base in (math.e, 2.0, 10.0)
        for total in (1e3, 2345.0, 5e4, 1e6)
    },
}
KIND = {"counts": "counts", "counts per 10,000": "cp10k", "counts per million": "tpm", "size factors": "abundance",
        "log1p of counts per 10,000": "lognorm", "log1p of counts": "log1p", "log2(counts + 1)": "log2-all",
        "log1p by size factors": "log1p", "log2 by size factors": "log2-all", "log10 by size factors": "log10-all",
        "log to 2 of 1,000,000": "log2"}  # fmt: skip


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(MADE)))
def test_counts_are_the_same_panel_whatever_was_made_of_them(seed, name):
    counts = counts_of(seed)
    made = MADE[name](counts, seed)
    told = kind_of_values(sparse.csr_matrix(made, dtype=np.float32), where="X")
    assert told.kind == KIND.get(name, told.kind)
    assert told.doubt == ""
    found, expected = (
        assemble(sparse.csr_matrix(values), GENES, pd.DataFrame(index=cell_names(30)), title="", where="X").panel()
        for values in (made, counts)
    )
    assert found.genes == expected.genes
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-6, atol=1e-6)


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(MADE)), depth=st.sampled_from([300, 3000, 1_000_000]))
def test_shallow_and_deep_cells_are_told_as_well(seed, name, depth):
    """Of droplets nearly every count is one or two; of whole libraries the logarithm of the largest is beyond 20."""
    counts = counts_of(seed, n_cells=40, n_genes=600, depth=depth)
    told = kind_of_values(sparse.csr_matrix(MADE[name](counts, seed), dtype=np.float32), where="X")
    assert told.kind == KIND.get(name, told.kind)
    assert told.doubt == ""


@given(seed=st.integers(0, 10_000), base=st.sampled_from([None, math.e, 2.0]))
def test_tpm_of_all_genes_are_told_by_what_they_add_up_to(seed, base):
    values = tpm(counts_of(seed))
    told = kind_of_values(sparse.csr_matrix(values if base is None else np.log1p(values) / math.log(base)), where="X")
    assert told.kind == {None: "tpm", math.e: "log1p", 2.0: "log2"}[base]


@given(seed=st.integers(0, 10_000), every=st.integers(2, 5), decimals=st.sampled_from([None, 4, 3]))
def test_some_genes_of_log1p_cp10k_stay_what_they_are(seed, every, decimals):
    values = logged(counts_of(seed, n_genes=200), total=1e4, base=math.e)[:, 1::every]
    values = values if decimals is None else values.round(decimals)
    assert kind_of_values(sparse.csr_matrix(values), where="X") == ToldValues("lognorm")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("made", ["tpm", "counts"])
def test_some_genes_of_log2_tpm_are_no_log1p_of_counts_per_10000(seed, made):
    """Half of the genes: cells add up to nothing in particular, but to more than 10,000 as natural logarithms."""
    counts = counts_of(seed, n_genes=2000, depth=50_000)
    counts = tpm(counts) if made == "tpm" else counts
    told = kind_of_values(sparse.csr_matrix(logged(counts, total=1e6, base=2.0)[:, ::2]), where="the table")
    assert told.kind == "log2"
    assert ("--values" in told.doubt) == (made == "tpm")


@pytest.mark.parametrize(
    ("name", "uns", "kind", "says"),
    [
        ("X", {"log1p": {"base": None}}, "lognorm", "uns['log1p']"),
        ("X", {"log1p": {"base": 2}}, "log2", "uns['log1p']"),
        ("layers/data", {}, "lognorm", "layers/data"),
        ("layers/logcounts", {}, "log2", "layers/logcounts"),
        ("layers/tpm", {}, "abundance", "layers/tpm"),
        ("layers/mine", {"log1p": {}}, "lognorm", ""),
        ("X", {}, "lognorm", ""),
    ],
)
def test_what_the_numbers_do_not_tell_the_file_may_say(name, uns, kind, says):
    values = sparse.csr_matrix(np.random.default_rng(0).gamma(0.5, 0.8, (40, 60)).clip(0, 6))
    told = kind_of_values(values, where=name, hint=hint_of(name, uns))
    assert told.kind == kind
    assert (says in told.note and told.doubt == "") if says else "--values" in told.doubt


@pytest.mark.parametrize("uns", [{}, {"log1p": {"base": None}}])
def test_numbers_come_before_what_the_file_says(uns):
    """scanpy's note on log1p stays in a file whose X was set back to counts."""
    for made, kind in (("counts", "counts"), ("counts per million", "tpm"), ("log2 by size factors", "log2-all")):
        values = sparse.csr_matrix(MADE[made](counts_of(), 0))
        assert kind_of_values(values, where="X", hint=hint_of("X", uns)).kind == kind


def test_a_doubt_stays_on_every_result_until_the_user_says_what_the_values_are(tmp_path):
    values = np.random.default_rng(4).gamma(0.5, 0.8, (30, len(HUMAN))).clip(0.01, 6)
    pd.DataFrame(values, cell_names(30), HUMAN).to_csv(tmp_path / "cells.csv")
    doubtful, said = read(tmp_path / "cells.csv"), read(tmp_path / "cells.csv", values="lognorm")
    assert len(doubtful.reading.doubts) == 1
    assert doubtful.reading.doubts[0] in doubtful.panel().notes
    assert doubtful.reading.doubts[0] in doubtful.notes
    assert said.reading.doubts == ()
    assert said.value_kind == doubtful.value_kind


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
    with pytest.raises(DataError, match=r"no kind of values 'ln'; needed: one of counts, .*lognorm, .*log2"):
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


def test_decimals_that_were_cut_off_are_no_counts():
    values = logged(counts_of(1, n_genes=300, depth=10_000_000), total=1e4, base=math.e)[:, ::3].round(2)
    told = kind_of_values(sparse.csr_matrix(values), where="X")
    assert told.kind == "lognorm"
    assert "--values" in told.doubt


@pytest.mark.parametrize("total", [10.0, 60.0])
def test_normalised_values_without_logarithm_are_told_by_their_sums(total):
    values = np.random.default_rng(3).gamma(0.4, 1.0, (80, 60))
    values *= total / values.sum(1, keepdims=True)
    told = kind_of_values(sparse.csr_matrix(values), where="X")
    assert told.kind == "abundance"
    assert "no logarithms" in told.note


def test_small_corrected_counts_are_doubtful():
    rng = np.random.default_rng(4)
    values = (rng.gamma(0.3, 9.0, (80, 300)) * rng.uniform(0.5, 1.0, (80, 1))).clip(0.7, 19.5) * (
        rng.random((80, 300)) < 0.5
    )
    told = kind_of_values(sparse.csr_matrix(values), where="X")
    assert told.kind == "abundance"
    assert "doubtful" in told.doubt
