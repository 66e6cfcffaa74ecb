from __future__ import annotations

import pandas as pd
import pytest

from grn_core.benchmark.results.of_cards import results_of_cards
from grn_core.benchmark.results.published import published
from grn_core.benchmark.results.tables import Results
from grn_core.benchmark.results.verdict import conclusion, judged, leads
from grn_core.benchmark.results.view import AXES, Cut, cut_table, options, trainings, transfer_table, where
from grn_core.benchmark.results.words import METRICS, words
from grn_core.translator.measured import WITH_NEIGHBOURS
from grn_core.translator.registry import records
from tests.benchmark.toy_results import METHODS, toy_results

CUT = Cut("ugrn", "hESC:STRING", "TFs+500", "all", "tf-restricted", "auprc")


def first_choices(scores) -> dict[str, str]:
    chosen = {}
    for axis in AXES:
        chosen[axis] = options(narrowed(scores, chosen), axis)[0]
    return chosen


def narrowed(scores, chosen):
    """What choices on axes leave."""
    for axis, value in chosen.items():
        scores = where(scores, axis, value)
    return scores


def test_the_first_choice_is_the_usual_one_and_fills_the_table():
    scores = toy_results().scores
    chosen = first_choices(scores)
    assert chosen["train"] == "hESC:*"
    table = cut_table(scores, Cut(**chosen))
    assert set(zip(table["network"], table["train"], strict=True)) == {
        ("STRING", "hESC:STRING"),
        ("Non-Specific", "hESC:Non-Specific"),
    }
    assert not table.duplicated(["network", "dataset", "method"]).any()


def test_the_usual_gene_set_comes_first():
    scores = toy_results().scores
    larger = scores[scores["dataset"] == "hHEP"].assign(genes="TFs+1000")
    both = pd.concat([larger, scores])
    assert options(narrowed(both, {"suite": "ugrn", "train": "hESC:*"}), "genes") == ["TFs+500", "TFs+1000"]


def test_choices_are_those_that_were_measured():
    scores = toy_results().scores
    chosen = {"suite": "ugrn", "train": "mDC:STRING", "genes": "TFs+500", "split": "unseen-target"}
    trained = ["hESC:*", "hESC:STRING", "hESC:Non-Specific", "mDC:STRING"]
    assert options(narrowed(scores, {"suite": "ugrn"}), "train") == trained
    assert options(narrowed(scores, chosen), "negatives") == ["tf-restricted"]
    assert options(narrowed(scores, {**chosen, "negatives": "tf-restricted"}), "metric") == ["auprc", "auroc"]


def test_a_table_holds_one_universe_and_says_what_it_is_to_be_read_beside():
    table = cut_table(toy_results().scores, CUT)
    assert {axis: table[axis].unique().tolist() for axis in AXES} == {axis: [getattr(CUT, axis)] for axis in AXES}
    ours = table[(table["method"] == "Ensemble") & (table["dataset"] == "hHEP")].iloc[0]
    assert ours["best_control"] == "Corpus correlation"
    assert ours["lead"] == pytest.approx(0.64 - 0.61)
    assert ours["chance"] == 0.5
    assert table.drop_duplicates("method")["method"].tolist()[:3] == ["Ensemble", "VVP", "GDT"]
    kinds = table.drop_duplicates("method")["kind"].tolist()
    assert kinds == ["method"] * 3 + ["coexpression"] + ["control"] * 3


def test_a_guess_has_the_prevalence_or_one_half():
    scores = toy_results().scores
    natural = Cut("ugrn", "hESC:STRING", "TFs+500", "all", "natural", "auprc")
    assert (cut_table(scores, natural)["chance"] == 0.02).all()
    roc = Cut("ugrn", "hESC:STRING", "TFs+500", "all", "tf-restricted", "auroc")
    assert (cut_table(scores, roc)["chance"] == 0.5).all()


def test_a_baseline_is_read_beside_its_metric_and_never_chosen():
    scores = toy_results().scores
    per_tf = scores[scores["metric"] == "auroc"].assign(metric="auprc_per_tf")
    guess = per_tf.assign(metric="prevalence_per_tf", mean=0.4)
    import pandas as pd

    every = pd.concat([scores, per_tf, guess])
    cut = Cut("ugrn", "hESC:STRING", "TFs+500", "all", "tf-restricted", "auprc_per_tf")
    assert (cut_table(every, cut)["chance"] == 0.4).all()
    assert options(cut.of(every, axes=AXES[:-1]), "metric") == ["auprc", "auroc", "auprc_per_tf"]


