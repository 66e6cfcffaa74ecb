"""What a translator says of whole rows of the table of pairs: some sources, each with every gene.

What is read off one gene alone is asked once a gene and not once a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from grn_core.extractors.features import PairFeatures
from grn_core.extractors.gene_pairs import GenePairs
from grn_core.extractors.registry import end_of
from grn_core.translator.kernel import PairKernel
from grn_core.translator.terms import Network, together

PAIRS_OF_PASS = 4096
"""Pairs that go through a network at once: what its layers hold of them stays in a processor's cache."""


class Rows:
    """Logits of whole rows.

    Parameters
    ----------
    features
        Pair features.
    networks
        Extractor -> network; these are asked.
    weights
        How much of each term is added, see `grn_core.translator.terms.together`.
    """

    def __init__(
        self, features: PairFeatures, networks: Mapping[str, Network], weights: Mapping[str, float] | None
    ) -> None:
        self.features, self.networks, self.weights = features, dict(networks), weights or {}
        self._of_targets: dict[str, Tensor] = {}

    def __call__(self, rows: slice) -> tuple[Tensor, dict[str, Tensor]]:
        """Ask about some sources.

        Returns
        -------
        logits, features
            (seeds, S, L), row = source, column = target; what stands where a gene meets itself means nothing. Extractor
            -> features (S, L, length) of those that speak of pairs.
        """
        with torch.no_grad():
            asked = {name: self._asked(name, rows) for name in self.networks}
            return together({name: logits for name, (logits, _) in asked.items()}, self.weights), {
                name: read for name, (_, read) in asked.items() if read is not None
            }

    def _asked(self, name: str, rows: slice) -> tuple[Tensor, Tensor | None]:
        """Logits (seeds, S, L) of an extractor, and the features that they were read off where these are of pairs."""
        network, array = self.networks[name], self.features[name]
        shape = (-1, len(range(*rows.indices(len(array)))), array.shape[1])
        end = end_of(name)
        if end == "target":
            found = self._once(name, lambda: network(_tensor(array[0])[None]))
            return found[:, None].expand(shape), None
        if end == "source":
            return network(_tensor(array[rows, 0])[None])[..., None].expand(shape), None
        if isinstance(array, GenePairs) and isinstance(network, PairKernel):
            alike = self._once(name, lambda: network.alike(_tensor(array.of_targets)))
            return network.of_rows(_tensor(array.of_sources[rows]), alike), None
        read = _tensor(array[rows])
        flat = read.flatten(0, 1)
        parts = [network(part[None]) for part in flat.split(PAIRS_OF_PASS)]
        return torch.cat(parts, dim=1).view(shape), read

    def _once(self, name: str, ask: Callable[[], Tensor]) -> Tensor:
        """What does not depend on the sources, computed when it is first asked for."""
        if name not in self._of_targets:
            self._of_targets[name] = ask()
        return self._of_targets[name]


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(array))
