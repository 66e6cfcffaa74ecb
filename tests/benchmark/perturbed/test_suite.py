"""The suite of perturbed TFs, from a table to results that the page and the command show."""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grn_core.benchmark.command import command_of
from grn_core.benchmark.features import handle
from grn_core.benchmark.job import RESULTS, names_of_tests, run_job
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.perturbed import suite
from grn_core.benchmark.perturbed.measuring import ranking_measures, rankings
from grn_core.benchmark.perturbed.names import LIKE, OFTEN, RANDOM, RESPONSE
from grn_core.benchmark.perturbed.tables import changes_of, read_table
from grn_core.benchmark.results.tables import merge, read_results
from grn_core.benchmark.results.verdict import conclusion, judged
from grn_core.benchmark.results.view import AXES, Cut, cut_table, options, where
from grn_core.benchmark.results.words import words
from grn_core.cli.benchmark import add_arguments
from grn_core.cli.benchmark_options import options_of
from grn_core.errors import DataError, RequestError
from grn_core.models.weights import network_digest
from grn_core.progress import silent
from grn_core.runs import BenchmarkRequest
from grn_core.translator import registry
from grn_core.translator.record import record_in
from grn_core.translator.whole import write_sums
from tests.benchmark.toy_references import GENES, tiny_handle, unloadable
from tests.translator.toy_features import make_spec, random_translator


@pytest.fixture
def asked(tmp_path, monkeypatch) -> BenchmarkOptions:
    """A made-up table, a small model in place of the named one, and a translator of it."""
    rng = np.random.default_rng(0)
    lines = ["tf\ttarget\tperturbation_class\tregulation"]
    for number, tf in enumerate(("SPI1", "GATA1", "KLF1")):
        targets = rng.permutation([gene for gene in GENES if gene != tf])[:14]
        lines += [f"{tf}\t{gene}\t{('LOF', 'GOF')[number % 2]}\t{rng.choice([-1, 1])}" for gene in targets]
    table = tmp_path / "table.tsv"
    table.write_text("\n".join(lines) + "\n")
    model = tiny_handle(0)
    record = model.record
    spec = make_spec(GENES, (0,), record.grid, model=record.name, model_sha=network_digest(model.load()))
    random_translator(spec).save(tmp_path / "mine")
    monkeypatch.setattr(handle, "model_handle", lambda *_, **__: model)
    monkeypatch.setattr(registry, "record_for", lambda name, **_: record_in(tmp_path / "mine", name))
    return BenchmarkOptions(suite="perturbation", tables=(f"Toy={table}",), translator=str(tmp_path / "mine"))


def test_a_run_writes_results_that_are_read_like_others(asked, tmp_path, monkeypatch):
    assert names_of_tests(asked) == ["Toy"]
    (tmp_path / "run").mkdir()
    told = run_job(asked, tmp_path / "run")
    found = read_results(tmp_path / "run" / RESULTS)
    assert told["computed"] == told["measurements"] == found.scores["method"].nunique() == 7
    assert set(found.scores["method"]) == {"VVP", "GDT", "Ensemble", RESPONSE, LIKE, OFTEN, RANDOM}
    assert set(found.scores["train"]) == {"toy"}
    assert found.manifest["train"] == ["toy"]
    assert len(found.per_tf) == 7 * 3
    translated = found.scores["method"].isin(["VVP", "GDT", "Ensemble", RANDOM])
    assert (found.scores["seeds"] == np.where(translated, 3, 1)).all()

    chosen, left = {}, found.scores
    for axis in AXES:
        chosen[axis] = options(left, axis)[0]
        left = where(left, axis, chosen[axis])
        assert words(axis, chosen[axis])
    assert (chosen["suite"], chosen["split"], chosen["negatives"]) == ("perturbation", "kept", "unchanged")
    assert chosen["metric"] == "auprc_ratio_per_tf"
    table = cut_table(found.scores, Cut(**chosen))
    assert (table["chance"] == 1.0).all()
    assert judged(table) == "Ensemble"
    assert conclusion(table)[0].startswith("The Ensemble ")

    monkeypatch.setattr(handle, "model_handle", lambda *_, **__: unloadable(tiny_handle(0)))
    (tmp_path / "again").mkdir()
    assert run_job(asked, tmp_path / "again")["computed"] == 0
    again = read_results(tmp_path / "again" / RESULTS)
    assert again.scores.equals(found.scores)
    assert len(merge([found, again]).scores) == len(found.scores)


