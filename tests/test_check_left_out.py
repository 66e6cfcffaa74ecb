"""What is read off the weights of a translator: the pairs that it knows, and how many edges of each gene."""

from __future__ import annotations

import numpy as np
import torch

from grn_core.translator.beside import KnownEnd
from grn_core.translator.kernel import PairKernel
from grn_core.translator.mlp import TranslatorMLP
from scripts.check_left_out import counted, known_pairs, names_of

GENES = ("A", "B", "C", "D")
OWN = torch.eye(4)


def test_a_vector_is_of_the_gene_that_has_it_and_of_no_other():
    near = torch.nn.functional.normalize(torch.tensor([[1.0, 0.05, 0, 0], [1.0, 1.0, 0, 0], [0, 0, 0, 0]]), dim=1)
    assert names_of(torch.cat([OWN[[2, 0]], near]), GENES, OWN).tolist() == ["C", "A", "A", "", ""]


def test_pairs_that_weigh_something_for_any_seed_are_known():
    kernel = PairKernel(2, 3, 4, 4)
    kernel.vectors.copy_(OWN)
    kernel.source.copy_(torch.tensor([[0, 1, 0], [3, 0, 0]]))
    kernel.target.copy_(torch.tensor([[1, 2, 3], [2, 1, 0]]))
    kernel.weight.copy_(torch.tensor([[0.5, -0.1, 0.0], [0.2, 0.3, 0.0]]))
    names = names_of(kernel.vectors, GENES, OWN)
    assert known_pairs(kernel, names) == {("A", "B"), ("B", "C"), ("D", "C")}


def test_edges_are_counted_as_an_end_does():
    end = KnownEnd(TranslatorMLP(2, 4, ()), 3)
    end.vectors.copy_(OWN[:3])
    end.effect.copy_(torch.from_numpy(np.log1p(2.0 * np.array([[3, 0, 1], [0, 250, 0]]))).float())
    assert counted(end, names_of(end.vectors, GENES, OWN)) == [{"A": 3, "C": 1}, {"B": 250}]
