"""The one way to the files that come with the software."""

from __future__ import annotations

import ast
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from grn_core import assets
from grn_core.assets import BESIDE, PACKAGED, SUMMED, SUMS, _check, asset, damaged
from grn_core.errors import RequestError
from grn_core.sums import file_sum, read_summed, sums_below

ROOT = Path(__file__).resolve().parents[1]
SOURCE = [ROOT / "app.py", *(path for room in ("grn_core", "pages", "scripts") for path in (ROOT / room).rglob("*.py"))]

KNOW_THE_FOLDER = {ROOT / "grn_core" / "assets.py", ROOT / "scripts" / "mutation.py"}
"""The locator, and the script that copies a whole checkout, folder by folder."""


def texts_of(path: Path):
    """Yield the text constants of a module with their lines, docstrings and other bare texts left out.

    A module in which the name of the folder is nowhere has none that matters: it need not be parsed.
    """
    source = path.read_text(encoding="utf-8")
    if "assets" not in source:
        return
    tree = ast.parse(source)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.lineno, node.value


def builds_a_path(text: str) -> bool:
    return "assets" in text.split() or any(word.startswith(("assets/", "./assets")) for word in text.split())


def test_in_a_checkout_they_lie_beside_the_package():
    assert asset() == ROOT / "assets"
    assert asset("models", "compact", "card.json") == ROOT / "assets" / "models" / "compact" / "card.json"
    assert asset("genes", "human.tsv.gz").is_file()


def test_the_working_directory_does_not_matter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assets._folder.cache_clear()
    assert asset("page.css").is_file()


def test_those_in_an_installed_package_come_first(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "grn_core"
    (package / PACKAGED).mkdir(parents=True)
    (package.parent / "assets").mkdir()  # some other project's
    monkeypatch.setattr(assets, "files", lambda name: package)
    assert asset("page.css") == package / PACKAGED / "page.css"


def test_without_any_it_is_said_where_they_were_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "files", lambda name: tmp_path / "grn_core")
    with pytest.raises(RequestError, match=rf"neither in {tmp_path}/grn_core/{PACKAGED} nor in {tmp_path}/assets"):
        asset("page.css")


def test_no_other_module_builds_a_path_to_them():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in SOURCE
        if path not in KNOW_THE_FOLDER
        for line, text in texts_of(path)
        if builds_a_path(text)
    ]
    assert not found, "ask grn_core.assets.asset for it:\n" + "\n".join(found)


def test_the_wheel_carries_them_where_they_are_looked_for():
    with (ROOT / "pyproject.toml").open("rb") as stream:
        wheel = tomllib.load(stream)["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["packages"] == ["grn_core"]
    assert wheel["force-include"]["assets"] == f"grn_core/{PACKAGED}"


def test_the_sums_are_of_what_is_here():
    """Made anew by ``python -m scripts.make_docs`` when an asset has changed."""
    here = {f"{name}/{own}": sha for name in SUMMED for own, sha in sums_below(asset() / name).items()}
    here |= {path.name: file_sum(path) for path in asset().iterdir() if path.suffix in BESIDE and path.name != SUMS}
    assert read_summed(asset(SUMS)) == here


def test_all_but_looks_is_held_to_its_sum():
    """A flipped bit of an icon is seen; one in what draws a network, or says what a download must be, is not."""
    all_of_it = {path.relative_to(asset()).as_posix() for path in asset().rglob("*") if path.is_file()}
    looks = {name for name in all_of_it if name.startswith("icon/")} | {"demo-network.svg", "page.css"}
    assert all_of_it - looks - {SUMS} == set(read_summed(asset(SUMS)))


def test_a_flipped_bit_of_what_decides_results_is_told(tmp_path):
    shutil.copytree(asset("genes"), tmp_path / "genes")
    shutil.copy(asset(SUMS), tmp_path / SUMS)
    told = read_summed(asset(SUMS))
    assert damaged(tmp_path, ("genes",)) == []
    victim = tmp_path / "genes" / "tfs_lambert2018.txt"
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    assert "genes/tfs_lambert2018.txt" in told
    assert damaged(tmp_path, ("genes",)) == ["genes/tfs_lambert2018.txt"]
    assert damaged(tmp_path, ("genes", "human.tsv.gz")) == []
    with pytest.raises(RequestError, match=r"genes/tfs_lambert2018.txt of the software is damaged.*install it again"):
        _check(tmp_path, ("genes", "tfs_lambert2018.txt"))
    (tmp_path / SUMS).write_text((tmp_path / SUMS).read_text(encoding="utf-8")[:200], encoding="utf-8")
    assert damaged(tmp_path) == [SUMS]


def test_what_measures_is_not_held_to_the_sum_of_the_file_that_it_writes():
    """An earlier call has written it, and its sum is made later: hours of measuring would end in a refusal."""
    scripts = [*(ROOT / "scripts").glob("measure_*.py"), ROOT / "scripts" / "calibrate_translator.py"]
    asked = re.compile(r"asset\(\"\w+\.json\"")
    assert [path.name for path in scripts if asked.search(path.read_text(encoding="utf-8"))] == []
