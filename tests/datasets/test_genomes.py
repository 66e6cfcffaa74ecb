"""Law: genes of two genomes are never added up, whatever the file calls them and wherever it says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets.formats.genomes import genomes_of
from grn_core.datasets.formats.h5ad import from_anndata
from grn_core.datasets.formats.tenx_h5 import annotated
from grn_core.datasets.read_as import ReadAs
from grn_core.datasets.reading import OPTIONS
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, counts

HUMAN_WORDS = ("GRCh38", "hg19", "GRCh38-2020-A", "human", "homo_sapiens")
MOUSE_WORDS = ("mm10", "GRCm39", "mouse", "mus_musculus", "mmusculus")
LIKE_HUMAN = tuple(name.upper() for name in MOUSE)


def made(values, names, columns, *, species=None):
    data = annotated(sparse.csr_matrix(values), genes=names, barcodes=cell_names(), columns=columns)
    return from_anndata(data, Path("a.h5ad"), title="a", read_as=ReadAs(species=species))


@given(
    said=st.sampled_from([None, "human", "mouse"]),
    spelling=st.sampled_from([MOUSE, LIKE_HUMAN]),
    words=st.tuples(st.sampled_from(HUMAN_WORDS), st.sampled_from(MOUSE_WORDS)),
    by=st.sampled_from(["genome", "gene_ids"]),
    n_mouse=st.integers(2, len(MOUSE)),
    seed=st.integers(0, 1000),
)
def test_one_genome_is_taken_and_the_other_not_added(said, spelling, words, by, n_mouse, seed):
    names = np.array([*HUMAN, *spelling[:n_mouse]])
    of = np.array(["human"] * len(HUMAN) + ["mouse"] * n_mouse)
    order = np.random.default_rng(seed).permutation(len(names))
    names, of = names[order], of[order]
    values = counts(len(names), seed=seed)
    if by == "genome":
        words_of = [words[0] if one == "human" else words[1] for one in of]
    else:
        words_of = [f"ENS{'' if one == 'human' else 'MUS'}G{place:011d}" for place, one in enumerate(of)]
    dataset = made(values, names.tolist(), {by: words_of}, species=said)
    taken = of == (said or "human")
    found = dict(zip(dataset.genes, dataset.matrix.toarray().T, strict=True))
    assert {name.upper() for name in found} == {name.upper() for name in names[taken]}
    for name, column in zip(names[taken], values.T[taken], strict=True):
        np.testing.assert_array_equal(found[name], column)
    asked = {one.about for one in dataset.reading.questions}
    assert asked <= set(OPTIONS)
    assert ("species" in asked) == (said is None and n_mouse >= max(2, 0.2 * len(names)))


def test_genes_of_a_virus_stay_and_those_called_as_ours_do_not():
    names = [*HUMAN, "SPI1", "ORF10"]
    var = pd.DataFrame({"genome": ["GRCh38"] * len(HUMAN) + ["sheep", "sheep"]}, index=names)
    assert genomes_of(var) == (*["human"] * len(HUMAN), "sheep", "")
    values = counts(len(names))
    dataset = made(values, names, {"genome": var["genome"].tolist()})
    assert set(dataset.genes) == {*HUMAN, "ORF10"}
    np.testing.assert_array_equal(dataset.matrix[:, dataset.genes.index("SPI1")].toarray().ravel(), values[:, 0])
    assert any("another genome" in note for note in dataset.notes)


@pytest.mark.parametrize("genome", ["GRCh38", "", "mm10", "custom"])
def test_of_one_genome_nothing_is_said(genome):
    assert genomes_of(pd.DataFrame({"genome": [genome] * 3}, index=list("abc"))) == ()
