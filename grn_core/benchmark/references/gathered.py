"""Collections that BEELINE's Non-Specific networks were partly gathered from: they train nothing that is judged there.

They are known by their edges, whatever a file is called, and by their names. Of each the smallest digests of its edges
are kept (``python -m scripts.make_gathered``), a sample by which the share of edges that two tables have in common is
estimated (Broder, "On the resemblance and containment of documents", 1997). Torch-free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from grn_core.assets import asset
from grn_core.benchmark.references.known import digests
from grn_core.benchmark.references.reference import Reference
from grn_core.errors import RequestError

NON_SPECIFIC, STRING = "Non-Specific", "STRING"
NAMED = ("regnetwork", "tftargets_")
"""How their files begin."""
KEPT = 256
"""Digests that are kept of each: a share of 0.3 is estimated within 0.03 (one standard deviation)."""
ALIKE = 0.3
"""Share of the edges of two tables together that both have, from which on they count as one."""
SAME = 0.9
"""Share of them from which on a table is the other one and no part of a collection with its genes alone. RegNetwork's
edges between the genes of hHEP's are 0.82."""
HELD = 0.3
"""Share of a Non-Specific network's edges from which on another table holds too much of it. RegNetwork holds 0.34 to
0.84 of them; OmniPath, which may train, 0.13 to 0.24."""
SKETCHES = ("networks", "gathered.npz")

Pairs = Iterable[tuple[str, str]]


def sketch(pairs: Pairs) -> np.ndarray:
    """Return the `KEPT` smallest digests of edges, uint64, rising; all of fewer."""
    return np.unique(digests(pairs))[:KEPT]


def in_common(one: np.ndarray, other: np.ndarray) -> float:
    """Estimate, from `sketch` of two tables, the share of the edges of both together that each of them has."""
    together = np.union1d(one, other)[:KEPT]
    return float(np.isin(together, np.intersect1d(one, other)).mean()) if len(together) else 0.0


@lru_cache(maxsize=1)
def _kept() -> dict[str, np.ndarray]:
    with np.load(asset(*SKETCHES), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def recognised(pairs: Pairs, *, judged: bool = False, least: float = ALIKE) -> str:
    """Return which of the collections a table is by its edges, as canonical human symbols; "" for none.

    Parameters
    ----------
    pairs
        (source, target) of its edges.
    judged
        Whether it is asked which Non-Specific network it is instead.
    least
        Share of the edges of both together that both have.
    """
    own = sketch(pairs)
    shares = {name: in_common(own, one) for name, one in _kept().items() if name.startswith(NON_SPECIFIC) == judged}
    name = max(shares, key=shares.__getitem__)
    return name if shares[name] >= least else ""


def judged_on(tests: Iterable[Reference]) -> list[Reference]:
    """Return those references that are Non-Specific networks, by what they are called or by their edges."""
    return [one for one in tests if one.network == NON_SPECIFIC or recognised(edges_of(one), judged=True)]


def check_apart(references: Iterable[Reference], tests: Iterable[Reference]) -> None:
    """Refuse to judge a training on a network that it was partly made of.

    Raises
    ------
    RequestError
        A Non-Specific network is a test, and a training reference is one of the collections, or holds `HELD` of its
        edges and is no such network itself and none of STRING: of these, the pairs in common are left out.
    """
    judged = judged_on(tests)
    if not judged:
        return
    for one in references:
        edges = edges_of(one)
        if found := _mixed(one, edges, judged):
            message = f"{found}: it holds much of the networks {NON_SPECIFIC} that are to be measured on"
            needed = f"another training reference, or tests other than {NON_SPECIFIC}"
            raise RequestError(message, needed=needed, todo="change --reference or --test")


def _mixed(one: Reference, edges: frozenset[tuple[str, str]], judged: Sequence[Reference]) -> str:
    """Say by what a training reference is refused; "" where it is not."""
    if one.name.lower().startswith(NAMED):
        return one.name
    if one.network == NON_SPECIFIC:
        return ""
    if title := recognised(edges):
        return f"{one.name} is {title} by its edges"
    if one.network == STRING or recognised(edges, judged=True, least=SAME):
        return ""
    for test in judged:
        own = edges_of(test)
        if len(own & edges) >= HELD * max(1, len(own)):
            return f"{one.name} has {len(own & edges) / len(own):.0%} of the edges of {test.name}"
    return ""


def edges_of(reference: Reference) -> frozenset[tuple[str, str]]:
    """Return the edges (source, target) of a reference, in human symbols."""
    return frozenset(zip(reference.edges["source"], reference.edges["target"], strict=True))
