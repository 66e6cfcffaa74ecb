"""Law: a request becomes a command line, which the real parser reads back as the same run."""

from __future__ import annotations

import functools
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grn_core import datasets
from grn_core.adapt import MAX_STEPS
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.cli import lists, parser
from grn_core.cli.command import START, command_of, shown
from grn_core.cli.parser import build_parser, requests_of
from grn_core.coexpression import METHODS
from grn_core.downloads import archives
from grn_core.experiments.change import CHANGES
from grn_core.hub.manifest import checkpoints
from grn_core.planning import BACKGROUNDS, SIGNS
from grn_core.pretrain.recipe import Recipe
from grn_core.runs import (
    ActivityRequest,
    AdaptRequest,
    AddRequest,
    AgainstRequest,
    AllGroupsRequest,
    BenchmarkRequest,
    CoexpressionRequest,
    ConsensusRequest,
    DownloadRequest,
    GroupsRequest,
    ImportRequest,
    InferRequest,
    MeasureRequest,
    PretrainRequest,
    PullRequest,
    RanksRequest,
    Request,
    TrainTranslatorRequest,
    UmapRequest,
    WhatIfRequest,
)
from grn_core.runs.jobs import job_kinds
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.settings import settings as home_settings
from tests.models.published import FIXTURES

built = functools.cache(build_parser)
"""Building one takes longer than reading a command."""
RANK_MODEL = str(FIXTURES / "geneformer_v2" / "Geneformer-V2-104M")
ODD = [
    "a,b",
    "x y",
    'q"u"o',
    "'",
    "-dash",
    "--genes",
    "k=v",
    "#hash",
    "é µ 基因",
    "%s",
    "a\\b",
    "$(ls)",
    "`ls`",
    ";",
    "*",
]
texts = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
anything = texts | st.text(st.sampled_from('a,"=\r\n\t\x1c\u2028 '), min_size=1, max_size=4)
"""Line ends, too, which a name may hold and a list must not be cut at."""
names = st.lists(anything.filter(str.strip), min_size=1, max_size=4).map(tuple)
numbers = st.integers(0, 10**6)
ids = st.text("0123456789abcdef", min_size=16, max_size=16)


def own_file(folder: Path) -> str:
    """The ref of a local file of cells whose name and whose values are odd; named once on the command line."""
    from grn_core.datasets.local import file_ref
    from grn_core.datasets.read_as import ReadAs

    genes = ["SPI1", "CEBPA", "GATA1", "CD14", "LYZ", "NKG7"]
    table = pd.DataFrame(np.random.default_rng(0).poisson(3, (12, 6)) + 1, columns=genes)
    path = folder / "my cells, 'one' = #1.csv"
    table.to_csv(path)
    return file_ref(path, read_as=ReadAs(species="human", values="counts", name_column="first_column"))


def kept_measurement() -> str:
    """The name of a table of measured changes that is kept."""
    path = home_settings().home / "measured" / "own-net-1.0123456789ab.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("gene\tlogFC\nLYZ\t1\n", encoding="utf-8")
    return path.name


def sha(ref: str) -> str:
    return "" if ref == GENES_ONLY else datasets.load(ref).sha256


chosen = st.tuples(texts, st.lists(texts, min_size=1, max_size=3).map(tuple))
cells = st.none() | chosen
tfs = st.sampled_from(["auto", "human", "mouse"]) | names


@st.composite
def panels(draw, ref: str) -> dict:
    """The fields of a panel on a dataset, or on a bare gene list."""
    if ref == GENES_ONLY:
        species = draw(st.sampled_from([None, "human", "mouse"]))
        return {"dataset_ref": ref, "genes": draw(names), "tfs": draw(tfs), "species": species}
    chosen = {"cells": draw(cells), "genes": draw(st.none() | names), "tfs": draw(tfs), "n_variable": draw(numbers)}
    return {"dataset_ref": ref, "dataset_sha": sha(ref), **chosen}


@st.composite
def inferences(draw, ref: str) -> InferRequest:
    return InferRequest(
        **draw(panels(ref)),
        with_coexpression=ref != GENES_ONLY and draw(st.booleans()),
        readout=draw(st.sampled_from([None, "masked"])),
        extractors=draw(st.sampled_from([("vvp",), ("gdt",), ("vvp", "gdt")])),
        seeds=draw(st.lists(st.integers(0, 4), min_size=1, max_size=5).map(tuple)),
        adapt=None if ref == GENES_ONLY else draw(st.none() | st.integers(1, MAX_STEPS)),
        signs=draw(st.sampled_from(SIGNS)),
    )


