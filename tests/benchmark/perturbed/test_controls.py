"""Controls of perturbed TFs: degrees, the corpus, random weights and shuffled labels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from grn_core.benchmark.features.corpus import mean_correlation
from grn_core.benchmark.perturbed.controls import (
    CORPUS,
    DEGREE,
    SHUFFLED,
    Controls,
    correlations,
    degrees,
    shuffled,
    trained_on,
)
from grn_core.benchmark.perturbed.names import RANDOM
from grn_core.benchmark.perturbed.tables import Changes
from grn_core.benchmark.references.leakage import TrainedOn
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import DataError
from grn_core.models.weights import network_digest
from grn_core.progress import silent
from grn_core.translator.beside import KnownEnd
from tests.benchmark.toy_references import GENES, tiny_handle
from tests.translator.toy_features import make_spec, random_translator

NETWORK = pd.DataFrame({"source": ["SPI1", "SPI1", "GATA1"], "target": [GENES[3], GENES[4], GENES[4]]})


@pytest.fixture
def changes() -> Changes:
    label = np.zeros((2, len(GENES)), dtype=np.int8)
    tfs = np.array([GENES.index("SPI1"), GENES.index("GATA1")])
    return Changes("Toy", tuple(GENES), tfs, label, label, np.array([True, False]), label == 0)


def test_degrees_are_those_of_the_training_network(changes):
    found = degrees(changes, TrainedOn((Reference("R", "R", "NET", tuple(GENES), NETWORK),)))
    assert found.shape == (2, len(GENES))
    assert found[0, 4] == 2.5 * 2.5  # two edges leave SPI1, two come to the gene, half a step more each
    assert found[1, 3] == 1.5 * 1.5
    assert found[1, 0] == 1.5 * 0.5


def test_degrees_count_what_is_known_beside_and_not_what_was_left_out(changes):
    one = Reference("R", "R", "NET", tuple(GENES), NETWORK)
    known = TrainedOn((one,), (one,), frozenset({("SPI1", GENES[3])}))
    found = degrees(changes, known)
    assert found[0, 4] == 2.5 * 4.5  # one edge of SPI1, two of the gene, in each of the references
    assert found[0, 3] == 2.5 * 0.5


def test_correlations_are_those_of_the_benchmark(changes):
    """Over data sets with different genes, one of which has none of the TFs."""
    rng, vocabulary = np.random.default_rng(0), (*GENES, "ABC1")
    sets = (np.arange(len(GENES)), np.array([0, 3, 5, *changes.tfs.tolist()]), np.array([1, len(GENES)]))
    sets = [np.unique(one) for one in sets]
    parts = [SimpleNamespace(genes=one, values=rng.normal(size=(30, len(one))).astype(np.float32)) for one in sets]
    whole = mean_correlation(parts, [vocabulary.index(gene) for gene in changes.genes])
    np.testing.assert_allclose(correlations(changes, parts, vocabulary), whole[changes.tfs], atol=1e-5)


def test_each_control_is_there_only_where_it_was_given_what_it_reads(changes, tmp_path):
    own, other = tiny_handle(0), tiny_handle(1)
    spec = make_spec(GENES, (0,), own.record.grid, model=own.record.name, model_sha=network_digest(own.load()))
    translator = random_translator(spec)
    plain = Controls(other.load(), None, TrainedOn(), [])
    found = dict(plain.scores(changes, own.load(), translator, progress=silent))
    assert list(found) == [RANDOM]
    same = dict(Controls(own.load(), None, TrainedOn(), []).scores(changes, own.load(), translator, progress=silent))
    assert not np.allclose(found[RANDOM], same[RANDOM])

    rng = np.random.default_rng(0)
    pairs = [(GENES[0], GENES[1])] + [tuple(rng.choice(GENES, 2, replace=False)) for _ in range(60)]
    known = Reference("R", "R", "NET", tuple(GENES), pd.DataFrame(sorted(set(pairs)), columns=["source", "target"]))
    anew = shuffled(translator, TrainedOn((known,)), own, home=tmp_path)
    assert set(anew.networks) == set(translator.networks)
    part = SimpleNamespace(genes=np.arange(len(GENES)), values=rng.normal(size=(9, len(GENES))).astype(np.float32))
    given = Controls(other.load(), anew, TrainedOn((known,)), [part])
    every = dict(given.scores(changes, own.load(), translator, progress=silent))
    assert list(every) == [RANDOM, SHUFFLED, DEGREE, CORPUS]
    assert {one.shape[1:] for one in every.values()} == {(2, len(GENES))}
    assert np.array_equal(every[RANDOM], found[RANDOM])

    asked = SimpleNamespace(networks={"source": None}, card={**translator.card, "seeds": [0, 1]})
    alone = shuffled(asked, TrainedOn((known,)), own, home=tmp_path).networks["source"]
    both = shuffled(asked, TrainedOn((known,), (known,)), own, home=tmp_path).networks["source"]
    assert not isinstance(alone, KnownEnd)
    assert isinstance(both, KnownEnd), "what is known beside is no more to learn from"


def test_a_training_network_that_is_not_there_is_named(tmp_path):
    card = {"training": [{"reference": "hESC STRING TFs+500"}]}
    assert trained_on(card, None).references == ()
    with pytest.raises(DataError, match="hESC STRING TFs\\+500, which the translator was trained on or without, is"):
        trained_on(card, tmp_path)
