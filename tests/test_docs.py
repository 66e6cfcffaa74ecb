"""The documents: links lead somewhere, what the code knows is current in them, the README stays short."""

from __future__ import annotations

import argparse
import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import grn_core
from grn_core.assets import asset
from grn_core.benchmark.perturbed.controls import DEGREE, SHUFFLED
from grn_core.benchmark.perturbed.names import RANDOM
from grn_core.translator.calibration import held_out
from grn_core.translator.measured import WHOLE, WITH_NEIGHBOURS
from grn_core.translator.measured import measured as measured_of
from grn_core.translator.registry import DEFAULT, records, translator_sha
from scripts import docs_commands, docs_measured, make_docs
from scripts.docs_candidates import own_scores
from scripts.docs_commands import commands, value_of
from scripts.docs_measured import CONTROLS, CURATED, TABLES, measured
from scripts.measure_training_sets import HELD_TFS, KNOWING

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)
NOTHING_CHOSEN = "CRISPRi, heart muscle"
"""The table of perturbed TFs by which no choice was made."""
IMAGES = sorted((ROOT / "docs" / "images").glob("*.png"))


def anchors(text: str) -> set[str]:
    """The names by which GitHub links to a document's headings."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    lost = []
    for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
        file, _, heading = target.partition("#")
        if re.match(r"\w+:", target):
            continue
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (heading and heading not in anchors(there.read_text(encoding="utf-8"))):
            lost.append(target)
    assert not lost


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_heading_is_left_empty(path):
    lines = [line for line in CODE.sub("code", path.read_text(encoding="utf-8")).splitlines() if line.strip()]
    level = [len(found[1]) if (found := re.match(r"(#+) ", line)) else 0 for line in lines]
    empty = [
        line
        for line, here, after in zip(lines, level, [*level[1:], 1], strict=True)
        if here and 0 < after <= here and line != "## Unreleased"
    ]
    assert not empty


def test_every_document_is_reached_from_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not [path.name for path in (ROOT / "docs").glob("*.md") if f"docs/{path.name}" not in text]


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_what_is_made_from_the_code_is_current(path):
    text = path.read_text(encoding="utf-8")
    assert text == make_docs.renewed(text), "run `make docs`"


def test_scores_that_are_told_stand_in_a_table_that_is_made():
    """What is written by hand of a table is forgotten when it is measured anew; 0.4 or more is no difference of two."""
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    made = "".join(found[0] for found in make_docs.BLOCK.finditer(text))
    told = re.findall(r"(?<![\d.,])0\.[4-9]\d{2,}(?![\d.])", make_docs.BLOCK.sub("", text))
    assert told
    assert not [score for score in told if not re.search(rf"{re.escape(score)}(?!\d)", made)]


def test_of_every_translator_the_coverage_is_told_once_and_as_it_ships():
    rows = [line.split(" | ")[:2] for line in docs_measured.coverage_table().splitlines() if line.startswith("| `")]
    assert rows
    assert len(set(map(tuple, rows))) == len(rows)


def test_every_block_that_can_be_made_is_in_a_document():
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    assert sorted(make_docs.MAKERS) == sorted(found["name"] for found in make_docs.BLOCK.finditer(text))


def test_every_command_and_option_is_documented():
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for command in commands():
        name = command.name
        assert command.summary, f"{name} does not say what it does"
        (section,) = re.findall(rf"^### {name}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
        for action in command.parser._actions:
            if not isinstance(action, argparse._HelpAction) and action.help != argparse.SUPPRESS:
                assert all(option in section for option in action.option_strings), (name, action.option_strings)


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"action": "store_true"}, ""),
        ({"metavar": "FILE"}, "FILE"),
        ({"choices": ("a", "b")}, "a|b"),
        ({"nargs": "?"}, "[SOME-NAME]"),
        ({"nargs": "+", "metavar": "X"}, "X [X ...]"),
        ({"nargs": 2, "metavar": ("A", "B")}, "A B"),
    ],
)
def test_the_value_of_an_option_is_written_as_it_is_given(options, written):
    assert value_of(argparse.ArgumentParser().add_argument("--some-name", **options)) == written


def test_a_table_keeps_bars_within_a_cell():
    assert docs_commands.markdown_table(("a",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"


def test_every_table_of_figures_has_all_its_figures():
    scores = measured()
    for name, (cut, methods) in TABLES.items():
        assert set(methods) <= set(cut.of(scores)["method"]), name


def means(name: str) -> pd.DataFrame:
    """The figures of a table: a row a method, a column a test set."""
    return TABLES[name][0].of(measured()).pivot_table(index="method", columns="dataset", values="mean")


def leads(name: str) -> pd.Series:
    """How far a translator as a whole is ahead of the best control of a table, by data set."""
    table = means(name)
    whole = next(method for method in WHOLE if method in table.index)
    return table.loc[whole] - table.loc[list(CONTROLS)].max()


@pytest.mark.parametrize("name", ["string", "string-unseen", "string-degree", "string-all-pairs"])
def test_the_model_beats_every_control_where_the_documents_say_so(name):
    assert WITH_NEIGHBOURS in means(name).index
    assert leads(name).min() >= 0.02


def test_the_model_is_beaten_where_the_documents_say_so():
    behind = leads("string-natural").lt(0)
    assert behind[behind].index.tolist() == ["mHSC-E"]
    assert leads("non-specific").min() >= 0.02, "there it is ahead"
    assert leads("specific").lt(0).all()
    adapted = means("adapted")
    assert (adapted.loc["Ensemble, adapted"] < adapted.loc["Ensemble"])[["hHEP", "mDC", "mESC"]].all()
    right = replace(CURATED, metric="sign_accuracy").of(measured())
    assert right[right["method"] == "Ensemble"]["mean"].mean() <= 0.5
    edges = TABLES["string-natural"][0].of(measured())["prevalence"]
    assert (edges.min() >= 0.005) & (edges.max() < 0.035)


def of_the_four(name: str) -> pd.DataFrame:
    """What the card of a translator says of STRING and Non-Specific of the data sets that it was not trained on."""
    found = measured_of(next(one for one in records() if one.name == name).card)
    return found[found["dataset"] != "hESC"].assign(lead=found["score"] - found["control"]).set_index("dataset")


def test_what_is_taken_by_default_is_ahead_of_every_control_by_what_the_documents_say():
    found = of_the_four(DEFAULT)
    leads = {name: own["lead"] for name, own in found.groupby("network")}
    assert round(found["score"][found["network"] == "STRING"].mean(), 2) == 0.80
    assert round(leads["STRING"].min(), 3) >= 0.010
    assert leads["Non-Specific"][lambda lead: lead < 0].index.tolist() == ["hHEP"]
    means = own_scores("Non-Specific").drop(columns="hESC").mean(axis="columns")
    assert means[WITH_NEIGHBOURS] > means[[*CONTROLS]].max()


def test_what_was_taken_before_is_ahead_of_every_control_on_both_kinds_of_network():
    leads = of_the_four("beeline-hesc-string-neighbours").groupby("network")["lead"].min()
    assert leads["STRING"] >= 0.02
    assert leads["Non-Specific"] > 0


def test_the_default_is_ahead_of_each_control_on_average_where_no_choice_was_made():
    """On STRING, on ChIP-seq of all cell types, and on OmniPath's edges of TFs that took no part."""
    told = json.loads(asset("training_sets.json").read_text(encoding="utf-8"))
    rows = {row["method"]: row["auprc"] for row in told["rows"] if row["trained_on"] == KNOWING}
    assert {WITH_NEIGHBOURS, *CONTROLS} <= set(rows)
    for network in ("STRING", "Non-Specific", HELD_TFS):
        tests = [name for name in rows[WITH_NEIGHBOURS] if network in name and name not in told["chosen_on"]]
        means = {method: sum(own[test] for test in tests) / len(tests) for method, own in rows.items()}
        assert means[WITH_NEIGHBOURS] > max(means[control] for control in CONTROLS), network


