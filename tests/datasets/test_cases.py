"""Files of users that were once read wrongly: what each gives, cells, genes and values, or the words of its refusal."""

from __future__ import annotations

import pytest

from grn_core.datasets import read
from grn_core.errors import GrnError

READ = {
    "00-control/control.h5ad": (60, 300, 300, "counts", ""),
    "01-citeseq-antibodies-summed/cite.h5ad": (60, 300, 300, "counts", "6 (Antibody Capture)"),
    "01-citeseq-antibodies-summed/cite2.h5ad": (60, 300, 300, "counts", "6 (Antibody Capture)"),
    "02-htseq-summary-rows/htseq.tsv": (60, 300, 300, "counts", "__no_feature, __ambiguous"),
    "04-start-end-length-as-cells/startend.tsv": (60, 300, 300, "counts", "start, end, length"),
    "05-hvg-subset-with-full-raw/hvg.h5ad": (60, 300, 300, "lognorm", "raw 55 TFs and 300 genes"),
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
    "23-10x-v2-h5/10x_v2_multi.h5": (12, 343, 309, "counts", "hg19_chr21 is used"),
    "24-browser-refuses-before-us/scenic.loom": (60, 300, 300, "counts", ".loom"),
    "26-delimiter-by-count/spaces.tsv": (60, 300, 300, "counts", "tabs"),
    "28-european-and-thousands/decimal.csv": (60, 300, 300, "lognorm", "decimal comma"),
    "28-european-and-thousands/thousands.csv": (60, 300, 300, "counts", "Thousands"),
    "29-encodings/latin1.csv": (60, 300, 300, "counts", "Latin-1"),
    "29-encodings/utf16.txt": (60, 300, 300, "counts", "UTF-16"),
    "33-not-logged-small/normnolog.h5ad": (60, 300, 300, "abundance", "doubtful"),
    "33-not-logged-small/soupx.h5ad": (60, 300, 300, "abundance", "doubtful"),
}
"""File -> cells, genes, genes with a human symbol, kind of values, and words of a note."""
REFUSED = {
    "06-zebrafish-taken-as-human/zebrafish.h5ad": "genes of zebrafish",
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
