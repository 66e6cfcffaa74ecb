"""A blank path is never taken for the working folder: by no option of a command, no public function, no setting."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import grn_core as grn
from grn_core.arguments import _taken, kinds_of
from grn_core.benchmark.perturbed.names import named
from grn_core.cli import main
from grn_core.cli.given import a_name, a_path
from grn_core.cli.parser import COMMANDS, build_parser
from grn_core.errors import GrnError, RequestError
from grn_core.hub import check
from grn_core.models import registry as models
from grn_core.settings import FOLDERS, settings, variable
from grn_core.translator import registry as translators

BLANK = ["", " ", "\t ", "\n"]
FREE = {
    # words of the user's own, which may be none
    *(
        "--title",
        "--description",
        "text",
        "--note",
        "--tried-text",
        "--name",
        "--donor",
        "--group",
        "--by",
        "--a",
        "--b",
        "--cells",
        "named",
    ),
    # lists of names, each of which is looked up; a blank one is told where it is
    *(
        "--tf",
        "--tf-list",
        "--gene-list",
        "--between",
        "--edge",
        "--extractors",
        "--seeds",
        "--coexpression",
        "--tests",
    ),
    *(
        "--best",
        "--readout",
        "--matrix",
        "--name-column",
        "--score",
        "names",
        "name",
        "runs",
        "--donors",
        "--fault",
        "--work",
        "--chosen-on",
    ),
    # ids and hashes, which are held to their form; addresses
    *("run_id", "--accept", "--endpoint", "--address", "--host", "--base", "streamlit"),
}
"""Arguments that are text and no path."""


def actions(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for one in parser._actions:
        if isinstance(one, argparse._SubParsersAction):
            for inner in one.choices.values():
                yield from actions(inner)
        else:
            yield parser.prog, one


def all_actions() -> list[tuple[str, argparse.Action]]:
    found = []
    for name in COMMANDS:
        parser = next(
            one for one in build_parser(name)._actions if isinstance(one, argparse._SubParsersAction)
        ).choices[name]
        found += list(actions(parser))
    return found


def test_every_option_that_takes_a_path_is_of_a_type_that_refuses_a_blank_one():
    known = all_actions()
    assert not [(prog, one.dest) for prog, one in known if one.type is Path]
    takes_text = [(prog, one) for prog, one in known if one.nargs != 0 and one.type in (None, str) and not one.choices]
    called = {(prog, (*one.option_strings, one.dest)[0]) for prog, one in takes_text}
    assert {(prog, name) for prog, name in called if name not in FREE} == set()
    typed = [(prog, one) for prog, one in known if one.type in (a_name, a_path)]
    assert len(typed) > 60
    for _, one in typed:
        for text in BLANK:
            with pytest.raises(argparse.ArgumentTypeError, match=r"names nothing; needed: .*what to do: "):
                one.type(text)
        if isinstance(one.default, str) and one.default != argparse.SUPPRESS:
            assert one.type(one.default) == one.default


@pytest.mark.parametrize("text", BLANK[:2])
@pytest.mark.parametrize(
    "words",
    [
        ["infer", "GSD", "--output"],
        ["infer"],
        ["infer", "GSD", "--model"],
        ["benchmark", "--out"],
        ["benchmark", "--suite", "own", "--cells"],
        ["benchmark", "--suite", "own", "--reference"],
        ["benchmark", "--table"],
        ["train-translator", "--name", "x", "--reference"],
        ["train-translator", "--name", "x", "--cells"],
        ["compare", "0" * 16, "1" * 16, "--reference"],
        ["pretrain", "--corpus"],
        ["datasets", "check"],
        ["datasets", "add"],
        ["models", "add"],
        ["models", "check"],
        ["import"],
        ["runs", "list", "--home"],
    ],
)
def test_a_command_refuses_it_in_one_line(grn_home, words, text, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*words, text])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"{text!r} names nothing; needed: a name or a path; what to do: give one" in told


@pytest.mark.parametrize("name", [name for name in grn.__all__ if name != "__version__"])
def test_a_public_function_refuses_it(name):
    for one in inspect.signature(getattr(grn, name)).parameters.values():
        if "Path" in kinds_of(one):
            for text in (*BLANK, *map(Path, BLANK[1:])):
                with pytest.raises(RequestError, match=f"grn.{name} was given .* as {one.name}, which names nothing"):
                    _taken(name, one.name, text, kinds_of(one))


@pytest.mark.parametrize("name", ["load_model", "demo"])
@pytest.mark.parametrize("text", BLANK)
def test_a_name_that_may_be_a_folder_is_not_the_working_one(grn_home, tmp_path, monkeypatch, name, text):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GrnError, match=r"names nothing|there is no dataset"):
        getattr(grn, name)(text)


@pytest.mark.parametrize(
    "ask", [check.check, lambda text: check.recognise(text, name="x"), lambda text: check.add(text, name="x")]
)
def test_nor_is_it_a_folder_of_a_model(grn_home, tmp_path, monkeypatch, ask):
    monkeypatch.chdir(tmp_path)
    for text in BLANK:
        with pytest.raises(RequestError, match="names nothing"):
            ask(text)


def test_nor_is_it_a_translator(grn_home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "card.json").write_text("{}", encoding="utf-8")
    for text in BLANK[:2]:
        assert models.located(text) == text
        for ask in (models.folder_of, translators.folder_of):
            with pytest.raises(GrnError, match="there is no"):
                ask(text)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_setting_that_is_blank_names_no_folder(monkeypatch, name):
    monkeypatch.setenv(variable(name), "  ")
    with pytest.raises(RequestError, match=rf"{variable(name)} is '  '; needed: the path of a folder"):
        settings()


@pytest.mark.parametrize("text", ["mine=", "mine= "])
def test_a_table_with_a_title_names_a_file(text):
    with pytest.raises(RequestError, match="names no file"):
        named(text)
