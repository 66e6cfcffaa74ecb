"""How fast a machine is with a model: the measured figures, from which costs are foretold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Self

from grn_core.assets import asset

Terms = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Speed:
    """Measured figures of a machine with one model.

    Attributes
    ----------
    model, device
        What was measured, in words.
    start_s, load_s
        Seconds of the clock until a worker and its reader of files work, and until torch and the model are loaded.
    start_bytes, load_bytes
        Memory after each of them.
    asks
        What is asked (`grn_core.costs.foretell.asked`) -> seconds of 1, L, L * L, S, S * L, S * L * L, for S sources
        and L genes.
    gene_bytes
        What is asked -> memory for each gene of the panel, beyond that of the model.
    score_s, edge_s
        Seconds that an edge takes for each extractor and seed of a translator, and for its line in the table.
    read_s
        Seconds for each value above zero of a dataset that is read.
    methods
        Co-expression method -> seconds to load it, and measured seconds for each that its record foretells.
    weights
        Parameters of the model outside of its table of genes: what a pass multiplies by.
    """

    model: str
    device: str
    start_s: float
    load_s: float
    start_bytes: int
    load_bytes: int
    asks: Mapping[str, Terms]
    gene_bytes: Mapping[str, float]
    score_s: float
    edge_s: float
    read_s: float
    methods: Mapping[str, tuple[float, float]]
    weights: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Read `to_json`'s output; `KeyError` or `TypeError` for anything else."""
        asks: dict[str, Terms] = {}
        for name, terms in dict(kept["asks"]).items():
            one, genes, squared, sources, pairs, cells = map(float, terms)
            asks[str(name)] = (one, genes, squared, sources, pairs, cells)
        methods = {str(name): (float(start), float(each)) for name, (start, each) in dict(kept["methods"]).items()}
        return cls(
            model=str(kept["model"]),
            device=str(kept["device"]),
            start_s=float(kept["start_s"]),
            load_s=float(kept["load_s"]),
            start_bytes=int(kept["start_bytes"]),
            load_bytes=int(kept["load_bytes"]),
            asks=asks,
            gene_bytes={str(name): float(size) for name, size in dict(kept["gene_bytes"]).items()},
            score_s=float(kept["score_s"]),
            edge_s=float(kept["edge_s"]),
            read_s=float(kept["read_s"]),
            methods=methods,
            weights=int(kept["weights"]),
        )


@lru_cache(maxsize=1)
def reference_speed() -> Speed:
    """Return the figures of the bundled model on one core of a common server, for a machine that was not measured."""
    return Speed.from_json(json.loads(asset("speed.json").read_text(encoding="utf-8")))
