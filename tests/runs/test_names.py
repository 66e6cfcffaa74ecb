"""What runs are called: the beginnings of their names tell them apart, and the dataset comes last."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations

import pytest

from grn_core.experiments.uploads import store_measured
from grn_core.planning import translators_for
from grn_core.runs import (
    AgainstRequest,
    CoexpressionRequest,
    ConsensusRequest,
    GroupsRequest,
    ImportRequest,
    InferRequest,
    RanksRequest,
    Request,
    WhatIfRequest,
)
from grn_core.runs.names import BETWEEN, file_name, name_of
from grn_core.translator.registry import DEFAULT, FOR_CELLS, records

TITLE = "PBMC 68k, 700 cells"
CELLS = {"dataset_ref": "pbmc68k", "title": TITLE}
USUAL = {record.name: record.ensemble for record in records()}
GENERIC = InferRequest(**CELLS, extractors=USUAL[DEFAULT])
OWN = replace(GENERIC, background="context", translator=FOR_CELLS, extractors=USUAL[FOR_CELLS])
PEARSON = CoexpressionRequest(**CELLS)
WHAT_IF = WhatIfRequest(**CELLS, changed=("KLF1",))
ASKED: tuple[Request, ...] = (
    GENERIC,
    OWN,
    replace(OWN, cells=("cell type", ("B cells",))),
    replace(GENERIC, cells=("cell type", ("B cells",))),
    replace(GENERIC, cells=("cell type", ("B cells", "T cells"))),
    replace(GENERIC, cells=("louvain", ("1",))),
    replace(GENERIC, model="scgpt-human"),
    replace(GENERIC, translator="omnipath", extractors=USUAL["omnipath"]),
    replace(GENERIC, extractors=("vvp",)),
    replace(GENERIC, extractors=("gdt",)),
    replace(GENERIC, seeds=(0, 1)),
    replace(GENERIC, signs="slope"),
    replace(GENERIC, with_coexpression=True),
    replace(GENERIC, adapt=300),
    replace(GENERIC, readout="plain"),
    replace(GENERIC, n_variable=1000),
    replace(GENERIC, tfs="scenic"),
    replace(GENERIC, tfs=("SOX9",)),
    replace(GENERIC, tfs=("GATA1",)),
    replace(GENERIC, genes=("SPI1", "CEBPA", "KLF1")),
    PEARSON,
    replace(PEARSON, method="spearman"),
    replace(PEARSON, method="grnboost2"),
    replace(PEARSON, method="grnboost2", seed=1),
    replace(PEARSON, cells=("cell type", ("B cells",))),
    replace(PEARSON, model="scgpt-human"),
    RanksRequest(**CELLS, model="geneformer"),
    RanksRequest(**CELLS, model="geneformer", readout="attention"),
)


@pytest.mark.parametrize(
    ("request_", "called"),
    [
        (GENERIC, f"Generic cell · {TITLE}"),
        (ASKED[2], f"Your cells · B cells · {TITLE}"),
        (ASKED[5], f"Generic cell · louvain 1 · {TITLE}"),
        (PEARSON, f"Pearson correlation · {TITLE}"),
        (replace(PEARSON, cells=("cell type", tuple("ABCDE"))), f"Pearson correlation · 5 groups of cells · {TITLE}"),
        (
            replace(GENERIC, dataset_ref="genes", genes=("SPI1", "KLF1"), title="2 genes: KLF1, SPI1"),
            "Generic cell · 2 genes: KLF1, SPI1",
        ),
        (ConsensusRequest(runs=("1" * 16, "2" * 16)), "Consensus of 2 runs · 111111, 222222"),
        (
            ConsensusRequest(runs=("1" * 16, "2" * 16), title="OmniPath and Pearson correlation"),
            "Consensus of 2 runs · 111111, 222222 · OmniPath and Pearson correlation",
        ),
        (
            replace(WHAT_IF, propagate="omnipath"),
            f"Knock-out of KLF1 · Generic cell · propagated along OmniPath · {TITLE}",
        ),
        (
            replace(WHAT_IF, measured="/x/made_up.28c25f9da176.csv"),
            f"Knock-out of KLF1 · Generic cell · beside made_up.csv · {TITLE}",
        ),
        (
            replace(GENERIC, translator="omnipath", extractors=USUAL["omnipath"]),
            f"Generic cell · OmniPath, human TF-target edges · {TITLE}",
        ),
        (ImportRequest(file="/somewhere/adj.csv"), "adj.csv · from a file"),
    ],
)
def test_a_name_says_what_was_asked_first(request_, called):
    assert name_of(request_) == called


def test_tables_that_were_called_the_same_are_told_apart():
    names = [store_measured("made_up.csv", io.BytesIO(f"gene,logFC\nKLF1,{n}\n".encode())) for n in (1, 2)]
    first, second = (name_of(replace(WHAT_IF, measured=name)) for name in names)
    assert first != second
    assert "(" not in name_of(
        replace(WHAT_IF, measured=store_measured("other.csv", io.BytesIO(b"gene,logFC\nKLF1,3\n")))
    )


def test_a_measurement_is_called_by_its_reference():
    runs = ("1" * 16, "2" * 16)
    assert name_of(AgainstRequest(runs=runs)) == "Measured against OmniPath · 111111, 222222 · 2 networks"
    imported = AgainstRequest(runs=runs, reference="run:" + "3" * 16, n_draws=50)
    assert name_of(imported) == "Measured against network 333333 · 111111, 222222 · 50 draws · 2 networks"


def test_requests_that_ask_differently_differ_before_the_dataset():
    for one, other in combinations(ASKED, 2):
        first, second = (name_of(asked).split(BETWEEN) for asked in (one, other))
        assert first != second, (one, other)
        assert first[-1] == second[-1] == TITLE
        assert TITLE not in (first[0], second[0])


@pytest.mark.parametrize(
    ("a", "b", "called"),
    [("1", "2", "louvain 1 against 2"), ("Mono, classical", "B", "Mono, classical against B")],
)
def test_two_groups_of_one_column_name_it_once_or_not_at_all(a, b, called):
    request = GroupsRequest(**CELLS, a=("louvain", (a,)), b=("louvain", (b,)))
    assert name_of(request).split(BETWEEN)[0] == called


def test_a_name_takes_nothing_from_the_order_or_from_the_title_alone():
    one = replace(GENERIC, cells=("t", ("T cells", "B cells")), seeds=(3, 1))
    other = replace(GENERIC, cells=("t", ("B cells", "T cells")), seeds=(1, 3))
    assert name_of(one) == name_of(other)
    assert name_of(replace(GENERIC, title="")) == "Generic cell · pbmc68k"


def test_the_translator_of_your_own_cells_is_the_one_that_is_taken():
    assert translators_for("compact", background="context")[0].name == FOR_CELLS


@pytest.mark.parametrize(
    ("title", "file"),
    [
        (name_of(GENERIC), "grn-generic-cell-pbmc-68k-700-cells-01234567"),
        ("../../etc/passwd", "grn-etc-passwd-01234567"),
        ("細胞", "grn-01234567"),
    ],
)
def test_files_are_called_after_their_run_in_plain_letters(title, file):
    assert file_name(title, "0123456789abcdef") == file
