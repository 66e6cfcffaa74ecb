"""Two kinds of cells with one panel, and translators that were trained in the cells of several data sets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.references.reference import Reference
from scripts.measure_contexts import SEEDS, drawn
from scripts.measure_own_cells import Asked
from scripts.tissues import ALSO, EXPERIMENT, FEWEST, KINDS, auroc_of, bound, changed, contrasts, kind_of, summary

PANEL = tuple(f"G{number:02d}" for number in range(2 * FEWEST))
TRUTH = {"TF": {"A": frozenset(PANEL[:FEWEST]), "B": frozenset(PANEL[FEWEST:])}}


SCORES = st.lists(st.integers(-9, 9), min_size=len(PANEL), max_size=len(PANEL)).map(np.array)


def auroc(one, other, truth=TRUTH):
    """What is found of scores in both kinds."""
    (found,) = contrasts(truth, PANEL)
    return auroc_of(found, {("TF", "A"): one, ("TF", "B"): other})


@settings(max_examples=15)
@given(SCORES, SCORES, st.integers(-9, 9))
def test_two_kinds_are_compared_alike_in_either_order_and_whatever_is_added_to_all_genes(one, other, shift):
    found = auroc(one, other)
    swapped = {"TF": {"A": TRUTH["TF"]["B"], "B": TRUTH["TF"]["A"]}}
    assert found == pytest.approx(auroc(other, one, swapped))
    assert found == pytest.approx(auroc(one + shift, other))
    assert found + auroc(other, one) == pytest.approx(1)
    assert auroc(one, one) == 0.5


def test_a_score_that_is_higher_where_the_edge_is_is_always_right_and_tfs_count_once():
    right = np.arange(len(PANEL)) < FEWEST
    assert auroc(right.astype(int), 1 - right) == 1
    found = contrasts(TRUTH, PANEL)
    told = summary([*found, *found], {"way": {("TF", "A"): right * 1.0, ("TF", "B"): right * 0.0}})
    assert (told["tfs"], told["contrasts"], told["kinds"]) == (1, 2, 2)
    assert told["auroc"]["way"][0] == 1


def test_kinds_with_too_few_genes_of_their_own_are_not_compared_and_a_tf_is_no_target_of_its_own():
    assert not contrasts({"TF": {"A": frozenset(PANEL[: FEWEST - 1]), "B": frozenset(PANEL[FEWEST:])}}, PANEL)
    assert not contrasts({PANEL[0]: TRUTH["TF"]}, PANEL)
    assert not contrasts({"TF": {"A": frozenset(PANEL)}}, PANEL)


def test_every_other_word_for_a_kind_means_one_that_is_there(tmp_path):
    import gzip

    assert set(ALSO.values()) <= set(KINDS)
    assert kind_of("MESC") == "MESC"
    assert kind_of("nothing known") == ""
    assert EXPERIMENT.fullmatch("CDX2_1_CHIPSEQ_CACO2_HUMAN")["cells"] == "CACO2"
    path = tmp_path / "chea.gmt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write("CDX2_1_CHIPSEQ_CACO2_HUMAN\t\tGAPDH\tCDX2\tno gene\n")
        lines.write("CDX2_2_CHIPSEQ_CACO2_HUMAN\t\tACTB\n")
        lines.write("CDX2_3_CHIPSEQ_NOWHERE_HUMAN\t\tSOX2\n")
    assert bound(path) == {"CDX2": {"CACO2": frozenset({"GAPDH", "ACTB"})}}


@settings(max_examples=15)
@given(st.sets(st.tuples(st.sampled_from(PANEL), st.sampled_from(PANEL)), max_size=40))
def test_no_pair_that_is_withheld_is_trained_on(withheld):
    edges = pd.DataFrame({"source": PANEL[0], "target": PANEL[1:11]})
    reference = Reference("name", "data", "STRING", PANEL, edges)
    nothing = np.empty(0, dtype=int)
    cells = Cells("data", PANEL, np.zeros((2, len(PANEL))), np.zeros(len(PANEL)))
    asked = Asked(cells, PANEL, [0], nothing, nothing, {}, {"STRING": reference})
    draws = drawn(asked, "STRING", frozenset(withheld))
    assert len(draws) in {0, SEEDS}
    names = {(PANEL[a], PANEL[b]) for one in draws for a, b in zip(one.source, one.target, strict=True)}
    assert not names & withheld
    left = {(PANEL[0], gene) for gene in PANEL[1:11]} - withheld
    assert {(PANEL[a], PANEL[b]) for one in draws for a, b in one_edges(one)} == left


def one_edges(pairs):
    """Edges of a draw."""
    return zip(pairs.source[pairs.label > 0], pairs.target[pairs.label > 0], strict=True)


@pytest.mark.parametrize(
    "text", ["SPI1\tCD14\n", "tf\ttarget\nSPI1\tCD14\n", "tf\tcell_type\ttarget\nSPI1\tother\tCD14\n"]
)
def test_columns_are_read_by_their_names_where_they_have_any(tmp_path, text):
    path = tmp_path / "changed.tsv"
    path.write_text(text, encoding="utf-8")
    assert changed(path, species="human", kind="HEART") == {"SPI1": {"HEART": frozenset({"CD14"})}}
