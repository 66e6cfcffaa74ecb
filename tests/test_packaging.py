"""What an installation is told to bring along, held to what the code imports."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HOOK = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["requirements_txt"]
BUILD = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
OURS = {"app", "grn_core", "pages"}
STANDARD = set(sys.stdlib_module_names)
IMPORT = re.compile(r"^ *(?:from (\w+)[\w.]* import |import (\w+))", re.MULTILINE)
"""A statement by its form: to parse every module takes seconds."""


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(file: str) -> set[str]:
    """The packages that a file of requirements names; each version is exact."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    assert all(re.fullmatch(r"[\w.-]+==[\w.!]+", line) for line in filter(None, lines)), file
    return {plain(line.partition("==")[0]) for line in lines if line}


@lru_cache
def imported() -> dict[str, set[str]]:
    """Module that is no part of Python nor ours -> files that import it."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "app.py", *(ROOT / "grn_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")):
        for names in IMPORT.findall(path.read_text(encoding="utf-8")):
            name = "".join(names)
            if name not in OURS | STANDARD:
                found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


def modules_of(package: str) -> set[str]:
    """The modules that a package brings; one of its name where it is not installed here."""
    try:
        held = distribution(package).read_text("RECORD") or ""
    except PackageNotFoundError:
        return {package}
    return {re.split(r"[/.,]", line, maxsplit=1)[0] for line in held.splitlines()}


def test_what_the_code_imports_is_what_an_installation_brings_along():
    """Nothing of tests and lint is needed to run, and what one module alone needs is an extra."""
    brought = set().union(*(pinned(file) for file in HOOK["files"]))
    extras = set().union(*(pinned(file) for files in HOOK["optional-dependencies"].values() for file in files))
    modules = set().union(*(modules_of(package) for package in brought | extras))
    for module, files in imported().items():
        assert module in modules, f"{module}, which {sorted(files)} import, is in no file of requirements"
    assert "pytest" not in brought | extras


@pytest.mark.parametrize("name", HOOK["optional-dependencies"])
def test_an_extra_is_the_file_of_its_name(name):
    assert HOOK["optional-dependencies"][name] == [f"requirements-{name}.txt"]
    assert pinned(f"requirements-{name}.txt")


def test_every_optional_part_of_the_code_is_an_extra():
    """The other files of requirements are tools: of tests, of lint, of what is looked at."""
    tools = {"dev", "audit", "mutation", "ways"}
    files = {path.stem.removeprefix("requirements-") for path in ROOT.glob("requirements-*.txt")}
    assert files - tools == set(HOOK["optional-dependencies"])


def test_the_wheel_holds_all_that_the_checkout_needs_to_run():
    assert BUILD["packages"] == ["grn_core"]
    assert set(BUILD["force-include"]) == {"assets", "app.py", "pages", ".streamlit/config.toml"}
    assert all((ROOT / place).exists() for place in BUILD["force-include"])
    assert not [path for path in (ROOT / "grn_core").iterdir() if path.name in ("_app", "_assets")]


def test_both_ways_to_start_are_one():
    assert PROJECT["project"]["scripts"] == {"grn-studio": "grn_core.cli:main"}


def test_whoever_is_told_of_a_file_of_requirements_is_told_of_the_extra_too():
    """A wheel has no such files."""
    named = {}
    for path in sorted((ROOT / "grn_core").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for extra in re.findall(r"-r requirements-(\w+)\.txt", text):
            named[path.relative_to(ROOT).as_posix()] = f"grn-studio[{extra}]" in text
    assert named
    assert all(named.values()), named


def test_the_ways_are_tried_with_all_that_they_need():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rule = re.search(r"^\$\(WAYS\)/\.installed:(.*)\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    for needed in ("requirements-ways.txt", "requirements-dask.txt"):
        assert needed in rule[1], "installed anew when it changes"
        assert f"--requirement {needed}" in rule[2]
