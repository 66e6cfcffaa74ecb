"""Check that a translator's weights know no edge of the tests on its card; exits with 1 where they do.

    python -m scripts.check_left_out --references networks

The pairs that the neighbours' term compares with are read off the weights: each vector is that of a gene of the model.
So is how many edges each end's term counts of a gene, which must be those of the card's references without the edges
that were left out. A translator whose tests leave out what it was trained on, and not the other way round, knows some.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from grn_core.benchmark.references.leakage import removed_pairs, training_of_card
from grn_core.benchmark.references.reference import read_reference, restrict
from grn_core.extractors.ends import unit_vectors
from grn_core.extractors.registry import end_of
from grn_core.models.load import load_model
from grn_core.translator.beside import SAME, KnownEnd
from grn_core.translator.kernel import PairKernel
from grn_core.translator.registry import DEFAULT, load_translator

AT_ONCE = 512


def names_of(vectors: Tensor, genes: Sequence[str], own: Tensor) -> np.ndarray:
    """Names (N,) of the genes that vectors (N, D) are of, by those of all genes (L, D); "" of a vector of none."""
    known, found = np.array([*genes, ""]), []
    for some in vectors.split(AT_ONCE):
        near, place = (some @ own.T).max(1)
        found.append(torch.where(near > SAME, place, -1).numpy())
    return np.asarray(known[np.concatenate(found)])


def known_pairs(network: PairKernel, names: np.ndarray) -> frozenset[tuple[str, str]]:
    """Pairs that weigh anything for any seed, by the names of the network's vectors."""
    seed, place = np.nonzero(network.weight.numpy())
    source, target = (names[one.numpy()[seed, place]] for one in (network.source, network.target))
    return frozenset(zip(source.tolist(), target.tolist(), strict=True))


def counted(network: KnownEnd, names: np.ndarray) -> list[dict[str, int]]:
    """Edges that are counted of each gene, for each seed; genes without any are left out."""
    edges = np.rint(np.expm1(network.effect.numpy()) / 2).astype(int)
    return [{gene: int(n) for gene, n in zip(names, own, strict=True) if n and gene} for own in edges]


def main() -> None:
    """Check one translator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--translator", default=DEFAULT, help=f"default {DEFAULT}")
    parser.add_argument("--model", default="compact")
    parser.add_argument("--references", type=Path, required=True)
    given = parser.parse_args()
    translator, model = load_translator(given.translator), load_model(given.model)
    tests = sorted({(row["dataset"], row["network"]) for row in translator.card["evaluation"]})
    asked = removed_pairs(read_reference(f"beeline:{given.references}:{dataset}:{net}") for dataset, net in tests)
    known = training_of_card(translator.card, folder=given.references)
    parts = [restrict(one, frozenset(model.vocabulary)) for one in (*known.references, *known.beside)]
    edges = [pair for one in parts for pair in removed_pairs([one]) - known.withheld if pair[0] != pair[1]]
    own, n_wrong = unit_vectors(model.embed(model.vocabulary)).cpu(), 0
    for extractor, network in translator.networks.items():
        if isinstance(network, PairKernel):
            pairs = known_pairs(network, names_of(network.vectors, model.vocabulary, own))
            n_wrong += len(pairs & asked)
            print(f"{extractor}: {len(pairs):,} pairs known, {len(pairs & asked)} of them edges of {len(tests)} tests")
        elif isinstance(network, KnownEnd):
            wanted = Counter(pair[0 if end_of(extractor) == "source" else 1] for pair in edges)
            names = names_of(network.vectors, model.vocabulary, own)
            wanted = Counter({gene: n for gene, n in wanted.items() if gene in set(names)})
            wrong = sum(told != wanted for told in counted(network, names))
            n_wrong += wrong
            print(f"{extractor}: edges of {len(wanted):,} genes counted, otherwise than without those tests: {wrong}")
    sys.exit(1 if n_wrong else 0)


if __name__ == "__main__":
    main()
