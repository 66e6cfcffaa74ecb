"""Tables as text: what separates, encodes and packs them changes nothing of what is read."""

from __future__ import annotations

import bz2
import gzip
from itertools import product

import numpy as np
import pytest

from grn_core.benchmark.perturbed import tables as changes
from grn_core.benchmark.perturbed.text import text_table
from grn_core.errors import DataError
from grn_core.experiments import tables as measured

HEADER = ["tf", "gene", "log2FoldChange", "padj", "tissue, and more"]
ROWS = [
    ["SPI1", "KLF1", "2.5", "0.001", "Hämatopoese"],
    ["SPI1", "CEBPA", "-0.5", "NA", "bone marrow"],
    ["GATA1", "KLF1", "1e-3", "0.04", ""],
]
SEPARATED = [",", "\t", ";", "|"]
ENCODED = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]
PACKED = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress}


def written(path, rows, *, separator=",", encoding="utf-8", end="\n", pack=bytes):
    lines = [separator.join(f'"{cell}"' if separator in cell or "," in cell else cell for cell in row) for row in rows]
    path.write_bytes(pack((end.join(lines) + end).encode(encoding)))
    return path


def read_by(reader, path, folder):
    reader.read_into(path, folder, {})
    found = reader._load(folder)
    return found.astype(str).values.tolist(), found.attrs


@pytest.mark.parametrize("reader", [changes, measured])
@pytest.mark.parametrize(
    ("separator", "encoding"),
    [
        pytest.param(*both, marks=() if both[0] == "," or both[1] == "utf-16" else pytest.mark.thorough)
        for both in product(SEPARATED, ENCODED)
    ],
)
def test_what_a_table_is_written_in_changes_nothing(tmp_path, reader, separator, encoding):
    usual = read_by(reader, written(tmp_path / "table.txt", [HEADER, *ROWS]), tmp_path)
    assert len(usual[0]) >= 2
    path = tmp_path / "table.txt"
    for end in ("\n", "\r\n"):
        for pack in PACKED.values():  # what it is called says nothing
            written(path, [HEADER, *ROWS], separator=separator, encoding=encoding, end=end, pack=pack)
            assert read_by(reader, path, tmp_path) == usual


def test_decimal_commas_stand_between_semicolons(tmp_path):
    rows = [[cell.replace(".", ",") for cell in row] for row in ROWS]
    path = written(tmp_path / "table.csv", [HEADER, *rows], separator=";")
    assert measured.read_into(path, tmp_path, {}) is None
    assert measured._load(tmp_path)["change"].tolist() == [2.5, -0.5, 0.001]


def test_names_of_rows_are_the_index_and_names_of_columns_stay(tmp_path):
    found = text_table(written(tmp_path / "a.txt", [["lfc", "lfc", " p "], ["KLF1", "1", "2", "0"]]))
    assert (list(found.columns), list(found.index)) == (["lfc", "lfc", "p "], ["KLF1"])
    short = text_table(written(tmp_path / "b.txt", [["tf", "gene", "p"], ["SPI1", "KLF1", "1"], ["SPI1"]]))
    assert short.iloc[1].tolist() == ["SPI1", "", ""]


@pytest.mark.parametrize(
    "columns", [["gene", "log2FC", "log2FC"], ["gene", "Gene", "log2FC"], ["gene", "log2FC", "tf", "TF"]]
)
def test_of_two_columns_of_one_name_none_is_taken(tmp_path, columns):
    path = written(tmp_path / "table.csv", [columns, *(["KLF1", "1", "2", "3"][: len(columns)] for _ in range(3))])
    with pytest.raises(DataError, match="2 columns for one thing"):
        measured.read_into(path, tmp_path, {})


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x1f\x8b\x08\x00torn", np.arange(9).tobytes()])
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    for reader in (changes, measured):
        with pytest.raises(DataError):
            reader.read_into(path, tmp_path, {})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"gene\tlogFC\nSP\0I1\t1\n", "it holds zero bytes"),
        (b"gene\tlogFC\nSPI1\t1\t3\t4\nMYC\t1\t2\t3\n", "lines of 4 fields below 2 names"),
    ],
)
def test_a_name_that_ends_at_a_zero_and_fields_without_a_name_are_refused(tmp_path, content, words):
    (tmp_path / "m.tsv").write_bytes(content)
    with pytest.raises(DataError, match=words):
        text_table(tmp_path / "m.tsv")