def test_a_model_under_a_given_name_is_known_by_what_it_holds(asked, tmp_path, monkeypatch):
    """A translator's card names the content, and a name that was given to the model's folder is none of its words."""
    told = []
    model = replace(handle.model_handle("ours"), called="ours")
    monkeypatch.setattr(handle, "model_handle", lambda *_, **__: model)
    monkeypatch.setattr("grn_core.models.registry.network_sha", {"ours": "0123"}.get)
    monkeypatch.setattr(
        registry, "record_for", lambda name, **given: told.append(given) or record_in(tmp_path / "mine", name)
    )
    (tmp_path / "run").mkdir()
    run_job(asked, tmp_path / "run")
    assert [one["sha"] for one in told] == ["0123"]


def test_a_translator_whose_card_says_otherwise_is_measured_anew(asked, tmp_path):
    """Its weights may be those that it had: how much of each term counts, and what a score is worth, is in the card."""
    (tmp_path / "run").mkdir()
    run_job(asked, tmp_path / "run")
    card = tmp_path / "mine" / "card.json"
    said = json.loads(card.read_text(encoding="utf-8"))
    card.write_text(json.dumps(said | {"title": "Trained anew"}), encoding="utf-8")
    write_sums(tmp_path / "mine")
    (tmp_path / "anew").mkdir()
    assert run_job(asked, tmp_path / "anew")["computed"] > 0


def test_the_mean_over_tfs_is_that_of_the_single_tfs(asked, tmp_path):
    (tmp_path / "run").mkdir()
    run_job(asked, tmp_path / "run")
    found = read_results(tmp_path / "run" / RESULTS)
    of_each = found.per_tf.groupby("method")["auprc"].mean()
    whole = found.scores[found.scores["metric"] == "auprc_per_tf"].set_index("method")["mean"]
    assert of_each.to_dict() == pytest.approx(whole.to_dict(), abs=1e-4)


def test_the_deviation_is_that_of_every_other_suite(asked, monkeypatch):
    """Over draws, of a sample: one less than there are draws."""
    path = Path(asked.tables[0].partition("=")[2])
    changes = changes_of(read_table(path), frozenset(GENES), title="Toy")
    scores = np.random.default_rng(1).random((3, *changes.label.shape))
    monkeypatch.setattr(suite, "_scored", lambda *_: [("One", suite.Scored(scores, None, "method"))])
    (row,) = suite._measured(changes, None, None, None, silent)["rows"]
    each = [ranking_measures(rankings(changes, one))["auprc_per_tf"] for one in scores]
    assert (row["n_seeds"], row["auprc_per_tf"]) == (3, pytest.approx(np.mean(each)))
    assert row["auprc_per_tf_sd"] == pytest.approx(np.std(each, ddof=1))


def test_the_command_and_json_give_the_same_options_back(asked):
    assert BenchmarkOptions.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    given = shlex.split(command_of(asked))
    assert options_of(parser.parse_args(given[4:])) == asked
    assert "table.tsv" in command_of(asked, paths=False)
    assert str(asked.tables[0].partition("=")[2]) not in command_of(asked, paths=False)


def test_a_run_is_known_by_what_the_table_holds(asked, tmp_path):
    before = BenchmarkRequest(options=asked).run_id()
    path = tmp_path / "table.tsv"
    moved = path.rename(tmp_path / "moved.tsv")
    same = BenchmarkOptions(suite="perturbation", tables=(f"Toy={moved}",), translator=asked.translator)
    assert BenchmarkRequest(options=same).run_id() == before
    moved.write_text(moved.read_text() + "SPI1\tHBB\tLOF\t1\n")
    assert BenchmarkRequest(options=same).run_id() != before
    moved.unlink()
    with pytest.raises(DataError, match="the table Toy is gone"):
        BenchmarkRequest(options=same).run_id()


def test_a_control_of_other_pre_training_data_is_measured_anew(asked, tmp_path, monkeypatch):
    """Of other averages beside it too; of the same in another place it is what was measured."""
    monkeypatch.setattr(suite, "read_corpus", lambda *_, **__: [])
    computed = []
    for number, (cells, averages) in enumerate((("a", "b"), ("a", "c"), ("a", "c"), ("d", "c"))):
        run = tmp_path / f"run {number}"
        for name, content in (("corpus", cells), ("profiles", averages)):
            (run / name).mkdir(parents=True)
            (run / name / "one.h5ad").write_text(content)
        computed.append(run_job(replace(asked, corpus=run / "corpus"), run)["computed"] > 0)
    assert computed == [True, True, False, True]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tables": ()}, "no table"),
        ({"negatives": ("all-pairs",)}, "negatives has no part"),
        ({"train": ("hESC:STRING",)}, "train has no part"),
        ({"suite": "curated", "tables": ("a.tsv",)}, "tables has no part in the suite curated"),
        ({"suite": "ugrn", "tables": (), "translator": "omnipath"}, "translator has no part"),
    ],
)
def test_what_has_no_part_is_refused(changed, said):
    given = {"suite": "perturbation", "tables": ("a.tsv",), **changed}
    with pytest.raises(RequestError, match=said):
        BenchmarkOptions(**given)
