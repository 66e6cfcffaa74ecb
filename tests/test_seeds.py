"""Law of every seeded function: its seed decides all that it gives, whatever the process has drawn before or after."""

from __future__ import annotations

import random
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import torch

from grn_core.adapt.core import adapt, family_module
from grn_core.coexpression import METHODS
from grn_core.coexpression.engine import score_pairs
from grn_core.coexpression.job import shown_cells
from grn_core.datasets import compute_umap
from grn_core.datasets.boolean import simulate
from grn_core.datasets.curated import GSD
from grn_core.datasets.embedding import compute_clusters
from grn_core.errors import Cancelled
from grn_core.extractors.blocks import overlapping_blocks
from grn_core.models.compact.network import CompactNetwork, CompactShape
from grn_core.models.draws import drawing_from, seeded
from grn_core.models.layers.performer import orthogonal_features
from grn_core.models.load import load_model
from grn_core.networks.layout import layout
from grn_core.pretrain.start import start_from_data
from grn_core.pretrain.train import train
from grn_core.translator.train import TrainingOptions, split_held_back, train_translator
from tests.adapt.toy import FAST, toy_cells, toy_model
from tests.coexpression.toy import GENES, SOURCES, few_trees, planted
from tests.pretrain.toy_corpus import TINY, toy_part, toy_vocabulary
from tests.translator.test_train import sets_of

SEEDED_METHODS = [name for name, record in METHODS.items() if record.seeded]


def with_curve(found):
    """The weights that are kept may be those of the base; the errors on the way speak of every step."""
    return {**found.tensors, "curve": [line["held_out"] for line in found.report["curve"]]}


def adapted(seed, _folder):
    model = toy_model(dropout=0.3)
    options = replace(FAST, seed=seed)
    part = family_module(model).cells_of(toy_cells(), model.vocabulary, options=options)
    return with_curve(adapt(model, part, options))


def adapted_in_two_goes(seed, folder):
    """Stopped after the second check; between the goes the process draws."""
    model = toy_model(dropout=0.3)
    options = replace(FAST, seed=seed)
    part = family_module(model).cells_of(toy_cells(), model.vocabulary, options=options)

    def stop(_stage, done, _total):
        if done == 9:
            message = "enough"
            raise Cancelled(message)

    with pytest.raises(Cancelled):
        adapt(model, part, options, checkpoint=folder / "checkpoint.pt", key="k", progress=stop)
    return with_curve(adapt(model, part, options, checkpoint=folder / "checkpoint.pt", key="k"))


def pretrained(seed, folder):
    recipe = replace(TINY, seed=seed, dropout=0.3)
    return train([toy_part()], toy_vocabulary(), recipe, folder).state_dict()


def start_of_pretraining(seed, _folder):
    shape = CompactShape(40, 1, width=16, heads=2, layers=1, feedforward=32)
    network = seeded(lambda: CompactNetwork(shape), 0)
    start_from_data(network, [toy_part()], seed=seed)
    return {"embedding": network.embedding.weight, "mixing": network.mixing}


def translators(seed, _folder):
    networks = train_translator(sets_of(n=120), options=TrainingOptions(hidden=(8,), epochs=3, batch=32), seed=seed)
    return {f"{kind}.{name}": value for kind, one in networks.items() for name, value in one.state_dict().items()}


def split(seed, _folder):
    return {"held": split_held_back(300, 0.15, seed=seed)}


def random_weights(seed, _folder):
    return load_model("compact", weights="random", seed=seed).network.state_dict()


def random_performer(seed, _folder):
    with drawing_from(seed):
        return {"projection": orthogonal_features(6)}


def coexpression(method):
    def run(seed, _folder):
        cells = planted(n_cells=60)
        return {"scores": score_pairs(cells, GENES, SOURCES, method=method, seed=seed, options=few_trees(method))}

    run.__name__ = method
    return run


def umap(seed, _folder):
    clusters, points = compute_clusters(toy_cells(60), seed=seed)
    np.testing.assert_array_equal(points, compute_umap(toy_cells(60), seed=seed))
    return {"umap": points, "clusters": clusters}


