"""Which TFs are proposed: laws of the score, and the figures that are told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from grn_core.assets import asset
from grn_core.cli import main
from grn_core.errors import DataError, RequestError
from grn_core.experiments import proposals
from grn_core.experiments.proposals import entropy, measured_lists, propose, worth
from grn_core.models.registry import weights_sha
from grn_core.networks.regulons import omnipath_edges
from tests.pages.fabricated_run import fabricate_run


def edges_of(**tfs: float) -> pd.DataFrame:
    """Edges of TFs, each with four targets of the same probability, that no reference knows."""
    rows = [(tf, f"T{number}", p) for tf, p in tfs.items() for number in range(4)]
    table = pd.DataFrame(rows, columns=["source", "target", "probability"])
    return table.assign(source_symbol=table["source"], target_symbol=table["target"], uncertainty=0.1)


def test_entropy_is_most_at_one_half_and_nothing_where_all_is_known():
    np.testing.assert_allclose(entropy(np.array([0.0, 0.5, 1.0])), [0, 1, 0], atol=1e-9)
    p = np.linspace(0, 1, 11)
    np.testing.assert_allclose(entropy(p), entropy(1 - p), atol=1e-9)


def test_likely_and_uncertain_edges_lead_and_neither_sure_nor_hopeless_ones_do():
    found = propose(edges_of(SURE=0.999, HALF=0.5, LOW=0.05))
    assert found["tf"].tolist() == ["HALF", "LOW", "SURE"]
    assert found["bits"].iloc[0] == pytest.approx(4)
    assert found["expected"].iloc[0] == pytest.approx(2)
    assert "0.50 ± 0.10" in found["reason"].iloc[0]
    one_seed = propose(edges_of(HALF=0.5).drop(columns="uncertainty"))
    assert "0.50 each" in one_seed["reason"].iloc[0]


def test_the_order_of_edges_and_other_tfs_decide_nothing():
    edges = edges_of(A=0.3, B=0.2, C=0.4)
    shuffled = edges.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(propose(edges), propose(shuffled))
    alone = propose(edges[edges["source"] == "B"]).iloc[0]
    assert alone["bits"] == propose(edges).set_index("tf").loc["B", "bits"]
    assert propose(edges, n=1)["tf"].tolist() == ["C"]


def test_known_edges_and_the_tf_itself_tell_nothing():
    pair = omnipath_edges().iloc[0]
    known = pd.DataFrame({"source": [pair["source"]] * 2, "target": [pair["target"], "T9"], "probability": 0.5})
    known = known.assign(source_symbol=known["source"], target_symbol=known["target"], uncertainty=0.1)
    itself = known.iloc[:1].assign(target=pair["source"], target_symbol=pair["source"])
    found = propose(pd.concat([known, itself]))
    assert found["unknown"].tolist() == [1]
    assert found["targets"].tolist() == ["T9"]


def test_only_the_best_targets_count():
    assert propose(edges_of(A=0.5), best=2)["bits"].iloc[0] == pytest.approx(2)


def test_scores_without_probabilities_are_refused():
    with pytest.raises(RequestError, match="no probabilities"):
        propose(edges_of(A=0.5).drop(columns="probability"))
    with pytest.raises(RequestError):
        propose(edges_of(A=0.5), n=0)


def test_what_lists_are_worth_is_what_was_measured_of_the_weights_that_ship():
    kept = json.loads(asset("proposals.json").read_text(encoding="utf-8"))
    assert kept["model_sha"] == weights_sha("compact")
    said, rows = worth(), measured_lists()
    for row in rows:
        (part,) = (part for part in said.split(";") if row["table"] in part)
        for name in ("proposed", "random", "out_degree"):
            assert f"{row[name]['times']:.2f}" in part
        assert ("worse than a guess" in part) is (row["proposed"]["times"] < 1)
        assert f"{row['targets']} targets a TF; here up to 50" in said
    better = any(row["proposed"]["times"] > row["random"]["times_high"] for row in rows)
    assert said.startswith("Such lists were no better than TFs chosen at random, on any of ") is not better
    assert f" {len(rows)} tables of perturbed TFs" in said.partition(". ")[0], "that is said first"


def test_the_busiest_tfs_are_a_control_only_where_random_ones_are_beaten(monkeypatch):
    def row(table: str, proposed: float, most: float) -> dict:
        random = {"times": 1.0, "times_low": 0.5, "times_high": 2.0}
        return {"table": table, "targets": 20, "proposed": {"times": proposed}, "random": random} | {
            "out_degree": {"times": most}
        }

    monkeypatch.setattr(proposals, "measured_lists", lambda: (row("a", 3.0, 4.0), row("b", 1.5, 1.0)))
    said = "Such lists were better than TFs chosen at random on 1 of 2 tables of perturbed TFs"
    assert proposals.worth().startswith(f"{said}, and on none of these better than the TFs with most edges. ")


def test_the_command_prints_the_list_and_says_what_it_is_worth(capsys, tmp_path):
    run = fabricate_run(rare=True)
    assert main(["propose", run, "--tfs", "3"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("place\ttf\tsymbol\tbits\t")
    assert len(said.out.splitlines()) == 4
    assert worth() in said.err
    assert main(["propose", run, "-o", str(tmp_path / "tfs.tsv")]) == 0
    assert len((tmp_path / "tfs.tsv").read_text(encoding="utf-8").splitlines()) == 7


def test_a_table_of_a_users_own_may_lack_columns_but_not_hold_percents():
    edges = pd.DataFrame({"source": "STAT1", "target": ["LYZ", "CD14"], "score": [2.0, 1.0], "probability": [0.5, 0.4]})
    (row,) = propose(edges).to_dict("records")
    assert (row["symbol"], row["unknown"]) == ("STAT1", 2)
    assert row["reason"].startswith("2 targets in no bundled reference, 0.45 each")
    with pytest.raises(DataError, match="2 probabilities of this network are none, such as 50"):
        propose(edges.assign(probability=edges["probability"] * 100))


def test_an_edge_without_a_probability_or_there_twice_is_refused_and_not_counted():
    edges = edges_of(A=0.3, B=0.5)
    with pytest.raises(DataError, match="4 of 8 edges of this network have no probability"):
        propose(edges.assign(probability=edges["probability"].where(edges["source"] != "A")))
    with pytest.raises(DataError, match="this network names the same source and target twice"):
        propose(pd.concat([edges, edges.head(1)]))


def test_a_network_that_references_know_throughout_has_nothing_to_propose():
    pair = omnipath_edges().iloc[0]
    known = pd.DataFrame({"source": [pair["source"]], "target": [pair["target"]], "probability": [0.5]})
    with pytest.raises(RequestError, match="bundled references have all of these edges"):
        propose(known)


def test_a_single_target_is_one():
    assert propose(edges_of(A=0.5).head(1))["reason"].iloc[0].startswith("1 target in no bundled reference")