def test_transfer_is_trained_by_row_and_tested_by_column():
    table = transfer_table(toy_results().scores, CUT)
    found = table[table["method"] == "GDT"].set_index(["train", "dataset", "network"])
    assert found.loc[("mDC:STRING", "hHEP", "STRING"), "mean"] == pytest.approx(0.62 - 0.02)
    assert found.loc[("hESC:STRING", "hHEP", "STRING"), "mean"] == pytest.approx(0.62)
    assert ("mDC:STRING", "mDC", "STRING") not in found.index
    assert ("hESC:STRING", "hHEP", "Non-Specific") not in found.index
    assert (table["chance"] == 0.5).all()


def test_transfer_is_read_beside_the_controls_of_the_same_training():
    scores = toy_results().scores
    better = (scores["method"] == "SVD cosine") & (scores["train"] == "mDC:STRING") & (scores["dataset"] == "hHEP")
    scores.loc[better, "mean"] = 0.9
    table = transfer_table(pd.concat([scores, scores.assign(suite="transfer")]), CUT)
    assert not table.duplicated(["train", "dataset", "network", "method"]).any()
    found = table[(table["method"] == "GDT") & (table["dataset"] == "hHEP")].set_index("train")
    assert found.loc["mDC:STRING", ["best_control", "control"]].tolist() == ["SVD cosine", 0.9]
    assert found.loc["mDC:STRING", "lead"] == pytest.approx(0.60 - 0.9)
    assert found.loc["hESC:STRING", "best_control"] == "Corpus correlation"
    assert found.loc["hESC:STRING", "lead"] == pytest.approx(0.62 - 0.61)


def test_trainings_are_counted_by_gene_set_and_split():
    scores = toy_results().scores
    larger = scores[scores["train"] == "hESC:STRING"].assign(genes="TFs+1000")
    curated = scores.assign(suite="curated", train=scores["dataset"])
    counts = trainings(pd.concat([larger[larger["split"] == "all"], scores, curated]))
    assert counts == {("TFs+500", "all"): 3, ("TFs+500", "unseen-target"): 3, ("TFs+1000", "all"): 1}
    assert next(iter(counts)) == ("TFs+500", "all")


def test_leads_are_counted_against_each_control():
    found = {lead.rival: lead for lead in leads(cut_table(toy_results().scores, CUT))}
    assert list(found) == ["Random weights", "Corpus correlation", "SVD cosine"]
    random = found["Random weights"]
    assert (random.wins, random.draws, random.losses, random.tests) == (3, 0, 0, 3)
    assert random.mean == pytest.approx((0.13 + 0.13 + 0.08) / 3)
    corpus = found["Corpus correlation"]
    assert (corpus.wins, corpus.draws, corpus.losses) == (2, 0, 1)
    assert "beats it on 2 of 3 test sets, is behind on 1" in corpus.sentence()
    assert "+0.013 AUPRC on average, from −0.020 to +0.030" in corpus.sentence()


def test_a_lead_within_the_spread_is_none():
    scores = toy_results().scores
    near = (scores["method"] == "Corpus correlation") & (scores["split"] == "all")
    scores.loc[near, "mean"] = 0.637
    lead = {one.rival: one for one in leads(cut_table(scores, CUT))}["Corpus correlation"]
    assert (lead.wins, lead.draws, lead.losses) == (0, 2, 1)


def test_the_conclusion_names_where_nothing_was_learnt():
    sentence, good = conclusion(cut_table(toy_results().scores, CUT))
    assert not good
    assert "beats every control on 2 of 3 test sets" in sentence
    assert "nothing is shown there to be learnt" in sentence
    assert "mHSC-E STRING (Corpus correlation)" in sentence
    scores = toy_results().scores
    scores.loc[scores["method"] == "Ensemble", "mean"] = 0.9
    assert conclusion(cut_table(scores, CUT)) == ("The Ensemble beats every control on all 3 test sets.", True)
    sentence, good = conclusion(cut_table(scores[scores["method"] != "SVD cosine"], CUT))
    assert not good
    assert "every control that was measured, on all 3" in sentence
    assert "SVD cosine" in sentence


