from __future__ import annotations

from html import unescape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core import plots
from grn_core.networks import read_cells, read_edge
from grn_core.plots import matrix, style
from grn_core.plots.activity import MOST_GREY, MOST_SURE
from tests.networks.toy import scored_edges, toy_edges

GRID = np.linspace(-2, 4, 8)
CURVE = np.tanh(GRID)
SLOPE = 1 / np.cosh(GRID) ** 2


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours as the Web Content Accessibility Guidelines define it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "colour", [style.ACTIVATION, style.REPRESSION, style.NEUTRAL, style.REFERENCE, *style.CATEGORIES[3:]]
)
@pytest.mark.parametrize("paper", ["#ffffff", "#0f171b"])
def test_colours_stand_out_in_both_themes(colour, paper):
    assert contrast(colour, paper) >= 3


def test_response_curve():
    reading = read_edge(CURVE, SLOPE, GRID)
    figure = plots.response_curve(GRID, CURVE, source="SPI1", target="CD14", sign=1, reading=reading)
    np.testing.assert_array_equal(figure.data[0].y, CURVE)
    assert figure.data[0].line.color == plots.ACTIVATION
    assert "(units of the model)" in figure.layout.xaxis.title.text
    assert "CD14" in figure.layout.yaxis.title.text
    assert [note.text for note in figure.layout.annotations] == ["starts to move", "levels off"]


def test_gradient_trajectory():
    reading = read_edge(-CURVE, -SLOPE, GRID)
    figure = plots.gradient_trajectory(GRID, -SLOPE, source="A", target="b", sign=-1, reading=reading)
    assert figure.data[0].line.color == plots.REPRESSION
    assert figure.layout.annotations[0].y == reading.peak_slope
    assert "per unit of A" in figure.layout.yaxis.title.text


def test_names_are_text_not_markup():
    figure = plots.response_curve(GRID, CURVE, source="<b>A</b>", target="t", sign=1, units="bins, 0 to 50")
    assert "(bins, 0 to 50)" in figure.layout.xaxis.title.text
    assert "&lt;b&gt;A" in figure.layout.xaxis.title.text


def test_top_targets():
    edges = toy_edges().query("source == 'A'")
    figure = plots.top_targets(edges, source="A", n=2)
    activation, repression = figure.data
    assert (list(activation.y), list(repression.y)) == (["x"], ["y"])
    assert repression.marker.pattern.shape == "/"
    assert list(figure.layout.yaxis.categoryarray) == ["y", "x"]
    near_one = edges.assign(probability=0.99, uncertainty=0.5)
    assert max(plots.top_targets(near_one, source="A").data[0].error_x.array) == pytest.approx(0.01)
    one_seed = plots.top_targets(edges.drop(columns="uncertainty"), source="A").data[0]
    assert one_seed.error_x.array is None
    assert "±" not in one_seed.hovertemplate


def test_embedding_by_category():
    points = np.arange(20.0).reshape(10, 2)
    kinds = pd.Series(["B", "T", None, "T", "B", "T", "B", "T", "T", "B"], name="cell type").astype("category")
    figure = plots.embedding(points, kinds, title="PBMC")
    assert [(trace.name, len(trace.x)) for trace in figure.data] == [("no value", 1), ("B", 4), ("T", 5)]
    assert figure.data[1].marker.color != figure.data[2].marker.color
    assert figure.layout.title.text == "PBMC"
    clusters = plots.embedding(np.zeros((3, 2)), pd.Series(["c10", "c9", "c1"]))
    assert [trace.name for trace in clusters.data] == ["c1", "c9", "c10"]
    many = plots.embedding(np.zeros((30, 2)), pd.Series([f"k{place}" for place in range(30)]))
    assert len({(trace.marker.color, trace.marker.symbol) for trace in many.data}) == 30


def test_embedding_by_number_and_without_colour():
    points = np.zeros((4, 2))
    figure = plots.embedding(points, pd.Series([1.0, 2.0, np.nan, 4.0], name="n_genes"))
    assert list(figure.data[1].marker.color) == [1, 2, 4]
    assert figure.data[1].marker.colorbar.title.text == "n_genes"
    assert len(plots.embedding(points).data) == 1
    assert [trace.name for trace in plots.embedding(points, pd.Series([True, False, True, True])).data] == [
        "False",
        "True",
    ]


