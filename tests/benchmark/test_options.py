"""What a benchmark is asked for: canonical, read back whole, and never anything else than what was named."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.benchmark.command import command_of
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.benchmark.pairs.negatives import NEGATIVES
from grn_core.benchmark.pairs.splits import SPLITS
from grn_core.benchmark.protocol.protocols import protocols
from grn_core.benchmark.references.curated import NAMES as CURATED
from grn_core.cli.benchmark import add_arguments
from grn_core.cli.benchmark_options import options_of
from grn_core.coexpression import METHODS as COEXPRESSION
from grn_core.errors import DataError, RequestError
from tests.benchmark.toy_references import write_toy
from tests.old_home import unpack

REFERENCES = ("hESC:STRING", "mDC:STRING", "mHSC-E:Specific", "mESC:Lofgof")


@pytest.fixture
def toy(tmp_path) -> BenchmarkOptions:
    folder = tmp_path / "references"
    folder.mkdir()
    return BenchmarkOptions(references=write_toy(folder), train=("hONE:NET",), n_seeds=2)


def several(names, *, least=0):
    return st.lists(st.sampled_from(list(names)), min_size=least, max_size=5).map(tuple)


@st.composite
def asked(draw) -> BenchmarkOptions:
    """Options of any suite; paths with spaces, commas and quotes in them."""
    suite = draw(st.sampled_from(["ugrn", "transfer", "curated", "own"]))
    on_beeline = suite in ("ugrn", "transfer")
    path = st.sampled_from([Path("networks"), Path("/a folder/it's, here")])
    return BenchmarkOptions(
        suite=suite,
        readout=draw(st.sampled_from([None, "masked"])),
        n_seeds=draw(st.integers(1, 9)),
        references=draw(path) if on_beeline else None,
        expression=draw(st.none() | path),
        size=draw(several(["1000", "500"])) if on_beeline else (),
        train=draw(several(REFERENCES)) if on_beeline else (),
        tests=draw(several(REFERENCES if on_beeline else CURATED)) if suite != "own" else (),
        splits=draw(several(SPLITS, least=1)),
        negatives=draw(several(NEGATIVES)) if suite != "curated" else (),
        coexpression=draw(several(COEXPRESSION)),
        corpus=draw(st.none() | path),
        adapt=draw(st.sampled_from([0, 300])),
        extractors=draw(several(["attn", "emb"])),
        reference=draw(st.sampled_from(["mine.0123456789ab.tsv", "/a folder/mine.csv"])) if suite == "own" else "",
        genes=draw(st.sampled_from([(), ("SPI1",), ("SPI1", "GATA1")])) if suite == "own" else (),
        cells=draw(st.none() | path) if suite == "own" else None,
    )


@given(asked())
def test_json_and_command_give_the_same_options_back(options):
    assert BenchmarkOptions.from_json(json.loads(json.dumps(options.to_json()))) == options
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = shlex.split(command_of(options))
    assert words[:4] == ["python", "-m", "grn_core", "benchmark"]
    named = {name: getattr(options, name) for name in ("references", "expression", "corpus", "cells")}
    from_anywhere = {name: path and path.absolute() for name, path in named.items()}
    assert options_of(parser.parse_args(words[4:])) == replace(options, **from_anywhere)


@given(asked(), st.randoms())
def test_the_order_and_number_of_names_take_no_part(options, random):
    lists = {}
    for item in dataclasses.fields(options):
        value = getattr(options, item.name)
        if isinstance(value, tuple):
            twice = list(value * 2)
            random.shuffle(twice)
            lists[item.name] = tuple(twice)
    assert replace(options, **lists) == options


def test_a_record_says_no_path_of_the_user():
    options = BenchmarkOptions(references=Path("/home/me/networks"), corpus=Path("/home/me/corpus"))
    assert "/home" not in command_of(options, paths=False)
    assert "--references networks" in command_of(options, paths=False)


def test_what_the_suite_decides_is_filled_in():
    curated = BenchmarkOptions(suite="curated")
    assert (curated.negatives, curated.tests, curated.train) == (("beeline",), CURATED, ("omnipath",))
    ugrn = BenchmarkOptions()
    assert (ugrn.size, ugrn.train, ugrn.negatives) == (("500",), ("hESC:STRING",), ("tf-restricted",))
    assert BenchmarkOptions(suite="transfer").train == ()


def test_runs_of_format_1_can_be_read(tmp_path):
    unpack(tmp_path)
    extras = []
    for path in tmp_path.glob("runs/*/run.json"):
        request = json.loads(path.read_text(encoding="utf-8"))["request"]
        if request["kind"] == "benchmark":
            extras.append(dict(request["extra"]))
    assert len(extras) == 2
    for extra in extras:
        assert BenchmarkOptions.from_json(extra) == BenchmarkOptions(suite="own", reference=extra["reference"])
    lists = {"train": "mDC:STRING", "tests": "hESC:STRING, hHEP:STRING", "splits": "unseen-both,all"}
    found = BenchmarkOptions.from_json({**lists, "references": "/networks", "corpus": "", "negatives": "all-pairs"})
    assert found.tests == ("hESC:STRING", "hHEP:STRING")
    assert found.splits == ("all", "unseen-both")
    assert (found.references, found.corpus) == (Path("/networks"), None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"suite": "other"}, "suite other: not known; needed: one of ugrn, transfer, curated, own"),
        ({"sead": "1"}, "no option sead; needed: some of suite, model"),
        ({"size": "500,100"}, "gene set 100: not known; needed: one of 500, 1000"),
        ({"splits": "all,unseen"}, "split unseen: not known; needed: one of all, unseen-target, unseen-both"),
        ({"splits": []}, "no split was chosen"),
        ({"negatives": "random"}, "negatives random: not known; needed: one of tf-restricted"),
        ({"coexpression": "pearsn"}, "co-expression method pearsn: not known; needed: one of pearson"),
        ({"train": "hESC"}, "'hESC' does not name a reference"),
        ({"tests": "STRING"}, "'STRING' does not name a reference"),
        ({"suite": "curated", "tests": "HSC,GDS"}, "Boolean model GDS: not known; needed: one of GSD, HSC, VSC, mCAD"),
        ({"suite": "curated", "train": "omnipaht"}, "'omnipaht' does not name a reference"),
        ({"suite": "own"}, "the user's network was not given"),
        ({"suite": "own", "reference": "a", "size": "500"}, "size has no part in the suite own"),
        ({"suite": "own", "reference": "a", "tests": "mDC:STRING"}, "tests has no part in the suite own"),
        ({"suite": "curated", "negatives": "all-pairs"}, "negatives has no part in the suite curated"),
        ({"reference": "mine.tsv"}, "reference has no part in the suite ugrn"),
        ({"n_seeds": 0}, "0 seeds were asked for"),
        ({"n_seeds": "many"}, "the option n_seeds of a benchmark is 'many'; needed: a whole number"),
        ({"train": 3}, "the option train of a benchmark is 3; needed: a list of names"),
        ({"model": None}, "the option model of a benchmark is None; needed: text"),
        ({"suite": "own", "reference": "a", "genes": ["A,B"]}, "the gene panel names 'A,B'"),
        ({"adapt": "-5"}, "-5 steps of adaptation"),
    ],
)
def test_nothing_unknown_is_passed_over(values, words):
    with pytest.raises(RequestError, match=words.replace("+", "\\+")):
        BenchmarkOptions.from_json(values)


@pytest.mark.parametrize("suite", ["ugrn", "transfer"])
@pytest.mark.parametrize("wrong", ["hTWO:NETT", "hTVO:NET", "hNONE:OTHER"])
@pytest.mark.parametrize("others", [(), ("hTWO:NET",)])
def test_a_misspelt_test_is_refused_with_the_names_that_exist(toy, suite, wrong, others):
    dataset, network = wrong.split(":")
    with pytest.raises(RequestError) as caught:
        protocols(replace(toy, suite=suite, tests=(wrong, *others)))
    assert caught.value.found == f"there is no network {network} of {dataset}, TFs+500"
    assert caught.value.needed == "one of hFAR:NET, hONE:NET, hTWO:NET, hTWO:OTHER"


@pytest.mark.parametrize("suite", ["ugrn", "transfer", "curated"])
def test_a_misspelt_training_reference_is_refused_with_the_names_that_exist(toy, suite):
    with pytest.raises(RequestError, match="no network NET of hUNE, TFs\\+500; needed: one of hFAR:NET, hONE:NET"):
        protocols(BenchmarkOptions(suite=suite, references=toy.references, train=("hONE:NET", "hUNE:NET")))


def test_what_is_not_here_is_refused(toy, tmp_path):
    with pytest.raises(RequestError, match="no reference networks"):
        protocols(replace(toy, references=None))
    with pytest.raises(DataError, match="holds no reference network of TFs"):
        protocols(replace(toy, size=("1000",)))
    with pytest.raises(RequestError, match="hONE:NET would be tested on itself"):
        protocols(replace(toy, tests=("hONE:NET",)))
    with pytest.raises(DataError, match=r"there is no folder .*nowhere; needed: a folder with files called NETWORK"):
        protocols(replace(toy, references=tmp_path / "nowhere"))
    with pytest.raises(DataError, match="there is no folder"):
        protocols(replace(toy, expression=tmp_path / "nowhere"))
    with pytest.raises(DataError, match="there is no reference network 'nobody'; needed: the path of an edge list"):
        protocols(BenchmarkOptions(suite="own", reference="nobody"))


def test_leave_dataset_out_is_the_default(toy):
    (found,) = protocols(toy)
    assert found.tests == ("hFAR:NET", "hTWO:NET")
    assert (found.n_seeds, found.negatives, found.coexpression) == (2, "tf-restricted", ())


def test_lists_multiply(toy):
    chosen = replace(toy, splits=("all", "unseen-target"), negatives=("all-pairs", "tf-restricted"))
    found = protocols(replace(chosen, tests=("hTWO:NET",), train=("hFAR:NET", "hONE:NET")))
    assert [(one.train, one.negatives) for one in found] == [
        ("hFAR:NET", "tf-restricted"),
        ("hONE:NET", "tf-restricted"),
        ("hFAR:NET", "all-pairs"),
        ("hONE:NET", "all-pairs"),
    ]


def test_transfer_trains_on_each(toy):
    found = protocols(replace(toy, suite="transfer", train=()))
    assert sorted(one.train for one in found) == ["hFAR:NET", "hONE:NET", "hTWO:NET", "hTWO:OTHER"]
    assert all(one.train not in one.tests and len(one.tests) == 3 for one in found)


def test_an_edge_list_is_read_where_it_lies(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_text("source\ttarget\nGATA1\tHBB\n", encoding="utf-8")
    (found,) = protocols(BenchmarkOptions(suite="own", reference=str(path), genes=("HBB", "GATA1")))
    assert (found.own, found.genes, found.tests) == (path, ("GATA1", "HBB"), ("own",))


def command_line(text: str) -> BenchmarkOptions:
    """Return what a command line asks for."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return options_of(parser.parse_args(shlex.split(text)))


