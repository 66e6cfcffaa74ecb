"""What is known of one pair: the bundled references that hold it, and whether a translator was shown it in training."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from grn_core.benchmark.references.called import BUNDLED, reference_text
from grn_core.benchmark.references.curated import NAMES, truth_of
from grn_core.errors import GrnError
from grn_core.files import write_array
from grn_core.networks.regulons import omnipath_edges
from grn_core.translator.registry import folder_of, record_of

SEEN = "seen.npy"
"""File in a translator's folder: sorted digests of the edges that it was trained on."""
DIGEST_BYTES = 8
Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class KnownNetwork:
    """A bundled reference, in canonical human symbols.

    Attributes
    ----------
    title
        What it is called.
    edges
        (source, target) -> sign (0: not said) and number of publications behind it (0: not counted).
    sources, genes
        Its TFs, and all of its genes: of other pairs it says nothing.
    """

    title: str
    edges: Mapping[Pair, tuple[int, int]]
    sources: frozenset[str]
    genes: frozenset[str]


@dataclass(frozen=True)
class Known:
    """What a reference says of a pair whose genes it holds: its title, whether it is an edge, sign, publications."""

    title: str
    found: bool
    sign: int = 0
    papers: int = 0


@lru_cache(maxsize=1)
def known_networks() -> tuple[KnownNetwork, ...]:
    """Return the bundled references: OmniPath's TF-target edges, and the curated Boolean models."""
    table = omnipath_edges()
    omnipath = _network("OmniPath, two publications or more", table, papers=table["n_references"])
    curated = (truth_of(name) for name in NAMES)
    return (omnipath, *(_network(one.name, one.edges, papers=pd.Series(0, one.edges.index)) for one in curated))


def known_in(source: str, target: str) -> tuple[Known, ...]:
    """Return what the bundled references say of a pair, by canonical symbols; those that cannot hold it say nothing.

    A reference holds a pair when the source is one of its TFs and the target one of its genes.
    """
    found = []
    for one in known_networks():
        if source in one.sources and target in one.genes:
            sign, papers = one.edges.get((source, target), (0, 0))
            found.append(Known(one.title, (source, target) in one.edges, sign, papers))
    return tuple(found)


def n_known(pairs: Iterable[Pair]) -> np.ndarray:
    """Count the bundled references that hold each pair as an edge; int64 (pairs,)."""
    every = [one.edges for one in known_networks()]
    return np.array([sum(pair in edges for edges in every) for pair in pairs], dtype=np.int64)


def seen_in_training(translator: str, pairs: Iterable[Pair]) -> np.ndarray | None:
    """Tell which pairs were edges of a translator's training; bool (pairs,), None where that is not known here.

    Parameters
    ----------
    translator
        Name or folder of the translator.
    pairs
        (source, target), canonical human symbols.
    """
    try:
        path = folder_of(translator) / SEEN
    except GrnError:  # the translator of an old run may be gone
        return None
    if not path.is_file():
        return None
    return np.isin(digests(pairs), _seen(path, path.stat().st_mtime_ns))


def left_out_of_training(translator: str, pair: Pair) -> bool:
    """Whether a pair is an edge that a translator would know of OmniPath, had it not been left out for its tests.

    Parameters
    ----------
    translator
        Name or folder of the translator.
    pair
        (source, target), canonical human symbols of genes that its model knows.
    """
    record, seen = record_of(translator), seen_in_training(translator, [pair])
    if record is None or not record.tests_left_out or seen is None or seen[0]:
        return False
    learnt = {reference_text(str(one["reference"]), "") for one in record.card["training"]}
    return BUNDLED in learnt and pair in known_networks()[0].edges


def digests(pairs: Iterable[Pair]) -> np.ndarray:
    """Return a number for each pair, uint64 (pairs,): the beginning of its hash, the same everywhere."""
    return np.array([_digest(pair) for pair in pairs], dtype=np.uint64)


def write_seen(folder: Path, edges: Iterable[Pair]) -> None:
    """Keep which edges the translator in `folder` was trained on, as digests."""
    write_array(folder / SEEN, np.unique(digests(edges)))


@lru_cache(maxsize=8)
def _seen(path: Path, _time: int) -> np.ndarray:
    kept: np.ndarray = np.load(path, allow_pickle=False)
    return kept


def _digest(pair: Pair) -> int:
    whole = hashlib.sha256("\t".join(pair).encode()).digest()
    return int.from_bytes(whole[:DIGEST_BYTES], "big")


def _network(title: str, edges: pd.DataFrame, *, papers: pd.Series) -> KnownNetwork:
    pairs = list(zip(edges["source"], edges["target"], strict=True))
    said = zip(edges["sign"].astype(int), papers.astype(int), strict=True)
    sources, targets = frozenset(edges["source"]), frozenset(edges["target"])
    return KnownNetwork(title, dict(zip(pairs, said, strict=True)), sources, sources | targets)
