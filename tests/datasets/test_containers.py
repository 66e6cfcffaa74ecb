"""Files in other files, and files that are no cells: taken for what they hold, or refused by their name."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile

import anndata
import numpy as np
import openpyxl
import pandas as pd
import pytest

from grn_core.cli import main
from grn_core.cli.inputs import names_of
from grn_core.datasets import read
from grn_core.datasets.gene_lists import names_in
from grn_core.errors import DataError, GrnError
from grn_core.networks.imports import parse
from grn_core.pretrain.sources import source_of
from tests.datasets.helpers import HUMAN, MOUSE, cells, read_here, saved, table
from tests.datasets.isolation.hostile import disclosing, pointing
from tests.fuzz.sound import tenx_parts

GENES = ("SPI1", "Gata1", "ENSG00000141510", "HLA-DRA")


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members, mode="w:gz"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def workbook(rows):
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def parquet(rows):
    out = io.BytesIO()
    pd.DataFrame(rows[1:], columns=rows[0]).to_parquet(out)
    return out.getvalue()


ROWS = [("no", "Gene symbol", "family"), *((n, gene, "of many") for n, gene in enumerate(GENES))]
PLAIN = "\r\n".join(("gene", *GENES)).encode()


@pytest.mark.parametrize(
    "content",
    [
        workbook(ROWS),
        workbook([("", gene) for gene in GENES]),
        parquet(ROWS),
        gzip.compress(PLAIN),
        bz2.compress(PLAIN),
        zipped({"__MACOSX/._tfs.txt": b"\0\5\x16\7", "tfs.txt": PLAIN, ".DS_Store": b"\0"}),
        zipped({"lists/tfs.csv": "\n".join(f"{n},{gene}" for n, gene in enumerate(GENES))}),
        "\ufeff".encode("utf-16") + PLAIN.decode().encode("utf-16-le"),
    ],
    ids=["xlsx", "xlsx without header", "parquet", "gz", "bz2", "zip of macOS", "zip of a table", "utf-16"],
)
def test_a_gene_list_may_lie_in_any_usual_container(content):
    assert names_in(content) == GENES


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped({"a.txt": PLAIN, "b.txt": PLAIN}), "archive of 2 files"),
        (gzip.compress(gzip.compress(PLAIN)), "packed twice"),
        (gzip.compress(zipped({"a.txt": PLAIN})), "packed twice"),
        (b"\x89HDF\r\n\x1a\n" + bytes(600), "HDF5 file"),
        (b"{\\rtf1\\ansi SPI1\\par GATA1}", "text document"),
        (b"%PDF-1.7 SPI1", "a PDF"),
        (b"<!DOCTYPE html><html>SPI1 GATA1</html>", "page of the web"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls"),
        (b"\xfd7zXZ\0" + bytes(60), "packed by xz"),
        (b"\x80\x04\x95\x20\0\0\0\0\0\0\0]\x94(\x8c\x04SPI1", "pickle"),
    ],
    ids=["two", "gz twice", "zip in gz", "hdf5", "rtf", "pdf", "html", "xls", "xz", "pickle"],
)
def test_a_gene_list_in_anything_else_is_refused_in_words(content, words, tmp_path):
    with pytest.raises(DataError, match=words) as caught:
        names_in(content)
    assert caught.value.todo
    if words not in ("HDF5 file", "archive of 2 files", "packed twice"):
        path = tmp_path / "net.tsv"
        path.write_bytes(content)
        with pytest.raises(DataError, match=words):
            parse(path)
        with pytest.raises(DataError, match=words):
            read(path)


def test_a_list_of_tfs_as_a_workbook_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "tfs.xlsx"
    path.write_bytes(workbook(ROWS))
    assert names_of(path) == GENES
    path.write_bytes(PLAIN[:3] + b"\0")
    assert main(["infer", "GSD", "--tfs", str(path)]) == 2
    assert "is no text" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
@pytest.mark.parametrize(("mode", "top"), [("w:gz", "cells.zarr/"), ("w:gz", ""), ("w:bz2", "./"), ("w", "a/b.zarr/")])
def test_zarr_in_tar(mode, top, tmp_path, here):
    data = cells(genes=MOUSE)
    data.write_zarr(tmp_path / "s.zarr")
    members = {
        f"{top}{place.relative_to(tmp_path / 's.zarr')}": place.read_bytes()
        for place in sorted((tmp_path / "s.zarr").rglob("*"))
        if place.is_file()
    }
    path = tmp_path / "cells.tar.gz"
    path.write_bytes(tarred(members, mode))
    if mode == "w":
        path = path.rename(tmp_path / "cells.tar")
    found = read(path)
    assert found.genes == MOUSE
    np.testing.assert_array_equal(found.matrix.toarray(), data.X)


def test_hidden_files_beside_the_three_are_no_part_of_them(tmp_path, here):
    parts = {f"s/{name}": content for name, content in tenx_parts().items()}
    hidden = {f"s/._{name.partition('/')[2]}": b"\0\5\x16\7 not it" for name in parts}
    for order in ({**parts, **hidden}, {**hidden, **parts}):
        (tmp_path / "a.tgz").write_bytes(tarred(order))
        (tmp_path / "a.zip").write_bytes(zipped(order))
        assert read(tmp_path / "a.tgz").sha256 == read(tmp_path / "a.zip").sha256


def test_samples_are_never_mixed_nor_left_out(tmp_path, here):
    parts = tenx_parts()
    two = {f"{sample}_{name}": content for sample in ("GSM1_a", "GSM2_b") for name, content in parts.items()}
    (tmp_path / "GSE.tar").write_bytes(tarred(two, "w"))
    with pytest.raises(DataError, match=r"holds 2 samples \(GSM1_a, GSM2_b\)"):
        read(tmp_path / "GSE.tar")
    one = {name: content for name, content in two.items() if "GSM2" in name}
    (tmp_path / "GSM2.tar").write_bytes(tarred(one, "w"))
    alone = read(tmp_path / "GSM2.tar")
    both = {f"outs/{kind}_feature_bc_matrix/{name}": parts[name] for kind in ("raw", "filtered") for name in parts}
    both = {name: b"not it" if "raw_" in name else content for name, content in both.items()}
    (tmp_path / "outs.zip").write_bytes(zipped(both))
    assert read(tmp_path / "outs.zip").sha256 == alone.sha256


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_file_in_an_archive_is_looked_over_as_one_that_lies_open(name, tmp_path, here):
    (tmp_path / "secret").write_text("x" * 100)
    path = disclosing(tmp_path, tmp_path / "secret")
    pack = zipped if name.endswith("zip") else tarred
    (tmp_path / name).write_bytes(pack({"inside/bad.h5ad": path.read_bytes()}))
    with pytest.raises(GrnError, match="points to another file"):
        read(tmp_path / name)


def test_the_origin_of_a_file_of_a_corpus_is_read_by_the_reader(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("GSE75748")
    with pytest.raises(DataError, match="to another file"):
        source_of(pointing(tmp_path, "external link", tmp_path / "secret"))
    path = saved(cells(genes=HUMAN), tmp_path, "b.h5ad")
    data = anndata.read_h5ad(path)
    data.obs["batch"] = "GSE81682_2"
    data.write_h5ad(path)
    monkeypatch.setattr("h5py.File", None)  # it is opened elsewhere
    with pytest.raises(DataError, match="GSE81682, a data set of BEELINE"):
        source_of(path)


def test_no_names_are_written_of_a_file_that_is_refused(tmp_path, capsys):
    path, out = tmp_path / "a.csv", tmp_path / "lost.tsv"
    path.write_text(table().to_csv().replace("3", "x"), encoding="utf-8")
    assert main(["datasets", "check", str(path), "--lost", str(out)]) == 2
    assert f"{out} was not written" in capsys.readouterr().err
    assert not out.exists()
    assert main(["datasets", "check", "GSD", "--lost", str(tmp_path / "no folder" / "x.tsv")]) == 2
    assert "correct --lost" in capsys.readouterr().err
