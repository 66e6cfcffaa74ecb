"""The map of the cells on the Dataset page, its colours, and the ways to choose cells and groups of them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from grn_core import datasets
from grn_core.datasets import closer
from grn_core.datasets.annotations import annotations_of
from grn_core.datasets.groups import CellGroup, Groups, groups_of
from grn_core.runs import RunStatus, RunStore
from grn_core.runs.kinds.umap import UMAP
from pages.components.data.cell_map import chosen_on_map
from tests.pages.app import open_page, text_of

PAGE = "pages/prepare/dataset.py"
pytestmark = pytest.mark.usefixtures("paper_models")


@pytest.fixture
def by_hand(monkeypatch):
    """Clusters and a map without scanpy."""

    def compute(dataset, **_options):
        n_cells = dataset.n_cells
        points = np.random.default_rng(0).normal(size=(n_cells, 2)).astype(np.float32)
        return (np.arange(n_cells) % 3).astype(np.int32), points

    monkeypatch.setattr(closer, "compute_clusters", compute)


def finish(run_id: str) -> None:
    """Do the work of a run that waits, as its worker would."""
    store = RunStore()
    UMAP.run(store.request(run_id), store.path(run_id), lambda *_: None)
    UMAP.deliver(store.request(run_id), store.path(run_id))
    store.write_status(run_id, RunStatus("done", fraction=1.0))


@pytest.mark.usefixtures("by_hand")
def test_a_missing_map_is_computed_by_a_worker_with_clusters_and_genes(no_worker):
    app = open_page(PAGE, dataset="GSD")
    assert not app.get("plotly_chart")
    app.button(key="compute_umap").click().run()
    assert app.progress
    finish(no_worker[0])
    app.run()
    assert not app.exception
    assert app.get("plotly_chart")
    (clusters,) = annotations_of(datasets.load("GSD").sha256)
    assert clusters.title == "Leiden clusters, resolution 1"
    assert {"n_genes", clusters.ref} <= set(_refs(app, "colour"))

    app.selectbox(key="colour").set_value("A gene").run()
    app.selectbox(key="gene_shown").set_value("SOX9").run()
    assert not app.exception
    assert app.query_params["gene_shown"] == "SOX9"
    app.selectbox(key="cells_by").set_value(clusters.ref).run()
    app.multiselect(key="cells_in").set_value(["2"]).run()
    assert not app.exception
    next(button for button in app.button if button.label == "Continue to Infer").click().run()
    assert "333 of 1,000 cells" in text_of(app)


def _refs(app, key: str) -> list[str]:
    """Values of a menu: AppTest shows the words of its options alone."""
    found = []
    for option in app.selectbox(key=key).options:
        found.append({"Genes per cell": "n_genes"}.get(option, option))
        found += [one.ref for one in annotations_of(datasets.load("GSD").sha256) if one.title == option]
    return found


def test_two_groups_are_chosen_in_one_go_and_kept():
    app = open_page(PAGE, a_by="bulk_labels", a_in="Dendritic", b_by="bulk_labels", b_in="CD19+ B")
    assert not app.exception
    kept = groups_of(datasets.load("pbmc68k").sha256)
    assert kept == Groups(CellGroup("bulk_labels", ("Dendritic",)), CellGroup("bulk_labels", ("CD19+ B",)))
    app.selectbox(key="donor").set_value("louvain").run()
    assert groups_of(datasets.load("pbmc68k").sha256).donor == "louvain"
    app.multiselect(key="b_in").set_value(["Dendritic"]).run()
    assert "in both groups" in app.error[0].value
    again = open_page(PAGE)
    assert again.multiselect(key="a_in").value == ["Dendritic"]
    assert again.multiselect(key="b_in").value == ["CD19+ B"]


@pytest.mark.parametrize(
    ("page", "given", "column", "values"),
    [
        (PAGE, {}, "cells_by", "cells_in"),
        (PAGE, {}, "a_by", "a_in"),
        (PAGE, {}, "b_by", "b_in"),
        ("pages/explore/what_if.py", {"where": "context"}, "group_by", "group_in"),
    ],
)
def test_choosing_another_column_is_not_answered_with_the_values_of_the_one_before(page, given, column, values):
    chosen = {column: "bulk_labels", values: "Dendritic"}
    app = open_page(page, dataset="pbmc68k", **given, **chosen)
    assert app.multiselect(key=values).value == ["Dendritic"]
    app.selectbox(key=column).set_value("phase").run()
    assert not app.exception
    assert not app.warning
    assert app.multiselect(key=values).value == []
    assert values not in app.query_params


def test_groups_that_were_kept_are_compared_though_another_column_was_looked_at():
    asked = {"a_by": "bulk_labels", "a_in": "CD14+ Monocyte", "b_by": "bulk_labels", "b_in": "Dendritic"}
    app = open_page(PAGE, dataset="pbmc68k", **asked)
    app.selectbox(key="a_by").set_value("phase").run()
    app.switch_page("pages/explore/groups.py").run()
    assert not app.exception
    assert not app.warning
    assert "compare_groups" in {button.key for button in app.button}
    assert app.query_params["a_by"] == "bulk_labels"


def test_cells_in_a_range_become_the_chosen_ones_or_a_group():
    app = open_page(PAGE)
    app.selectbox(key="range_by").set_value("n_genes").run()
    values = datasets.load("pbmc68k").obs["n_genes"]
    app.slider(key="range_n_genes").set_range(float(values.median()), float(values.max())).run()
    app.button(key="only_range").click().run()
    assert not app.exception
    (column,) = annotations_of(datasets.load("pbmc68k").sha256)
    assert app.query_params["cells_by"] == column.ref
    app.button(key="a_range").click().run()
    assert app.selectbox(key="a_by").value == column.ref


def test_cells_without_any_figure_are_counted_and_chosen_by_what_was_counted():
    rng = np.random.default_rng(2)
    genes = ["Spi1", "Gata1", "Cebpa", "Lyz2", "Cd14", "Ms4a1", "mt-Co1", "mt-Nd1"]
    values = rng.poisson(rng.uniform(0.3, 4, (40, 1)), (40, len(genes)))
    values[:, 0] += 1
    table = pd.DataFrame(values, [f"cell {n}" for n in range(40)], genes)
    ref = datasets.store_upload("mine.csv", io.BytesIO(table.to_csv().encode()))
    figures = {
        "n_counts": values.sum(1),
        "n_genes": (values > 0).sum(1),
        "percent_mito": 100 * values[:, 6:].sum(1) / values.sum(1),
    }
    app = open_page(PAGE, dataset=ref)
    assert app.selectbox(key="range_by").options == list(closer.FIGURES.values())
    for name, expected in figures.items():
        app.selectbox(key="range_by").set_value(name).run()
        slider = app.slider(key=f"range_{name}")
        assert (slider.min, slider.max) == pytest.approx((expected.min(), expected.max()))
        middle = float(np.median(expected))
        slider.set_range(middle, float(slider.max)).run()
        app.button(key="only_range").click().run()
        assert not app.exception
        dataset = datasets.load(ref)
        chosen = dataset.cells_where(app.query_params["cells_by"], app.query_params["cells_in"].split(","))
        assert chosen.tolist() == (expected >= np.float32(middle)).tolist()


def test_a_table_of_labels_becomes_a_column():
    cells = list(datasets.load("pbmc68k").obs.index[:60])
    app = open_page(PAGE)
    table = "cell,label\n" + "".join(f"{name},{'x' if n % 2 else 'y'}\n" for n, name in enumerate([*cells, "NOPE"]))
    app.file_uploader(key="labels_file").upload("mine.csv", table.encode()).run()
    assert not app.exception
    assert "60 of 700 cells have a label now" in text_of(app)
    assert "NOPE" in text_of(app)
    assert app.query_params["colour"] == annotations_of(datasets.load("pbmc68k").sha256)[0].ref


def test_what_was_drawn_is_read_from_the_points_or_where_few_are_drawn_from_the_shape():
    points = np.array([[0.0, 0.0], [1, 1], [2, 2], [3, 3]])
    drawn = {"selection": {"points": [{"customdata": 1}, {"customdata": [3.0]}], "lasso": [], "box": []}}
    assert chosen_on_map(drawn, points, n_shown=4).tolist() == [False, True, False, True]
    box = {"selection": {"points": [], "box": [{"x": [0.5, 2.5], "y": [3, 0.5]}], "lasso": []}}
    assert chosen_on_map(box, points, n_shown=2).tolist() == [False, True, True, False]
    for nothing in (None, {}, {"selection": {"points": [{"customdata": 99}, {}]}}):
        assert chosen_on_map(nothing, points, n_shown=4) is None