@st.composite
def coexpressions(draw, ref: str) -> CoexpressionRequest:
    method = METHODS[draw(st.sampled_from(sorted(METHODS)))]
    options = {option.name: draw(st.integers(1, 999)) for option in method.options}
    return CoexpressionRequest(**draw(panels(ref)), method=method.name, options=options, seed=draw(numbers))


benchmarks = st.builds(
    lambda suite, seeds, splits, adapt, negatives: BenchmarkRequest(
        options=BenchmarkOptions(suite=suite, n_seeds=seeds, splits=tuple(splits), adapt=adapt, negatives=negatives)
    ),
    suite=st.just("curated"),
    seeds=st.integers(1, 9),
    splits=st.lists(st.sampled_from(["all", "unseen-target", "unseen-both"]), min_size=1, max_size=3),
    adapt=st.integers(0, MAX_STEPS),
    negatives=st.sampled_from([(), ("beeline",)]),
)
recipes = st.fixed_dictionaries(
    {}, optional={"steps": numbers, "dropout": st.floats(0, 1), "learning_rate": st.floats(1e-9, 1.0), "seed": numbers}
)


def strategy(kind: str, ref: str, folder: Path) -> st.SearchStrategy[Request]:
    """Requests of a kind, with odd text wherever there is text."""
    if kind == "infer":
        return inferences(ref)
    if kind == "coexpression":
        return coexpressions("GSD" if ref == GENES_ONLY else ref)
    if kind == "ranks":
        readouts = st.sampled_from(["embedding"] if ref == GENES_ONLY else [None, "delete", "attention"])
        return panels(ref).flatmap(
            lambda panel: readouts.map(lambda readout: RanksRequest(**panel, model=RANK_MODEL, readout=readout))
        )
    on_cells = "GSD" if ref == GENES_ONLY else ref
    data = {"dataset_ref": st.just(on_cells), "dataset_sha": st.just(sha(on_cells))}
    of_groups = {"method": st.sampled_from(["pearson", "genie3", "context"]), "seed": numbers}
    return {
        "import": st.builds(
            ImportRequest.of,
            st.sampled_from([folder / "own, net=1.tsv", folder / "-odd #1.tsv"]),
            species=st.sampled_from([None, "human", "mouse"]),
            score=st.none() | texts,
            ranked=st.booleans(),
            signed=st.booleans(),
        ),
        "activity": st.builds(
            lambda groups, donor, **options: ActivityRequest(
                **options, **groups, donor=donor if groups["a"] is not None else ""
            ),
            groups=st.fixed_dictionaries({"a": chosen, "b": chosen}) | st.just({"a": None, "b": None}),
            donor=st.just("") | texts,
            **data,
            cells=cells,
            network=st.just("omnipath") | ids,
            method=st.sampled_from(["ulm", "aucell", "mlm"]),
            n_targets=numbers,
            min_targets=st.integers(1, 99),
            group=st.just("") | texts,
        ),
        "groups": panels(on_cells).flatmap(
            lambda panel: st.builds(
                GroupsRequest,
                **{name: st.just(value) for name, value in panel.items()},
                **of_groups,
                a=chosen,
                b=chosen,
                donor=st.just("") | texts,
                permutations=st.integers(1, 9999),
            )
        ),
        "all-groups": panels(on_cells).flatmap(
            lambda panel: st.builds(
                AllGroupsRequest,
                **{name: st.just(value) for name, value in panel.items()},
                **of_groups,
                by=texts,
                best=st.integers(1, 9999),
            )
        ),
        "what-if": panels(ref).flatmap(
            lambda panel: st.builds(
                lambda background, group, **asked: WhatIfRequest(
                    **asked, background=background, group=group if background == "context" else None
                ),
                **{name: st.just(value) for name, value in panel.items()},
                changed=names,
                change=st.sampled_from(sorted(CHANGES)),
                left=st.floats(0, 1),
                background=st.sampled_from(BACKGROUNDS[: 1 if ref == GENES_ONLY else 2]),
                group=cells,
                readout=st.sampled_from([None, "plain"]),
                n_draws=st.integers(2, 99),
                seed=numbers,
                measured=st.sampled_from(["", kept_measurement()]),
                propagate=st.sampled_from(["", "omnipath"]),
            )
        ),
        "umap": st.builds(UmapRequest, **data, resolution=st.none() | st.floats(0.1, 9), seed=numbers),
        "adapt": st.builds(
            AdaptRequest,
            **data,
            cells=cells,
            steps=st.integers(0, MAX_STEPS),
            learning_rate=st.floats(1e-9, 1.0),
            seed=numbers,
            heading=st.just("") | texts,
        ),
        "consensus": st.builds(ConsensusRequest, runs=st.lists(ids, min_size=2, max_size=4, unique=True).map(tuple)),
        "against": st.builds(
            AgainstRequest,
            runs=st.lists(ids, min_size=2, max_size=6, unique=True).map(tuple),
            reference=st.sampled_from(["omnipath", "mCAD"]),
            n_draws=st.integers(2, 9999),
            seed=numbers,
        ),
        "benchmark": benchmarks,
        "measure": st.builds(MeasureRequest, model=st.just("compact")),
        "pull": st.builds(PullRequest, checkpoint=st.sampled_from([one.name for one in checkpoints()])),
        "add": st.builds(AddRequest, folder=st.just(str(folder)), name=st.just("mine"), heading=st.just("") | texts),
        "download": st.builds(
            DownloadRequest, archive=st.sampled_from([one.name for one in archives()]), accept=st.none() | ids
        ),
        "train-translator": st.builds(
            TrainTranslatorRequest,
            name=texts,
            references=st.just(("omnipath",)),
            tests=st.sampled_from([(), ("omnipath",), (str(folder / "own, net=1.tsv"),)]),
            without=st.sampled_from([(), (str(folder / "own, net=1.tsv"),)]),
            beside=st.sampled_from([(), ("omnipath",)]),
            readout=st.sampled_from([None, "masked"]),
            n_seeds=st.integers(1, 9),
            heading=st.just("") | texts,
            description=st.just("") | texts,
            corpus=st.sampled_from(["", str(folder)]),
        ),
        "pretrain": st.builds(
            PretrainRequest,
            corpus=st.just(str(folder)),
            profiles=st.sampled_from(["", str(folder)]),
            stated_only=st.booleans(),
            recipe=recipes,
            note=st.just("") | texts,
            tried=st.just("") | texts,
            work=st.sampled_from(["", str(folder / "w")]),
        ),
    }[kind]


