"""Training sets beside each other: what is measured, and how it is put together."""

from __future__ import annotations

import numpy as np
import pytest

from grn_core.files import write_json
from scripts.measure_training_sets import FOLDS, HELD_TFS, USUAL, parts_of, rows_of

SETS = ["one", USUAL, "other"]


def test_every_part_has_a_file_of_its_own_and_every_set_is_asked_on_the_networks_and_on_each_fold():
    parts = parts_of(SETS, corpus=True)
    assert len({one.file for one in parts}) == len(parts)
    for name in SETS:
        ensembles = [one for one in parts if one.trained_on == name and len(one.methods) == 1]
        assert {one.fold for one in ensembles} >= {None, *range(FOLDS)}


def test_controls_of_the_corpus_are_parts_only_where_there_is_one():
    of_corpus = {one for one in parts_of(SETS, corpus=True) if one.methods[0].score == "corpus"}
    assert len(of_corpus) == FOLDS + 1
    assert set(parts_of(SETS, corpus=False)) == set(parts_of(SETS, corpus=True)) - of_corpus


def test_rows_are_in_the_order_of_the_sets_and_the_left_out_tfs_are_the_mean_of_the_folds(tmp_path):
    parts, rng = parts_of(SETS, corpus=True), np.random.default_rng(0)
    scores = {one: {method.name: float(rng.random()) for method in one.methods} for one in parts}
    for one, own in scores.items():
        test = "hHEP STRING" if one.fold is None else HELD_TFS
        write_json(tmp_path / one.file, {"edges": 7, "auprc": {name: {test: score} for name, score in own.items()}})
    rows = list(rows_of(tmp_path, SETS, parts))
    assert list(dict.fromkeys(row["trained_on"] for row in rows)) == SETS
    assert len({(row["trained_on"], row["method"]) for row in rows}) == len(rows)
    for row in rows:
        mine = [(one, own[row["method"]]) for one, own in scores.items() if _is_of(one, row)]
        assert row["auprc"]["hHEP STRING"] == pytest.approx(next(s for one, s in mine if one.fold is None), abs=1e-4)
        folds = [score for one, score in mine if one.fold is not None]
        assert row["auprc"][HELD_TFS] == pytest.approx(np.mean(folds), abs=1e-4)


def _is_of(part, row):
    return part.trained_on == row["trained_on"] and row["method"] in {one.name for one in part.methods}
