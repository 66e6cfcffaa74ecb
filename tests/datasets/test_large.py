"""A matrix that goes through in blocks of rows gives what it gives in memory."""

from __future__ import annotations

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import expression, large, read
from grn_core.datasets import values as values_module
from grn_core.datasets.checks import STREAMED, assemble, check_indices, check_size
from grn_core.datasets.formats import large_h5ad
from grn_core.datasets.formats.layout import layout_of
from grn_core.errors import DataError
from tests.datasets.helpers import HUMAN, MOUSE, cells, read_here, saved


@pytest.fixture
def tiny_blocks(monkeypatch):
    """Let every matrix of more than 20 values be a large one, in blocks of some 7."""
    from grn_core.datasets.isolation import stored

    for module in (large, large_h5ad, stored):
        monkeypatch.setattr(module, "LARGE", 20)
    for module in (large, large_h5ad):
        monkeypatch.setattr(module, "BLOCK", 7)
    monkeypatch.setattr("grn_core.datasets.readers.dataset_of", read_here)


ODD = (*HUMAN[:-2], "SPI1", "percent.mt")
FORMS = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "dense": lambda matrix: matrix.toarray()}


def file_of_cells(folder, *, names=HUMAN, raw=False, form="csr"):
    values = sparse.random(60, len(names), density=0.4, random_state=3, format="csr", dtype=np.float32)
    values.data = np.ceil(values.data * 9)
    data = cells(FORMS[form](values), genes=names)
    data.layers["other"] = data.X.copy()
    if raw:
        data.raw = data.copy()
    return saved(data, folder)


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1, max_size=30),
    block=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_blocks_put_together_are_the_matrix(lengths, block, seed):
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.choice(30, n, replace=False)) for n in lengths]
    indices = np.concatenate(rows).astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    matrix = large.csr(rng.random(len(indices)).astype(np.float32), indices, indptr, shape=(len(rows), 30))
    mask = rng.random(len(rows)) < 0.5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "LARGE", -1)
        patch.setattr(large, "BLOCK", block)
        whole = large.in_files(large.blocks(matrix))
        chosen = sparse.vstack([*large.blocks(matrix, mask), sparse.csr_matrix((0, 30))])
        sizes = [(part.shape[0], part.nnz) for part in large.blocks(matrix)]
    np.testing.assert_array_equal(whole.toarray(), matrix.toarray())
    np.testing.assert_array_equal(chosen.toarray(), matrix[mask].toarray())
    assert all(n_rows == 1 or n_values <= 2 * block + 30 for n_rows, n_values in sizes)


@pytest.mark.filterwarnings("ignore:Variable names are not unique")
@pytest.mark.parametrize(
    ("names", "raw"),
    [
        (HUMAN, False),
        (ODD, True),
        pytest.param(HUMAN, True, marks=pytest.mark.thorough),
        pytest.param(ODD, False, marks=pytest.mark.thorough),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_large_file_gives_what_it_gives_in_memory(tmp_path, request, names, raw, form):
    path = file_of_cells(tmp_path, names=names, raw=raw, form=form)
    request.getfixturevalue("grn_home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grn_core.datasets.readers.dataset_of", read_here)
        small = read(path)
    request.getfixturevalue("tiny_blocks")
    found = read(path)
    assert isinstance(found.matrix.data, np.memmap)
    np.testing.assert_array_equal(found.matrix.toarray(), small.matrix.toarray())
    assert (found.sha256, found.genes, found.notes) == (small.sha256, small.genes, small.notes)
    pd.testing.assert_frame_equal(found.obs, small.obs)
    mask = small.obs["cell_type"].to_numpy() == "B"
    for chosen in (None, mask):
        one, other = found.panel(n_variable=4, cells=chosen), small.panel(n_variable=4, cells=chosen)
        assert (one.genes, one.sources, one.notes) == (other.genes, other.sources, other.notes)
        np.testing.assert_allclose(one.mean, other.mean, rtol=1e-6)
        np.testing.assert_array_equal(
            expression(found, one, chosen).toarray(), expression(small, other, chosen).toarray()
        )


@pytest.mark.usefixtures("tiny_blocks")
def test_what_was_kept_of_a_large_file_is_mapped_and_checked(tmp_path):
    from grn_core.datasets.isolation import stored

    kept = tmp_path / "kept"
    kept.mkdir()
    stored.save(read(file_of_cells(tmp_path)), kept)
    dataset = stored.load(kept)
    assert isinstance(dataset.matrix.data, np.memmap)
    assert dataset.panel(n_variable=3).sources
    wild = np.load(kept / "dataset-matrix-indices.npy")
    wild[5] = 99
    np.save(kept / "dataset-matrix-indices.npy", wild)
    with pytest.raises(DataError, match="indices must be"):
        stored.load(kept)


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("change", ["beyond", "negative", "falling"])
def test_a_large_matrix_that_leads_out_of_itself_is_refused(change):
    matrix = sparse.random(20, 9, density=0.5, random_state=1, format="csr", dtype=np.float32)
    if change == "falling":
        matrix.indptr[3] = matrix.indptr[5] + 1
    else:
        matrix.indices[8] = 9 if change == "beyond" else -1
    with pytest.raises(DataError, match="is damaged"):
        check_indices(matrix, where="X")


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize(("value", "words"), [(np.nan, "1 missing"), (np.inf, "1 infinite"), (-1.0, "lowest -1")])
def test_a_large_file_is_refused_for_what_a_small_one_is(tmp_path, value, words):
    path = file_of_cells(tmp_path)
    data = anndata.read_h5ad(path)
    data.X.data[50] = value
    del data.layers["other"]
    data.write_h5ad(path)
    with pytest.raises(DataError, match=words):
        read(path)


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("part", ["indices", "indptr"])
def test_a_large_matrix_in_a_file_that_leads_out_of_itself_is_refused(tmp_path, form, part):
    path = file_of_cells(tmp_path, form=form)
    with h5py.File(path, "a") as file:
        values = file[f"X/{part}"][:]
        values[3] = 4000
        file[f"X/{part}"][:] = values
    with pytest.raises(DataError, match="is damaged"):
        read(path)


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 12)),
    density=st.floats(0.05, 1),
    block=st.integers(1, 30),
    bands=st.integers(1, 9),
)
def test_bands_of_a_matrix_of_columns_are_its_rows(shape, density, block, bands):
    matrix = sparse.random(*shape, density=density, random_state=2, format="csc", dtype=np.float32)
    item = {"data": matrix.data, "indices": matrix.indices}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_h5ad, "BLOCK", block)
        patch.setattr(large_h5ad, "MOST_BANDS", bands)
        found = list(large_h5ad._bands(item, matrix.indptr, shape[0]))
    np.testing.assert_array_equal(sparse.vstack(found).toarray(), matrix.toarray())
    assert len(found) <= bands


