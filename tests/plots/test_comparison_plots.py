from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as hypothesis

from grn_core.benchmark.results.view import Cut, cut_table, transfer_table
from grn_core.networks.compare import overlap_at_k, rank_correlation, sample_pairs
from grn_core.networks.matched import match_networks
from grn_core.plots import benchmark, compare, style
from tests.benchmark.toy_results import toy_results
from tests.networks.test_compare import drawn

CUT = Cut("ugrn", "hESC:*", "TFs+500", "all", "tf-restricted", "auprc")


@pytest.fixture
def table():
    return cut_table(toy_results().scores, CUT)


@pytest.fixture
def matched():
    return match_networks({"A: <b>": drawn(1), "B: two": drawn(2), "C: three": drawn(3)})


def heads_of(figure) -> list[str]:
    """Return what stands above each column of a heatmap, in the order of its columns."""
    axis = figure.layout.xaxis
    said = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    return [said[column] for column in figure.data[0].x]


def test_heatmap_holds_every_score_with_controls_and_a_guess(table):
    figure = benchmark.score_heatmap(table)
    cells = figure.data[0]
    assert list(cells.y) == [
        *("Ensemble", "VVP", "GDT", "Pearson"),
        *("Random weights (control)", "Corpus correlation (control)", "SVD cosine (control)"),
        "Random guess",
    ]
    columns = heads_of(figure)
    networks, datasets = ("Non-Specific", "STRING"), ("hHEP", "mDC", "mHSC-E")
    assert columns == [f"<b>{network}</b><br>{dataset}" for network in networks for dataset in datasets]
    column = columns.index("<b>STRING</b><br>hHEP")
    assert cells.z[0][column] == pytest.approx(0.64)
    assert set(cells.z[-1]) == {0.5}
    assert type(figure.layout.height) is int, "of any other type of number the page takes no notice"
    assert figure.layout.shapes[0].y0 == 3.5
    hover = cells.customdata[0][column]
    assert "best control: Corpus correlation 0.610 (lead +0.030)" in hover
    assert "4,000 edges, 200 TFs, 900 targets, prevalence 0.5" in hover


@given(hypothesis.sets(hypothesis.tuples(hypothesis.sampled_from("KLMN"), hypothesis.sampled_from("abcd")), min_size=1))
def test_every_column_of_the_heatmap_has_its_head_and_networks_are_parted(tests):
    rows = [{"network": n, "dataset": d, "mean": 0.5, "method": "M", "kind": "method"} for n, d in sorted(tests)]
    own = dict.fromkeys(("lead", "chance", "sd", "control", "best_control"), np.nan)
    about = {"seeds": 1, "positives": 1, "sources": 1, "targets": 1, "prevalence": 0.5}
    figure = benchmark.score_heatmap(pd.DataFrame([row | own | about for row in rows]))
    heads = [f"<b>{network}</b><br>{dataset}" for network, dataset in sorted(tests)]
    assert (list(figure.data[0].x), heads_of(figure)) == (list(range(len(tests))), heads)
    assert len(figure.layout.shapes) == len({network for network, _ in tests}) - 1


def test_heatmap_of_leads_is_even_round_zero_and_has_no_controls(table):
    cells = benchmark.score_heatmap(table, lead=True).data[0]
    assert list(cells.y) == ["Ensemble", "VVP", "GDT", "Pearson"]
    assert cells.zmin == -cells.zmax
    assert cells.text[0][0] == "+0.030"
    assert any(text.startswith("−") for row in cells.text for text in row)


def test_heatmap_leaves_empty_what_was_not_measured(table):
    part = table.drop(table[(table["method"] == "VVP") & (table["dataset"] == "mDC")].index)
    cells = benchmark.score_heatmap(part).data[0]
    assert np.isnan(np.asarray(cells.z, dtype=float)[1]).sum() == 2
    assert list(cells.text[1]).count("") == 2


def test_transfer_heatmap():
    table = transfer_table(toy_results().scores, CUT).query("method == 'GDT'")
    table.loc[(table["train"] == "mDC:STRING") & (table["dataset"] == "hHEP"), "chance"] = 0.62
    figure = benchmark.transfer_heatmap(table)
    cells = figure.data[0]
    assert list(cells.y) == ["hESC:Non-Specific", "hESC:STRING", "mDC:STRING", "Random guess"]
    assert type(figure.layout.height) is int, "of any other type of number the page takes no notice"
    values, column = np.asarray(cells.z, dtype=float), heads_of(figure).index("<b>STRING</b><br>hHEP")
    np.testing.assert_allclose(values[:, column], [np.nan, 0.62, 0.60, 0.56])
    assert figure.layout.shapes[0].y0 == 2.5
    easy, hard = cells.customdata[1][column], cells.customdata[2][column]
    assert easy.startswith("<b>GDT</b> on hHEP, STRING, trained on hESC:STRING<br>AUPRC 0.620 ± 0.005, 5 seeds")
    assert "best control: Corpus correlation 0.610 (lead +0.010)<br>random guess 0.500<br>4,000 edges" in easy
    assert "prevalence 0.5" in easy
    assert "random guess 0.620, which is not reached" in hard
    assert cells.customdata[3][column] == "Random guess on hHEP, STRING: 0.500 to 0.620"