@pytest.mark.geneformer
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", [kind.name for kind in job_kinds() if kind.name != "count"])
def test_a_command_asks_for_the_same_run(kind, place, tmp_path, monkeypatch):
    monkeypatch.setattr(parser, "build_parser", built)
    ref = ("GSD", own_file(tmp_path), GENES_ONLY)[place]
    for name in ("own, net=1.tsv", "-odd #1.tsv"):
        (tmp_path / name).write_text(f"source\ttarget\nSPI1\tLYZ\nGATA1\tKLF{len(name)}\n", encoding="utf-8")
    examples = 25 if kind in ("infer", "ranks", "coexpression") else 12 if place == 0 else 3

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(asked=strategy(kind, ref, tmp_path))
    def law(asked):
        words = command_of(asked)
        assert tuple(words[:3]) == START
        assert shlex.split(shown(asked)) == words
        (again,) = requests_of(words[3:])
        assert again == asked
        assert again.run_id() == asked.run_id()

    law()


@given(st.lists(anything, max_size=6))
def test_a_list_is_one_word(values):
    assert lists.split(lists.joined(values)) == tuple(values)


@given(anything, st.lists(anything, min_size=1, max_size=4))
def test_a_choice_of_cells_is_one_word(column, values):
    assert lists.chosen_cells(lists.choice_of(column, values)) == (column, tuple(values))


def test_the_fields_of_the_recipe_are_options():
    asked = PretrainRequest(corpus="/c", recipe={"width": 64, "few_share": 0.25})
    assert asked.whole_recipe() == Recipe(width=64, few_share=0.25)


@pytest.mark.parametrize("words", [["list"], ["check", "cells.h5ad"], ["add", "cells.h5ad"]])
def test_an_option_says_the_same_before_and_after_the_action(words, tmp_path):
    options = ["--json", "--home", str(tmp_path)]
    before, after = (
        vars(build_parser("datasets").parse_args(line))
        for line in (["datasets", *options, *words], ["datasets", *words, *options])
    )
    assert before == after
    assert before["json"]
    assert before["home"] == tmp_path
