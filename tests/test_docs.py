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
from grn_core.translator.registry import records
from scripts import docs_commands, make_docs
from scripts.docs_commands import commands, value_of
from scripts.docs_measured import CONTROLS, CURATED, TABLES, measured

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```", re.DOTALL)
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


@pytest.mark.parametrize("name", ["string", "string-unseen", "string-degree"])
def test_the_model_beats_every_control_where_the_documents_say_so(name):
    table = means(name)
    assert (table.loc["Ensemble"] > table.loc[list(CONTROLS)].max()).all()
    assert (table.loc["Ensemble"] - table.loc["SVD cosine"] < 0.1).all(), "it is said to be a small margin"


def test_the_model_is_beaten_where_the_documents_say_so():
    pairs = means("string-all-pairs")["mDC"]
    assert pairs["Degree only"] > pairs["Ensemble"]
    adapted = means("curated")
    assert (adapted.loc["Ensemble, adapted"] < adapted.loc["Ensemble"]).all()
    assert (adapted.loc["GENIE3 (random forest)"] > adapted.loc["Ensemble"]).sum() == 3
    for name in ("non-specific", "specific"):
        table = means(name)
        assert (table.loc["Ensemble"] < table.loc[list(CONTROLS)].max()).sum() >= 2
    right = replace(CURATED, metric="sign_accuracy").of(measured())
    assert right[right["method"] == "Ensemble"]["mean"].mean() <= 0.5
    edges = TABLES["string-natural"][0].of(measured())["prevalence"]
    assert (edges.min() >= 0.005) & (edges.max() < 0.035)


def test_what_the_app_takes_is_as_good_as_a_factorisation():
    card = pd.DataFrame(next(one for one in records() if one.name == "omnipath").card["evaluation"])
    string = card[card["network"] == "STRING"].pivot_table(index="method", columns="dataset", values="mean")
    assert ((string.loc["Ensemble"] - string.loc["SVD cosine"]).abs() < 0.02).all()


def test_the_model_is_as_small_as_the_readme_says():
    card = json.loads(asset("models", "compact", "card.json").read_text(encoding="utf-8"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{card['n_parameters'] / 1e6:.1f} million parameters" in text
    assert f"{sum(one['cells'] for one in card['training_data']) // 1000},000 cells" in text


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