def directions() -> pd.DataFrame:
    """How often the direction between two TFs is right: of a bundled translator, a row a table and what is asked."""
    told = json.loads(asset("direction.json").read_text(encoding="utf-8"))
    assert {name: own["sha"] for name, own in told.items()} == {name: translator_sha(name) for name in told}
    rows = [
        {"train": name, **row, "is_whole": len(row["extractors"]) > 2}
        for name, own in told.items()
        for row in own["rows"]
    ]
    return pd.DataFrame(rows)


@pytest.mark.xfail(strict=True, reason="the default is below a coin on every table: see docs/trust.md")
def test_the_default_tells_which_of_two_tfs_changes_the_other():
    """On every table at least as often as a coin, without any allowance.

    It allowed one deviation over the seeds, on the tables on which a choice was made. That deviation says nothing of
    which TFs were perturbed, and one over TFs is so wide that the law would hold of a coin; so there is none.
    """
    found = directions()
    found = found[(found["train"] == DEFAULT) & found["is_whole"]]
    assert (found["right"] >= 0.5).all()


def test_no_translator_tells_the_direction_between_two_tfs_better_than_a_coin_as_the_pages_say():
    """On no table by two standard errors over TFs; of the default it is not told worse than a coin, either."""
    found = directions()
    assert found["train"].nunique() >= 3
    assert found.groupby("train")["table"].nunique().eq(3).all()
    assert (found["right"] - 2 * found["error"] < 0.5).all()
    below = found[found["is_whole"] & (found["right"] + 2 * found["error"] < 0.5)]
    assert {*zip(below["train"], below["table"], strict=True)} == {
        ("beeline-hesc-string", NOTHING_CHOSEN),
        ("beeline-hesc-string-neighbours", NOTHING_CHOSEN),
        ("omnipath", "GEO, RNA-seq"),
    }
    alone = found[(found["train"] == DEFAULT) & ~found["is_whole"]].set_index("table")["right"]
    assert alone.round(2).tolist() == [0.50, 0.46, 0.46]