def test_a_gene_list_is_chosen_in_blocks_and_gives_what_it_gives_at_once(monkeypatch):
    values = sparse.random(300, len(MOUSE), density=0.5, random_state=5, format="csr", dtype=np.float32)
    values.data = np.ceil(values.data * 9)
    dataset = assemble(values, MOUSE, pd.DataFrame(index=[f"c{i}" for i in range(300)]), title="t", where="t")
    whole = dataset.panel(n_variable=5)
    sizes = []
    monkeypatch.setattr(large, "BLOCK", 40)
    taken = values_module.log_cp10k
    monkeypatch.setattr(
        values_module, "log_cp10k", lambda matrix, **more: sizes.append(matrix.nnz) or taken(matrix, **more)
    )
    found = dataset.panel(n_variable=5)
    assert (found.genes, found.sources) == (whole.genes, whole.sources)
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-12)
    assert sum(sizes) == values.nnz
    assert max(sizes) <= 2 * 40 + len(MOUSE)


def test_what_a_large_file_may_unpack_to_grows_with_it_and_what_a_small_one_may_does_not(monkeypatch):
    monkeypatch.setenv("GRN_MAX_UNPACKED_GB", "1")
    gb = 1024**3
    for n_bytes, streamed, taken in (
        (gb, 0, True),
        (gb + 1, 0, False),
        (12 * gb, 2 * gb, True),  # a million cells, packed
        (17 * gb, 2 * gb, False),
        (gb + 1, 1024, False),  # a kilobyte that unpacks to a gigabyte
        (gb + 1, STREAMED, False),
    ):
        if taken:
            check_size(10, n_bytes, streamed=streamed)
        else:
            with pytest.raises(DataError, match="unpacks to"):
                check_size(10, n_bytes, streamed=streamed)


def test_a_million_cells_are_not_too_many_but_so_many_columns_of_text_are(tmp_path):
    check_size(1_000_000)
    with pytest.raises(DataError, match="GRN_MAX_CELLS"):
        check_size(2_000_001)
    path = tmp_path / "wide.csv"
    path.write_text("gene" + ",c" * 200_001 + "\nSPI1" + ",1" * 200_001 + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="has 200,001 columns"):
        layout_of(path, encoding="utf-8")


@pytest.mark.parametrize("form", ["numbers", "which"])
def test_rows_wherever_they_lie_are_those_of_the_whole(monkeypatch, form):
    matrix = sparse.random(700, 30, density=0.2, format="csr", dtype=np.float32, random_state=0)
    rows = np.sort(np.random.default_rng(0).choice(700, 450, replace=False))
    wanted = matrix[rows]
    monkeypatch.setattr(large, "LARGE", 100)
    chosen = rows if form == "numbers" else np.isin(np.arange(700), rows)
    assert abs(large.rows_of(matrix, chosen) - wanted).nnz == 0
    assert large.rows_of(matrix, chosen[:0] if form == "numbers" else np.zeros(700, dtype=bool)).shape == (0, 30)
