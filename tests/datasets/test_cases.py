"""Files of users that were once read wrongly: what each gives, cells, genes and values, or the words of its refusal."""

from __future__ import annotations

import pytest

import grn_core as grn
from grn_core.cli.parser import requests_of
from grn_core.datasets import read
from grn_core.datasets.gene_lists import names_in
from grn_core.errors import GrnError
from grn_core.hub.check import check

READ = {
    "00-control/control.h5ad": (60, 300, 300, "counts", ""),
    "01-citeseq-antibodies-summed/cite.h5ad": (60, 300, 300, "counts", "6 (Antibody Capture)"),
    "01-citeseq-antibodies-summed/cite2.h5ad": (60, 300, 300, "counts", "6 (Antibody Capture)"),
    "02-htseq-summary-rows/htseq.tsv": (60, 300, 300, "counts", "__no_feature, __ambiguous"),
    "04-start-end-length-as-cells/startend.tsv": (60, 300, 300, "counts", "start, end, length"),
    "05-hvg-subset-with-full-raw/hvg.h5ad": (60, 300, 300, "lognorm", "raw 55 TFs and 300 genes"),
    "09-ensembl-labels-cellxgene/cxg.h5ad": (60, 300, 300, "counts", "Ensembl ids were converted"),
    "10-ensembl-labels-scanpy-10x/scanpy10x.h5ad": (60, 300, 300, "counts", "TBCE-1 is TBCE"),
    "19-cell-types-with-commas/ontology.h5ad": (60, 300, 300, "counts", ""),
    "11-names-in-other-column/col_SYMBOL.h5ad": (60, 300, 300, "counts", "var['SYMBOL']"),
    "11-names-in-other-column/features.h5ad": (60, 300, 300, "counts", "var['features']"),
    "13-genome-prefix/grch38-triple-dash.h5ad": (60, 300, 300, "counts", "GRCh38"),
    "13-genome-prefix/premrna-prefix.h5ad": (60, 300, 300, "counts", "GRCh38"),
    "15-joined-names/pipe.h5ad": (60, 300, 300, "counts", "joined of two"),
    "15-joined-names/under.h5ad": (60, 300, 300, "counts", "joined of two"),
    "17-r-dots/rdots.csv": (60, 300, 300, "counts", "16 names"),
    "18-excel-dates/exceldates.csv": (60, 300, 298, "counts", "2-Sep is SEPTIN2"),
    "18-excel-dates/exceldates2.csv": (60, 300, 298, "counts", "43715 is SEPTIN7"),
    "22-mtx-and-folder/10x_v3_mtx.zip": (1107, 507, 327, "counts", "folder of 10x"),
    "23-10x-v2-h5/10x_v2_multi.h5": (12, 343, 310, "counts", "hg19_chr21 is used"),
    "24-browser-refuses-before-us/scenic.loom": (60, 300, 300, "counts", ".loom"),
    "26-delimiter-by-count/spaces.tsv": (60, 300, 300, "counts", "tabs"),
    "28-european-and-thousands/decimal.csv": (60, 300, 300, "lognorm", "decimal comma"),
    "28-european-and-thousands/thousands.csv": (60, 300, 300, "counts", "Thousands"),
    "29-encodings/latin1.csv": (60, 300, 300, "counts", "Latin-1"),
    "29-encodings/utf16.txt": (60, 300, 300, "counts", "UTF-16"),
    "33-not-logged-small/normnolog.h5ad": (60, 300, 300, "abundance", "no logarithms"),
    "33-not-logged-small/soupx.h5ad": (60, 300, 300, "abundance", "doubtful"),
}
"""File -> cells, genes, genes with a human symbol, kind of values, and words of a note."""
REFUSED = {
    "06-zebrafish-taken-as-human/zebrafish.h5ad": "genes of zebrafish",
    "36-shape-mismatch/shape.h5ad": "X of shape.h5ad is 60 x 1, beside 60 cells and 300 genes",
    "20-h5mu/mdata041.h5mu": "no modality called rna, but mod1, mod2",
    "22-mtx-and-folder/matrix.mtx": "barcodes and features",
    "22-mtx-and-folder/matrix.mtx.gz": "barcodes and features",
    "23-10x-v2-h5/x.h5seurat": ".h5Seurat",
    "31-entrez-transcripts-other-species/ensdarg.h5ad": "genes of zebrafish",
    "31-entrez-transcripts-other-species/enst.h5ad": "transcript",
    "31-entrez-transcripts-other-species/entrez.csv": "NCBI",
    "43-other-tools-edge-list-as-data/adj.tsv": "list of edges",
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", READ)
def test_files_that_are_read(name, shared_data):
    n_cells, n_genes, n_matched, kind, words = READ[name]
    dataset = read(shared_data / "cases" / name)
    assert (dataset.n_cells, dataset.n_genes, dataset.match.n_matched) == (n_cells, n_genes, n_matched)
    assert dataset.value_kind == kind
    assert words in " ".join(dataset.notes)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_refused_in_words(name, shared_data):
    with pytest.raises(GrnError) as caught:
        read(shared_data / "cases" / name)
    assert REFUSED[name] in caught.value.found
    assert caught.value.todo


LISTS = {
    "08-bom-eats-first-tf/genes_bom.txt": ("SPI1", "GATA1", "LYZ", "HBB"),
    "08-bom-eats-first-tf/aertslab_tfs_bom.txt": ("SPI1", "GATA1", "CEBPA"),
    "37-tf-list-formats/tfs_comma.txt": ("SPI1", "GATA1", "CEBPA"),
    "37-tf-list-formats/tfs_table.tsv": ("SPI1", "GATA1"),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", LISTS)
def test_lists_of_genes_and_tfs(name, shared_data):
    path = shared_data / "cases" / name
    assert names_in(path.read_bytes()) == LISTS[name]
    (asked,) = requests_of(["infer", "--genes", str(path), "--tfs", str(path)])
    assert asked.genes == asked.tfs == tuple(sorted(LISTS[name]))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    "name", ["09-ensembl-labels-cellxgene/cxg.h5ad", "10-ensembl-labels-scanpy-10x/scanpy10x.h5ad"]
)
def test_results_are_called_by_symbols_beside_the_ids(name, shared_data):
    dataset = read(shared_data / "cases" / name)
    assert dataset.labels[:2] == ("SPI1", "GATA1")
    assert dataset.ids[:2] == ("ENSG00000066336", "ENSG00000102145")


@pytest.mark.shared_data
def test_a_value_with_commas_chooses_cells(shared_data):
    path, value = (
        shared_data / "cases/19-cell-types-with-commas/ontology.h5ad",
        "CD14-positive, CD16-negative classical monocyte",
    )
    (asked,) = requests_of(["infer", str(path), "--cells", f'cell_type="{value}"'])
    assert asked.cells == ("cell_type", (value,))
    assert asked.mask(asked.dataset()).any()


@pytest.mark.shared_data
def test_the_edges_of_another_tool_are_a_network(shared_data):
    edges = grn.read_network(shared_data / "cases/43-other-tools-edge-list-as-data/adj.tsv")
    assert (len(edges), edges["source"].iloc[0], edges["target"].iloc[0]) == (200, "SPI1", "MT-ND2")
    assert "probability" not in edges
    assert set(edges["sign"]) == {0}


@pytest.mark.shared_data
def test_checkpoints_that_are_wrapped_too_long_or_not_there(shared_data):
    cases = shared_data / "cases"
    assert check(cases / "39-wrapped-checkpoint").coverage["human genes"][0] == 200
    for name, words in (
        ("40-vocab-longer", "208 names, and the weights have 203"),
        ("42-lfs-pointer", "pointer of Git LFS"),
    ):
        with pytest.raises(GrnError, match=words) as caught:
            check(cases / name)
        assert "weights_only" not in str(caught.value)
