"""Two networks on the same pairs, and which edges differ: what every way to score groups shares."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from grn_core.datasets.replicates import CELLS
from grn_core.differential.labellings import Labellings
from grn_core.differential.null import null_of
from grn_core.differential.pairs import Pairs
from grn_core.differential.scorers import Scorer
from grn_core.differential.testing import adjusted, overall, own_p, shared_p
from grn_core.errors import DataError
from grn_core.executors import HERE, Executor
from grn_core.networks import GeneNames, edge_table
from grn_core.networks.signs import score_signs
from grn_core.progress import Progress, silent

MOST_TESTED = 20_000
TABLES_STAGE = "tables"
SEEN = 10
"""Cells of each group that must show both genes of a pair: with fewer there is no correlation to speak of."""
SURE = 0.05
"""q below which an edge is said to differ."""
TURNS = 2
"""A sign is one where the score is so many times its uncertainty from 0; nearer, it has none that could turn."""
COLUMNS = (
    *("source", "target", "score_a", "score_b", "difference", "stronger", "p", "q", "rank_a", "rank_b"),
    *("uncertainty_a", "uncertainty_b"),
)


@dataclass(frozen=True, eq=False)
class Differential:
    """What differs between the networks of two groups.

    Attributes
    ----------
    table
        Tested edges, the surest first: `COLUMNS`, then ``source_symbol``, ``target_symbol``. ``difference`` is A minus
        B, ``stronger`` the group in which the edge is (by the size of the score, where that is its strength; empty
        where it is as strong in both); ``p`` and ``q`` as of `grn_core.differential.testing`; the ranks
        are among all pairs of that group. The uncertainties are those of the scores: what labels put at random make of
        the difference, shared out by the samples of each group.
    a, b
        The whole networks, see `grn_core.networks.edge_table`.
    facts
        What was tested and on which null; JSON types.
    """

    table: pd.DataFrame
    a: pd.DataFrame
    b: pd.DataFrame
    facts: dict[str, Any]


def networks_of_tested(table: pd.DataFrame, facts: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tested pairs of both networks; of a method that tells no direction, in the order in which they stand.

    Parameters
    ----------
    table, facts
        Of `Differential`.

    Returns
    -------
    pandas.DataFrame, pandas.DataFrame
        Of A and of B, as of `grn_core.networks.edge_table`, ranked among themselves.
    """
    genes = pd.concat([table[end].set_axis(table[f"{end}_symbol"]) for end in ("source", "target")])
    genes = genes[~genes.index.duplicated()]
    names = GeneNames(tuple(genes.index), tuple(genes), ("",) * len(genes))
    source, target = (genes.index.get_indexer(table[f"{end}_symbol"]) for end in ("source", "target"))
    signed = bool(facts["signed"])
    a, b = (
        edge_table(
            source,
            target,
            np.abs(score) if signed else score,
            genes=names,
            sign=score_signs(score) if signed else None,
            directed=bool(facts["directed"]),
        )
        for score in (table[f"score_{letter}"].to_numpy() for letter in "ab")
    )
    return a, b


def compared(
    scorer: Scorer,
    pairs: Pairs,
    *,
    names: GeneNames,
    unit: str,
    n: int,
    signed: bool,
    sized: bool,
    directed: bool,
    seen: np.ndarray | None = None,
    seed: int = 0,
    most: int = MOST_TESTED,
    folder: Path | None = None,
    progress: Progress = silent,
    executor: Executor = HERE,
) -> Differential:
    """Compare the networks of two groups.

    Where labels of cells are permuted, the nulls of many edges count together (`shared_p`): there are as many
    labellings as one has time for. Still no q is below the smallest p of a single null (`Labellings.smallest_p`): edges
    depend on each other, so that few labellings say little, of however many edges. Of donors there are few, so each
    edge has its own null (`own_p`).

    Parameters
    ----------
    scorer
        Scores the pairs in any group of samples.
    pairs, names
        Genes and sources, and what the genes are called.
    unit
        What a sample is, out of `grn_core.datasets.replicates`.
    n
        Labellings at most.
    signed
        Whether the sign of a score says activation or repression.
    sized
        Whether the size of a score, whatever its sign, is its strength.
    directed
        Whether the method tells source -> target from target -> source.
    seen
        (genes,) bool, genes that are measured in both groups; pairs with others are not tested. None for all.
    seed
        Of the labellings.
    most
        Pairs that are tested: the strongest in all samples together, which no labelling changes. Of a method that
        tells no direction, a pair of TFs is tested once.

    Raises
    ------
    DataError
        No pair can be tested.
    folder, progress, executor
        As of `grn_core.differential.null.null_of`.
    """
    labellings = Labellings.of(scorer.true, unit=unit, n=n, seed=seed)
    whole = scorer.of(np.ones(len(scorer.true), dtype=bool))
    asked, unseen = _testable(pairs, seen, directed=directed)
    tested = np.sort(asked[np.argsort(-(np.abs(whole) if sized else whole)[asked], kind="stable")[:most]])
    score = [scorer.of(scorer.true), scorer.of(~scorer.true)]
    observed = (score[0] - score[1])[tested].astype(np.float32).astype(np.float64)
    null = null_of(scorer, labellings, tested, folder=folder, progress=progress, executor=executor)
    progress(TABLES_STAGE, 0, 2)
    shared = unit == CELLS
    tails = scorer.tails() if shared else None
    alike = None if tails is None else tails[tested]
    p = shared_p(observed, null, alike=alike) if shared else own_p(observed, null)
    together, spread = overall(observed, null)
    n_a, n_b = int(scorer.true.sum()), int((~scorer.true).sum())
    doubt = [spread * np.sqrt(n_other / (n_a + n_b)) for n_other in (n_b, n_a)]
    edges = [_edges(one, pairs, names, signed=signed, sized=sized, directed=directed) for one in score]
    facts = {
        "unit": unit,
        "samples": [n_a, n_b],
        **labellings.facts,
        "shared": shared,
        "seed": seed,
        "overall_p": together,
        "tested": len(tested),
        "pairs": len(whole),
        "unseen": unseen,
        "signed": signed,
        "directed": directed,
    }
    q = np.maximum(adjusted(p), labellings.smallest_p)
    table = _table(tested, score, observed, p, q, doubt=doubt, pairs=pairs, names=names, edges=edges, sized=sized)
    return Differential(table, edges[0], edges[1], facts | sure_edges(table))