@pytest.mark.parametrize(
    ("values", "known"), [(None, True), ([1.0, 2.0, 3.0], True), ([1.0, np.nan, 3.0], False), (["B", "T", "B"], False)]
)
def test_a_browser_draws_a_map_once_where_the_room_of_its_words_is_known(values, known):
    colour = None if values is None else pd.Series(values, name="of cells")
    layout = plots.embedding(np.zeros((3, 2)), colour).layout
    assert [layout.margin.autoexpand is False, not layout.xaxis.automargin, not layout.yaxis.automargin] == [known] * 3
    assert layout.showlegend is not known, "a legend takes as many lines as the page is narrow"


def test_top_targets_by_score():
    edges = scored_edges().query("source == 'A'")
    figure = plots.top_targets(edges, source="A", unit="nats <b>")
    assert [trace.name for trace in figure.data] == ["activation", "repression"]
    assert figure.data[0].error_x.array is None
    assert "nats &lt;b&gt;" in figure.layout.xaxis.title.text
    figure = plots.top_targets(edges.assign(sign=0), source="A")
    assert list(figure.data[0].x) == [0.9, 0.8, 0.5]
    assert not figure.layout.showlegend


def test_cell_scatter():
    draw = np.random.default_rng(0)
    source = np.maximum(draw.normal(size=200), 0)
    reading = read_cells(source, 2 * source)
    figure = plots.cell_scatter(source, 2 * source, reading, source="A<b>", target="x", sign=-1)
    points, line = figure.data
    assert len(points.x) == 200
    np.testing.assert_array_equal(line.y, reading.mean)
    assert line.line.color == style.REPRESSION
    assert "A&lt;b&gt;" in figure.layout.xaxis.title.text
    many = plots.cell_scatter(np.ones(2000), np.ones(2000), reading, source="A", target="x", sign=0)
    assert many.data[0].type == "scattergl"
    assert many.data[1].line.color not in (style.ACTIVATION, style.REPRESSION)


def test_long_units_take_several_lines_of_the_axis_title():
    units = "standard deviations from the gene's mean in its data set, of log1p counts per 10,000"
    figure = plots.response_curve(np.arange(3), np.arange(3), source="A", target="B", sign=1, units=units)
    first, *lines = figure.layout.xaxis.title.text.split("<br>")
    assert first == "Level of A"
    assert " ".join(lines) == f"({units})"
    assert max(map(len, lines)) <= 31, "on a middling screen a panel is 260 pixels wide"


def test_a_flat_response_has_the_colour_of_no_sign():
    assert len({style.sign_colour(sign) for sign in (1, 0, -1)}) == 3
    figure = plots.response_curve(GRID, np.zeros(len(GRID)), source="A", target="B", sign=0)
    assert figure.data[0].line.color == style.sign_colour(0)
    flat = read_edge(np.zeros(len(GRID)), np.zeros(len(GRID)), GRID)
    slope = plots.gradient_trajectory(GRID, np.zeros(len(GRID)), source="A", target="B", sign=0, reading=flat)
    assert not slope.layout.annotations  # nowhere steepest
    bars = plots.top_targets(toy_edges().assign(sign=[1, 0, -1, 0, 1, 1, 1]), source="A")
    assert [trace.name for trace in bars.data] == ["activation", "repression", "no sign"]


@given(text=st.text(alphabet="abc <&", max_size=200), letters=st.integers(8, 40))
def test_a_wrapped_name_keeps_its_words_and_stays_narrow(text, letters):
    lines = style.wrapped(text, letters=letters).split("<br>")
    assert [len(unescape(line)) <= letters for line in lines] == [True] * len(lines)
    assert "".join(unescape("".join(lines)).split()) == "".join(text.split())