def drawn_cells(seed, _folder):
    return {"cells": shown_cells(toy_cells(3100, 8).matrix, seed=seed)}


def simulated(seed, _folder):
    mrna, time = simulate(GSD, n_cells=20, n_trajectories=5, seed=seed)
    return {"mrna": mrna, "time": time}


def blocks(seed, _folder):
    found = overlapping_blocks([f"ENSG{number:011d}" for number in range(50)], 20, seed=seed)
    return dict(zip("abcdefgh", found, strict=False))


def positions(seed, _folder):
    graph = nx.gnm_random_graph(12, 20, seed=0, directed=True)
    return layout(nx.relabel_nodes(graph, str), seed=seed)


FUNCTIONS = (
    adapted,
    adapted_in_two_goes,
    pretrained,
    start_of_pretraining,
    translators,
    split,
    random_weights,
    random_performer,
    *map(coexpression, SEEDED_METHODS),
    umap,
    drawn_cells,
    simulated,
    blocks,
    positions,
)


def disturb(state):
    """Put the process's generators into a state that another seed and another number of draws lead to."""
    random.seed(state)
    np.random.seed(state)  # noqa: NPY002 - the generator that other libraries share
    torch.manual_seed(state)
    torch.rand(state)
    np.random.random(state)  # noqa: NPY002
    [random.random() for _ in range(state)]


def process_state():
    kind, numbers, *rest = np.random.get_state()  # noqa: NPY002
    return (random.getstate(), kind, numbers.tobytes(), *rest, torch.get_rng_state().numpy().tobytes())


def plain(found):
    return {
        name: one.detach().numpy() if isinstance(one, torch.Tensor) else np.array(one) for name, one in found.items()
    }


def equal(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "function",
    [pytest.param(one, id=one.__name__, marks=pytest.mark.performance if one is umap else ()) for one in FUNCTIONS],
)  # numba compiles the map anew in every process
def test_the_seed_decides_and_the_process_does_not(function, tmp_path):
    found = []
    for number, state in enumerate((3, 1234)):
        folder = tmp_path / str(number)
        folder.mkdir()
        disturb(state)
        before = process_state()
        found.append(plain(function(5, folder)))
        assert process_state() == before, "the process goes on as if nothing had been drawn"
    assert equal(*found)
    (tmp_path / "other").mkdir()
    assert not equal(plain(function(6, tmp_path / "other")), found[0]), "another seed draws something else"


@pytest.mark.thorough
def test_stopped_and_gone_on_is_the_same_adaptation(tmp_path):
    """At every step, the report too; the case of dropout that resumed where no draw had been made."""
    model = toy_model(dropout=0.3)
    part = family_module(model).cells_of(toy_cells(), model.vocabulary, options=FAST)
    whole = adapt(model, part, FAST)

    for at in range(FAST.steps):

        def stop(_stage, done, _total, at=at):
            if done == at:
                message = "enough"
                raise Cancelled(message)

        torch.rand(at)
        with pytest.raises(Cancelled):
            adapt(model, part, FAST, checkpoint=tmp_path / "checkpoint.pt", key="k", progress=stop)
        rest = adapt(model, part, FAST, checkpoint=tmp_path / "checkpoint.pt", key="k")
        assert rest.report == whole.report
        assert equal(plain(rest.tensors), plain(whole.tensors))


def test_dropout_is_drawn_at_all():
    """The law above would hold for a training without dropout."""
    part = family_module(toy_model()).cells_of(toy_cells(), toy_model().vocabulary, options=FAST)
    with_it, without = (adapt(toy_model(dropout=share), part, FAST).report["curve"] for share in (0.3, 0.0))
    assert with_it != without


def test_the_state_is_put_back_after_an_error():
    before = process_state()

    def fail():
        with drawing_from(1):
            torch.rand(-1)

    with pytest.raises(RuntimeError):
        fail()
    assert process_state() == before
