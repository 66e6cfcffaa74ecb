"""Features that are no genes do not count: they are left out before anything is summed, counted and named."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core.datasets import read
from grn_core.datasets.features import (
    ANTIBODY,
    FIGURE,
    PROBE,
    SPIKE_IN,
    SUMMARY,
    is_reporter,
    reason_of_column,
    reason_of_name,
    reasons,
    unlike_genes,
)
from grn_core.errors import DataError
from grn_core.genes import tables
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, cells, counts, saved, table

pytestmark = pytest.mark.usefixtures("in_this_process")

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
NOT_GENES = {
    "__no_feature": SUMMARY, "__ambiguous": SUMMARY, "__alignment_not_unique": SUMMARY, "N_unmapped": SUMMARY,
    "N_noFeature": SUMMARY, "ERCC-00002": SPIKE_IN, "nCount_RNA": FIGURE, "nFeature_RNA": FIGURE, "nCount_ADT": FIGURE,
    "percent.mt": FIGURE, "percent_mito": FIGURE, "pct_counts_mt": FIGURE, "n_genes_by_counts": FIGURE,
    "total_counts": FIGURE, "log1p_total_counts": FIGURE, "nUMI": FIGURE, "S.Score": FIGURE, "doublet_score": FIGURE,
    "UMAP_1": FIGURE, "RNA_snn_res.0.8": FIGURE, "seurat_clusters": FIGURE,
}  # fmt: skip
MORE = st.lists(st.sampled_from(sorted(NOT_GENES)), min_size=1, max_size=6, unique=True)


def same_genes(dataset, other):
    assert dataset.genes == other.genes
    np.testing.assert_array_equal(dataset.matrix.toarray(), other.matrix.toarray())
    assert dataset.value_kind == other.value_kind
    ours, theirs = (one.panel(n_variable=50, tfs=list(one.genes[:3])) for one in (dataset, other))
    np.testing.assert_array_equal(ours.mean, theirs.mean)


@SAME_FOLDER
@given(more=MORE, genes=st.sampled_from([HUMAN, MOUSE]), in_rows=st.booleans(), seed=st.integers(0, 99))
def test_what_is_no_gene_changes_no_number(tmp_path, more, genes, in_rows, seed):
    clean = table(genes, seed=seed)
    rng = np.random.default_rng(seed)
    with_more = clean.copy()
    for name in more:
        with_more.insert(int(rng.integers(0, with_more.shape[1] + 1)), name, rng.random(len(clean)) * 5000)
    clean.to_csv(tmp_path / "clean.csv")
    (with_more.T if in_rows else with_more).to_csv(tmp_path / "more.csv")
    dataset, without = read(tmp_path / "more.csv"), read(tmp_path / "clean.csv")
    same_genes(dataset, without)
    assert {one.name: one.reason for one in dataset.left_out} == {name: NOT_GENES[name] for name in more}
    for name in more:
        assert any(name in note and "no genes" in note for note in dataset.notes)
    packed = cells(with_more.to_numpy(dtype=np.float32), genes=with_more.columns)
    same_genes(read(saved(packed, tmp_path)), without)


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
@pytest.mark.parametrize(("column", "gene_type"), [("feature_types", "Gene Expression"), ("modality", "RNA")])
def test_antibodies_peaks_and_guides_are_no_genes(tmp_path, column, gene_type):
    genes = (*MOUSE, "Cd14", "Spi1", "chr1:100-200", "guide-Klf1")
    values = counts(len(genes))
    values[:, len(MOUSE) :] += 500
    data = anndata.AnnData(values, pd.DataFrame(index=cell_names()), pd.DataFrame(index=[f"f{i}" for i in genes]))
    data.var_names = list(genes)
    data.var[column] = [gene_type] * len(MOUSE) + ["Antibody Capture"] * 2 + ["Peaks", "CRISPR Guide Capture"]
    dataset = read(saved(data, tmp_path))
    same_genes(dataset, read(saved(cells(counts(len(genes))[:, : len(MOUSE)], genes=MOUSE), tmp_path, "clean.h5ad")))
    assert [one.reason for one in dataset.left_out] == ["Antibody Capture"] * 2 + ["Peaks", "CRISPR Guide Capture"]
    assert any("2 (Antibody Capture): Cd14, Spi1" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("CD3:UCHT1|CD3E|AHS0231|pAbO", ANTIBODY), ("CD4_TotalSeqB", ANTIBODY), ("Blank-12", PROBE), ("NegPrb3", PROBE),
        ("NegControlProbe_00042", PROBE), ("SystemControl7", PROBE), ("Negative02", PROBE), ("antisense_PROKR2", ""),
        ("UnassignedCodeword_0001", PROBE), ("fov", FIGURE), ("center_x", FIGURE), ("x_centroid", FIGURE),
        ("NEGR1", ""), ("Negr1", ""), ("tdTomato", ""), ("EGFP", ""),
    ],
)  # fmt: skip
def test_what_stands_among_the_genes_of_other_machines_is_known_by_its_name(name, reason):
    assert reason_of_name(name) == reason


WORDS = st.sampled_from(
    ["volume", "donor_age", "tumor", "malignant(1=no,2=yes)", "lymph node", "my own score", "weight"]
)


@SAME_FOLDER
@given(words=st.lists(WORDS, min_size=1, max_size=4, unique=True), in_rows=st.booleans(), seed=st.integers(0, 99))
def test_words_among_genes_are_labels_of_the_cells_and_change_no_number(tmp_path, words, in_rows, seed):
    clean = table(seed=seed)
    more = clean.copy()
    for place, word in enumerate(words):
        more.insert(place, word, np.random.default_rng(seed).random(len(clean)) * 9000)
    clean.to_csv(tmp_path / "clean.csv")
    (more.T if in_rows else more).to_csv(tmp_path / "more.csv")
    dataset = read(tmp_path / "more.csv")
    same_genes(dataset, read(tmp_path / "clean.csv"))
    assert {one.name for one in dataset.left_out} == set(words) <= set(dataset.obs)


def test_where_genes_are_spelt_in_small_letters_no_word_is_a_label():
    genes = ["spi1a", "gata1a", "tal", "klf", "fli", "jun"]
    assert not any(unlike_genes([*genes, "volume"], [True] * len(genes) + [False]))
    assert unlike_genes([*map(str.upper, genes), "volume"], [True] * len(genes) + [False])[-1] == FIGURE
    many = [f"word_{chr(97 + n)}" for n in range(26)]
    assert not any(unlike_genes([*HUMAN, *many], [True] * len(HUMAN) + [False] * len(many)))


def test_a_file_of_antibodies_alone_is_refused(tmp_path):
    data = cells()
    data.var["feature_types"] = "Antibody Capture"
    with pytest.raises(DataError, match="none of the 13 features is a gene: they are Antibody Capture"):
        read(saved(data, tmp_path))


@pytest.mark.parametrize("types", [["protein_coding"] * 13, ["lncRNA", "protein_coding"] * 6 + [""]])
def test_other_words_in_such_a_column_say_nothing(tmp_path, types):
    data = cells()
    data.var["feature_type"] = types
    dataset = read(saved(data, tmp_path))
    assert dataset.genes == HUMAN
    assert not dataset.left_out


def test_figures_of_the_genes_are_no_cells(tmp_path):
    frame = table(MOUSE).T
    frame.insert(0, "Start", range(1_000_000, 1_000_000 + len(MOUSE)))
    frame.insert(1, "End", range(2_000_000, 2_000_000 + len(MOUSE)))
    frame.insert(2, "Strand", ["+", "-"] * 6)
    frame["gene_length"] = 1500
    frame.to_csv(tmp_path / "counts.txt", sep="\t")
    dataset = read(tmp_path / "counts.txt")
    assert list(dataset.obs.index) == cell_names()
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts(len(MOUSE)))
    assert {one.name for one in dataset.left_out} == {"Start", "End", "Strand", "gene_length"}
    assert any("4 (annotation of genes)" in note for note in dataset.notes)


def test_no_symbol_and_no_name_of_a_cell_is_taken_for_anything_else():
    symbols = sorted(tables.symbols("human") | tables.symbols("mouse"))
    lost = [name for name, why in zip(symbols, reasons(symbols), strict=True) if why]
    assert not lost
    assert not any(reason_of_name(name) for name in tables.aliases("human"))
    names = ["AAACCTGAGCGT-1", "cell_1", "Cell 3", "c12", "SRR0001", "s1", "d1_A01", "TGACAACAGGACAGAA.1"]
    assert not any(reason_of_column(name) for name in names)


@pytest.mark.parametrize(
    "names",
    [
        ("egfp", "gfp", "eyfp", "tdtomato", "mcherry", "dsred"),
        ("zsgreen", "venus", "cre", "creert2", "cas9", "lacz"),
        ("neo", "wpre", "rtta", "luciferase", "gfp_transgene", "gcamp"),
    ],
)
@pytest.mark.parametrize("in_rows", [False, True])
def test_a_reporter_is_a_gene_like_the_others(tmp_path, names, in_rows):
    frame = table()
    for place, name in enumerate(names):
        frame.insert(place, name, (np.arange(len(frame)) + place) % 3)
    (frame.T if in_rows else frame).to_csv(tmp_path / "cells.csv")
    dataset = read(tmp_path / "cells.csv")
    assert set(names) <= set(dataset.genes)
    assert not set(names) & set(dataset.obs)
    np.testing.assert_array_equal(np.asarray(dataset.matrix.sum(axis=1)).ravel(), frame.sum(axis=1))


def test_what_describes_cells_is_no_reporter():
    words = ["volume", "donor_age", "tumor", "lymph node", "my own score", "weight", "credit", "neocortex", "created"]
    assert not any(map(is_reporter, words))
