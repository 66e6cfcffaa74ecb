"""Every road on which a file of a user comes in refuses a doubtful guess, names the option, and takes it if told to."""

from __future__ import annotations

import argparse

import pytest

from grn_core.cli import main
from grn_core.cli.command import command_of
from grn_core.cli.inputs import check_told
from grn_core.cli.parser import build_parser, requests_of
from grn_core.datasets import readers
from grn_core.datasets.local import hash_of_named, read_named
from grn_core.errors import DoubtfulError
from tests.datasets.helpers import HUMAN, MOUSE, cells, counts, read_here, saved

ROADS = {
    "activity data": ["activity", "{file}"],
    "adapt data": ["adapt", "{file}", "--steps=1"],
    "benchmark --cells": ["benchmark", "--suite=own", "--reference={edges}", "--cells={file}"],
    "benchmark --corpus": ["benchmark", "--suite=own", "--reference={edges}", "--corpus={folder}"],
    "cells columns data": ["cells", "columns", "{file}"],
    "cells groups data": ["cells", "groups", "{file}"],
    "cells label data": ["cells", "label", "{file}", "{labels}"],
    "datasets add file": ["datasets", "add", "{file}"],
    "groups data": ["groups", "{file}", "--by=cell_type", "--a=cell_type=B", "--b=cell_type=T"],
    "infer data": ["infer", "{file}"],
    "pretrain --corpus": ["pretrain", "--corpus={folder}", "--no-profiles"],
    "pretrain --profiles": ["pretrain", "--corpus={sound}", "--profiles={folder}"],
    "train-translator --cells": ["train-translator", "--reference={edges}", "--name=mine", "--cells={file}"],
    "train-translator --corpus": ["train-translator", "--reference={edges}", "--name=mine", "--corpus={folder}"],
    "umap data": ["umap", "{file}"],
    "what-if data": ["what-if", "{file}", "--tf=SPI1"],
}
"""Command and option -> a call of it that reads a file of cells."""
ELSEWHERE = {
    "benchmark --expression": "tables of BEELINE: species, values and orientation are said",
    "datasets check data": "says what is in doubt, and decides nothing",
}
FILES = ("data", "file", "--cells", "--corpus", "--profiles", "--expression")
NO_CELLS = {
    "import file",
    *(f"{one} --cells" for one in ("activity", "adapt", "cells groups", "groups", "infer", "umap", "what-if")),
}
"""A network, and choices among cells."""


def options_of(parser, *words):
    """Yield every argument of every command that is a path, or names data, as ``command option``."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                whole = inner if words else build_parser(name)._subparsers._group_actions[0].choices[name]
                yield from options_of(whole, *words, name)
        else:
            yield " ".join((*words, max(action.option_strings, key=len, default=action.dest)))


def test_every_argument_that_is_a_file_of_cells_is_a_road_that_is_tried():
    found = {one for one in options_of(build_parser()) if one.rpartition(" ")[2] in FILES} - NO_CELLS
    assert found == set(ROADS) | set(ELSEWHERE)


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GRN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(readers, "dataset_of", read_here)
    for folder in ("corpus", "sound"):
        (tmp_path / folder).mkdir()
    doubtful = cells(counts(25), genes=(*HUMAN, *MOUSE))
    file = saved(doubtful, tmp_path)
    saved(doubtful, tmp_path / "corpus")
    saved(cells(), tmp_path / "sound")
    (tmp_path / "edges.tsv").write_text("source\ttarget\nSPI1\tCD14\n")
    (tmp_path / "labels.csv").write_text("cell,label\nAAAC-0,B\n")
    return {
        "file": file,
        "folder": tmp_path / "corpus",
        "sound": tmp_path / "sound",
        "edges": tmp_path / "edges.tsv",
        "labels": tmp_path / "labels.csv",
    }


@pytest.mark.parametrize("road", ROADS)
def test_a_doubtful_file_is_refused_on_every_road(places, road, capsys):
    assert main([word.format(**places) for word in ROADS[road]]) == 2
    told = capsys.readouterr().err
    for words in ("Which species?", "--species=human", "--species=mouse", "--trust-guess"):
        assert words in told, road


READERS = [name for name in ROADS if name.split()[0] in ("cells", "datasets")]


@pytest.mark.parametrize("road", [name for name in READERS if name != "cells groups data"])
def test_it_is_taken_where_the_guess_is_trusted_or_the_answer_said(places, road):
    words = [word.format(**places) for word in ROADS[road]]
    assert main([*words, "--trust-guess"]) == 0
    assert main([*words, "--species=mouse"]) == 0


def parsed(*words):
    return build_parser(words[0]).parse_args(words)


def test_a_benchmark_and_a_training_read_the_cells_as_it_was_said(places):
    for road in ("benchmark --cells", "train-translator --cells"):
        words = [word.format(**places) for word in ROADS[road]]
        (trusted,) = requests_of([*words, "--trust-guess"])
        (mouse,) = requests_of([*words, "--species=mouse"])
        asked = [str(getattr(one, "options", one).cells) for one in (trusted, mouse)]
        assert [read_named(one).match.species for one in asked] == ["human", "mouse"]
        assert len({hash_of_named(one) for one in asked}) == 2, "what was said takes part in the id of a run"
        check_told(parsed(*words, "--trust-guess"), cells=asked[0])
        check_told(parsed(*words, "--species=mouse"), cells=asked[1])
        for one, word in ((trusted, "--trust-guess"), (mouse, "--species=mouse")):
            copied = command_of(one)
            assert word in copied
            assert requests_of(copied[3:]) == [one]


def test_something_said_of_no_file_is_refused(places, capsys):
    words = [word.format(**places) for word in ROADS["benchmark --cells"]][:-1]
    assert main([*words, "--species=mouse"]) == 2
    assert "--species was given without a file of cells" in capsys.readouterr().err


def test_a_corpus_is_taken_where_its_guesses_are_trusted_and_its_command_says_so(places):
    words = [word.format(**places) for word in ROADS["pretrain --corpus"]]
    (request,) = requests_of(words)
    assert "--trust-guess" not in command_of(request)
    with pytest.raises(DoubtfulError):
        check_told(parsed(*words), corpus=places["folder"])
    check_told(parsed(*words, "--trust-guess"), corpus=places["folder"])
    check_told(parsed(*words), corpus=places["sound"])
    assert "--trust-guess" in command_of(request)
