"""Every extractor's function on numbers small enough for a sheet of paper, and what its record says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grn_core.errors import RequestError
from grn_core.extractors import EXTRACTORS, check_extractors, extractors_of
from grn_core.extractors.attn import given_weight, weight
from grn_core.extractors.emb import sums
from grn_core.extractors.ends import of_sources, of_targets
from grn_core.extractors.gdt import slopes
from grn_core.extractors.neighbours import side_by_side
from grn_core.extractors.pert import loss_without, strength
from grn_core.extractors.registry import check_cells, known_extractors, why_not
from grn_core.extractors.vvp import response, rises
from grn_core.models.record import WITHOUT_VALUES
from tests.models.tiny import GRID, tiny_record

RANKS = tiny_record(offers=WITHOUT_VALUES, unavailable="it reads an order")


def test_neighbours_by_hand():
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert side_by_side(vectors, torch.tensor([1])).tolist() == [[[0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]]


def test_vvp_by_hand():
    value = torch.tensor([[[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]])  # one source, three levels, two genes
    assert response(value, torch.tensor([[1.0, 4.0]])).tolist() == [[[0.0, 2.0, 6.0], [-2.0, 1.0, 7.0]]]
    two = torch.cat((value, 2 * value))
    each = response(two, torch.tensor([[1.0, 4.0], [0.0, 10.0]]))
    assert each[1].tolist() == [[2.0, 6.0, 14.0], [-6.0, 0.0, 12.0]]


def test_rises_of_vvp_by_hand():
    """Two members of three levels each, at 0, 1 and 3."""
    found, reach = rises(np.array([[0.0, 2.0, 6.0, 1.0, 0.0, -4.0]], dtype=np.float32), (0.0, 1.0, 3.0))
    assert found.tolist() == [[2.0, 2.0, -1.0, -2.0]]
    assert reach.tolist() == [1.0, 2.0, 1.0, 2.0]


def test_rises_of_several_pairs_and_members():
    """One member of four levels, for two pairs; then three members of two levels, for one."""
    found, reach = rises(np.array([[0.0, 1, 3, 9], [4, 4, 2, 2]]), (0.0, 1.0, 2.0, 4.0))
    assert (found.tolist(), reach.tolist()) == ([[1.0, 2.0, 3.0], [0.0, -2.0, 0.0]], [1.0, 1.0, 2.0])
    found, reach = rises(np.array([[0.0, 1, 2, 6, 5, 4]]), (0.0, 2.0))
    assert (found.tolist(), reach.tolist()) == ([[0.5, 2.0, -0.5]], [2.0, 2.0, 2.0])


def test_gdt_by_hand():
    tangent = torch.tensor([[[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]]])
    assert slopes(tangent).tolist() == [[[1.0, 3.0, 7.0], [2.0, 5.0, 11.0]]]
    found, reach = EXTRACTORS["gdt"].slopes(np.ones((1, 2)), (-2.0, 0.5, 4.0))
    assert (found.tolist(), reach) == ([[1.0, 1.0]], 6.0)


def test_pert_by_hand():
    value, silenced = torch.tensor([[5.0, 1.0]]), torch.tensor([[3.0, 4.0], [5.0, 1.0]])
    found = loss_without(value, silenced)
    assert found.tolist() == [[[2.0], [-3.0]], [[0.0], [0.0]]]
    assert strength(found.numpy()).tolist() == [[2.0, 3.0], [0.0, 0.0]]
    signs, reach = EXTRACTORS["pert"].slopes(found.numpy()[0], GRID)
    assert (signs.tolist(), reach) == ([[2.0], [-3.0]], 1.0)


def test_attn_by_hand():
    """Three layers of two heads over two genes; the first layer is not read. Row = receiver, column = sender."""
    last = torch.tensor([[[0.1, 0.9], [0.2, 0.8]], [[0.3, 0.7], [0.6, 0.4]]])
    whole = torch.stack((torch.full((2, 2, 2), 100.0), last, last + 1))
    found = given_weight(whole, torch.tensor([1, 0]))
    np.testing.assert_allclose(found[..., 0], [[1.3, 1.1], [0.7, 0.9]], rtol=1e-6)
    assert found.shape == (2, 2, 1)
    np.testing.assert_allclose(given_weight(whole, torch.tensor([1]), layers=1)[0, :, 0], [1.8, 1.6], rtol=1e-6)
    assert weight(np.array([[[0.25]]])).tolist() == [[0.25]]


def test_emb_by_hand():
    vectors = torch.tensor([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    assert sums(vectors, torch.tensor([1])).tolist() == [[[11.0, 22.0], [20.0, 40.0], [110.0, 220.0]]]


def test_the_ends_by_hand():
    """Vectors of length 1: of the source the same in a row, of the target the same in a column."""
    vectors, sources = torch.tensor([[3.0, 4.0], [0.0, 2.0], [-1.0, 0.0]]), torch.tensor([1, 0])
    one, other = of_sources(vectors, sources), of_targets(vectors, sources)
    assert one.tolist() == [[[0.0, 1.0]] * 3, [[pytest.approx(0.6), pytest.approx(0.8)]] * 3]
    assert other.shape == (2, 3, 2)
    np.testing.assert_allclose(other[1], [[0.6, 0.8], [0.0, 1.0], [-1.0, 0.0]], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "asks", "needs", "needs_cells", "origin", "length"),
    [
        ("vvp", "levels", ("value",), False, False, 15),
        ("gdt", "levels", ("tangent",), False, False, 15),
        ("pert", "cell", ("value",), True, True, 1),
        ("attn", "cell", ("attention",), False, True, 1),
        ("emb", "genes", ("embedding",), False, False, 16),
        ("source", "genes", ("embedding",), False, False, 16),
        ("target", "genes", ("embedding",), False, False, 16),
        ("neighbours", "genes", ("embedding",), False, False, 32),
    ],
)
def test_the_records(name, asks, needs, needs_cells, origin, length):
    record = EXTRACTORS[name]
    assert (record.name, record.asks, record.needs, record.needs_cells) == (name, asks, needs, needs_cells)
    assert (record.origin is not None) == origin
    assert record.length(tiny_record(), "conditions", 5) == length
    assert all((record.label, record.title, record.description, record.limits, record.reference))


def test_what_a_model_offers_decides_what_it_serves():
    assert extractors_of(tiny_record()) == tuple(EXTRACTORS)
    assert extractors_of(RANKS) == ("attn", "emb", "source", "target", "neighbours")
    assert extractors_of(tiny_record(offers=("value",))) == ("vvp", "pert")
    hiding = tiny_record(hiding_readouts=("conditions", "masked", "plain"))
    assert extractors_of(hiding) == ("vvp", "gdt", "attn", "emb", "source", "target", "neighbours")
    assert why_not(EXTRACTORS["pert"], hiding) == "every readout of it hides the other genes of the cell"
    assert why_not(EXTRACTORS["gdt"], tiny_record(offers=("value",))) == "it offers no tangent"
    assert why_not(EXTRACTORS["gdt"], RANKS) == "it reads an order"


def test_names_are_checked():
    assert known_extractors("gdt") == ("gdt",)
    assert known_extractors(["vvp", "gdt", "vvp"]) == ("vvp", "gdt")
    with pytest.raises(RequestError, match="no extractor was named; needed: one or more of vvp, gdt, pert"):
        known_extractors([])
    with pytest.raises(RequestError, match="there is no extractor 'a', 'b'; needed"):
        known_extractors(["a", "gdt", "b"])
    with pytest.raises(RequestError, match="Perturbation and Gradient Trajectory are not available with Tiny: it"):
        check_extractors(RANKS, ("vvp", "gdt", "emb"))
    with pytest.raises(
        RequestError,
        match=r"Gradient Trajectory is not .*of Tiny the extractors attn, emb, source, target, neighbours; what",
    ):
        check_extractors(RANKS, "gdt")
    with pytest.raises(RequestError, match="needed: another model; what to do: choose another model"):
        check_extractors(tiny_record(offers=()), "gdt")


def test_measured_cells_are_asked_for():
    check_cells(("pert", "attn"), has_cells=True, reads_order=True)
    check_cells(("vvp", "gdt", "attn", "emb"), has_cells=False)
    with pytest.raises(RequestError, match="Perturbation of the mean cell: read at the mean of measured cells"):
        check_cells(("gdt", "pert"), has_cells=False)
    check_cells(("emb",), has_cells=False, reads_order=True)
    with pytest.raises(RequestError, match="Attention: read at the mean"):
        check_cells(("attn",), has_cells=False, reads_order=True)
