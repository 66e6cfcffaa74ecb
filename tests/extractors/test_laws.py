"""The laws of extractors on every kind of model: the tiny compact one and all checkpoints in published formats."""

from __future__ import annotations

import pytest

from tests.extractors.laws import LAWS, Case, goes_on_where_it_was_stopped
from tests.models.published import FIXTURES, model_of
from tests.models.tiny import tiny_model

CHECKPOINTS = (
    "scgpt_bn_batch",
    "scgpt_flash_pad",
    "scgpt_impl_zeroprob",
    "scgpt_inproj",
    "scbenchmark_small",
    "scfoundation_small",
)
RANKS = ("geneformer_v1/Geneformer-V1-10M", "geneformer_v2/Geneformer-V2-104M")
FURTHER = ("scgpt_bn_batch", "scgpt_impl_zeroprob", "scgpt_inproj")
"""More ways in which one family is written; `tests/models` reads and recomputes each of them."""
HERE = (one if one not in FURTHER else pytest.param(one, marks=pytest.mark.thorough) for one in CHECKPOINTS)
MODELS = ("tiny", *HERE, *(pytest.param(one, marks=pytest.mark.geneformer) for one in RANKS))


@pytest.fixture(params=MODELS)
def case(request):
    return Case(tiny_model() if request.param == "tiny" else model_of(FIXTURES / request.param))


def test_values_give_all_extractors_and_an_order_of_genes_those_that_need_none(case):
    genes = ("attn", "emb", "source", "target", "neighbours")
    assert case.names == (("vvp", "gdt", "pert", *genes) if case.model.record.takes_values else genes)


def in_turn():
    """Every law of every model: here all of the tiny one, and of the others each law of one in turn."""
    here = [one for one in CHECKPOINTS if one not in FURTHER]
    for number, law in enumerate(LAWS):
        yield pytest.param(law, "tiny", id=f"tiny-{law.__name__}")
        for model in CHECKPOINTS:
            marks = () if model == here[number % len(here)] else pytest.mark.thorough
            yield pytest.param(law, model, id=f"{model}-{law.__name__}", marks=marks)
        for model in RANKS:
            yield pytest.param(law, model, id=f"{model}-{law.__name__}", marks=pytest.mark.geneformer)


@pytest.mark.parametrize(("law", "case"), [*in_turn()], indirect=["case"])
def test_every_extractor(law, case):
    law(case)


def test_every_extractor_goes_on_where_it_was_stopped(case, tmp_path):
    goes_on_where_it_was_stopped(case, tmp_path)


@pytest.mark.geneformer
def test_a_gene_that_stands_in_no_order_gives_and_takes_no_attention():
    model = model_of(FIXTURES / RANKS[0])
    case = Case(model)
    case.mean[[2, 4]] = 0
    found = case.ask()["attn"][..., 0]
    assert set(found[0, [2, 4]]) == {0.0}
    assert set(found[1, [0, 1, 2, 3, 5, 6, 7]]) == {0.0}, "gene 4 is a source"
    assert (found[0, [0, 3, 5, 6, 7]] > 0).all()
