"""What is asked of tables of perturbed TFs, and how a ranking of what changed is measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scripts.measure_perturbations import changes, ranking

KNOWN = frozenset({"SPI1", "GATA1", "KLF1", "CEBPA"})


def table_of(tmp_path, rows, **more):
    columns = ["tf", "target", "perturbation_class", "regulation"]
    path = tmp_path / "table.tsv"
    pd.DataFrame(rows, columns=columns).assign(**more).to_csv(path, sep="\t", index=False)
    return path


def test_a_gene_that_changed_is_there_once_and_has_a_sign_where_all_agree(tmp_path):
    rows = [
        ("SPI1", "KLF1", "GOF", -1),
        ("SPI1", "KLF1", "LOF", -1),
        ("SPI1", "CEBPA", "LOF", 1),
        ("SPI1", "CEBPA", "LOF", -1),
        ("SPI1", "SPI1", "LOF", 1),
        ("GATA1", "nothing", "LOF", 1),
    ]
    found = changes(table_of(tmp_path, rows), KNOWN)
    assert found.values.tolist() == [["SPI1", "CEBPA", 0.0, 0], ["SPI1", "KLF1", 0.5, -1]]


@pytest.mark.parametrize(("column", "kept"), [("measured", "measured"), ("own_tf", "as expected")])
def test_what_was_inferred_is_left_out(tmp_path, column, kept):
    rows = [("SPI1", "KLF1", "GOF", 1), ("SPI1", "GATA1", "GOF", 1)]
    found = changes(table_of(tmp_path, rows, **{column: [kept, "other"]}), KNOWN)
    assert found["target"].tolist() == ["KLF1"]


def test_a_ranking_is_set_beside_a_guess_without_the_tf_itself():
    label = np.zeros((2, 400), dtype=int)
    label[:, :40] = 1
    own = np.arange(400)[None] == np.array([[399], [398]])
    best = 1.0 - 0.001 * np.arange(400)[None].repeat(2, axis=0)
    share = 40 / 399
    assert ranking(label, best, own) == pytest.approx((1 / share, 0.4 / share), abs=1e-3)
    lifted = best + 5 * own
    assert ranking(label, lifted, own) == ranking(label, best, own)
    auprc, _ = ranking(label, np.random.default_rng(0).random((2, 400)), own)
    assert auprc == pytest.approx(1.0, abs=0.4)