def sure_edges(table: pd.DataFrame, *, most_q: float = SURE) -> dict[str, int]:
    """Count the edges that differ: ``sure``, of them ``stronger_a``, ``stronger_b`` and ``turned``, of other sign.

    A score within `TURNS` times its uncertainty of 0 has no sign that could turn; in a table of a run of before there
    were uncertainties each has its sign.
    """
    own = table[table["q"] < most_q]
    doubts = [TURNS * own.get(f"uncertainty_{x}", 0.0) for x in "ab"]
    signs = [
        np.sign(own[f"score_{x}"]) * (own[f"score_{x}"].abs() > doubt) for x, doubt in zip("ab", doubts, strict=True)
    ]
    strong, turned = own["stronger"], signs[0] * signs[1] < 0
    counts = {"sure": len(own), "stronger_a": (strong == "A").sum(), "stronger_b": (strong == "B").sum()}
    counts["turned"] = turned.sum()
    return {name: int(count) for name, count in counts.items()}


def _testable(pairs: Pairs, seen: np.ndarray | None, *, directed: bool) -> tuple[np.ndarray, int]:
    """Return the numbers of the pairs that may be tested, and how many have a gene that a group does not show."""
    source, target = pairs.ends
    shown = np.ones(len(source), dtype=bool) if seen is None else seen[source] & seen[target]
    found = np.flatnonzero(shown if directed else shown & pairs.once)
    if not len(found):
        message = "no TF and target are both seen in enough cells of each group"
        raise DataError(message, needed=f"{SEEN} cells of each group", todo="choose other groups or genes")
    return found, int((~shown).sum())


def _edges(
    score: np.ndarray, pairs: Pairs, names: GeneNames, *, signed: bool, sized: bool, directed: bool
) -> pd.DataFrame:
    source, target = pairs.ends
    return edge_table(
        source,
        target,
        np.abs(score) if sized else score,
        genes=names,
        sign=score_signs(score) if signed else None,
        directed=directed,
    )


def _table(
    tested: np.ndarray,
    score: list[np.ndarray],
    observed: np.ndarray,
    p: np.ndarray,
    q: np.ndarray,
    *,
    doubt: list[np.ndarray],
    pairs: Pairs,
    names: GeneNames,
    edges: list[pd.DataFrame],
    sized: bool,
) -> pd.DataFrame:
    source, target = (end[tested] for end in pairs.ends)
    strength = [np.abs(one[tested]) if sized else one[tested] for one in score]
    labels, symbols = (np.array(own, dtype=object) for own in (names.labels, names.symbols))
    table = pd.DataFrame(
        {
            "source": labels[source],
            "target": labels[target],
            "score_a": score[0][tested],
            "score_b": score[1][tested],
            "difference": observed,
            "stronger": np.select([strength[0] > strength[1], strength[0] < strength[1]], ["A", "B"], ""),
            "p": p,
            "q": q,
            "uncertainty_a": doubt[0],
            "uncertainty_b": doubt[1],
            "source_symbol": symbols[source],
            "target_symbol": symbols[target],
        }
    )
    for letter, own in zip("ab", edges, strict=True):
        rank = own.set_index(["source", "target"])["rank"].rename(f"rank_{letter}")
        table = table.join(rank, on=["source", "target"])
    table = table.assign(size=-table["difference"].abs())
    order = ["p", "size", "source_symbol", "target_symbol"]
    return table.sort_values(order, ignore_index=True)[[*COLUMNS, "source_symbol", "target_symbol"]]
