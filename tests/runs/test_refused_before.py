"""What can be known before a run is refused before there is one: of every kind of work, and no run is left behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grn_core import datasets
from grn_core.benchmark.options import BenchmarkOptions
from grn_core.datasets.isolation import stored
from grn_core.errors import GrnError
from grn_core.runs import (
    ActivityRequest,
    AllGroupsRequest,
    CoexpressionRequest,
    ConsensusRequest,
    GroupsRequest,
    InferRequest,
    Request,
    RunStore,
    UmapRequest,
    WhatIfRequest,
    manager,
)
from grn_core.runs.jobs import job_kinds
from grn_core.runs.kinds.adapt import AdaptRequest
from grn_core.runs.kinds.against import AgainstRequest
from grn_core.runs.kinds.benchmark import BenchmarkRequest
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.kinds.pretrain import PretrainRequest
from grn_core.runs.kinds.ranks import RanksRequest
from grn_core.runs.kinds.train_translator import TrainTranslatorRequest
from tests.pages.coexpression_run import coexpression_run
from tests.pages.fabricated_run import fabricate_run

GROUP = "bulk_labels"
MONOCYTES, DENDRITIC = (GROUP, ("CD14+ Monocyte",)), (GROUP, ("Dendritic",))
NOWHERE, NOBODY = ("nowhere", ("A",)), (GROUP, ("Nobody",))
NO_TF = "no TF that was named can be a source: foo"
ELSEWHERE = {"download", "add", "pull", "measure", "import"}
"""Kinds that are refused where they are tested: by what is published, or by the file that they read."""


def cells(kind: type, **asked) -> Request:
    return kind(title="Mine", dataset_ref="pbmc68k", dataset_sha=datasets.load("pbmc68k").sha256, **asked)


def file(name: str, text: str) -> str:
    path = Path(name).absolute()
    path.write_text(text, encoding="utf-8")
    return str(path)


def two_of(**other) -> tuple[str, str]:
    """Two finished networks, the second with other genes or translators."""
    return fabricate_run(seed=1), fabricate_run(seed=2, **other)


BAD: dict[str, tuple[str, Callable[[], Request]]] = {
    "infer: a column that is not there": ("nowhere", lambda: cells(InferRequest, cells=NOWHERE)),
    "infer: a value that is not there": ("no cell has Nobody", lambda: cells(InferRequest, cells=NOBODY)),
    "infer: other cells": ("content", lambda: InferRequest(dataset_ref="pbmc68k", dataset_sha="0" * 64)),
    "infer: a translator that is not there": ("nobody", lambda: cells(InferRequest, translator="nobody")),
    "infer: too few cells": (
        "cells are chosen",
        lambda: cells(InferRequest, cells=(GROUP, ("CD4+/CD45RA+/CD25- Naive T",))),
    ),
    "infer: genes that are not there": (
        "of the list is in the data",
        lambda: cells(InferRequest, genes=("foo", "bar")),
    ),
    "infer: a list of no genes": (
        "names in the gene list is a known gene",
        lambda: InferRequest(dataset_ref=GENES_ONLY, genes=("foo", "bar")),
    ),
    "coexpression: genes of which none is a TF": (
        "on the TF list",
        lambda: cells(CoexpressionRequest, genes=("LYZ", "NKG7", "CST3")),
    ),
    "coexpression: a column": ("nowhere", lambda: cells(CoexpressionRequest, cells=NOWHERE)),
    "ranks: a model without": ("", lambda: cells(RanksRequest, model="nowhere")),
    "umap: no such data": ("nothing", lambda: UmapRequest(dataset_ref="nothing", dataset_sha="0")),
    "adapt: a column": ("nowhere", lambda: cells(AdaptRequest, cells=NOWHERE)),
    "activity: a column of groups": ("nowhere", lambda: cells(ActivityRequest, group="nowhere")),
    "activity: a group": ("group A", lambda: cells(ActivityRequest, a=NOBODY, b=DENDRITIC)),
    "activity: donors": ("nowhere", lambda: cells(ActivityRequest, a=MONOCYTES, b=DENDRITIC, donor="nowhere")),
    "activity: a network of other genes": (
        "no TF of the network has",
        lambda: cells(ActivityRequest, network=fabricate_run(name_of_gene="H{:02d}")),
    ),
    "groups: a group": ("group B", lambda: cells(GroupsRequest, a=MONOCYTES, b=NOBODY)),
    "groups: both": ("in both", lambda: cells(GroupsRequest, a=MONOCYTES, b=MONOCYTES)),
    "groups: TFs": (NO_TF, lambda: cells(GroupsRequest, a=MONOCYTES, b=DENDRITIC, tfs=("foo",))),
    "groups: donors": ("nowhere", lambda: cells(GroupsRequest, a=MONOCYTES, b=DENDRITIC, donor="nowhere")),
    "groups: donors too few for the method": (
        "permuted",
        lambda: cells(GroupsRequest, a=MONOCYTES, b=DENDRITIC, donor=GROUP, method="genie3"),
    ),
    "all-groups: a column": ("nowhere", lambda: cells(AllGroupsRequest, by="nowhere")),
    "all-groups: TFs": (NO_TF, lambda: cells(AllGroupsRequest, by=GROUP, tfs=("foo",))),
    "all-groups: one group": ("group of", lambda: cells(AllGroupsRequest, by=GROUP, cells=MONOCYTES)),
    "what-if: a group": (
        "no cell",
        lambda: cells(WhatIfRequest, changed=("SPI1",), background="context", group=NOBODY),
    ),
    "what-if: TFs": (NO_TF, lambda: cells(WhatIfRequest, changed=("foo",), tfs=("foo",))),
    "what-if: donors": (
        "nowhere",
        lambda: cells(WhatIfRequest, changed=("SPI1",), background="context", donor="nowhere"),
    ),
    "what-if: a network without signs": (
        "sign",
        lambda: cells(WhatIfRequest, changed=("SPI1",), propagate=fabricate_run(signs="none")),
    ),
    "what-if: a measurement that is gone": (
        "gone.tsv",
        lambda: cells(WhatIfRequest, changed=("SPI1",), measured="gone.tsv"),
    ),
    "consensus: no probabilities": (
        "no calibrated probability",
        lambda: ConsensusRequest(runs=two_of(extractors=("vvp",), background="context"), method="calibrated-mean"),
    ),
    "consensus: probabilities of other edges": (
        "one kind",
        lambda: ConsensusRequest(runs=two_of(rare=True), method="calibrated-mean"),
    ),
    "consensus: nothing in common": ("no pair", lambda: ConsensusRequest(runs=two_of(name_of_gene="H{:02d}"))),
    "consensus: a run that is gone": ("", lambda: ConsensusRequest(runs=(fabricate_run(), "f" * 16))),
    "against: nothing in common": ("no pair", lambda: AgainstRequest(runs=two_of(name_of_gene="H{:02d}"))),
    "against: a reference of other genes": ("", lambda: AgainstRequest(runs=two_of())),
    "benchmark: a reference that is not there": (
        "nowhere",
        lambda: BenchmarkRequest(options=BenchmarkOptions(suite="own", reference="nowhere.tsv")),
    ),
    "benchmark: a reference that is none": (
        "",
        lambda: BenchmarkRequest(options=BenchmarkOptions(suite="own", reference=file("a.tsv", "one\ntwo\n"))),
    ),
    "benchmark: a reference of unknown genes": (
        "no edge",
        lambda: BenchmarkRequest(
            options=BenchmarkOptions(suite="own", reference=file("b.tsv", "source\ttarget\nfoo\tbar\nbar\tbaz\n"))
        ),
    ),
    "benchmark: a panel without its edges": (
        "no edge",
        lambda: BenchmarkRequest(
            options=BenchmarkOptions(
                suite="own", reference=file("c.tsv", "source\ttarget\nSPI1\tLYZ\n"), genes=("GATA1", "CD19")
            )
        ),
    ),
    "benchmark: a table that is none": (
        "",
        lambda: BenchmarkRequest(
            options=BenchmarkOptions(suite="perturbation", tables=(f"Mine={file('d.tsv', 'a,b')}",))
        ),
    ),
    "benchmark: no references": (
        "reference networks",
        lambda: BenchmarkRequest(options=BenchmarkOptions(suite="transfer")),
    ),
    "train-translator: a reference": (
        "nowhere",
        lambda: TrainTranslatorRequest(name="mine", references=("nowhere.tsv",)),
    ),
    "pretrain: no corpus": ("nowhere", lambda: PretrainRequest(corpus="nowhere")),
}


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused_in_words_and_leaves_no_run(what, grn_home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(manager, "_start", lambda *_, **__: pytest.fail("a worker was started"))
    said, ask = BAD[what]
    there: list[set[str]] = []

    def submit() -> None:
        request = ask()
        there.append({info.run_id for info in RunStore().list_runs()})
        manager.submit(request)

    with pytest.raises(GrnError) as refused:
        submit()
    assert said in str(refused.value)
    assert refused.value.needed or refused.value.todo
    assert there in ([], [{info.run_id for info in RunStore().list_runs()}])


def test_every_kind_of_work_has_its_refusals():
    kinds = {kind.name for kind in job_kinds() if kind.request.__module__.startswith("grn_core.")}
    assert kinds - ELSEWHERE == {what.partition(":")[0] for what in BAD}


def test_what_can_be_computed_is_not_refused_and_no_matrix_of_cells_is_opened_to_tell(monkeypatch):
    started = []
    monkeypatch.setattr(manager, "_start", lambda store, run_id, **_: started.append(run_id) or store.status(run_id))
    both = two_of()
    asked = (
        cells(ActivityRequest, group=GROUP, a=MONOCYTES, b=DENDRITIC),
        cells(GroupsRequest, a=MONOCYTES, b=DENDRITIC),
        cells(AllGroupsRequest, by=GROUP),
        cells(WhatIfRequest, changed=("SPI1",), background="context", group=DENDRITIC, propagate=both[0]),
        ConsensusRequest(runs=both, method="calibrated-mean"),
        ConsensusRequest(runs=(coexpression_run(), coexpression_run("spearman"))),
        AgainstRequest(runs=(coexpression_run(), coexpression_run("spearman")), reference="GSD"),
    )
    datasets.catalog.forget()
    monkeypatch.setattr(stored, "_load_matrix", lambda *_: pytest.fail("a matrix was opened"))
    for request in asked:
        assert manager.submit(request) in started
