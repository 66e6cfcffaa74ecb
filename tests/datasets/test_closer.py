"""Clusters, quality figures and genes of cells, and the choices of cells that come after the file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Polygon
from scipy import sparse

from grn_core.datasets import closer, embedding, large
from grn_core.datasets.annotations import SELECTED, annotate, annotations_of, column_title, find_annotation, mark
from grn_core.datasets.cell_labels import label_cells, table_of
from grn_core.datasets.checks import assemble
from grn_core.datasets.closer import CloserLook, quality, shown_cells
from grn_core.datasets.drawn import within
from grn_core.datasets.groups import CellGroup, Groups, groups_of, keep_groups
from grn_core.datasets.values import log_cp10k
from grn_core.errors import DataError, GeneError
from grn_core.files import write_array, write_json
from grn_core.settings import settings

GENES = ("Spi1", "Gata1", "Cebpa", "Lyz1", "mt-Co1", "mt-Nd1", "Gm9999999", "Actb")


@pytest.fixture
def cells():
    """Forty mouse cells, two of their genes mitochondrial, one unknown; a cell with nothing in it."""
    import pandas as pd

    values = np.random.default_rng(3).poisson(2.0, size=(40, len(GENES))).astype(np.float32)
    values[7] = 0
    obs = pd.DataFrame({"kind": ["a, b", "c"] * 20, "age": np.arange(40.0)}, index=[f"AAAC{i}-1" for i in range(40)])
    return assemble(sparse.csr_matrix(values), GENES, obs, title="toy", where="the toy")


def test_quality_figures_are_sums_over_the_cells(cells):
    dense, mito = cells.matrix.toarray(), [name.startswith("mt-") for name in cells.genes]
    assert sum(mito) == 2
    found = quality(cells)
    np.testing.assert_allclose(found[:, 0], dense.sum(1))
    np.testing.assert_allclose(found[:, 1], (dense > 0).sum(1))
    share = 100 * dense[:, mito].sum(1) / np.maximum(dense.sum(1), 1)
    np.testing.assert_allclose(found[:, 2], share, rtol=1e-5)


def test_figures_that_the_values_do_not_give_are_left_out(cells, tmp_path):
    from dataclasses import replace

    logged = replace(cells, matrix=cells.matrix.log1p(), value_kind="lognorm")
    np.testing.assert_allclose(quality(logged)[:, 2], quality(cells)[:, 2], rtol=1e-4)
    write_array(tmp_path / "figures.npy", quality(logged))
    assert list(CloserLook(tmp_path).figures) == ["n_genes", "percent_mito"]


def test_a_look_keeps_the_genes_of_the_cells_that_are_drawn(cells, tmp_path, monkeypatch):
    """The map itself, which takes scanpy, is tested beside the seeds."""
    monkeypatch.setattr(closer, "MOST_SHOWN", 15)
    monkeypatch.setattr(
        closer, "compute_clusters", lambda dataset, **_: (np.zeros(40, dtype=np.int32), np.zeros((40, 2)))
    )
    look = closer.look(cells, tmp_path, resolution=1.0, seed=4)
    assert (look.shown == shown_cells(40, seed=4)).all()
    assert len(set(look.shown.tolist())) == 15
    dense = cells.matrix.toarray()[look.shown]
    scaled = np.log1p(1e4 * dense / np.maximum(dense.sum(1, keepdims=True), 1))
    for column, gene in enumerate(cells.genes):
        np.testing.assert_allclose(look.expression(gene), scaled[:, column], rtol=1e-5)
    with pytest.raises(GeneError):
        look.expression("SPI1")


@given(
    points=st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=40),
    corners=st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=3, max_size=9, unique=True),
)
def test_a_lasso_holds_what_matplotlib_says_of_a_plain_star(points, corners):
    """A star-shaped polygon does not cross itself, where rules differ; points at its very edge are left out."""
    centre = np.mean(corners, axis=0)
    corners = sorted(corners, key=lambda one: np.arctan2(one[1] - centre[1], one[0] - centre[0]))
    start, points = np.array(corners), np.array(points)
    along = np.roll(start, -1, axis=0) - start
    share = ((points[:, None] - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    clear = np.linalg.norm(points[:, None] - nearest, axis=-1).min(1) > 1e-6
    inside = within(points, lassos=[tuple(start.T)])
    np.testing.assert_array_equal(inside[clear], Polygon(corners).contains_points(points)[clear])


def test_boxes_and_lassos_add_up():
    points = np.array([[0.0, 0.0], [1, 1], [5, 5], [9, 9]])
    assert within(points, boxes=[((1.5, 0.5), (0.5, 1.5)), ((4, 6), (4, 6))]).tolist() == [False, True, True, False]
    assert not within(points).any()


def test_a_column_that_was_made_here_chooses_cells_like_one_of_the_file(cells):
    chosen = cells.obs["age"].to_numpy() < 12
    ref = mark(cells.sha256, chosen, title="young ones")
    assert mark(cells.sha256, chosen, title="again") == ref
    np.testing.assert_array_equal(cells.cells_where(ref, [SELECTED]), chosen)
    assert not cells.cells_where(ref, ["nan"]).any() or (~chosen == cells.cells_where(ref, ["nan"])).all()
    assert (column_title(ref), column_title("age")) == ("young ones", "age")
    assert [one.ref for one in annotations_of(cells.sha256)] == [ref]
    assert annotations_of("0" * 64) == []


def test_a_column_of_other_cells_or_a_damaged_one_is_none(cells):
    other = annotate("0" * 64, ["x"] * 40, title="of others")
    with pytest.raises(DataError, match="made here of other cells"):
        cells.column(other)
    mine = annotate(cells.sha256, ["x", None] * 20, title="mine")
    codes = settings().home / "annotations" / f"{mine[1:]}.npy"
    np.save(codes, np.zeros(40, dtype=np.int32))
    assert find_annotation(mine) is None
    with pytest.raises(DataError, match="its labels are damaged"):
        cells.cells_where(mine, ["x"])


def test_groups_are_kept_and_share_no_cell(cells):
    groups = Groups(CellGroup("kind", ("a, b",)), CellGroup("kind", ("c",)), "age")
    keep_groups(cells, groups)
    assert groups_of(cells.sha256) == groups
    a, b = groups.masks(cells)
    assert (a.sum(), b.sum(), (a & b).sum()) == (20, 20, 0)
    for wrong, words in (
        (Groups(groups.a, groups.a), "in both"),
        (Groups(groups.a, CellGroup("kind", ("absent",))), "0 cells"),
        (Groups(groups.a, CellGroup("nothing", ("c",))), "no column"),
        (Groups(groups.a, groups.b, "nobody"), "no column"),
    ):
        with pytest.raises(DataError, match=words):
            keep_groups(cells, wrong)
    assert groups_of(cells.sha256) == groups
    for damage in ([], {"a": 3}, {"a": {}, "b": {}}):
        write_json(next((settings().home / "groups").glob("*.json")), damage)
        assert groups_of(cells.sha256) is None


LABELS = {
    "header": ("barcode,label\n{0},x\n{1},y z\nNOPE-1,x\n", 1),
    "no header, tabs": ("{0}\tx\n{1}\ty z", 0),
    "R's habit": ('"label"\n"{0}","x"\n"{1}","y z"\n', 0),
    "without the pipeline's number": ("{2};x\n{3};y z\nNOPE;x", 1),
}


@pytest.mark.parametrize("form", LABELS)
def test_a_table_of_labels_is_matched_to_the_cells(cells, tmp_path, form):
    text, unmatched = LABELS[form]
    path = tmp_path / "labels.csv"
    path.write_bytes(text.format("AAAC3-1", "AAAC4-1", "AAAC3", "AAAC4").encode("utf-8-sig"))
    found = label_cells(cells, path, title="mine")
    assert (found.labels, found.n_labelled, len(found.unmatched)) == ({"x": 1, "y z": 1}, 2, unmatched)
    assert np.flatnonzero(cells.cells_where(found.ref, ["y z"])).tolist() == [4]
    assert ("NOPE" in found.words) == bool(unmatched)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"NOPE-1,x\nNOPE-2,y\n", "none of the 2 names"),
        (b"AAAC3-1\nAAAC4-1\n", "no two columns"),
        (b"AAAC3-1,x\nAAAC3-1,y\n", "two different labels"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "no table of text"),
        (b"", "no two columns"),
    ],
)
def test_what_is_no_table_of_labels_is_said(cells, tmp_path, content, words):
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words):
        label_cells(cells, path, title="mine")
    assert annotations_of(cells.sha256) == []


def test_a_label_may_hold_the_delimiter_in_quotes():
    assert table_of(['c1,"T, naive"', "c2,B"], where="it") == [("c1", "T, naive"), ("c2", "B")]


def test_cells_beyond_those_of_the_map_join_the_nearest_of_it(cells, monkeypatch):
    import anndata

    monkeypatch.setattr(large, "BLOCK", 30)
    monkeypatch.setattr(embedding, "AT_ONCE", 7)
    mapped = embedding.drawn_cells(cells.n_cells, 12, seed=5)
    assert len(set(mapped.tolist())) == 12
    assert (mapped == embedding.drawn_cells(cells.n_cells, 12, seed=5)).all()
    logged = log_cp10k(cells.matrix, kind="counts").toarray()
    centre = logged[mapped].mean(axis=0)
    axes = np.linalg.svd(logged[mapped] - centre, full_matrices=False)[2][:4].T
    data = anndata.AnnData(sparse.csr_matrix(logged[mapped]))
    data.obsm["X_pca"], data.varm["PCs"] = (logged[mapped] - centre) @ axes, axes
    places = (logged - centre) @ axes
    distance = ((places[:, None] - places[mapped]) ** 2).sum(axis=-1)
    found = embedding._nearest(cells, mapped, data)
    np.testing.assert_array_equal(found[mapped], np.arange(12))
    np.testing.assert_allclose(distance[np.arange(40), found], distance.min(axis=1), atol=1e-4)
    assert len(set(found.tolist())) > 3


def test_figures_in_blocks_are_those_of_the_whole(cells, monkeypatch):
    whole = quality(cells)
    monkeypatch.setattr(large, "BLOCK", 25)
    np.testing.assert_array_equal(quality(cells), whole)
