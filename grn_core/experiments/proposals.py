"""Which TF to knock down: those whose edges a run holds for likely, is least sure of, and no reference knows."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from grn_core.assets import asset
from grn_core.benchmark.references.known import n_known
from grn_core.errors import DataError, RequestError
from grn_core.in_words import counted
from grn_core.networks.edge_columns import check_numbers, check_once
from grn_core.networks.edge_table import in_todays_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

N_TFS, BEST = 10, 50
"""TFs that are proposed, and best targets of each that count."""
NAMED = 5
COLUMNS = ("place", "tf", "symbol", "bits", "expected", "probability", "uncertainty", "unknown", "targets", "reason")
METHOD = (
    "Bits: how unsure a TF's best edges are that no bundled reference has: the entropy of their probabilities, summed. "
    "An edge that is sure or known tells nothing."
)


def propose(edges: pd.DataFrame, *, n: int = N_TFS, best: int = BEST) -> pd.DataFrame:
    """Rank the TFs of a network by how much their knock-down would tell.

    Parameters
    ----------
    edges
        Of `grn_core.infer`, with calibrated probabilities; columns as in `grn_core.networks.edge_table`.
    n
        TFs that are returned.
    best
        Best targets of each TF that count.

    Returns
    -------
    DataFrame
        The most telling TF first: ``place``; ``tf`` by its name in the data; ``symbol``; ``bits``, the entropy of the
        probabilities of its best targets that are no known edges, summed; ``expected``, how many of them would be
        edges; ``probability`` and ``uncertainty``, their means (NaN where none is known); ``unknown``, how many they
        are; ``targets``, the best five; ``reason``, a sentence. The order of the edges decides nothing.

    Raises
    ------
    RequestError
        The edges have no probabilities, or bundled references have all of them.
    DataError
        A column is missing, a pair is there twice, a score is not finite, or a probability is none, or not from 0 to 1.

    Notes
    -----
    ``bits = sum(-p log2 p - (1 - p) log2(1 - p))`` over the edges, which are taken as independent: TFs with several
    targets of a probability near one half lead. What a knock-down tells of edges downstream is not in it.
    """
    if "probability" not in edges or edges["probability"].isna().all():
        message = "the scores of this network are no probabilities"
        raise RequestError(message, needed="a network of a calibrated translator", todo="choose such a run")
    if n < 1 or best < 1:
        message = f"{n} TFs by {best} targets were asked for"
        raise RequestError(message, needed="1 or more of each", todo="correct the numbers")
    if without := int(edges["probability"].isna().sum()):
        message = f"{without:,} of {len(edges):,} edges of this network have no probability"
        raise DataError(message, needed="one for every edge", todo="leave the others out")
    edges = in_todays_columns(edges if "score" in edges else edges.assign(score=edges["probability"]))
    check_numbers(edges, called="this network")
    check_once(edges, called="this network")
    edges = edges if "uncertainty" in edges else edges.assign(uncertainty=np.nan)
    table = edges.sort_values(["source", "probability", "target"], ascending=[True, False, True])
    table = table[table["source"] != table["target"]].groupby("source", sort=True).head(best)
    pairs = zip(table["source_symbol"], table["target_symbol"], strict=True)
    table = table[n_known(pairs) == 0]
    if table.empty:
        message = f"none of the best {best:,} targets of each TF is new: bundled references have all of these edges"
        raise RequestError(message, needed="an edge that no bundled reference has", todo="choose another network")
    table = table.assign(bits=entropy(table["probability"].to_numpy(dtype=float)))
    grouped = table.groupby("source", sort=True)
    found = grouped.agg(
        symbol=("source_symbol", "first"),
        bits=("bits", "sum"),
        expected=("probability", "sum"),
        probability=("probability", "mean"),
        uncertainty=("uncertainty", "mean"),
        unknown=("target", "size"),
        targets=("target", lambda names: ", ".join(map(str, names.head(NAMED)))),
    )
    found = found.rename_axis("tf").reset_index()
    found = found.sort_values(["bits", "tf"], ascending=[False, True], ignore_index=True).head(n)
    reasons = [_reason(row) for row in found.to_dict("records")]
    result: pd.DataFrame = found.assign(place=np.arange(1, len(found) + 1), reason=reasons)[list(COLUMNS)]
    return result


def entropy(p: np.ndarray) -> np.ndarray:
    """Return the entropy of probabilities in bits: 1 at one half, 0 at 0 and 1."""
    inside = np.clip(p, 1e-12, 1 - 1e-12)
    found: np.ndarray = -inside * np.log2(inside) - (1 - inside) * np.log2(1 - inside)
    return found


def _reason(row: Mapping[Any, Any]) -> str:
    likely = f"{row['probability']:z.2f}"
    likely += f" ± {row['uncertainty']:z.2f}" if row["uncertainty"] > 0 else ""  # NaN of one seed, which has none
    new = counted(row["unknown"], "target")
    return f"{new} in no bundled reference, {likely} each: about {row['expected']:z.1f} edges."


@lru_cache(maxsize=1)
def measured_lists() -> tuple[dict[str, Any], ...]:
    """Return how good such lists were on tables of perturbed TFs, see ``scripts/measure_proposals.py``."""
    path = asset("proposals.json")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tables"] if path.is_file() else []
    return tuple(found)


def verdict() -> str:
    """Say first whether such lists were better than TFs chosen at random, and then on what that was measured."""
    rows = measured_lists()
    if not rows:
        return "How good such lists are was not measured."
    better = [row for row in rows if row["proposed"]["times"] > row["random"]["times_high"]]
    busiest = sum(row["proposed"]["times"] > row["out_degree"]["times"] for row in better)
    tables = f"{len(rows)} {'table' if len(rows) == 1 else 'tables'} of perturbed TFs"
    said = f"Such lists were no better than TFs chosen at random, on any of {tables}"
    if better:
        where = f"all {tables}" if len(better) == len(rows) > 1 else f"{len(better)} of {tables}"
        said = f"Such lists were better than TFs chosen at random on {where}"
        also = "better than" if busiest == len(better) else f"on {busiest or 'none'} of these better than"
        said += f", and {also} the TFs with most edges"
    targets = ", ".join(map(str, sorted({row["targets"] for row in rows})))
    return f"{said}. That was measured with {targets} targets a TF; here up to {BEST} count."


def figures() -> str:
    """Say how often proposed TFs' new targets changed when they were perturbed, beside the controls; "" if unknown."""
    rows = measured_lists()
    return f"How often new targets changed, in times a guess: {'; '.join(map(_on_table, rows))}." if rows else ""


def worth() -> str:
    """Say both, what such lists were worth and by which figures."""
    return " ".join(filter(None, (verdict(), figures())))


def _on_table(row: Mapping[str, Any]) -> str:
    """Say the figures of a table, and whether a guess does better."""
    proposed, others = row["proposed"]["times"], row["random"]
    worse = " (worse than a guess)" if proposed < 1 else ""
    random = f"{others['times']:z.2f} ({others['times_low']:z.2f} to {others['times_high']:z.2f})"
    return f"{row['table']}: {proposed:z.2f}{worse}, random TFs {random}, most edges {row['out_degree']['times']:z.2f}"