def test_the_direction_is_the_one_that_the_suite_measured():
    rows = measured()
    rows = rows[rows["metric"] == "direction"].set_index(["train", "dataset", "method"])["mean"]
    found = directions()
    n_found = 0
    for one in found.itertuples():
        methods = WHOLE if one.is_whole else ("Ensemble",)
        suite = [rows[place] for name in methods if (place := (one.train, one.table, name)) in rows.index]
        assert not suite or one.right == pytest.approx(suite[0], abs=0.001), one
        n_found += bool(suite)
    assert n_found >= 16


def test_on_the_table_on_which_nothing_was_chosen_controls_rank_as_well_as_the_documents_say():
    rows = measured()
    rows = rows[(rows["dataset"] == NOTHING_CHOSEN) & (rows["train"] == DEFAULT)].set_index(["metric", "method"])
    ranked = rows.loc["auprc_ratio_per_tf"]
    assert ranked["mean"][DEGREE] > ranked["mean"][WITH_NEIGHBOURS] + ranked["sd"][WITH_NEIGHBOURS]
    level = ranked["mean"][[RANDOM, SHUFFLED]] + ranked["sd"][[RANDOM, SHUFFLED]]
    assert (level > ranked["mean"][WITH_NEIGHBOURS]).all()


def test_every_table_of_the_default_is_of_the_translator_that_is_taken_now():
    """Weights tell, so that a default never stands beside the figures of another."""
    names = [path.name for path in asset().glob("*.json")]
    told = {name: json.loads(asset(name).read_text(encoding="utf-8")) for name in names}
    of = {name: own["translator_sha"] for name, own in told.items() if "translator_sha" in own}
    assert set(of) >= {"own_cells.json", "contexts.json", "peers.json", "proposals.json"}
    assert {*of.values(), told["translator_scores.json"][DEFAULT]["sha"]} == {translator_sha(DEFAULT)}
    rows = measured()
    assert DEFAULT in set(rows[rows["suite"] == "perturbation"]["train"])
    (own,) = (one for one in records() if one.name == DEFAULT)
    assert held_out(own.card, own.ensemble)["training"]


def test_against_negatives_of_the_same_targets_a_control_is_ahead_where_the_documents_say_so():
    told = json.loads(asset("translator_scores.json").read_text(encoding="utf-8"))
    assert all(own["sha"] == translator_sha(name) for name, own in told.items())
    knowing, usual = "beeline-hesc-string-omnipath", "beeline-hesc-string-neighbours"
    on_string = ("string-degree", ["mDC", "mHSC-E"])
    for name, cut, behind in ((knowing, *on_string), (usual, *on_string), (knowing, "non-specific-degree", ["hHEP"])):
        assert behind_in(told[name]["rows"], cut) == behind
    ahead = scores_in(told[knowing]["rows"], "non-specific-degree")["hHEP"]
    assert {one for one in CONTROLS if ahead[one] > ahead[WITH_NEIGHBOURS]} == {"Degree only", "Shuffled labels"}