@given(seeds=st.integers(1, 9), splits=several(SPLITS, least=1), coexpression=several(COEXPRESSION))
def test_what_changes_nothing_of_perturbed_tfs_makes_no_other_benchmark(seeds, splits, coexpression):
    """Nor does what an earlier command wrote down of it."""
    usual = BenchmarkOptions(suite="perturbation", tables=("A=a.tsv",))
    odd = {"n_seeds": seeds, "splits": splits, "coexpression": coexpression}
    assert BenchmarkOptions(suite="perturbation", tables=("A=a.tsv",), **odd) == usual
    assert BenchmarkOptions.from_json({**usual.to_json(), **odd}) == usual


def test_command_and_page_ask_the_same_of_perturbed_tfs(tmp_path):
    table = tmp_path / "a.tsv"
    table.write_text("tf\ttarget\n")
    options = BenchmarkOptions(suite="perturbation", tables=(f"A={table}",))
    assert command_line(f"--suite perturbation --table A={shlex.quote(str(table))}") == options
    assert command_line(" ".join(map(shlex.quote, shlex.split(command_of(options))[4:]))) == options
    for odd in ("--seeds 5", "--split all", "--coexpression none", "--expression here"):
        with pytest.raises(RequestError, match=f"{odd.split()[0]} changes nothing of the suite perturbation"):
            command_line(f"--suite perturbation --table A={shlex.quote(str(table))} {odd}")