def test_transfer_heatmap_of_leads_is_even_round_zero_and_has_no_guess():
    table = transfer_table(toy_results().scores, CUT).query("method == 'Ensemble'")
    figure = benchmark.transfer_heatmap(table, lead=True)
    cells = figure.data[0]
    assert list(cells.y) == ["hESC:Non-Specific", "hESC:STRING", "mDC:STRING"]
    assert cells.zmin == -cells.zmax
    column = heads_of(figure).index("<b>STRING</b><br>mHSC-E")
    assert [row[column] for row in cells.text] == ["", "−0.020", "−0.020"]


def test_reliability_has_a_line_for_each_method_and_the_diagonal():
    rows = toy_results().calibration.query("dataset == 'hHEP' and train == 'hESC:STRING'")
    figure = benchmark.reliability(rows)
    assert [trace.name for trace in figure.data] == ["VVP", "GDT", "Ensemble", "perfectly calibrated"]
    assert list(figure.data[0].y) == [0.2, 0.7]
    assert figure.data[0].marker.size[1] > figure.data[0].marker.size[0]


def test_reliability_of_rare_edges_is_drawn_on_scales_of_tens_without_bins_of_no_edge():
    rows = toy_results().calibration.query("dataset == 'hHEP' and train == 'hESC:STRING'")
    none = rows.assign(observed=[0.0, *rows["observed"][1:]])
    figure = benchmark.reliability(none, rare=True)
    assert list(figure.data[0].y) == [0.7]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"


def test_overlap_has_a_line_for_every_two_networks_and_chance(matched):
    figure = compare.overlap_curves(overlap_at_k(matched, ks=(10, 20)))
    assert [trace.name for trace in figure.data][-1] == "two random orders"
    assert len(figure.data) == 4
    assert list(figure.data[-1].y) == [10 / 95, 20 / 95]
    assert "<b>" not in figure.data[0].name


def test_many_lines_leave_the_curves_their_height_below_a_legend_of_one_line_each(matched):
    few = compare.overlap_curves(overlap_at_k(matched, ks=(10, 20)))
    six = [f"{letter}: run" for letter in "ABCDEF"]
    pairs = [{"a": a, "b": b, "k": 10, "share": 0.5, "shared": 5, "expected": 0.1} for a, b in combinations(six, 2)]
    many = compare.overlap_curves(pd.DataFrame(pairs))
    assert many.layout.height - few.layout.height >= compare.LEGEND_ROW * (len(many.data) - len(few.data))


def test_correlation_heatmap(matched):
    matrix = rank_correlation(matched)
    cells = compare.correlation_heatmap(matrix, short={name: name[0] for name in matrix}).data[0]
    assert list(cells.x) == ["A", "B", "C"]
    assert (cells.zmin, cells.zmax) == (-1, 1)


@pytest.mark.parametrize("ranks", [False, True])
def test_scatter_marks_the_picked_pair(matched, ranks):
    a, b, _ = matched.names
    sample = sample_pairs(matched, a=a, b=b)
    pair = tuple(sample.iloc[7][["source", "target"]])
    figure = compare.score_scatter(sample, a=a, b=b, ranks=ranks, picked=pair)
    column = "percentile" if ranks else "score"
    assert figure.data[1].x[0] == sample[f"{column}_a"].iloc[7]
    assert list(figure.data[0].customdata[7]) == list(pair)
    assert len(compare.score_scatter(sample, a=a, b=b).data) == 1


def test_curves_draw_controls_dashed_and_the_random_guess():
    curves = toy_results().curves.query("dataset == 'hHEP' and train == 'hESC:STRING'")
    figure = compare.precision_recall(curves, by="method", prevalence=0.5, controls=["SVD cosine"])
    named = {trace.name: trace for trace in figure.data}
    assert named["SVD cosine (control)"].line.color == style.NEUTRAL
    assert named["SVD cosine (control)"].line.dash
    assert list(named["random guess (0.50)"].y) == [0.5, 0.5]


def test_a_precision_that_is_low_everywhere_fills_the_figure():
    low = pd.DataFrame({"network": "A", "recall": [0.1, 1.0], "precision": [0.04, 0.01]})
    assert compare.precision_recall(low, prevalence=0.0066).layout.yaxis.range[1] == pytest.approx(0.046)


def test_roc_has_the_diagonal():
    curves = pd.DataFrame({"network": "A", "recall": [0.5, 1.0], "false_positive_rate": [0.1, 1.0]})
    figure = compare.roc(curves)
    assert [trace.name for trace in figure.data] == ["A", "random guess"]
