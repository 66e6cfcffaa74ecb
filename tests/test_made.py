"""Law: whatever ships as a result says which command makes it anew, and the command is one that can be typed today."""

from __future__ import annotations

import argparse
import json
import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grn_core.assets import asset
from grn_core.benchmark.references.called import reference_text
from grn_core.cli.parser import build_parser

ROOT = Path(__file__).resolve().parents[1]
MADE = "made.json"
BESIDE = ("README.md", "PROVENANCE.md", "manifest.json")
"""Files that say of all in their folder how it is made."""
LOOKS = (".css", ".js", ".html", ".svg")
"""Endings of what is drawn or written by hand; of those that are made `MADE` says how."""
COMMAND = re.compile(r"(?:`|^ {4})((?:\w+=\S+ )*python -m [^`\n]+)", re.MULTILINE)


class Parsed(Exception):
    """A parser has taken the words."""


def told() -> dict[str, list[str] | str]:
    return json.loads(asset(MADE).read_text(encoding="utf-8"))["made"]


def texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def commands_in(path: Path) -> list[str]:
    content = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [one for one in texts(json.loads(content)) if one.startswith("python -m ")]
    return COMMAND.findall(content)


def how(path: Path) -> list[str] | str:
    """Commands that make a file, or in words where it is from; nothing if nothing is said."""
    own = path.relative_to(asset())
    for pattern, found in told().items():
        if own.match(pattern) and len(own.parts) == len(Path(pattern).parts):
            return found
    return [one for name in BESIDE if (path.parent / name).is_file() for one in commands_in(path.parent / name)]


def shipped() -> list[Path]:
    return sorted(path for path in asset().rglob("*") if path.is_file())


def every_command() -> list[str]:
    said = map(how, shipped())
    return sorted({one for found in said if isinstance(found, list) for one in found})


def test_every_file_says_how_it_is_made():
    silent = [path.relative_to(asset()).as_posix() for path in shipped() if path.suffix not in LOOKS and not how(path)]
    assert silent == []


def test_nothing_is_said_of_what_is_not_there():
    assert [pattern for pattern in told() if not list(asset().glob(pattern))] == []


def test_what_a_script_writes_has_that_script_as_its_command():
    """A table that a script of ours writes is not "written by hand"."""
    writes = re.compile(r"asset\(\) / \"(\w+\.json)\"")
    for script in sorted((ROOT / "scripts").glob("*.py")):
        for name in set(writes.findall(script.read_text(encoding="utf-8"))):
            if (asset() / name).exists() and script.stem != "calibrate_translator":
                assert any(f"scripts.{script.stem}" in one for one in how(asset() / name)), f"{name}: {script.name}"


def test_commands_are_found_where_they_stand():
    assert len([path for path in shipped() if "train-translator" in str(how(path))]) >= 15
    assert any("pretrain" in one for one in how(asset("models", "compact") / "model.safetensors"))
    assert len(how(asset("benchmarks", "compact") / "scores.tsv.gz")) > 20


def parse(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the words of a command to the parser that would take them; `SystemExit` where it does not."""
    words = shlex.split(command)
    while "=" in words[0]:
        words = words[1:]
    assert words[:2] == ["python", "-m"], command
    module, given = words[2], words[3:]
    if module == "grn_core":
        build_parser(given[0]).parse_args(given)
    elif module == "pytest":
        assert all((ROOT / one).exists() for one in given if one.startswith("tests"))
    else:
        assert (ROOT / Path(*module.split("."))).with_suffix(".py").is_file(), f"there is no {module}"
        real = argparse.ArgumentParser.parse_args

        def taken(self: argparse.ArgumentParser, args: list[str] | None = None, namespace: object = None) -> None:
            real(self, given if args is None else args, namespace)
            raise Parsed

        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", taken)
        monkeypatch.setattr(sys, "argv", [module, *given])
        monkeypatch.delitem(sys.modules, module, raising=False)
        with pytest.raises(Parsed):
            runpy.run_module(module, run_name="__main__")


@pytest.mark.parametrize("command", every_command())
def test_a_command_can_be_typed(command, monkeypatch):
    parse(command, monkeypatch)


@pytest.mark.parametrize(
    "command",
    [
        "python -m grn_core train-translater --name=x",
        "python -m grn_core train-translator --name=x --nothing",
        "python -m scripts.measure_boolean --nothing",
    ],
)
def test_one_that_cannot_is_told(command, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        parse(command, monkeypatch)


def test_one_of_a_script_that_is_gone_is_told(monkeypatch):
    with pytest.raises(AssertionError, match=r"there is no scripts\.gone"):
        parse("python -m scripts.gone", monkeypatch)


def test_documents_name_scripts_that_there_are():
    named = {
        one for path in (ROOT / "docs").glob("*.md") for one in re.findall(r"scripts[./](\w+)", path.read_text("utf-8"))
    }
    assert named
    assert not [one for one in sorted(named) if not (ROOT / "scripts" / f"{one}.py").is_file()]


@pytest.mark.parametrize("folder", sorted(asset("translators").iterdir()), ids=lambda folder: folder.name)
def test_a_translators_command_asks_for_what_its_card_says(folder):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (command,) = [one for one in commands_in(folder / "README.md") if "train-translator" in one]
    given = build_parser("train-translator").parse_args(shlex.split(command)[3:])
    names = {reference_text(one["reference"], "networks"): one for one in card["training"]}
    assert given.reference == [name for name, one in names.items() if not one.get("beside")]
    assert given.beside == [name for name, one in names.items() if one.get("beside")]
    assert given.without == [reference_text(one["reference"], "networks") for one in card["without"]]
    assert set(given.test) == {reference_text(row["reference"], "networks") for row in card["evaluation"]}
    assert (given.title, given.description) == (card["title"], card["description"])
    assert (given.model, given.readout, given.seeds) == (card["model"], card["readout"], len(card["seeds"]))
    assert set(given.extractors) == set(card["extractors"])
