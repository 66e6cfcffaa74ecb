"""A predicted change, passed on along a signed network for a few steps, as CellOracle does with its own networks."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.errors import RequestError
from grn_core.genes.usual import N_TARGETS, OMNIPATH
from grn_core.networks.regulons import regulons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse

STEPS, PASSED_ON = 3, 0.5
"""Steps along the network, and the share of a change that each of them passes on."""
COLUMN = "propagated"
ASSUMES = (
    "Propagated: the model's change of a gene, and what the changes of its regulators pass on in three steps along the "
    "network, half of it in each; of several regulators the mean counts. Edges of which the "
    "network does not say whether they activate or repress are left out, and of one with scores all but the "
    f"{N_TARGETS} best of each TF. That takes every edge for direct, as strong "
    "as the others, and at work in these cells, and the model's changes for those of the first moment."
)


def reached(table: pd.DataFrame) -> str:
    """Say in how many genes the propagated change is another than the model's own.

    Parameters
    ----------
    table
        ``change`` and `COLUMN` of each gene.
    """
    differs = int((~np.isclose(table[COLUMN], table["change"], rtol=1e-6, atol=1e-12)).sum())
    if differs == len(table):
        return f"Propagated differs from Change in all {differs:,} genes."
    of = f"{differs:,} of {len(table):,} genes"
    return f"Propagated differs from Change in {of}: no edge with a sign leads to the others from a gene that changes."


def signed_edges(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of a network that pass something on, as of `grn_core.networks.regulons.regulons`.

    Raises
    ------
    RequestError
        The network says of no edge that it represses.
    """
    signed = regulons(edges, signed=True)
    if not (signed["weight"] < 0).any():
        message = "the network names no repression"
        raise RequestError(message, needed="a network with signs, such as OmniPath", todo="choose another one")
    return signed


def passing_on(edges: pd.DataFrame, symbols: Sequence[str]) -> sparse.csr_array:
    """Return what a change of each gene passes on to each, (genes, genes): row = TF, column = target.

    Parameters
    ----------
    edges
        A network, as `grn_core.networks.regulons.regulons` reads it. An edge without a sign, and one of a gene to
        itself, passes on nothing and is not counted among the regulators.
    symbols
        Canonical symbols of the genes. The sizes in a column add up to 1, or to 0 where a gene has no regulator.

    Raises
    ------
    RequestError
        The network says of no edge that it represses.
    """
    from scipy import sparse

    signed = signed_edges(edges)
    place = {symbol: number for number, symbol in enumerate(symbols)}
    own = signed[signed["source_symbol"].isin(place) & signed["target_symbol"].isin(place)]
    own = own[own["source_symbol"] != own["target_symbol"]]
    at = own["source_symbol"].map(place).to_numpy(dtype=int), own["target_symbol"].map(place).to_numpy(dtype=int)
    regulators = np.bincount(at[1], minlength=len(place))
    weight = own["weight"].to_numpy(dtype=float) / np.maximum(regulators[at[1]], 1)
    return sparse.csr_array(sparse.coo_array((weight, at), shape=(len(place), len(place))))


def propagated(change: np.ndarray, passed: sparse.csr_array, *, steps: int = STEPS) -> np.ndarray:
    """Return a change (genes,) with what it passes on in some steps, `PASSED_ON` of it in each."""
    total, moving = np.array(change, dtype=np.float64), np.array(change, dtype=np.float64)
    for _ in range(steps):
        moving = PASSED_ON * (moving @ passed)
        total += moving
    return total


def with_propagation(table: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return a table of `grn_core.experiments.predicting.predicted` with a column ``propagated``; ranks stay.

    `edges` as of `passing_on`. The TFs that are changed pass on nothing more: what follows from them at once is the
    model's own answer.
    """
    passed = passing_on(edges, table["symbol"].tolist())
    return table.assign(**{COLUMN: propagated(table["change"].to_numpy(), passed)})


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    path = asset("propagation.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"tables": []}
    return found


def measured_propagation() -> tuple[dict[str, Any], ...]:
    """Return what propagation changes on tables of perturbed TFs, see ``scripts/measure_propagation.py``."""
    return tuple(_shipped()["tables"])


def measured_without(sha: str) -> tuple[dict[str, Any], ...]:
    """Return the same tables if the weights of this SHA-256 were measured; ``plain`` is without propagation."""
    return measured_propagation() if _shipped().get("model_sha") == sha else ()


def worth_of_propagation(network: str = OMNIPATH) -> str:
    """Say whether propagated changes find the genes that changed better than the model's own, table by table.

    Parameters
    ----------
    network
        Along which it is passed on: of any but the bundled one it is said that this was not measured.
    """
    rows = measured_propagation()
    if not rows:
        return "Whether propagating makes it better was not measured."
    own = "" if network == OMNIPATH else "Along a network of yours this was not measured. "
    better = sum(row["propagated"]["times"] > row["plain"]["times"] for row in rows)
    return (
        f"{own}Along {rows[0]['network']}, on {len(rows)} tables of {rows[0]['n_tfs']:,} perturbed TFs, it was better "
        f"on {better or 'none'}. The genes that changed were found so many times as well as by a guess: "
        f"{'; '.join(map(_on_table, rows))}. Signs: {_signs(rows)} right (a coin: 0.50)."
    )


def _on_table(row: dict[str, Any]) -> str:
    plain, further, other = (row[name]["times"] for name in ("plain", "propagated", "another"))
    return f"{row['table']} {plain:z.2f} without, {further:z.2f} with it, {other:z.2f} with another TF's"


def _signs(rows: Sequence[dict[str, Any]]) -> str:
    """Return between which shares the signs told right lie."""
    right = [row["propagated"]["sign"] for row in rows]
    return f"{min(right):z.2f} to {max(right):z.2f}"