@given(seed=st.integers(0, 9), n=st.sampled_from([0, 1, 60, 3000]), sure=st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=15, deadline=None)
def test_a_volcano_draws_no_more_points_than_a_browser_takes_and_the_surest_of_each_kind(seed, n, sure):
    rng = np.random.default_rng(seed)
    q = np.where(rng.random(n) < sure, rng.uniform(0.001, 0.04, n), rng.uniform(0.06, 1, n))
    table = pd.DataFrame(
        {"source": "A", "target": [f"T{i}" for i in range(n)], "difference": rng.normal(size=n), "q": q}
    )
    table = table.assign(stronger=np.where(table["difference"] > 0, "A", "B"))
    figure = plots.edge_volcano(table, a="A", b="B")
    drawn = {float(q) for trace in figure.data for q in np.asarray(trace.customdata)[:, 1]}
    for kind, most in ((q[q < 0.05], MOST_SURE), (q[q >= 0.05], MOST_GREY)):
        here = drawn.intersection(kind)
        assert len(here) <= most
        assert here >= set(np.sort(kind)[: most // 2])
        assert len(here) >= min(len(kind), most // 2)
        assert len(here) == len(kind) or len(kind) > most


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60))
def test_names_in_a_volcano_do_not_cover_each_other(seed, n):
    generator = np.random.default_rng(seed)
    table = pd.DataFrame({"tf": [f"GENE{k}" for k in range(n)], "difference": generator.normal(size=n)})
    table["p_adjusted"] = np.sort(10.0 ** -generator.uniform(1, 3, size=n))
    figure = plots.difference_volcano(table, a="A", b="B")
    named = [(x, y) for trace in figure.data for x, y, text in zip(trace.x, trace.y, trace.text, strict=True) if text]
    sure = table[table["p_adjusted"] < 0.05]
    assert bool(named) == bool(len(sure)), "the surest has its name"
    wide, high = sure["difference"].abs().max(), max((y for _, y in named), default=1.0)
    for place, (x, y) in enumerate(named):
        assert all(abs(x - a) > 0.1 * wide or abs(y - b) > 0.05 * high for a, b in named[:place])


@given(st.lists(st.text(min_size=1, max_size=40), unique=True, max_size=6))
def test_short_names_fit_and_those_that_differ_at_their_end_stay_apart(names):
    short = [unescape(one) for one in style.short_names(names, letters=22)]
    assert all(len(one) <= 22 for one in short)
    assert all(one == kept for one, kept in zip(names, short, strict=True) if len(one) <= 22)
    long = [f"differentiated cells, stage {n}" for n in range(len(names))]
    assert len(set(style.short_names(long, letters=22))) == len(long)


def test_the_tools_of_a_figure_have_no_paper_and_are_seen_on_light_and_dark():
    bar = style.finish(go.Figure(), height=100).layout.modebar
    assert bar.bgcolor == "rgba(0,0,0,0)", "Plotly takes half black where a figure has no paper of its own"
    assert bar.color == style.NEUTRAL


def test_only_a_map_that_is_drawn_on_has_the_tools_for_it():
    points = np.zeros((3, 2))
    looked_at, drawn_on = plots.embedding(points), plots.embedding(points, numbers=np.arange(3))
    assert {"lasso2d", "zoomIn2d", "pan2d"} <= set(looked_at.layout.modebar.remove), "they would lie on the legend"
    assert not drawn_on.layout.modebar.remove
    assert drawn_on.layout.modebar.color == style.NEUTRAL


@given(
    rows=st.lists(st.text("ABCxyz", min_size=1, max_size=40), min_size=1, max_size=30, unique=True),
    columns=st.lists(st.text("ABC &<", min_size=1, max_size=40), min_size=1, max_size=30, unique=True),
)
def test_a_browser_draws_a_matrix_once_with_room_for_all_words_around_it(rows, columns):
    table = pd.DataFrame(
        [{"tf": tf, "group": group, "mean": 0.5, "rss": 0.5, "shift": 0.5} for tf in rows for group in columns]
    )
    ranks = pd.DataFrame(1.0, index=pd.MultiIndex.from_product([rows, ["T"]]), columns=columns)
    for figure in (plots.activity_heatmap(table, rows), plots.standing_heatmap(ranks)):
        layout, margin = figure.layout, figure.layout.margin
        assert margin.autoexpand is False
        assert not layout.xaxis.automargin
        assert not layout.yaxis.automargin
        words = [unescape(word) for word in layout.xaxis.ticktext]
        assert margin.l >= matrix.LETTER * max(len(unescape(word)) for word in layout.yaxis.ticktext)
        angle = np.radians(-layout.xaxis.tickangle)
        assert margin.b >= np.sin(angle) * matrix.LETTER * max(map(len, words))
        step = matrix.NARROW / len(words)
        past = max(np.cos(angle) * matrix.LETTER * len(word) - (n + 0.5) * step for n, word in enumerate(words))
        assert margin.l >= past, "no name begins left of the picture"
        assert (layout.height - margin.t - margin.b) >= 19 * len(rows), "a line for each row"
        assert len(layout.yaxis.ticktext) == len(rows)
