"""The mean cell by hand, and what is read in it against the definition worked out gene by gene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from grn_core.benchmark.features import extracted
from grn_core.benchmark.features.bench import Bench
from grn_core.benchmark.features.expression import Cells
from grn_core.benchmark.features.extracted import FeatureCache, read_together
from grn_core.benchmark.features.mean_cell import mean_cell
from tests.benchmark.protocol.toy_training import handle_of
from tests.benchmark.toy_references import unloadable
from tests.models.tiny import tiny_model, tiny_record

GENES = tuple(f"G{number:02d}" for number in range(8))
EVERY = np.array([(source, target) for source in (4, 0, 1) for target in range(8)])


@pytest.fixture(scope="module")
def model():
    return tiny_model(len(GENES), dtype=torch.float32)


@pytest.fixture
def cells():
    values = np.tile([0.0, 0.5, 0.75, 1.0], (3, 1))
    return Cells("toy", GENES[1:5], values, values.mean(0))


def cache_of(model, name, cells, home, *, background="virtual", genes=GENES, readout="plain"):
    return FeatureCache(
        handle_of(model),
        genes,
        extractors=(name,),
        readout=readout,
        background=background,
        cells=cells,
        home=home,
    )


def test_the_mean_cell_by_hand(model, cells):
    """Units of the tiny model: (expression - 0.5) / 0.25, clipped at -3; the background is 0."""
    assert mean_cell(model, GENES, cells).tolist() == [0.0, -2.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0]
    assert mean_cell(model, GENES, None).tolist() == [0.0] * 8
    assert mean_cell(model, GENES, replace(cells, mean=None)).tolist() == [0.0] * 8


@pytest.mark.parametrize("readout", ["plain", "masked"])
def test_pert_is_its_definition_in_the_mean_cell(model, cells, tmp_path, readout):
    """Also where the readout that was chosen hides the other genes: then it is read in one that shows them."""
    values, zeros = torch.from_numpy(mean_cell(model, GENES, cells)), torch.full((8,), -2.0)
    expected = []
    for source in (4, 0, 1):
        without = values.clone()
        without[source] = zeros[source]
        both = model.predict(GENES, torch.stack([values, without]), readout="plain")
        expected.append((both[0] - both[1]).numpy())
    found = cache_of(model, "pert", cells, tmp_path, readout=readout).get(EVERY)["pert"].reshape(3, 8)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(found[0]).max() > 1e-4
    assert np.abs(found[2]).max() < 1e-6, "a gene that is not expressed cannot be taken away"


@pytest.mark.parametrize("background", ["context", "virtual"])
def test_attention_is_read_in_the_mean_cell_or_at_the_background(model, cells, tmp_path, background):
    values = mean_cell(model, GENES, cells) if background == "context" else np.zeros(8, dtype=np.float32)
    weights = model.attend(GENES, torch.from_numpy(values)[None])[0].numpy()
    assert weights.shape[0] == 2
    found = cache_of(model, "attn", cells, tmp_path, background=background).get(EVERY)["attn"]
    wanted = [weights[:, :, target, source].mean() for source, target in EVERY]
    np.testing.assert_allclose(found[:, 0], wanted, atol=1e-6)


@pytest.mark.parametrize("name", ["pert", "attn", "emb"])
def test_permuting_the_genes_or_the_pairs_permutes_the_result(model, cells, tmp_path, name):
    order = np.random.default_rng(0).permutation(len(GENES))
    place = np.argsort(order)
    plain = cache_of(model, name, cells, tmp_path).get(EVERY)[name]
    mixed = cache_of(model, name, cells, tmp_path, genes=tuple(GENES[index] for index in order))
    np.testing.assert_allclose(mixed.get(place[EVERY])[name], plain, atol=1e-5)
    shuffled = np.random.default_rng(1).permutation(len(EVERY))
    again = cache_of(model, name, cells, tmp_path / "other").get(EVERY[shuffled])[name]
    np.testing.assert_allclose(again, plain[shuffled], atol=1e-6)


@pytest.mark.parametrize("name", ["pert", "attn"])
def test_a_row_is_asked_once_and_kept(model, cells, tmp_path, name, monkeypatch):
    """Other pairs of its source are there; other sources, cells and backgrounds are not."""
    monkeypatch.setattr(extracted, "SOURCES_AT_ONCE", 1)
    first = cache_of(model, name, cells, tmp_path).get(EVERY[:3])[name]
    kept = replace(handle_of(model), load=unloadable(handle_of(model)).load)
    again = FeatureCache(kept, GENES, extractors=(name,), readout="plain", cells=cells, home=tmp_path)
    whole = again.get(EVERY[:8])[name]
    np.testing.assert_array_equal(whole[:3], first)
    with pytest.raises(AssertionError, match="a model was loaded"):
        again.get(EVERY)
    other = replace(cells, values=cells.values + 1.0, mean=cells.mean + 1.0)
    for changed in ({"cells": other}, {"cells": None}, {"cells": cells, "background": "context"}):
        with pytest.raises(AssertionError, match="a model was loaded"):
            FeatureCache(kept, GENES, extractors=(name,), readout="plain", home=tmp_path, **changed).get(EVERY[:3])


def test_of_embeddings_nothing_is_kept(model, tmp_path):
    found = cache_of(model, "emb", None, tmp_path).get(EVERY)["emb"]
    vectors = model.embed(GENES)
    np.testing.assert_array_equal(found, (vectors[EVERY[:, 0]] + vectors[EVERY[:, 1]]).numpy())
    assert not list(tmp_path.rglob("*.npz"))


def test_extractors_of_one_pass_are_read_together():
    record = tiny_record()
    assert read_together("vvp", record) == read_together("gdt", record) == ("gdt", "vvp")
    assert [read_together(name, record) for name in ("pert", "attn", "emb")] == [("pert",), ("attn",), ("emb",)]
    assert read_together("vvp", replace(record, offers=("value",))) == ("vvp",)


@pytest.mark.parametrize("name", ["vvp", "gdt", "pert", "attn", "emb", "product"])
def test_the_untrained_control_is_asked_itself(model, cells, tmp_path, name):
    """Every feature is of the network whose it is said to be."""
    other = tiny_model(len(GENES), dtype=torch.float32, seed=1)
    bench = Bench(handle_of(model), handle_of(other), home=tmp_path)
    swapped = Bench(handle_of(other), home=tmp_path / "swapped")
    found = {
        variant: bench.features(name, GENES, EVERY, variant=variant, readout="plain", cells=cells)
        for variant in ("own", "untrained", "shuffled")
    }
    np.testing.assert_array_equal(found["own"], found["shuffled"])
    assert not np.allclose(found["own"], found["untrained"])
    alone = swapped.features(name, GENES, EVERY, readout="plain", cells=cells)
    np.testing.assert_array_equal(found["untrained"], alone)
