"""What is guessed of a file, and the user's word that overrules each guess, by the same names everywhere."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.datasets import list_uploads, load, read, store_upload
from grn_core.datasets.catalog import read_again, said_of
from grn_core.datasets.formats.h5ad import from_anndata
from grn_core.datasets.formats.text import Table, from_table
from grn_core.datasets.kinds import KINDS
from grn_core.datasets.local import file_ref, located_file
from grn_core.datasets.read_as import FROM_THE_FILE, ORIENTATIONS, ReadAs
from grn_core.errors import DataError, GrnError
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, cells, counts, saved, table

some_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
words = st.builds(
    ReadAs,
    species=st.sampled_from([None, "human", "mouse"]),
    values=st.sampled_from([None, *(kind.name for kind in KINDS)]),
    matrix=st.none() | st.sampled_from(["X", "raw"]) | some_text.map(lambda name: f"layers/{name}"),
    orientation=st.sampled_from([None, *ORIENTATIONS]),
    name_column=st.none() | some_text,
)


def taken(data, **said):
    return from_anndata(data, Path("cells.h5ad"), title="", read_as=ReadAs(**said))


def scaled_down(values):
    return np.log1p(values / values.sum(1, keepdims=True) * 1e4)


@given(read_as=words)
def test_the_users_word_stands_in_a_ref_and_comes_back(read_as):
    assert ReadAs.from_text(read_as.to_text()) == read_as
    assert located_file(f"file{read_as.to_text()}:/a folder/x:y+z.csv") == (Path("/a folder/x:y+z.csv"), read_as)


def test_refs_of_before_mean_what_they_meant():
    assert located_file("file:/a.csv") == (Path("/a.csv"), FROM_THE_FILE)
    assert located_file("file+mouse:/a.csv") == (Path("/a.csv"), ReadAs(species="mouse"))
    for strange in ("file+rat:/a.csv", "file+values=ln:/a", "file+colour=red:/a", "file+matrix=obs:/a"):
        assert located_file(strange) is None


@pytest.mark.parametrize("said", [{"species": "rat"}, {"values": "ln"}, {"matrix": "obs"}, {"orientation": "up"}])
def test_a_word_that_nothing_stands_for_is_refused(said):
    with pytest.raises(GrnError) as caught:
        ReadAs(**said)
    assert caught.value.needed


@pytest.mark.parametrize("place", ["X", "layers/counts", "layers/mine", "raw"])
def test_raw_counts_are_taken_wherever_they_lie(place):
    whole = counts()
    held = {one: scaled_down(whole) for one in ("X", "layers/counts", "layers/mine", "raw")} | {place: whole}
    data = cells(held["X"], layers={name: held[f"layers/{name}"] for name in ("counts", "mine")})
    data.raw = cells(held["raw"])
    dataset = taken(data)
    assert (dataset.reading.matrix, dataset.value_kind) == (place, "counts")
    np.testing.assert_array_equal(dataset.matrix.toarray(), whole)
    assert {one.name for one in dataset.reading.matrices} == set(held)
    for one in set(held) - {place}:
        other = taken(data, matrix=one)
        assert (other.reading.matrix, other.value_kind) == (one, "lognorm")
        assert f"{one} was used, as asked." in other.notes


def test_what_each_matrix_would_give_is_said():
    part, whole = cells(genes=HUMAN), cells(genes=(*HUMAN, "MYC", "SOX2", "ACTB"))
    part.raw = whole
    offers = {one.name: (one.n_tfs, one.n_genes) for one in taken(part).reading.matrices}
    assert offers["raw"] == (offers["X"][0] + 2, offers["X"][1] + 3)
    assert taken(part).reading.matrix == "raw"
    assert taken(part, matrix="X").n_genes == len(HUMAN)
    with pytest.raises(DataError, match="no matrix layers/spliced; needed: one of X, raw"):
        taken(part, matrix="layers/spliced")
    spoilt = cells(counts() - 5)
    spoilt.raw = cells()
    assert "negative" in next(one.refused for one in taken(spoilt).reading.matrices if one.name == "X")


def test_what_a_matrix_offers_is_what_it_gives():
    """Antibodies that are called like genes are no genes of the matrix; a part with many of them has fewer genes."""
    antibodies = ("CD19", "CD8A", "CD4", "CD3E", "MS4A1", "NCAM1", "FCGR3A", "IL7R")
    part = cells(genes=(*HUMAN[:4], *antibodies), values=counts(12))
    part.var["feature_types"] = ["Gene Expression"] * 4 + ["Antibody Capture"] * 8
    whole = cells(genes=HUMAN[:11], values=counts(11, seed=1))
    part.raw = whole
    found = taken(part)
    offers = {one.name: one.n_genes for one in found.reading.matrices}
    assert offers == {"X": 4, "raw": 11}
    assert found.reading.matrix == "raw"
    assert taken(part, matrix="X").n_genes == 4


def test_velocity_is_no_expression_unless_the_user_says_so():
    data = cells(scaled_down(counts()), layers={"unspliced": counts(seed=1), "ambiguous": counts(seed=2)})
    assert taken(data).reading.matrix == "X"
    assert taken(data, matrix="layers/unspliced").value_kind == "counts"


@pytest.mark.parametrize("genes", [HUMAN, MOUSE])
def test_rows_may_be_genes_in_anndata_too(genes):
    data = cells(counts(len(genes)), genes=genes).T
    dataset = taken(data)
    assert (dataset.genes, dataset.reading.orientation) == (genes, "genes-in-rows")
    np.testing.assert_array_equal(dataset.matrix.toarray(), counts(len(genes)))
    assert taken(data, orientation="genes-in-rows").sha256 == dataset.sha256
    with pytest.raises(GrnError):
        taken(data, orientation="genes-in-columns")


def test_the_column_of_names_is_the_users():
    data = cells(counts(len(MOUSE)), genes=MOUSE)
    data.var["human"] = list(HUMAN[: len(MOUSE)])
    data.var["nothing"] = [f"row {number}" for number in range(len(MOUSE))]
    assert taken(data).genes == MOUSE
    dataset = taken(data, name_column="human")
    assert (dataset.genes, dataset.reading.name_column) == (HUMAN[: len(MOUSE)], "human")
    assert set(dataset.reading.name_columns) == {"human", "nothing"}
    assert taken(data, name_column="var_names").genes == MOUSE
    with pytest.raises(DataError, match="needed: one of var_names, human, nothing"):
        taken(data, name_column="SYMBOL")


def test_a_table_is_read_as_the_user_says():
    square = table(HUMAN, n_cells=13).set_axis(HUMAN).set_axis(cell_names(13), axis=1).to_numpy()
    both = Table(list(HUMAN), list(reversed(HUMAN)), sparse.csr_matrix(square), {"other": [*MOUSE, "Myc"]})
    for orientation in ORIENTATIONS:
        dataset = from_table(both, title="", read_as=ReadAs(orientation=orientation, name_column="first_column"))
        assert dataset.reading.orientation == orientation
    dataset = from_table(both, title="", read_as=ReadAs(name_column="other", orientation="genes-in-rows"))
    assert dataset.match.species == "mouse"
    with pytest.raises(DataError, match="a table holds one matrix"):
        from_table(both, title="", read_as=ReadAs(matrix="raw"))
    with pytest.raises(DataError, match="needed: one of first_column, other"):
        from_table(both, title="", read_as=ReadAs(name_column="SYMBOL"))


def test_the_word_is_part_of_what_an_upload_and_a_local_file_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    path = saved(cells(scaled_down(counts()), layers={"counts": counts()}), tmp_path)
    said = ReadAs(matrix="X", values="log1p")
    upload = store_upload("cells.h5ad", io.BytesIO(path.read_bytes()), read_as=said)
    plain = store_upload("cells.h5ad", io.BytesIO(path.read_bytes()))
    assert plain != upload
    assert read_again(plain, said) == upload
    assert (said_of(upload), said_of(plain), said_of("pbmc68k")) == (said, FROM_THE_FILE, None)
    with pytest.raises(DataError, match="no upload and no file that was named here"):
        read_again(f"file:{path}", said)
    assert read_again(file_ref(path), said) == file_ref(path, read_as=said)
    assert next(one for one in list_uploads() if one.ref == upload).read_as == said
    for ref in (upload, file_ref(path, read_as=said)):
        dataset = load(ref)
        assert (dataset.reading.matrix, dataset.value_kind) == ("X", "log1p")
    assert load(file_ref(path)).reading.matrix == "layers/counts"
    assert read(path, matrix="X", values="log1p").sha256 == dataset.sha256


@given(seed=st.integers(0, 1000), n_part=st.integers(2, 8), log_part=st.booleans(), log_raw=st.booleans())
def test_a_part_of_the_genes_never_comes_before_all_of_them(seed, n_part, log_part, log_raw):
    whole, part = counts(seed=seed), HUMAN[:n_part]
    data = cells(whole[:, :n_part], genes=part)
    data.X = scaled_down(data.X) if log_part else data.X
    data.raw = cells(scaled_down(whole) if log_raw else whole)
    dataset = taken(data)
    assert (dataset.genes, dataset.reading.matrix) == (HUMAN, "raw")
