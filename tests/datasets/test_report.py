"""The report on a file: a verdict, and an account of every name in it."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from grn_core.cli import main
from grn_core.datasets import store_genes
from grn_core.datasets.checks import assemble
from grn_core.datasets.kinds import ToldValues
from grn_core.datasets.report import GOOD, NOT_USABLE, USABLE, lost_table, report
from grn_core.spreadsheets import unguarded
from tests.datasets.helpers import HUMAN, MOUSE, cell_names, counts, table

TFS = ("SPI1", "GATA1", "GATA2", "CEBPA", "KLF1", "FLI1", "TAL1", "JUN", "EGR1", "GFI1", "MYC", "SOX2", "RUNX1")
NO_GENES = ("__no_feature", "percent.mt", "ERCC-00002")
UNKNOWN = ("=1+1", "-made up", "zz:9")


def seen(genes, vocabulary=frozenset((*HUMAN, *TFS)), *, n_cells=60, **options):
    values = sparse.csr_matrix(counts(len(genes), n_cells=n_cells))
    obs = pd.DataFrame(index=cell_names(n_cells))
    return report(assemble(values, genes, obs, title="mine", where="X", **options), vocabulary, model="toy")


def rows_of(found):
    return [line.split("\t") for line in lost_table(found).decode().splitlines()]


@given(
    known=st.lists(st.sampled_from(HUMAN), min_size=4, unique=True),
    odd=st.lists(st.sampled_from((*NO_GENES, *UNKNOWN)), unique=True),
    missing=st.sets(st.sampled_from(HUMAN), max_size=2),
)
def test_every_name_is_either_asked_or_lost_with_a_reason(known, odd, missing):
    genes = (*known, *odd)
    found = seen(genes, frozenset(HUMAN) - missing)
    head, *rows = rows_of(found)
    assert head == ["name", "reason"]
    assert all(reason for _, reason in rows)
    lost = [unguarded(name) for name, _ in rows]
    assert sorted(lost) == sorted({*odd, *missing.intersection(known)})
    assert len(lost) + found.n_model == len(genes)
    assert json.loads(json.dumps(found.to_json()))["lost"]["number"] == len(found.lost)


def test_a_mouse_gene_without_an_ortholog_says_so():
    found = seen((*MOUSE, "H2-K1"))
    assert [one.reason for one in found.lost if one.name == "H2-K1"] == ["mouse gene without a 1:1 human ortholog"]


def test_a_numbered_copy_of_a_name_says_so():
    found = seen((*HUMAN, "SPI1-1", "CD14.1", "ODD-1"))
    reasons = {one.name: one.reason for one in found.lost}
    assert reasons["SPI1-1"] == "numbered copy of SPI1, which is in the data"
    assert reasons["CD14.1"] == "numbered copy of CD14, which is in the data"
    assert "copy" not in reasons["ODD-1"]


def test_no_name_in_the_list_of_lost_ones_is_a_formula():
    assert all(name[:1] not in "=+-@" for name, _ in rows_of(seen((*HUMAN, *UNKNOWN))))


@pytest.mark.parametrize(
    ("genes", "options", "verdict", "words"),
    [
        (TFS, {}, GOOD, ""),
        (TFS, {"n_cells": 12}, USABLE, "12 cells are few"),
        (TFS, {"told": ToldValues("lognorm", doubt="It is doubtful.")}, USABLE, "It is doubtful."),
        (TFS, {"told": ToldValues("scaled")}, USABLE, "scaled"),
        ((*TFS, *(f"odd{n}x" for n in range(9))), {}, USABLE, "9 of the 22 names"),
        ((*TFS, *MOUSE), {}, USABLE, "mixed"),
        (HUMAN[-3:], {}, NOT_USABLE, "No TF"),
        (("ACTB", "GAPDH", "TP53"), {}, NOT_USABLE, "knows 0 of the 3 genes"),
    ],
)
def test_the_verdict_and_what_stands_behind_it(genes, options, verdict, words):
    found = seen(genes, **options)
    assert found.verdict == verdict
    assert words in " ".join(found.why)
    assert bool(found.why) == (verdict != GOOD)


def test_a_gene_list_is_told_as_one_where_cells_are_asked(capsys):
    ref = store_genes(("SPI1", "LYZ"))
    for words in (["datasets", "check", ref], ["umap", ref]):
        assert main(words) == 2
        told = capsys.readouterr().err
        assert f"{ref} is a list of genes that was given here, without any measured cell" in told
        assert "infer --genes FILE" in told


def test_check_says_the_verdict_first_and_leaves_with_it(tmp_path, capsys):
    good, bad, lost = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "lost.tsv"
    table((*TFS, "odd1x"), n_cells=60).to_csv(good)
    table([f"ENSSSCG{n:011d}" for n in range(20)]).to_csv(bad)
    assert main(["datasets", "check", str(good), "--lost", str(lost)]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["verdict", "good"]
    assert "odd1x\tno known human gene" in lost.read_text()
    assert main(["datasets", "check", str(good), "--json", "--values", "abundance", "--species", "human"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["values"], told["orientation"]) == (GOOD, "abundance", "genes-in-columns")
    assert main(["datasets", "check", str(bad), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == NOT_USABLE
    assert "pig" in told["found"]
    assert told["todo"]
    assert main(["datasets", "check", str(good), "--matrix", "raw"]) == 2
    out = capsys.readouterr()
    assert out.out.split() == ["verdict", "not", "usable"]
    assert "leave out the matrix" in out.err
