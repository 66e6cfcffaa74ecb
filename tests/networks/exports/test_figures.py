"""Figures of a run as pictures by the command line: real text, the same bytes, refusals in one line."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from grn_core.cli import main
from grn_core.cli.figures import _ends
from grn_core.networks.exports.figures import edge_curves
from tests.pages.fabricated_run import fabricate_run

BEGINS = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}


@pytest.mark.parametrize(
    ("figure", "options", "texts"),
    [
        ("strength", [], {"Rank of the edge (logarithmic)"}),
        ("tfs", ["--per-tf", "3"], {"Edges shown", "G05"}),
        ("curves", ["--edge", "G00,G07"], {"Level of G00", "Change of G07", "Slope: change of G07 per unit"}),
    ],
)
def test_the_command_draws_figures(grn_home, tmp_path, figure, options, texts):
    run = fabricate_run(seed=3)
    assert main(["export", run, "-o", str(tmp_path / "a.svg"), "--figure", figure, *options]) == 0
    found = {text for element in ET.parse(tmp_path / "a.svg").iter() for text in [element.text] if text}
    assert texts <= found


@pytest.mark.parametrize(
    "figure", ["tfs", *(pytest.param(one, marks=pytest.mark.thorough) for one in ("strength", "curves"))]
)
@pytest.mark.parametrize("kind", BEGINS)
def test_a_figure_is_the_same_bytes_in_every_format(grn_home, tmp_path, figure, kind):
    run = fabricate_run(seed=3)
    edge = ["--edge", "G00,G07"] if figure == "curves" else []
    for name in "ab":
        assert main(["export", run, "-o", str(tmp_path / f"{name}.{kind}"), "--figure", figure, *edge]) == 0
    found = (tmp_path / f"a.{kind}").read_bytes()
    assert found.startswith(BEGINS[kind])
    assert (tmp_path / f"b.{kind}").read_bytes() == found


@pytest.mark.parametrize(
    ("features", "options", "words"),
    [
        (True, ["-o", "{folder}/a.tsv", "--figure", "strength"], "a.tsv is no name of a picture"),
        (True, ["-o", "{folder}/a.svg", "--figure", "curves"], "no edge was named"),
        (True, ["-o", "{folder}/a.svg", "--figure", "curves", "--edge", "G00,NONE"], "the run has no edge 'G00,NONE'"),
        (False, ["-o", "{folder}/a.svg", "--figure", "curves", "--edge", "G00,G01"], "are not kept with the run"),
        (True, ["-o", "{folder}/a.svg", "--figure", "strength", "--format", "svg"], "--format"),
        (True, ["-o", "{folder}/a.svg", "--figure", "tfs", "--top", "9"], "--top"),
        (True, ["-o", "{folder}/a.svg", "--edge", "G00,G07"], "a figure that was not asked for"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(grn_home, tmp_path, capsys, features, options, words):
    run = fabricate_run(seed=3, features=features)
    assert main(["export", run, *(option.format(folder=tmp_path) for option in options)]) == 2
    assert words in capsys.readouterr().err
    assert not list(tmp_path.glob("a*"))


@pytest.mark.parametrize("edge", ["HLA-A,B,G07", '"HLA-A,B",G07'])
def test_an_edge_whose_names_hold_commas_is_found(edge):
    assert ("HLA-A,B", "G07") in list(_ends(edge))


def test_names_are_drawn_as_they_are():
    levels = np.linspace(-1, 1, 4)
    drawing = edge_curves(levels, levels, levels, source="<b>$a$_1</b>", target="&amp;", sign=-1)
    found = {text for element in ET.fromstring(drawing.write()).iter() for text in [element.text] if text}
    assert {"Level of <b>$a$_1</b>", "Change of &amp;"} <= found
