"""A hundred odd files, each made by code, and what becomes of it: so many cells and genes, or words of the refusal."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import anndata
import h5py
import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy import sparse
from scipy.io import mmwrite

from grn_core.datasets import read
from grn_core.errors import GrnError
from grn_core.genes import human_symbols, tables
from tests.datasets.helpers import HUMAN, MOUSE, N_CELLS, cell_names, cells, counts, read_here, saved, table
from tests.fuzz.sound import h5ad_files, other_files

pytestmark = pytest.mark.usefixtures("in_this_process")

N_GENES = len(HUMAN)
WHOLE = (N_CELLS, N_GENES)


@pytest.fixture(autouse=True)
def read_in_this_process(monkeypatch):
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)


def text(frame=None, *, sep=",", rows=False, corner="blank", encoding="utf-8", name="a.csv"):
    """A table of text; without a corner the head is one field shorter, as R writes it."""

    def make(folder):
        found = table() if frame is None else frame
        found = found.T if rows else found
        content = found.to_csv(sep=sep, index_label={"blank": "", "named": "gene", "none": ""}[corner])
        if corner == "none":
            content = content.removeprefix('""').removeprefix(sep)
        (folder / name).write_bytes(content.encode(encoding))
        return folder / name

    return make


def content(name, data):
    def make(folder):
        (folder / name).write_bytes(data)
        return folder / name

    return make


def values_of(change, names=HUMAN):
    """A table whose values are changed."""
    frame = table(names)
    change(frame)
    return frame


def put(value):
    def change(frame):
        if isinstance(value, str):
            frame[frame.columns[2]] = frame[frame.columns[2]].astype(object)
        frame.iloc[3, 2] = value

    return change


def h5ad(change=None, *, values=None, genes=HUMAN, name="a.h5ad"):
    """An .h5ad file, changed by h5py afterwards."""

    def make(folder):
        path = saved(cells(counts(len(genes)) if values is None else values, genes=genes), folder, name)
        if change is not None:
            with h5py.File(path, "a") as file:
                change(file)
        return path

    return make


def without(*places):
    def change(file):
        for place in places:
            del file[place]

    return change


def array(place, values):
    def change(file):
        kept = dict(file[place].attrs)
        del file[place]
        file[place] = values
        file[place].attrs.update(kept)

    return change


def moved(to):
    """X is nothing, and the matrix lies elsewhere."""

    def make(folder):
        data = cells()
        if to == "raw":
            data.raw = data.copy()
        else:
            data.layers[to] = data.X.copy()
        data.X = None
        return saved(data, folder)

    return make


@cache
def sound_files():
    """Name of every sound file -> what it holds; made once."""
    with TemporaryDirectory() as folder:
        return {path.name: path.read_bytes() for path in [*h5ad_files(Path(folder)), *other_files(Path(folder))]}


def cut(file, share):
    """A sound file that ends early."""

    def make(folder):
        whole = sound_files()[file]
        (folder / file).write_bytes(whole[: int(share * len(whole))])
        return folder / file

    return make


def zipped(parts):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return whole.getvalue()


def array_file(values):
    whole = io.BytesIO()
    np.save(whole, values)
    return whole.getvalue()


def empty_hdf5(folder):
    with h5py.File(folder / "a.h5ad", "w"):
        return folder / "a.h5ad"


def thousands(mark):
    """A table whose numbers have something between thousands."""
    return (table() * 1000).map(lambda value: f"{value:,.0f}".replace(",", mark))


def long(*, numbered=False, genes_first=False):
    """A line for each cell and gene, zeros left out."""
    frame = table().rename_axis("cell").reset_index().melt("cell", var_name="gene", value_name="count")
    frame = frame[["gene", "cell", "count"]] if genes_first else frame
    frame = frame.iloc[1:].sample(frac=1, random_state=0)
    return frame.reset_index(drop=True) if numbered else frame.set_index(frame.columns[0])


def sheet(changed, *, text=False):
    """A workbook of genes in rows, as many as there are in a table of 26, with some cells changed."""

    def make(folder):
        book = openpyxl.Workbook()
        frame = table(sorted(human_symbols())[:26]).T
        book.active.append(["gene", *frame.columns])
        for name, row in frame.iterrows():
            book.active.append([name, *(str(int(value)) if text else int(value) for value in row)])
        for (row, column), value in changed.items():
            book.active.cell(row + 1, column).value = value
        book.save(folder / "a.xlsx")
        return folder / "a.xlsx"

    return make


def preallocated(*left_out, fill=0.0, n_cells=40_000, width=13):
    """A dense matrix in parts, as a tool makes it that sets room aside and fills it; some parts are never filled."""

    def make(folder):
        values = np.tile(counts(n_cells=10), (n_cells // 10, 1))
        names = [f"c{number}" for number in range(n_cells)]
        data = anndata.AnnData(values, pd.DataFrame(index=names), pd.DataFrame(index=list(HUMAN)))
        path = saved(data, folder)
        across = -(-len(HUMAN) // width)
        with h5py.File(path, "a") as file:
            kept = dict(file["X"].attrs)
            del file["X"]
            made = file.create_dataset("X", values.shape, "f4", chunks=(4000, width), fillvalue=fill)
            for part in set(range(10 * across)) - set(left_out):
                rows = slice(part // across * 4000, (part // across + 1) * 4000)
                columns = slice(part % across * width, (part % across + 1) * width)
                made[rows, columns] = values[:4000, columns]
            made.attrs.update(kept)
        return path

    return make


def beside_ids():
    """A table of counts whose rows have an id, and the symbol beside it, as nf-core writes it."""
    frame = table().T.reset_index(names="gene_name")
    ids = {symbol: ensembl for ensembl, symbol in tables.ensembl_to_symbol("human").items()}
    return frame.set_index(frame["gene_name"].map(ids))


def folder_of(matrix, barcodes, features):
    """A folder of a matrix with cells in rows."""

    def make(folder):
        place = folder / "counts"
        place.mkdir()
        whole = io.BytesIO()
        mmwrite(whole, sparse.coo_matrix(counts().astype(int)))
        content = whole.getvalue()
        (place / matrix).write_bytes(gzip.compress(content) if matrix.endswith(".gz") else content)
        frame = pd.DataFrame({"gene_id": HUMAN, "gene_name": HUMAN, "genome": "hg38"})
        tables_of = {".csv": frame.to_csv(index=False), ".txt": "\n".join(HUMAN) + "\n"}
        (place / features).write_text(tables_of[features[-4:]], encoding="utf-8")
        lines = ["bc_wells,sample", *(f"{one},s1" for one in cell_names())] if barcodes[-4:] == ".csv" else cell_names()
        (place / barcodes).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return place

    return make


def hdf5(**arrays):
    def make(folder):
        with h5py.File(folder / "a.h5", "w") as file:
            for name, values in arrays.items():
                file[name] = values
        return folder / "a.h5"

    return make


def locked(parts):
    """An archive whose members say that they are encrypted."""
    whole = bytearray(zipped(parts))
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        whole[whole.index(mark) + flags] |= 1
    return bytes(whole)


TESTED = pd.DataFrame({"baseMean": 1.0, "log2FoldChange": 0.5, "pvalue": 0.1, "padj": 0.2}, index=list(HUMAN))
MARKERS = pd.DataFrame({"p_val": 0.1, "avg_log2FC": 1.5, "cluster": 0, "gene": HUMAN}, index=list(HUMAN))
CSV = table().to_csv().encode()
FISH = ("si:cabz01021435.4", "si:ch1073-263o8.2", "zgc:100868", "si:dkey-1.1", *(f"zgc:{n}" for n in range(101, 140)))
PEAKS = tuple(f"chr1:{n}000-{n}500" for n in range(1, 14))
INTEGERS = counts(N_GENES).astype(np.int64)
NO_NUMBERS = np.full((N_CELLS, N_GENES), "x", dtype="S2")
READ = {
    **{f"table {sep!r} {'genes in rows' if rows else 'cells in rows'}, corner {corner}":
       (text(sep=sep, rows=rows, corner=corner, name="a.txt"), WHOLE)
       for sep, rows, corner in product(",\t; ", (False, True), ("blank", "named", "none"))
       if not (sep == " " and corner == "blank")},
    "utf-8 with its mark": (text(encoding="utf-8-sig"), WHOLE),
    "utf-16": (text(encoding="utf-16"), WHOLE),
    "utf-16 without its mark": (text(encoding="utf-16-le"), WHOLE),
    "utf-16 the other way round": (text(sep="\t", encoding="utf-16-be"), WHOLE),
    **{f"{mark!r} between thousands": (text(thousands(mark), sep=";"), WHOLE) for mark in "' \u2019\u00a0\u202f"},
    "a long table": (text(long(), corner="named"), WHOLE),
    "a long table, genes first": (text(long(genes_first=True), sep="\t", corner="named"), WHOLE),
    "a long table, its lines numbered": (text(long(numbered=True)), WHOLE),
    "latin-1": (text(table().rename(index={"AAAC-0": "Zelle-ä"}), encoding="latin-1"), WHOLE),
    "packed": (content("a.csv.gz", gzip.compress(CSV)), WHOLE),
    "packed, without the ending": (content("a.csv", gzip.compress(CSV)), WHOLE),
    "lines of Windows": (content("a.csv", CSV.replace(b"\n", b"\r\n")), WHOLE),
    "a name that says nothing": (content("cells", CSV), WHOLE),
    "an archive of a table": (content("a.zip", zipped({"a.csv": CSV})), WHOLE),
    "a gene twice": (text(table((*HUMAN, "SPI1"))), WHOLE),
    "ids beside symbols": (text(beside_ids(), corner="named", sep="\t"), WHOLE),
    "a folder of kallisto | bustools": (folder_of("cells_x_genes.mtx", "cells_x_genes.barcodes.txt",
                                                  "cells_x_genes.genes.txt"), WHOLE),
    "a folder of alevin-fry": (folder_of("quants_mat.mtx", "quants_mat_rows.txt", "quants_mat_cols.txt"), WHOLE),
    "a folder of Parse": (folder_of("count_matrix.mtx.gz", "cell_metadata.csv", "all_genes.csv"), WHOLE),
    "a cell twice": (text(table().rename(index={"AAAC-1": "AAAC-0"})), WHOLE),
    "mouse": (text(table(MOUSE)), (N_CELLS, len(MOUSE))),
    "lower case": (text(table(tuple(name.capitalize() for name in HUMAN))), WHOLE),
    "whole numbers of 64 bits": (h5ad(values=INTEGERS), WHOLE),
    "whole numbers of 8 bits": (h5ad(values=INTEGERS.astype(np.uint8)), WHOLE),
    "half numbers": (h5ad(values=INTEGERS.astype(np.float16)), WHOLE),
    "by columns": (h5ad(values=sparse.csc_matrix(counts())), WHOLE),
    "by rows": (h5ad(values=sparse.csr_matrix(counts())), WHOLE),
    "the matrix in raw": (moved("raw"), WHOLE),
    "the matrix in a layer": (moved("counts"), WHOLE),
    "no uns, obsm and layers": (h5ad(without("uns", "obsm", "layers", "varm", "obsp", "varp")), WHOLE),
    "packed .h5ad": (lambda folder: content("b.h5ad.gz", gzip.compress(h5ad()(folder).read_bytes()))(folder), WHOLE),
    ".h5ad by another name": (lambda folder: h5ad()(folder).rename(folder / "cells"), WHOLE),
}  # fmt: skip
"""What -> how, cells and genes."""
REFUSED = {
    "nothing": (content("a.csv", b""), "is empty"),
    "a head alone": (content("a.csv", CSV.splitlines()[0] + b"\n"), ""),
    "one line": (content("a.csv", b"hello"), ""),
    "nine cells": (text(table().iloc[:9]), "9 cells"),
    "one gene": (text(table(("SPI1",))), ""),
    "no gene that is known": (text(table(tuple(f"x{n}y" for n in range(13)))), "known gene"),
    "peaks": (text(table(PEAKS)), ""),
    "of a fish": (text(table(FISH)), ""),
    "a word among the numbers": (text(values_of(put("oops"))), "oops"),
    "a value that is missing": (text(values_of(put(np.nan))), "no value"),
    "an infinite value": (text(values_of(put(np.inf))), "infinite"),
    "a negative value": (text(values_of(put(-1.5))), "negative"),
    "zeros alone": (text(table() * 0), "is zero"),
    "a line that is longer": (content("a.csv", CSV + b"AAAC-99" + b",1" * 20 + b"\n"), ""),
    "a line that is cut": (content("a.csv", CSV[:-9]), ""),
    "a page of the web": (content("a.csv", b"<!DOCTYPE html><html><body>404</body></html>\n" * 9), ""),
    "JSON": (content("a.csv", json.dumps({"SPI1": [1, 2]}, indent=1).encode()), ""),
    "a PDF": (content("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 9), ""),
    "a picture": (content("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9), ""),
    "a program": (content("a.csv", b"\x7fELF\x02\x01\x01" + bytes(500)), ""),
    "a pickle": (content("a.csv", pickle.dumps({"SPI1": 1})), ""),
    "an array of numpy": (content("a.npy", array_file(counts())), ""),
    "a data base": (content("a.csv", b"SQLite format 3\0" + bytes(2000)), ""),
    "Feather": (content("a.feather", b"ARROW1\0\0" + bytes(99)), "Feather"),
    "Feather of before": (content("a.feather", b"FEA1" + bytes(99)), "Feather"),
    "a pointer": (content("a.h5ad", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"), "Git LFS"),
    "a file of R": (content("a.rds", b"X\n\0\0\0\x03\0\x04" + bytes(99)), "R (.rds)"),
    "a matrix alone": (content("matrix.mtx", b"%%MatrixMarket matrix coordinate integer general\n1 1 1\n"), "barcodes"),
    "a matrix of pairs of genes": (text(table().T @ table(), corner="none"), "a value for each two of them"),
    "genes that were tested": (text(TESTED), "tested for a difference"),
    "genes that were tested, in another's words": (text(MARKERS, sep="\t"), "tested for a difference"),
    "components alone": (text(table(tuple(f"PC_{n}" for n in range(13)))), "PC_0"),
    "HGNC ids": (text(table(tuple(f"HGNC:{n}" for n in range(13)))), "HGNC ids"),
    "objects of R by name": (content("a.rda", b"RDX3\nX\n" + bytes(99)), ".RData"),
    "reads": (content("a.fastq", b"@r1 1\nACGT\n+\nIIII\n" * 9), "FASTQ"),
    "sequences": (content("a.fa", b">chr1\nACGTACGT\n" * 9), "FASTA"),
    "aligned reads": (content("a.bam", gzip.compress(b"BAM\1" + bytes(300))), "BAM"),
    "flow cytometry": (content("a.fcs", b"FCS3.1" + bytes(300)), "FCS"),
    "MATLAB": (content("a.mat", b"MATLAB 5.0 MAT-file" + bytes(300)), "MATLAB"),
    "variants": (content("a.vcf", b"##fileformat=VCFv4.2\n#CHROM\tPOS\n1\t1\n"), "VCF"),
    "a series matrix": (content("a.txt", b'!Series_title\t"x"\n"ID_REF"\t"GSM1"\n"1_at"\t2.5\n'), "series matrix"),
    "a Word document": (content("a.docx", zipped({"word/document.xml": b"<x/>"})), "Word"),
    "an OpenDocument sheet": (content("a.ods", zipped({"mimetype": b"x", "content.xml": b"<x/>"})), "OpenDocument"),
    "arrays of numpy": (content("a.npz", zipped({"data.npy": b"x", "indices.npy": b"x"})), ".npz"),
    "two tables in an archive, and a photo": (
        content("a.zip", zipped({"a.csv": CSV, "photo.png": b"PNG", "b.csv": CSV})),
        "2 files that may be cells: a.csv, b.csv",
    ),
    "a locked archive": (content("a.zip", locked({"a.csv": CSV})), "password"),
    "molecules of Cell Ranger": (hdf5(barcode_idx=[1], feature_idx=[1], umi=[1]), "molecule_info"),
    "weights of a network": (hdf5(model_weights=[1.0]), "Keras"),
    "a matrix that was never ended": (preallocated(7, 8, 9), "3 were never written"),
    "cells of which nothing was written": (preallocated(2, 5), "2 were never written"),
    "all but the first and last cells": (preallocated(*range(2, 18), width=7), "16 were never written"),
    "parts that are no zeros": (preallocated(3, fill=1.0), "1 were never written"),
    "a word among the numbers of a sheet": (sheet({(3, 2): "n.d."}), "'n.d.' in row 3"),
    "a formula without its value": (sheet({(3, 2): None}, text=True), "in row 3"),
    "an empty archive": (content("a.zip", zipped({})), ""),
    "an archive in an archive": (content("a.zip", zipped({"b.zip": zipped({"a.csv": CSV})})), "no folder of 10x"),
    "a table called .h5ad": (content("a.h5ad", CSV), "is named .h5ad"),
    "zeros called .h5ad": (content("a.h5ad", bytes(5000)), "is named .h5ad"),
    "the signature of HDF5 alone": (content("a.h5ad", b"\x89HDF\r\n\x1a\n" + bytes(90)), "cannot be read"),
    "HDF5 of nothing": (empty_hdf5, "without"),
    "no cells' table": (h5ad(without("obs")), "without obs"),
    "no genes' table": (h5ad(without("var")), "without var"),
    "no matrix": (h5ad(without("X")), "no expression matrix"),
    "too few columns": (h5ad(array("X", counts(5))), ""),
    "too few rows": (h5ad(array("X", counts()[:5])), ""),
    "one dimension": (h5ad(array("X", np.ones(12))), ""),
    "three dimensions": (h5ad(array("X", np.ones((12, 13, 2)))), ""),
    "a matrix of words": (h5ad(array("X", NO_NUMBERS)), ""),
    "complex numbers": (h5ad(array("X", counts().astype(np.complex64))), ""),
    "missing in the matrix": (h5ad(values=counts() * np.nan), "missing"),
    "infinite in the matrix": (h5ad(values=counts() * np.float32(np.inf)), "infinite"),
    "negative in the matrix": (h5ad(values=-counts()), "negative"),
    "zeros in the matrix": (h5ad(values=counts() * 0), "is zero"),
    "names of genes that are numbers": (h5ad(genes=tuple(map(str, range(13)))), ""),
    "no names of genes": (h5ad(without("var/_index")), ""),
    "names of cells of another length": (h5ad(array("obs/_index", np.array([b"a"] * 5))), ""),
    **{f"{file} cut at {share:.0%}": (cut(file, share), "") for file, share in (
        ("rows.h5ad", 0.25), ("rows.h5ad", 0.9), ("cells.loom", 0.5), ("tenx.h5", 0.5), ("tenx.zip", 0.7),
        ("tenx.tar.gz", 0.7), ("book.xlsx", 0.8), ("cells.parquet", 0.8), ("cells.csv.gz", 0.6),
        ("cells.txt.bz2", 0.6))},
}  # fmt: skip
"""What -> how, and words of the refusal."""


@pytest.mark.parametrize("what", READ)
def test_odd_files_that_are_read(what, tmp_path):
    make, size = READ[what]
    dataset = read(make(tmp_path))
    assert (dataset.n_cells, dataset.n_genes) == size
    assert dataset.value_kind == "counts"
    assert dataset.match.n_matched == size[1]


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
@pytest.mark.parametrize("what", REFUSED)
def test_odd_files_that_are_refused(what, tmp_path):
    make, words = REFUSED[what]
    with np.errstate(all="ignore"):
        path = make(tmp_path)
    with pytest.raises(GrnError) as caught:
        read(path)
    assert words in caught.value.found
    assert caught.value.todo
    assert "Traceback" not in str(caught.value)


def test_parts_of_a_matrix_that_are_all_zeros_may_be_left_out_and_that_is_said(tmp_path):
    dataset = read(preallocated(4, 11, width=7)(tmp_path))
    empty = dataset.matrix.toarray() == 0
    assert empty.sum() == 4000 * 13
    assert empty[8000:12_000, :7].all()
    assert empty[20_000:24_000, 7:].all()
    assert "Of 20 parts of /X 2 were never written: read as zeros." in dataset.notes


def test_there_are_a_hundred_of_them():
    assert len(READ) + len(REFUSED) >= 100
