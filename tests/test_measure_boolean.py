"""The measure of the Boolean networks: what ships is what is found, and no edge of the training is asked."""

from __future__ import annotations

import pytest

from grn_core.benchmark.references.curated import NAMES, truth_of
from grn_core.benchmark.results.boolean import GUESS, boolean_rows, boolean_scores
from grn_core.coexpression import METHODS
from grn_core.models.load import load_model
from scripts.measure_boolean import ADAPTED, ALONE, CONTEXT, FOR, GENERIC, ORDER, asked_of, of_cells, of_model

QUICK = ("pearson", "partial")


@pytest.mark.parametrize("name", ["mCAD", "HSC"])
def test_what_ships_is_what_is_found(name):
    model, shipped = load_model("compact"), boolean_scores()[name]
    asked = asked_of(model, name)
    found = {way: asked.auprc([score]) for way, score in of_model(model, asked).items()}
    found |= {way: asked.auprc(scores) for way, scores in of_cells(asked, QUICK).items()}
    assert found == pytest.approx(shipped[list(found)].to_dict(), abs=2e-3)
    row = boolean_rows().set_index("dataset").loc[name]
    assert (row["edges"], row["shown"]) == (asked.label.sum(), asked.shown)
    assert row["edges"] + row["shown"] == len(truth_of(name).edges)


def test_with_its_cells_as_background_they_take_part():
    """A background that is not there is the generic cell: the figures were once the same, under another name."""
    model = load_model("compact")
    scores = of_model(model, asked_of(model, "mCAD"))
    assert (scores[CONTEXT] != scores[FOR]).any()


def test_one_table_has_every_way_on_every_network():
    table = boolean_scores()
    assert list(table.columns) == list(NAMES)
    assert list(table.index) == [*ORDER, *(one.title for one in METHODS.values()), GUESS]
    assert table.notna().all().all()
    edges = boolean_rows().set_index("dataset")
    least = edges["edges"] / (edges["genes"] * (edges["genes"] - 1) - edges["shown"])
    assert (table.loc[GUESS] >= least - 1e-4).all()  # pairs that are no edges were shown, too


def test_the_documents_say_what_is_in_the_table():
    table = boolean_scores()
    forest, ahead = table.loc["GENIE3 (random forest)"], ["HSC", "VSC"]
    assert (table.loc[[GENERIC, CONTEXT], ahead] + 0.1 < forest[ahead]).all().all()
    assert table["GSD"].idxmax() == CONTEXT
    assert table.loc[GENERIC, "GSD"] > forest["GSD"]
    below = table.loc[CONTEXT] < table.loc[GUESS]
    assert below[below].index.tolist() == ["HSC", "mCAD"]
    better = table.loc[GENERIC + ADAPTED] > table.loc[GENERIC]
    assert better[better].index.tolist() == ["VSC", "mCAD"]
    above = table["mCAD"] > table.loc[GUESS, "mCAD"]
    wanted = [GENERIC + ADAPTED, ALONE + ADAPTED, "Spearman correlation", "Mutual information"]
    assert above[above].index.tolist() == wanted