def test_a_suite_that_was_trained_elsewhere_has_no_network_of_the_same_kind():
    scores = toy_results().scores.assign(suite="curated", train="omnipath", network="truth")
    assert options(where(scores, "suite", "curated"), "train") == ["omnipath"]


def test_the_conclusion_counts_by_kind_of_network():
    table = cut_table(toy_results().scores, CUT)
    table.loc[table["method"] == "Ensemble", "lead"] = 0.2
    other = table.assign(network="Specific", lead=-0.1)
    sentence, _ = conclusion(pd.concat([other, table], ignore_index=True))
    assert "on 3 of 6 test sets (STRING: 3 of 3, Specific: 0 of 3)." in sentence


def test_without_controls_nothing_is_claimed():
    scores = toy_results().scores
    sentence, good = conclusion(cut_table(scores[scores["kind"] != "control"], CUT))
    assert (sentence, good) == ("The Ensemble was not measured beside controls here.", False)
    assert leads(cut_table(scores[scores["kind"] != "control"], CUT)) == []


def test_cards_of_the_bundled_translators_are_results():
    results = results_of_cards(record.card for record in records())
    assert isinstance(results, Results)
    table = cut_table(results.scores, Cut(**first_choices(results.scores)))
    assert {"VVP", "GDT", "Ensemble", "Random weights", "SVD cosine"} <= set(table["method"])
    assert table["lead"].notna().all()
    assert set(results.scores["train"]) >= {"hESC:STRING", "omnipath"}


def test_two_translators_of_one_network_are_told_apart():
    card = {"name": "one", "training": [{"reference": "hESC STRING TFs+500"}]}
    row = {"dataset": "mDC", "network": "STRING", "method": "Ensemble", "mean": 0.7, "sd": 0.0, "n_seeds": 5}
    row |= {"n_sources": 3, "n_targets": 9, "n_positives": 5, "prevalence": 0.5}
    scores = results_of_cards([{**card, "evaluation": [row]}, {**card, "name": "two", "evaluation": [row]}]).scores
    assert scores["train"].tolist() == ["hESC:STRING", "two"]


def test_published_figures_are_apart_and_complete():
    table = published()
    assert list(table.columns) == ["model", "network", "dataset", "method", "auprc"]
    assert len(table) == 6 * 7
    assert set(table["model"]) == {"scGPT"}
    one = table[(table["network"] == "STRING") & (table["dataset"] == "mESC")].set_index("method")["auprc"]
    assert (one["GDT"], one["Ensemble"], one["Pert (translator)"]) == (0.969, 0.966, 0.493)


@pytest.mark.parametrize(("axis", "value"), [("metric", "auprc"), ("split", "unseen-both"), ("genes", "all")])
def test_words_for_what_is_known_and_the_value_itself_for_what_is_not(axis, value):
    assert words(axis, value)
    assert words(axis, "nonsense") == "nonsense"
    assert set(METRICS).isdisjoint({"prevalence_per_tf", "sign_majority"})
    assert set(METHODS) > {"VVP"}


def test_what_is_judged_is_the_translator_as_a_whole():
    table = cut_table(toy_results().scores, CUT)
    assert judged(table) == "Ensemble"
    own = table[table["method"] == "Ensemble"]
    more = pd.concat([table, own.assign(method=WITH_NEIGHBOURS, mean=own["mean"] - 0.2)])
    assert judged(more) == WITH_NEIGHBOURS, "also where it is worse"
    assert judged(more.assign(mean=more["mean"].where(more["method"] != WITH_NEIGHBOURS))) == "Ensemble"
    last = more["method"].eq(WITH_NEIGHBOURS).to_numpy().nonzero()[0][-1]
    some = pd.concat([more.iloc[:last], more.iloc[last + 1 :]])
    assert judged(some) == "Ensemble", "measured on a part of the tests alone"
    assert judged(some[some["method"] != "Ensemble"]) == WITH_NEIGHBOURS
    sentence, good = conclusion(more, ours=judged(more))
    assert sentence.startswith(f"The {WITH_NEIGHBOURS} ")
    assert not good
    assert f"the {WITH_NEIGHBOURS} " in leads(more, ours=WITH_NEIGHBOURS)[0].sentence(ours=WITH_NEIGHBOURS)
