from __future__ import annotations

import json
import random
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.errors import RequestError
from grn_core.runs import CoexpressionRequest, InferRequest, RanksRequest, UmapRequest
from grn_core.runs.jobs import job_kind, request_from_json
from grn_core.runs.kinds.panel import GENES_ONLY
from grn_core.runs.versions import package_versions

names = st.lists(st.text(min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def _known_weights(stand_ins):
    """Ids need the hashes of weights; here they are given."""


def infer(**options) -> InferRequest:
    return InferRequest(**{"dataset_ref": "pbmc68k", "dataset_sha": "d" * 64, **options})


def test_the_id_is_sixteen_digits_and_stays_the_same():
    assert infer().run_id() == infer().run_id()
    assert len(infer().run_id()) == 16
    assert set(infer().run_id()) <= set("0123456789abcdef")


@given(genes=names, seeds=st.lists(st.integers(0, 99), min_size=1, max_size=5), order=st.randoms(use_true_random=False))
def test_order_and_repetition_in_lists_change_nothing(genes, seeds, order: random.Random):
    def shuffled(values):
        return tuple(order.sample([*values, values[0]], k=len(values) + 1))

    asked = infer(genes=tuple(genes), tfs=tuple(genes), seeds=tuple(seeds), cells=("type", tuple(genes)))
    again = infer(
        genes=shuffled(genes), tfs=shuffled(genes), seeds=shuffled(seeds), cells=["type", list(shuffled(genes))]
    )
    assert asked == again
    assert asked.run_id() == again.run_id()


@given(genes=st.none() | names, cells=st.none() | st.tuples(st.text(min_size=1), names), order=st.randoms())
def test_a_request_survives_json_in_any_order_of_keys(genes, cells, order):
    asked = infer(genes=genes, cells=cells, title="Blood")
    fields = list(json.loads(json.dumps(asked.to_json())).items())
    order.shuffle(fields)
    again = request_from_json({**dict(fields), "field_of_a_later_version": 1})
    assert again == asked
    assert again.title == "Blood"
    assert again.run_id() == asked.run_id()


OWN_CELLS = [{"background": "context"}, {"adapt": 100}, {"extractors": ("pert", "vvp")}, {"seeds": (0, 1)}]


def test_runs_that_no_cell_takes_part_in_cannot_differ_by_their_cells():
    everything, one_type = infer(), infer(cells=("type", ("B",)), n_variable=100, dataset_sha="e" * 64)
    assert everything.scores_as(one_type)
    assert everything.scores_as(infer(dataset_ref=GENES_ONLY, genes=("SPI1", "LYZ")))
    for own in OWN_CELLS:
        assert not everything.scores_as(replace(one_type, **own))
        assert not replace(one_type, **own).scores_as(everything)
        assert replace(everything, **own).scores_as(replace(one_type, **own)) == ("seeds" in own)
    ranks = RanksRequest(dataset_ref="pbmc68k", readout="embedding")
    assert ranks.scores_as(replace(ranks, cells=("type", ("B",))))
    assert not replace(ranks, readout="delete").scores_as(replace(ranks, readout="delete", cells=("type", ("B",))))
    assert not everything.scores_as(ranks)
    assert not CoexpressionRequest(dataset_ref="pbmc68k").scores_as(CoexpressionRequest(dataset_ref="pbmc68k"))


OTHERS = {
    "dataset_sha": "e" * 64,
    "n_variable": 501,
    "tfs": ("SPI1",),
    "genes": ("SPI1", "CEBPA"),
    "cells": ("type", ("B",)),
    "readout": "masked",
    "background": "context",
    "extractors": ("vvp",),
    "seeds": (7,),
}


@pytest.mark.parametrize("name", OTHERS)
def test_everything_that_decides_the_result_decides_the_id(name):
    assert infer(**{name: OTHERS[name]}).run_id() != infer().run_id()


def test_a_dataset_decides_by_its_content_and_knows_its_own_species():
    assert infer(dataset_ref="upload-1").run_id() == infer().run_id()
    assert infer(species="mouse") == infer()
    listed = [InferRequest(dataset_ref=GENES_ONLY, genes=("SPI1", "LYZ"), species=name) for name in ("human", "mouse")]
    assert listed[0].run_id() != listed[1].run_id()


def test_the_weights_decide_the_id_and_the_title_does_not(monkeypatch):
    before = infer().run_id()
    assert infer(title="other").run_id() == before
    registry = sys.modules["grn_core.models.registry"]
    monkeypatch.setattr(registry, "weights_sha", lambda name: "x")
    other_weights = infer().run_id()
    monkeypatch.setattr(registry, "card", lambda name: {"background": 0.0, "grid": [1.0]})
    assert len({before, other_weights, infer().run_id()}) == 3


def test_a_default_that_is_named_is_the_same_request():
    assert infer(readout="plain").run_id() == infer().run_id()


def test_kinds_on_the_same_data_are_different_work():
    data = {"dataset_ref": "pbmc68k", "dataset_sha": "d" * 64}
    assert len({UmapRequest(**data).run_id(), UmapRequest(**data, seed=3).run_id(), infer().run_id()}) == 3


def test_the_versions_that_compute_decide_the_id_and_others_do_not(monkeypatch):
    before = infer().run_id(), UmapRequest(dataset_ref="x").run_id()
    for name, changed in (("torch", (True, False)), ("results", (True, True)), ("anndata", (False, False))):
        others = {**package_versions(), name: "0.0"}
        with monkeypatch.context() as patch:
            patch.setattr("grn_core.runs.versions.package_versions", lambda others=others: others)
            after = infer().run_id(), UmapRequest(dataset_ref="x").run_id()
        assert tuple(one != other for one, other in zip(before, after, strict=True)) == changed


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"tfs": "rat"}, "unknown TF list"),
        ({"background": "none"}, "unknown background"),
        ({"species": "rat"}, "unknown species"),
        ({"n_variable": -1}, "number of variable genes is -1"),
        ({"extractors": ()}, "no method"),
        ({"seeds": ()}, "the seeds are"),
        ({"seeds": (-1,)}, "the seeds are"),
        ({"genes": ()}, "gene list is empty"),
        ({"tfs": ()}, "TF list is empty"),
        ({"dataset_ref": GENES_ONLY}, "no gene list"),
        ({"cells": ("type", ())}, "no value of 'type'"),
        ({"genes": (" ", "")}, "gene list is empty"),
        ({"dataset_ref": GENES_ONLY, "genes": ("SPI1",), "cells": ("type", ("B",))}, "cells were chosen without"),
    ],
)
def test_a_request_that_cannot_be_computed_is_refused(options, found):
    with pytest.raises(RequestError, match=found):
        infer(**options)


def test_an_unknown_kind_is_refused():
    with pytest.raises(RequestError, match=r"unknown kind of work 'dance'; needed: one of .*infer"):
        job_kind("dance")
