"""The same cells in every format are the same dataset; files that hold no cells are named for what they are."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import warnings
import zipfile

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import io as scipy_io
from scipy import sparse

from grn_core.datasets import load, read
from grn_core.datasets.local import file_ref, stamp_of
from grn_core.errors import DataError
from tests.datasets.helpers import MOUSE, cell_names, cells, counts, saved, table

VALUES = counts(len(MOUSE)) * 3
IDS = [f"ENSMUSG{number:011d}" for number in range(len(MOUSE))]


def tenx(path, *, group="matrix", names=MOUSE, values=VALUES, mode="w"):
    matrix = sparse.csc_matrix(values.T.astype(np.int32))
    with h5py.File(path, mode) as file:
        top = file.create_group(group)
        for name in ("data", "indices", "indptr"):
            top[name] = getattr(matrix, name)
        top["shape"], top["barcodes"] = matrix.shape, np.array(cell_names(), dtype="S")
        if group == "matrix":
            top["features/id"], top["features/name"] = np.array(IDS, dtype="S"), np.array(names, dtype="S")
            top["features/feature_type"] = np.array(["Gene Expression"] * len(names), dtype="S")
        else:
            top["genes"], top["gene_names"] = np.array(names, dtype="S"), np.array(names, dtype="S")
    return path


def loom(path):
    with h5py.File(path, "w") as file:
        file["matrix"] = VALUES.T
        file["row_attrs/Gene"] = np.array(MOUSE, dtype=object)
        file["col_attrs/CellID"] = np.array(cell_names(), dtype=object)
        file["col_attrs/cluster"] = np.arange(12) % 3
        file.create_group("layers")
    return path


def h5mu(path):
    other = anndata.AnnData(VALUES[:, :3], pd.DataFrame(index=cell_names()), pd.DataFrame(index=["CD3", "CD4", "CD8"]))
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, data in (("prot", other), ("rna", cells(VALUES, genes=MOUSE))):
            anndata.io.write_elem(file, f"mod/{name}", data)
    with path.open("r+b") as file:
        file.write(b"MuData (format-version=0.1.0;creator=test;)")
    return path


def members(*, packed):
    matrix = io.BytesIO()
    scipy_io.mmwrite(matrix, sparse.coo_matrix(VALUES.T.astype(int)))
    features = "".join(f"{i}\t{name}\tGene Expression\n" for i, name in zip(IDS, MOUSE, strict=True))
    parts = {
        "matrix.mtx": matrix.getvalue(),
        "features.tsv": features.encode(),
        "barcodes.tsv": "".join(f"{name}\n" for name in cell_names()).encode(),
    }
    return {f"{name}.gz": gzip.compress(part) for name, part in parts.items()} if packed else parts


def zipped(path, *, packed=True, folder="filtered_feature_bc_matrix/"):
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in members(packed=packed).items():
            archive.writestr(folder + name, part)
    return path


def tarred(path):
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("filtered/barcodes.tsv.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
        for name, part in members(packed=False).items():
            info = tarfile.TarInfo(f"filtered/{name}")
            info.size = len(part)
            archive.addfile(info, io.BytesIO(part))
    return path


def gzipped_h5ad(path):
    plain = saved(cells(VALUES, genes=MOUSE), path.parent, "plain.h5ad")
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def parquet(path):
    table(MOUSE).mul(3).to_parquet(path)
    return path


def parquet_of_rows(path):
    table(MOUSE).mul(3).T.rename_axis("gene").reset_index().to_parquet(path)
    return path


def xlsx(path):
    pytest.importorskip("openpyxl")
    table(MOUSE).mul(3).T.to_excel(path)
    return path


def zarr_folder(path, *, version=2):
    with warnings.catch_warnings(), anndata.settings.override(zarr_write_format=version):
        warnings.simplefilter("ignore")
        cells(VALUES, genes=MOUSE).write_zarr(path)
    return path


def zarr_zip(path, *, top="cells.zarr/"):
    folder = zarr_folder(path.parent / "plain.zarr", version=3 if top else 2)
    with zipfile.ZipFile(path, "w") as archive:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                archive.write(one, top + one.relative_to(folder).as_posix())
    return path


def tenx_folder(path):
    path.mkdir()
    for name, part in members(packed=True).items():
        (path / name).write_bytes(part)
    return path


def zipped_table(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../README", "of the cells")
        archive.writestr("../up/cells.csv", table(MOUSE).mul(3).to_csv())
    return path


def zipped_h5ad(path):
    plain = saved(cells(VALUES, genes=MOUSE), path.parent, "plain.h5ad")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(plain, "plain.h5ad")
    return path


FILES = {
    "a.zarr": zarr_folder,
    "b.zarr": lambda path: zarr_folder(path, version=3),
    "a.zarr.zip": zarr_zip,
    "zarr.zip": lambda path: zarr_zip(path, top=""),
    "filtered_feature_bc_matrix": tenx_folder,
    "table.zip": zipped_table,
    "h5ad.zip": zipped_h5ad,
    "a.h5": tenx,
    "a.loom": loom,
    "a.h5mu": h5mu,
    "a.zip": zipped,
    "a.tar.gz": tarred,
    "a.h5ad.gz": gzipped_h5ad,
    "a.parquet": parquet,
    "b.parquet": parquet_of_rows,
    "a.xlsx": xlsx,
}


@pytest.mark.parametrize("name", FILES)
def test_the_same_cells_in_every_format(tmp_path, name):
    dataset = read(FILES[name](tmp_path / name))
    assert dataset.genes == MOUSE
    assert list(dataset.obs.index) == cell_names()
    np.testing.assert_array_equal(dataset.matrix.toarray(), VALUES)
    assert (dataset.value_kind, dataset.match.species) == ("counts", "mouse")


def test_a_folder_is_read_where_it_lies_and_known_to_have_changed(tmp_path):
    path = tenx_folder(tmp_path / "matrix folder")
    ref = file_ref(path)
    assert load(ref).n_cells == 12
    before = stamp_of(ref)
    (path / "barcodes.tsv.gz").write_bytes(gzip.compress(b"".join(b"cell%d\n" % n for n in range(12))))
    assert stamp_of(ref) != before
    assert list(load(ref).obs.index) == [f"cell{n}" for n in range(12)]
    (path / "features.tsv.gz").unlink()
    with pytest.raises(DataError, match="holds no folder of 10x Genomics, but barcodes"):
        read(path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    with pytest.raises(DataError, match=r"the folder other holds notes\.txt"):
        read(tmp_path / "other")


def test_a_zarr_store_that_could_run_code_is_not_unpacked(tmp_path):
    path = zarr_folder(tmp_path / "a.zarr")
    place = max((path / "obs" / "_index").rglob(".zarray"))  # with pandas 3 a mask stands beside the values
    told = json.loads(place.read_text(encoding="ascii"))
    place.write_text(json.dumps({**told, "filters": [{"id": "pickle", "protocol": 5}]}), encoding="ascii")
    with pytest.raises(DataError, match="packed by 'pickle'"):
        read(path)
    place.write_text(json.dumps({**told, "shape": [10**12]}), encoding="ascii")
    with pytest.raises(DataError, match="unpacks to"):
        read(path)
    place.unlink()
    place.symlink_to("/etc/hostname")
    with pytest.raises(DataError, match="is a link to another place"):
        read(path)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("zarr.json", json.dumps({"node_type": "group", "zarr_format": 3}))
    with pytest.raises(DataError, match="without obs and var"):
        read(tmp_path / "b.zip")


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path):
    zipped(tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("cells.csv", (tmp_path / "inner.zip").read_bytes())
    with pytest.raises(DataError, match="is an archive itself"):
        read(tmp_path / "a.zip")


def test_of_two_genomes_in_an_old_file_the_known_one_is_used(tmp_path):
    path = tenx(tmp_path / "a.h5", group="mm10")
    tenx(path, group="virus", names=[f"gene_{n}" for n in range(len(MOUSE))], values=VALUES * 9, mode="a")
    dataset = read(path)
    assert dataset.genes == MOUSE
    assert any("2 genomes" in note and "mm10 is used" in note for note in dataset.notes)


def test_of_several_modalities_without_rna_none_is_guessed(tmp_path):
    path = h5mu(tmp_path / "a.h5mu")
    with h5py.File(path, "a") as file:
        file.move("mod/rna", "mod/one")
    with pytest.raises(DataError, match="no modality called rna, but one, prot"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "found", "todo"),
    [
        ("a.rds", b"X\n\0\0\0\3", "file of R", "SaveH5Seurat"),
        ("a.rds", gzip.compress(b"X\n\0\0\0\3", mtime=0), "file of R", "Convert"),
        ("a.h5ad", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer of Git LFS", "git lfs pull"),
        ("matrix.mtx", b"%%MatrixMarket matrix coordinate integer general\n3 3 1\n1 1 1\n", "barcodes", "zip"),
        ("genes.txt", b"Spi1\nGata1\nKlf1\n", "list of genes", "--genes"),
        ("adj.tsv", b"TF\ttarget\timportance\nSPI1\tCD14\t3.5\nGATA1\tKLF1\t2\n", "list of edges", "import FILE"),
        ("sif.txt", b"SPI1\tactivates\tCD14\nGATA1\tactivates\tKLF1\nGATA1\tactivates\tTAL1\n", "list of edges", ""),
        ("g.csv", b",from,to,weight\n1,Spi1,Cd14,0.5\n2,Gata1,Klf1,0.2\n3,Gata1,Tal1,0.1\n", "list of edges", ""),
    ],
)
def test_what_holds_no_cells_is_named(tmp_path, name, content, found, todo):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(tmp_path / name)
    assert found in caught.value.found
    assert todo in caught.value.todo


def test_an_archive_of_something_else_says_what_it_holds(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../matrix.mtx", b"")
        archive.writestr("notes.txt", b"")
    with pytest.raises(DataError, match=r"no folder of 10x Genomics, but matrix\.mtx, notes\.txt"):
        read(tmp_path / "a.zip")


def test_names_that_do_not_fit_the_matrix_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("filtered/matrix.mtx", members(packed=False)["matrix.mtx"])
        archive.writestr("filtered/genes.tsv", "a\tb\n")
        archive.writestr("filtered/barcodes.tsv", "a\n")
    with pytest.raises(DataError, match="12 x 12, beside 1 features and 1 barcodes"):
        read(tmp_path / "a.zip")
