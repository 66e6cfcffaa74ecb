"""The examples of README.md and docs: Python is run on files that are not the demo; commands are read."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from grn_core.cli import build_parser
from grn_core.genes.tables import ensembl_to_symbol, human_symbols, ortholog_to_human, ortholog_to_mouse
from grn_core.models.registry import vocabulary

ROOT = Path(__file__).resolve().parents[1]
TFS = ("GATA1", "IRF8", "MYC", "SPI1", "STAT1", "TP53")
N_CELLS = 40


def python_of(document: str) -> str:
    """The one block of Python in a document."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)
    return code


def known_genes(number: int) -> list[str]:
    """The TFs, and genes that the model knows and that have one mouse ortholog and one Ensembl id."""
    sure = once(ensembl_to_symbol("human").values()) & once(ortholog_to_human().values()) - set(TFS)
    found = [gene for gene in vocabulary("compact") if gene in sure]
    return [*TFS, *found[:number]]


def once(names) -> set[str]:
    return {name for name, count in Counter(names).items() if count == 1}


def write_cells(path: Path, names: list[str]) -> None:
    """Write counts of cells with these names of genes, in three groups that differ."""
    rng = np.random.default_rng(0)
    level = rng.gamma(1.0, 4.0, size=(3, len(names)))[np.arange(N_CELLS) % 3]
    counts = rng.poisson(level).astype(np.float32)
    cells = pd.DataFrame(index=[f"cell{number}" for number in range(N_CELLS)])
    ad.AnnData(counts, obs=cells, var=pd.DataFrame(index=names)).write_h5ad(path)


def unknown_genes(path: Path) -> None:
    """Half of the genes are outside of the model's vocabulary, a TF among them; some are no genes at all."""
    outside = sorted(set(human_symbols()) - set(vocabulary("compact")))[:40]
    write_cells(path, [*known_genes(40), *outside, "NOTAGENE1", "NOTAGENE2"])


def ensembl_ids(path: Path) -> None:
    ids = {symbol: name for name, symbol in ensembl_to_symbol("human").items()}
    write_cells(path, [ids[gene] for gene in known_genes(60)])


def mouse_genes(path: Path) -> None:
    write_cells(path, [ortholog_to_mouse()[gene] for gene in known_genes(60)])


SHOWN = {
    unknown_genes: set(TFS),
    ensembl_ids: set(TFS),
    mouse_genes: {"Gata1", "Irf8", "Myc", "Spi1", "Stat1", "Trp53"},
}
"""How a file is made -> the TFs as its network calls them."""


@pytest.mark.parametrize("write", list(SHOWN), ids=lambda write: write.__name__)
def test_the_example_runs_as_it_is_written(write, tmp_path, monkeypatch, capsys):
    """Only the file's name is another: the example is run where such a file lies."""
    write(tmp_path / "cells.h5ad")
    code = python_of("README.md")
    assert code.count('"cells.h5ad"') == 1
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code, names)
    edges = names["edges"]
    assert list(edges.columns[:2]) == ["source", "target"]
    assert {"score", "probability", "sign"} <= set(edges.columns)
    assert SHOWN[write] <= set(edges["source"])
    assert not edges["target"].str.startswith(("ENSG", "NOTAGENE")).any()
    assert edges["score"].is_monotonic_decreasing
    assert not (edges["source"] == edges["target"]).any()
    assert edges["source"].iloc[0] in capsys.readouterr().out


def test_a_list_of_genes_runs_as_it_is_written():
    names: dict = {}
    exec(python_of("docs/data.md"), names)
    assert set(names["edges"]["source"]) == {"SPI1", "GATA1"}
    assert set(names["edges"]["target"]) == {"SPI1", "GATA1", "LYZ", "HBB"}


def test_the_commands_of_the_readme_are_understood():
    """Their words are options that exist; that the commands compute is tested with the command line."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\.venv/bin/python -m grn_core (.*)$", text, re.MULTILINE)
    commands = [shlex.split(line, comments=True) for line in lines]
    asked = [build_parser(words[0]).parse_args(words) for words in commands]
    assert (asked[0].data, str(asked[0].output)) == ("cells.h5ad", "edges.tsv")
    assert [words[0] for words in commands] == ["infer", "what-if", "groups", "compare"]


def commands_of(document: Path) -> list[list[str]]:
    """The words of every command of this program in a document, but for those that only say how one is written."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"(?:python -m grn_core|(?<!/)grn-studio) ([a-z][a-z-]* [^`\n]*)", text)
    words = (
        shlex.split(re.split(r" [|>#&]", line)[0])
        for line in lines
        if not re.search(r"\[OPTIONS\]|\.\.\.|--help", line)
    )
    return [[*one] for one in words if one]


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.stem)
def test_the_commands_of_the_documents_are_understood(document):
    for words in commands_of(document):
        build_parser(words[0]).parse_args(words)


def test_the_documents_have_commands():
    assert sum(len(commands_of(document)) for document in (ROOT / "docs").glob("*.md")) > 30