def scores_in(rows: list[dict], cut: str) -> pd.DataFrame:
    """AUPRC in a cut of a translator's scores: a row a method, a column a data set."""
    table = pd.DataFrame([row for row in rows if row["cut"] == cut])
    return table.pivot_table(index="method", columns="dataset", values="auprc")


def behind_in(rows: list[dict], cut: str) -> list[str]:
    """Data sets on which a translator as a whole is behind one of the controls."""
    table = scores_in(rows, cut)
    lead = table.loc[WITH_NEIGHBOURS] - table.loc[[one for one in CONTROLS if one in table.index]].max()
    return lead[lead < 0].index.tolist()


def test_every_cut_of_string_in_which_the_default_is_behind_a_control_is_told():
    rows = json.loads(asset("translator_scores.json").read_text(encoding="utf-8"))[DEFAULT]["rows"]
    behind = {cut: behind_in(rows, cut) for cut in sorted({row["cut"] for row in rows if row["network"] == "STRING"})}
    assert {cut: names for cut, names in behind.items() if names} == {
        "string-degree": ["mDC", "mHSC-E"],
        "string-natural": ["mHSC-E"],
        "string-unseen": ["mHSC-E"],
    }


@pytest.mark.parametrize("name", ["own_cells.json", "contexts.json"])
def test_nothing_that_was_tried_with_cells_ranks_better_by_more_than_the_documents_say(name):
    rows = json.loads(asset(name).read_text(encoding="utf-8"))["auprc"]
    means = pd.DataFrame([row["auprc"] for row in rows]).mean()
    assert (means - means["generic"]).max() < 0.002


def test_of_chip_seq_of_all_cell_types_the_probability_promises_as_many_edges_as_the_documents_say():
    rows = json.loads(asset("reliability.json").read_text(encoding="utf-8"))["rows"]
    own = [one for one in rows if (one["network"], one["genes"]) == ("Non-Specific", "TFs+500")]
    times = [one["expected"] / one["edges"] for one in own]
    assert [round(one, 1) for one in (min(times), max(times))] == [1.1, 1.6]


@pytest.mark.parametrize(
    ("name", "network", "behind"),
    [
        (DEFAULT, "STRING", 0),
        (DEFAULT, "Non-Specific", 0),
        ("beeline-hesc-string-neighbours", "STRING", 0),
        ("beeline-hesc-string-neighbours", "Non-Specific", 0),
        ("beeline-hesc-string", "STRING", 0),
        ("beeline-hesc-string", "Non-Specific", 3),
        ("omnipath", "STRING", 5),
    ],
)
def test_translators_are_ahead_of_a_factorisation_where_the_documents_say_so(name, network, behind):
    card = next(one for one in records() if one.name == name).card
    table = pd.DataFrame(card["evaluation"])
    table = table[table["network"] == network].pivot_table(index="method", columns="dataset", values="mean")
    whole = next(method for method in WHOLE if method in table.index)
    assert (table.loc[whole] < table.loc["SVD cosine"]).sum() == behind


def test_the_model_is_as_small_as_the_readme_says():
    card = json.loads(asset("models", "compact", "card.json").read_text(encoding="utf-8"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = pd.DataFrame(card["training_data"]).groupby("kind")["cells"].sum()
    assert f"{card['n_parameters'] / 1e6:.1f} million parameters" in text
    assert f"{rows['cells'] // 1000},000 cells and {round(int(rows['profiles']), -2):,} averages" in " ".join(
        text.split()
    )


def test_the_version_is_the_same_everywhere():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == grn_core.__version__
    assert "2605.08128" in citation
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", changes, re.MULTILINE)[:2] == ["Unreleased", grn_core.__version__]


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_pictures_are_small_and_1440_wide(path):
    content = path.read_bytes()
    assert len(content) < 300_000
    assert struct.unpack(">II", content[16:24])[0] == 1440


def test_every_table_of_a_translator_and_its_controls_ends_with_a_random_guess():
    """As the document promises: where more pairs are edges than not, a guess has more than one half."""
    text = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    tables = re.findall(
        r"<!-- made: (?:own|scores)-(?!cells)[^>]*-->\n(\| AUPRC \|.*?)\n<!-- end -->", text, flags=re.DOTALL
    )
    assert len(tables) > 10
    assert [one.splitlines()[0] for one in tables if not one.splitlines()[-1].startswith("| Random guess |")] == []
