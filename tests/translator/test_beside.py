"""What is known beside a training: counted edges of each gene, and pairs that a pair is compared with as well."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grn_core.translator.beside import SHARE, KnownEnd, know_ends, know_pairs
from grn_core.translator.mlp import TranslatorMLP
from grn_core.translator.neighbours import train_neighbours
from grn_core.translator.terms import know_beside, network_of
from grn_core.translator.train import TrainingSet
from tests.translator.test_neighbours import TARGETS, TFS, WIDTH, every_pair, set_of


def ends_of(pairs, label, *, seed=0):
    """A set of the sources' vectors of some pairs."""
    held = torch.zeros(len(label), dtype=torch.bool)
    return TrainingSet({"source": torch.from_numpy(TFS[pairs])}, torch.tensor(label), held)


def turned(vectors, *, cosine):
    """Unit vectors (N, D) turned at random, each by the same angle."""
    aside = torch.randn(vectors.shape, generator=torch.Generator().manual_seed(3))
    aside -= (aside * vectors).sum(1, keepdim=True) * vectors
    aside = torch.nn.functional.normalize(aside, dim=1)
    return cosine * vectors + (1 - cosine**2) ** 0.5 * aside


@pytest.fixture(scope="module")
def ends():
    """TF 0 has two edges and one that is known beside, TF 1 one and none, TF 2 none and two, TF 3 no pair at all."""
    own = ends_of([0, 0, 1, 1, 2], [1.0, 1.0, 1.0, 0.0, 0.0])
    beside = ends_of([0, 2, 2, 4], [1.0, 1.0, 1.0, 0.0])
    linear = TranslatorMLP(1, WIDTH, ())
    return linear, *know_ends(linear, [own], [beside], "source")


def test_each_end_counts_its_edges_by_hand(ends):
    linear, network, (known,) = ends
    without_itself = np.log1p(2.0 * np.array([2, 2, 0, 1, 2]))
    np.testing.assert_allclose(known, without_itself - without_itself.mean(), rtol=1e-5)
    asked = torch.from_numpy(TFS[:5])[None]
    with torch.no_grad():
        added = (network(asked) - linear(asked))[0]
    counted = np.log1p(2.0 * np.array([3, 1, 2, 0, 0]))
    np.testing.assert_allclose(added, counted - without_itself.mean(), rtol=1e-4, atol=1e-5)


def test_a_gene_is_known_by_its_vector_and_by_no_other(ends):
    _, network, _ = ends
    near = turned(torch.from_numpy(TFS[:1]), cosine=0.98)
    with torch.no_grad():
        assert network._known(near).item() == 0.0
        assert network._known(torch.zeros(1, WIDTH)).item() == 0.0


def test_a_gene_is_known_after_an_adaptation_has_moved_its_vector(ends):
    """Some hundred steps of 3e-5 move a number by 0.009 at most, where their root mean square is 0.09: cosine 0.995."""
    _, network, _ = ends
    asked = torch.from_numpy(TFS)
    assert network._known(asked).gt(0).sum() == 3
    assert torch.equal(network._known(turned(asked, cosine=0.995)), network._known(asked))


def test_every_seed_counts_its_own_and_one_features_serve_all():
    sets = [ends_of([0, 1], [1.0, 0.0]), ends_of([0, 1], [0.0, 1.0])]
    network, _ = know_ends(TranslatorMLP(2, WIDTH, ()), sets, [ends_of([2], [1.0])] * 2, "source")
    asked = torch.from_numpy(TFS[:3])
    with torch.no_grad():
        once, each = network(asked[None]), network(torch.stack([asked, asked]))
    assert torch.equal(once, each)
    assert network._known(asked).gt(0).tolist() == [[True, False, True], [False, True, True]]


def test_known_ends_are_kept_and_read_again(ends):
    _, network, _ = ends
    tensors = network.state_dict()
    again = network_of("source", tensors, n_seeds=1, length=WIDTH, hidden=(7,))
    asked = torch.from_numpy(TFS)[None]
    with torch.no_grad():
        assert torch.equal(again(asked), network(asked))
    for wrong in ({"n_seeds": 2, "length": WIDTH}, {"n_seeds": 1, "length": WIDTH + 1}):
        with pytest.raises(RuntimeError):
            KnownEnd.of(tensors, **wrong)
    with pytest.raises(RuntimeError):
        KnownEnd.of({name: one for name, one in tensors.items() if name != "vectors"}, n_seeds=1, length=WIDTH)


def test_pairs_known_beside_say_what_a_term_of_their_own_would_at_their_share():
    own, beside = ([set_of(150, seed=seed)[0] for seed in seeds] for seeds in ((0, 1), (2, 3)))
    first, _ = train_neighbours(own, "neighbours")
    second, _ = train_neighbours(beside, "neighbours")
    both, known = know_pairs(first, own, beside, "neighbours")
    pairs = every_pair()[0][None]
    with torch.no_grad():
        wanted = first(pairs) + SHARE * second(pairs)
        torch.testing.assert_close(both(pairs), wanted, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(known[1], SHARE * second(own[1].features["neighbours"][None])[1])
    assert len(both.vectors) <= len(TFS) + len(TARGETS), "a gene of both stands there once"


def test_nothing_is_known_twice(ends):
    _, network, _ = ends
    with pytest.raises(TypeError, match="knows of other edges already"):
        know_beside(network, [], [], "source")
