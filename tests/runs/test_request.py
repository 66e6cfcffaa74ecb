from __future__ import annotations

import json
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grn_core.errors import RequestError
from grn_core.runs import RunRequest
from grn_core.runs.request import GENES_ONLY

names = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def _known_weights(stand_ins):
    """Ids need the hashes of weights; here they are given."""


def infer(**options) -> RunRequest:
    return RunRequest(**{"dataset_ref": "pbmc68k", "dataset_sha": "d" * 64, **options})


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
    again = RunRequest.from_json({**dict(fields), "field_of_a_later_version": 1})
    assert again == asked
    assert again.title == "Blood"
    assert again.run_id() == asked.run_id()


OTHERS = {
    "dataset_ref": "upload-1",
    "dataset_sha": "e" * 64,
    "species": "mouse",
    "n_variable": 501,
    "tfs": ("SPI1",),
    "genes": ("SPI1", "CEBPA"),
    "cells": ("type", ("B",)),
    "readout": "masked",
    "background": "context",
    "methods": ("vvp",),
    "seeds": (7,),
}


@pytest.mark.parametrize("name", OTHERS)
def test_everything_that_decides_the_result_decides_the_id(name):
    assert infer(**{name: OTHERS[name]}).run_id() != infer().run_id()


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


def test_options_that_a_kind_does_not_read_take_no_part():
    assert infer(kind="umap").run_id() == infer(kind="umap", model="other", n_variable=9).run_id()
    assert infer(kind="umap").run_id() != infer(kind="umap", seeds=(3,)).run_id()
    assert infer(kind="umap").hashes() == {}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"tfs": "rat"}, "unknown TF list"),
        ({"background": "none"}, "unknown background"),
        ({"species": "rat"}, "unknown species"),
        ({"n_variable": -1}, "number of variable genes is -1"),
        ({"methods": ()}, "no method"),
        ({"seeds": ()}, "the seeds are"),
        ({"seeds": (-1,)}, "the seeds are"),
        ({"genes": ()}, "gene list is empty"),
        ({"tfs": ()}, "TF list is empty"),
        ({"dataset_ref": GENES_ONLY}, "no gene list"),
        ({"cells": ("type", ())}, "no value of 'type'"),
    ],
)
def test_a_request_that_cannot_be_computed_is_refused(options, found):
    with pytest.raises(RequestError, match=found):
        infer(**options)


def test_an_unknown_kind_is_refused():
    with pytest.raises(RequestError, match=r"unknown kind of work 'dance'; needed: one of .*infer"):
        infer(kind="dance").run_id()
